"""The table of benchmarks: a name is the first word of the lines that its comparisons print."""

from collections.abc import Callable
from typing import Final

from benchmarks.speed import globo, headlines, newswire, refresh, related
from benchmarks.speed.report import Report

WORKS: Final[dict[str, Callable[[int], Report]]] = {
    "newswire": newswire.report,
    "headlines": headlines.report,
    "globo": globo.report,
    "refresh": refresh.report,
    "related": related.report,
}
"""Rounds → report."""

QUICK: Final = ("newswire",)
"""What `make bench-quick` runs."""
