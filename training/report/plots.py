"""The report's plots by name."""

from collections.abc import Callable
from typing import Final

from training.report.canvas import svg_style
from training.report.hit_rates import ages, hits, hours, ranks, sections, trade_off
from training.report.plot import Plot
from training.report.scope import Scope
from training.report.slots import calibration, concentration, features, reasons

PLOTS: Final[dict[str, Callable[[Scope], Plot]]] = {
    "hits": hits,
    "hours": hours,
    "ages": ages,
    "sections": sections,
    "trade-off": trade_off,
    "ranks": ranks,
    "calibration": calibration,
    "features": features,
    "reasons": reasons,
    "concentration": concentration,
}
"""In the order of the page."""


def draw(scope: Scope, name: str) -> Plot:
    """Draw a plot.

    Raises
    ------
    ValueError
        If none has this name.
    """
    if name not in PLOTS:
        raise ValueError(f"no plot {name!r}; choose one of {', '.join(PLOTS)}")
    with svg_style():
        return PLOTS[name](scope)
