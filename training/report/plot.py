"""A plot of the report: the drawing, what it shows in words, and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.html import render_template


@dataclass(frozen=True)
class Plot:
    """A plot.

    Attributes
    ----------
    name : what it is asked for by.
    title : what it shows.
    note : how to read it.
    description : what is to be seen on it; where there is nothing to draw, why.
    head, rows : its numbers.
    svg : the drawing; empty where there is nothing to draw.
    """

    name: str
    title: str
    note: str
    description: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    svg: str = ""

    def _repr_html_(self) -> str:
        return render_template("notebook_plot.html", plot=self)
