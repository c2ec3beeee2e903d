"""Plots of slots where there is little to draw."""

from dataclasses import replace

import numpy as np

from tests.training.metrics.test_bootstrap import replay
from training.replay.results import EDGES, ListTotals
from training.report.plot import Plot
from training.report.plots import draw
from training.report.report import Report
from training.report.scope import Scope


def drawn(name: str, calibration: dict[int, tuple[int, float, int]], **parts: float) -> Plot:
    """Draw a plot of one system whose bins hold items, promises and opens."""
    bins = np.zeros((len(EDGES), 3))
    for at, counts in calibration.items():
        bins[at] = counts
    shown = ListTotals(np.array([3, 0]), bins, parts, {})
    replayed = replace(replay(1, 4, rank=[1, 0, 0, 2]), totals=[shown])
    return draw(Scope.of(Report.of([replayed], {}, {})), name)


def test_calibration_compares_promises_with_opens() -> None:
    plot = drawn("calibration", {4: (100, 20.0, 25), 8: (30, 24.0, 30), 9: (19, 19.0, 19)})
    assert [row[0] for row in plot.rows] == ["0.2000", "0.8000"], "19 items are too few"
    assert plot.rows[0][1].startswith("0.2500 [")
    assert plot.rows[1][1].startswith("1.0000 [")
    assert (
        f"prediction is {(20 + 24) / 130:.4f}, and {(25 + 30) / 130:.4f} were opened"
        in plot.description
    )
    assert plot.svg


def test_what_was_never_opened_is_in_the_numbers() -> None:
    plot = drawn("calibration", {2: (50, 0.1, 0)})
    assert [row[1].split()[0] for row in plot.rows] == ["0.0000"]


def test_without_scores_or_parts_it_says_so() -> None:
    assert drawn("calibration", {}).svg == ""
    assert drawn("features", {}).svg == ""
    assert (
        drawn("features", {}, age=0.001).description == "s0 does not explain its lists by features."
    )


def test_features_add_up() -> None:
    plot = drawn("features", {}, age=-0.5, text=2.0, tiny=0.001)
    assert plot.rows == [["text", "+2.000"], ["age", "-0.500"], ["tiny", "+0.001"]]
    assert plot.description.startswith("An item of the five has 1.50 more log-odds")
