"""Plots of the slots: calibration, features, reasons, and the spread over articles."""

from typing import Final

import numpy as np

from training.recommendations import LIST_REASONS
from training.records import Float64, Int64
from training.replay.results import SLOTS
from training.report.canvas import (
    LINE,
    OURS,
    QUIET,
    RIVAL,
    Canvas,
    brief,
    legend,
    name_lines,
)
from training.report.formatting import number, percent
from training.report.hit_rates import colour
from training.report.plot import Plot
from training.report.scope import Scope

MAX_FEATURES: Final = 16
"""Features that are drawn, those that contribute most."""

MIN_LOG_ODDS: Final = 0.005
"""Features that contribute less are drawn as one."""

MIN_ITEMS: Final = 20
"""Items of a bin of calibration below which it is not drawn."""


def calibration(scope: Scope) -> Plot:
    """Draw the share of items that were opened against their score."""
    name, title = "calibration", "Calibration of the score"
    items, expected, opened = scope.shown(scope.ours).calibration.T
    there = (items >= MIN_ITEMS) & (expected > 0)
    if not there.any():
        return Plot(name, title, "", f"{scope.ours} gives its items no probability.")
    items, expected, opened = items[there], expected[there], opened[there]
    given, rate = expected / items, opened / items
    low, high = wilson(opened, items)
    canvas = Canvas(3.4)
    (axes,) = canvas.axes
    ends = [given.min() / 1.5, 1.0]
    axes.plot(ends, ends, color=QUIET, linewidth=0.8, linestyle=":", label="as predicted")
    seen = rate > 0
    error = np.maximum([rate[seen] - low[seen], high[seen] - rate[seen]], 0)  # but for rounding
    axes.errorbar(given[seen], rate[seen], error, fmt="o", color=OURS, label=brief(scope.ours))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.minorticks_off()
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("share that was opened next")
    axes.tick_params(axis="y", labelcolor=QUIET)
    legend(axes, 2)
    rows = [
        [f"{g:.4f}", f"{r:.4f} [{a:.4f}, {b:.4f}]", f"{n:,.0f}"]
        for g, r, a, b, n in zip(given, rate, low, high, items, strict=True)
    ]
    description = (
        f"Over all items the prediction is {expected.sum() / items.sum():.4f}, and "
        f"{opened.sum() / items.sum():.4f} were opened."
    )
    note = "The first twenty recommendations under each transition, by the model's probability; "
    note += "95 % intervals (Wilson). On the dotted line, predictions are exact."
    head = ("predicted", "opened", "items")
    return canvas.plot(name, title, note, description, head, rows)


def wilson(hits: Float64, of: Float64) -> tuple[Float64, Float64]:
    """Return the 95 % interval of a share of independent trials (Wilson, JASA 1927).

    Examples
    --------
    >>> low, high = wilson(np.array([5.0]), np.array([10.0]))
    >>> low.round(3).item(), high.round(3).item()
    (0.237, 0.763)
    """
    z = 1.96
    middle = (hits + z * z / 2) / (of + z * z)
    half = z * np.sqrt(hits * (of - hits) / of + z * z / 4) / (of + z * z)
    return middle - half, middle + half


def features(scope: Scope) -> Plot:
    """Draw what each feature adds to the log-odds of an item of the first five."""
    name, title = "features", "What each feature contributes"
    parts = dict(sorted(scope.shown(scope.ours).effects.items(), key=lambda part: -abs(part[1])))
    drawn = [part for part in parts.items() if abs(part[1]) >= MIN_LOG_ODDS][:MAX_FEATURES]
    if not drawn:
        return Plot(name, title, "", f"{scope.ours} does not explain its lists by features.")
    others = sum(parts.values()) - sum(value for _, value in drawn)
    drawn.sort(key=lambda part: -part[1])
    labels = [*(feature for feature, _ in drawn), "all others"]
    values = [*(value for _, value in drawn), others]
    canvas = Canvas(0.6 + LINE * len(labels))
    (axes,) = canvas.axes
    colours = [OURS if value >= 0 else RIVAL for value in values]
    axes.barh(range(len(labels)), values, color=colours, height=0.6)
    axes.axvline(0, color=QUIET, linewidth=0.8)
    name_lines(axes, labels)
    axes.set_xlabel("log-odds beyond the average candidate")
    rows = [[feature, f"{value:+.3f}"] for feature, value in parts.items()]
    description = (
        f"An item of the five has {sum(parts.values()):.2f} more log-odds than the average "
        f"candidate of its source; most is added by {drawn[0][0]} ({drawn[0][1]:+.2f})."
    )
    note = "What a feature adds to the log-odds of an item of the five, minus what it adds to "
    note += "the average candidate of the same source; the bars add up. Mean over sampled lists."
    return canvas.plot(name, title, note, description, ("part", "log-odds"), rows)


def reasons(scope: Scope) -> Plot:
    """Draw the slots of the first five by reason, for systems that give reasons."""
    name, title = "reasons", "Slots by reason"
    by_ours = sorted(scope.filled, key=lambda system: system != scope.ours)
    systems = [each for each in by_ours if (scope.rows(each).slots_reason > 0).any()][:2]
    if not systems:
        return Plot(name, title, "", "No system gives reasons.")
    labels = [*LIST_REASONS, "filled"]
    shares = []
    for system in systems:
        counts = scope.rows(system).slots_reason.sum(axis=0, dtype=np.int64)
        slots = SLOTS * len(scope.trial.reader)
        shares.append(np.append(counts, slots - counts.sum()) / slots)
    canvas = Canvas(0.8 + LINE * 1.5 * len(labels))
    (axes,) = canvas.axes
    height = 0.7 / len(systems)
    for place, (system, values) in enumerate(zip(systems, shares, strict=True)):
        at = np.arange(len(labels)) + height * (place - (len(systems) - 1) / 2)
        of = OURS if system == scope.ours else QUIET
        axes.barh(at, values, height=height * 0.9, color=of, label=brief(system))
    name_lines(axes, labels)
    axes.set_xlabel("share of the slots")
    legend(axes, len(systems))
    rows = [[label, *(f"{values[at]:.3f}" for values in shares)] for at, label in enumerate(labels)]
    largest = int(shares[0].argmax())
    share = percent(shares[0][largest])
    description = f"The most frequent reason of {systems[0]} is {labels[largest]}: {share}."
    note = "Reasons of the five stories; filled are the slots that the list left open."
    return canvas.plot(name, title, note, description, ("reason", *systems), rows)


def concentration(scope: Scope) -> Plot:
    """Draw how the slots spread over articles: Lorenz curves and Gini coefficients."""
    name, title = "concentration", "How slots spread over articles"
    eligible = scope.trial.replay.eligible
    canvas = Canvas(3.4)
    (axes,) = canvas.axes
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, linestyle=":", label="all alike")
    rows, parts = [], []
    for system in scope.two:
        slots = np.sort(scope.shown(system).slots[eligible])[::-1]
        held = np.concatenate([[0.0], np.cumsum(slots) / max(slots.sum(), 1)])
        part = np.linspace(0, 1, len(held))
        kept = np.unique(np.searchsorted(part, np.linspace(0, 1, 201)))
        line = "-" if system == scope.ours else "--"
        axes.plot(part[kept], held[kept], line, color=colour(scope, system), label=brief(system))
        marks = [float(np.interp(top, part, held)) for top in (0.01, 0.05, 0.1, 0.25)]
        rows.append([system, number(gini(slots)), *(f"{mark:.1%}" for mark in marks)])
        parts.append(
            f"{system}: Gini {gini(slots):.3f}, a tenth of the articles has {percent(marks[2])}"
        )
    axes.set_xlabel("share of the eligible articles, the most shown first")
    axes.set_ylabel("share of the slots")
    axes.tick_params(axis="y", labelcolor=QUIET)
    legend(axes, 3)
    description = "; ".join(parts) + "."
    note = "Lorenz curves of the slots of the five under all transitions; Gini is 0 where all "
    note += "articles are shown alike, near 1 where one has all."
    head = ("system", "Gini", "top 1 %", "top 5 %", "top 10 %", "top 25 %")
    return canvas.plot(name, title, note, description, head, rows)


def gini(counts: Float64 | Int64) -> float:
    """Return the Gini coefficient of counts; NaN if all are 0.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0])), gini(np.array([0.0, 0.0, 0.0, 4.0]))
    (0.0, 0.75)
    """
    ordered = np.sort(np.asarray(counts, np.float64))
    n, total = len(ordered), ordered.sum()
    if not total:
        return float("nan")
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))
