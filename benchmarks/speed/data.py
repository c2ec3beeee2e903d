"""Locate the data sets beside the project."""

import sys
from pathlib import Path

from benchmarks.speed.process import ROOT

DATA = ROOT.parent / "shared" / "data"


def data(name: str) -> Path:
    """Return a file of the data sets; end the program with one line where it is missing."""
    path = DATA / name
    if not path.exists():
        sys.exit(f"{path} is missing: the benchmarks read the data sets of ../shared/data")
    return path
