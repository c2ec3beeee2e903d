"""A plot as it stands on a page: the drawing, the same in words, and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from training.report.html.tables import table

DAY: Final = "--ink: #16181a; --quiet: #5a5e62; --rule: #dcd8d0; --ours: #9c1c1f; --rival: #0b62a4"
"""Colours of a plot on white, where no page says which they are."""


@dataclass(frozen=True)
class Plot:
    """A plot.

    Attributes
    ----------
    name : what it is asked for by.
    title : what it shows.
    note : how to read it.
    said : what is to be seen on it; where there is nothing to draw, why.
    head, rows : its numbers.
    svg : the drawing; empty where there is nothing to draw.
    """

    name: str
    title: str
    note: str
    said: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    svg: str = ""

    def html(self) -> str:
        """Give drawing, note, and numbers to be opened."""
        if not self.svg:
            return f"<p>{escape(self.said)}</p>"
        return (
            f"<figure>{self.svg}\n<figcaption>{escape(self.note)}</figcaption></figure>\n"
            f"<details><summary>Numbers</summary>\n"
            f"{table(self.head, self.rows, f'Numbers: {self.title}')}\n</details>"
        )

    def _repr_html_(self) -> str:
        style = f"{DAY}; --paper: #fff; background: #fff; max-width: 30rem; font-family: sans-serif"
        return f'<div style="{style}"><b>{escape(self.title)}</b>{self.svg or self.html()}</div>'
