"""The report of a check as one HTML page with plots, without external resources or scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.html import render_template
from training.checking.report import CheckReport, ReportPart, parts
from training.records import quantity

MAX_LABEL_CHARACTERS: Final = 44
"""Maximum total characters of the labels below a plot, so that they fit on a phone. If they exceed
it, only the first, the middle and the last are shown."""


@dataclass(frozen=True)
class BarChart:
    """The bar chart of a part of the report.

    Attributes
    ----------
    heights : heights of the bars, as shares of the highest.
    labels : labels below the bars.
    top : value of the highest bar.
    description : text alternative for screen readers.
    """

    heights: Sequence[float]
    labels: Sequence[str]
    top: str
    description: str

    @classmethod
    def of(cls, part: ReportPart) -> "BarChart | None":
        """Return the bar chart of a part; None for a part without bars."""
        if not part.bars:
            return None
        labels = [row[0] for row in part.rows]
        highest = max(part.bars)
        top, at = f"{highest:,}", labels[part.bars.index(highest)]
        return cls(
            [value / max(highest, 1) for value in part.bars],
            labels
            if sum(map(len, labels)) <= MAX_LABEL_CHARACTERS
            else [labels[0], labels[len(labels) // 2], labels[-1]],
            top,
            f"{quantity(len(labels), 'bar')}, {labels[0]} to {labels[-1]}; the highest, {at}, is "
            f"{top}.",
        )


def render(report: CheckReport) -> str:
    """Render a report as one HTML document."""
    shown = [(part, BarChart.of(part)) for part in parts(report, page=True)]
    return render_template("check.html", report=report, parts=shown)
