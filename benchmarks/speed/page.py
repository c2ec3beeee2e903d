"""The generated parts of a page, each between its markers; those of docs/benchmarks.md."""

import re
from pathlib import Path
from typing import Final

from benchmarks.speed.process import ROOT
from benchmarks.speed.report import Report

DOCS: Final = ROOT / "docs"


def replace_section(text: str, work: str, part: str, by: str = "make bench") -> str:
    """Replace a section between its markers, which name what writes it; keep the rest.

    Raises
    ------
    ValueError
        If the text does not have both markers once, in this order.
    """
    begin, end = f"<!-- {work}: begin, written by {by} -->", f"<!-- {work}: end -->"
    pattern = f"{re.escape(begin)}\n.*?{re.escape(end)}"
    if len(re.findall(pattern, text, re.DOTALL)) != 1:
        raise ValueError(f"the page must hold once, in this order: {begin} and {end}")
    return re.sub(pattern, lambda _: f"{begin}\n{part}\n{end}", text, flags=re.DOTALL)


def write(work: str, report: Report, folder: Path = DOCS) -> None:
    """Write a work's part of the page, and its pictures beside it."""
    page = folder / "benchmarks.md"
    text = replace_section(page.read_text(encoding="utf-8"), work, report.text)
    for name, svg in report.pictures.items():
        (folder / name).write_text(svg, encoding="utf-8")
    page.write_text(text, encoding="utf-8")
