"""Plots of hit rates: by system, refresh interval, hour, age, section, rank, and hotness."""

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from training.records import Float64
from training.replay.results import DEPTH, SLOTS
from training.report import breakdowns
from training.report.breakdowns import Breakdown
from training.report.canvas import (
    INK,
    LINE,
    MARKS,
    OURS,
    QUIET,
    RIVAL,
    Canvas,
    brief,
    legend,
    name_lines,
    spread,
)
from training.report.formatting import interval, number, percent
from training.report.plot import Plot
from training.report.scope import Scope

MIN_TRANSITIONS: Final = 10
"""Transitions of a group below which its rate is not drawn."""


def colour(scope: Scope, system: str) -> str:
    """Return the colour of a system: ours and its rival have their own."""
    return {scope.ours: OURS, scope.rival(): RIVAL}.get(system, QUIET)


def hits(scope: Scope) -> Plot:
    """Draw the hit rate by system and refresh interval."""
    systems, report = scope.filled, scope.report
    intervals = list(dict.fromkeys(result["every"] for result in report.results))
    step = 0.7 / len(intervals)
    canvas = Canvas(0.7 + LINE * len(systems) * max(1.0, len(intervals) / 2))
    (axes,) = canvas.axes
    rows = []
    for shape, every in enumerate(intervals):
        mark = MARKS[shape % len(MARKS)]
        for place, system in enumerate(systems):
            result = scope.result(system, every)
            mean, ends = result["metrics"]["hr@5"], result["ci"]["hr@5"]
            rows.append([system, every, interval(mean, ends)])
            of = colour(scope, system)
            at = place + step * (shape - (len(intervals) - 1) / 2)
            axes.plot(ends, [at, at], color=of)
            face = of if not shape else "none"
            axes.plot(mean, at, mark, color=of, markerfacecolor=face, clip_on=False)
        face = QUIET if not shape else "none"
        axes.plot([], [], mark, color=QUIET, markerfacecolor=face, label=f"every {every}")
    name_lines(axes, systems)
    axes.set_xlabel("hr@5")
    axes.set_xlim(left=0)
    legend(axes, len(intervals))
    best = systems[0]
    description = f"Best at {scope.every} is {best} with {number(scope.metric(best, 'hr@5'))}; " + (
        f"{systems[-1]} is last with {number(scope.metric(systems[-1], 'hr@5'))}."
    )
    note = "Share of transitions that stood in the five, with 95 % intervals."
    title = "Hit rate by system and refresh interval"
    return canvas.plot("hits", title, note, description, ("system", "every", "hr@5"), rows)


def hours(scope: Scope) -> Plot:
    """Draw the hit rate by the hour of the day."""
    found = breakdowns.by_hour(scope)
    canvas = Canvas(2.6)
    (axes,) = canvas.axes
    hour = [int(label) for label in found.labels]
    drawn = found.reads >= MIN_TRANSITIONS
    for system, rate, half in zip(found.systems, found.rate, found.half, strict=True):
        of = colour(scope, system)
        below, above = within(rate, half)
        ends = np.where(drawn, (rate - below, rate + above), np.nan)
        axes.fill_between(hour, *ends, color=of, alpha=0.15, linewidth=0)
        axes.plot(hour, np.where(drawn, rate, np.nan), **_line(scope, system))
    axes.set_xticks(range(0, 24, 3), [f"{at:02}" for at in range(0, 24, 3)])
    axes.set_xlabel("hour of the source's view, UTC")
    _from_zero(axes)
    legend(axes, len(found.systems))
    return _breakdown_plot(found, "hours", "Hit rate by hour", "hour (UTC)", canvas)


def ages(scope: Scope) -> Plot:
    """Draw the hit rate by the age of target and source."""
    of_target, of_source = breakdowns.by_target_age(scope), breakdowns.by_source_age(scope)
    parts = {"target": of_target, "source": of_source}
    canvas = Canvas(*(0.8 + LINE * len(found.labels) for found in parts.values()))
    for axes, (what, found) in zip(canvas.axes, parts.items(), strict=True):
        _groups(axes, scope, found)
        axes.set_title(f"age of the {what}", loc="left", color=INK, fontsize=10)
    legend(canvas.axes[0], len(of_target.systems), above=1.12)
    whole = Breakdown(
        [f"{what}: {label}" for what, found in parts.items() for label in found.labels],
        of_target.systems,
        np.concatenate([found.reads for found in parts.values()]),
        np.concatenate([found.rate for found in parts.values()], axis=1),
        np.concatenate([found.half for found in parts.values()], axis=1),
    )
    return _breakdown_plot(whole, "ages", "Hit rate by age of target and source", "age", canvas)


def sections(scope: Scope) -> Plot:
    """Draw the hit rate by the section of the source."""
    found = breakdowns.by_section(scope)
    canvas = Canvas(0.8 + LINE * len(found.labels))
    _groups(canvas.axes[0], scope, found)
    legend(canvas.axes[0], len(found.systems))
    return _breakdown_plot(
        found, "sections", "Hit rate by section of the source", "section", canvas
    )


def trade_off(scope: Scope) -> Plot:
    """Draw the hit rate against the share of hot and of related slots, a point per system."""
    systems = scope.filled
    canvas = Canvas(*[0.9 + 0.19 * len(systems)] * 2)
    whats = {
        "hot": "share of the five among the ten hottest",
        "related": "share of the five that readers or words connect",
    }
    hit = [scope.metric(system, "hr@5") for system in systems]
    for axes, (name, what) in zip(canvas.axes, whats.items(), strict=True):
        axes.set_ylim(0, max(hit) * 1.08 or 1)
        axes.set_xlim(0, 1)
        labels = spread(hit, max(hit) * 1.08 / (len(systems) + 1))
        for system, at, place in zip(systems, hit, labels, strict=True):
            x, of = scope.metric(system, name), colour(scope, system)
            mark = {scope.ours: "o", scope.rival(): "s"}.get(system, "D")
            axes.plot(x, at, mark, color=of, clip_on=False)
            axes.annotate(
                brief(system),
                (x, at),
                (1.06, place),
                textcoords=axes.get_yaxis_transform(),
                color=INK if of == QUIET else of,
                va="center",
                arrowprops={"arrowstyle": "-", "color": of, "linewidth": 0.5, "shrinkB": 4},
                annotation_clip=False,
            )
        axes.set_xlabel(what)
        axes.set_ylabel("hr@5")
    rows = [
        [s, *(number(scope.metric(s, name)) for name in ("hr@5", "hot", "related"))]
        for s in systems
    ]
    ours = scope.ours
    description = (
        f"{ours} has a hit rate of {number(scope.metric(ours, 'hr@5'))}, with "
        f"{percent(scope.metric(ours, 'hot'))} of its slots hot and "
        f"{percent(scope.metric(ours, 'related'))} related."
    )
    note = "A list can win hits by repeating what is hot everywhere; up and to the left is better "
    note += "in the first plot, up and to the right in the second."
    title = "Hit rate against what the slots hold"
    head = ("system", "hr@5", "hot", "related")
    return canvas.plot("trade-off", title, note, description, head, rows)


def ranks(scope: Scope) -> Plot:
    """Draw the share of transitions whose target had a rank or a better one."""
    canvas = Canvas(2.8)
    (axes,) = canvas.axes
    columns: list[Float64] = []
    at = np.arange(1, DEPTH + 1)
    for system in scope.two:
        rank = scope.rows(system).rank
        reached = np.cumsum(np.bincount(rank, minlength=DEPTH + 1)[1:]) / len(rank)
        columns.append(reached)
        axes.plot(at, reached, **_line(scope, system))
    axes.axvline(SLOTS + 0.5, color=QUIET, linewidth=0.8, linestyle=":")
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.set_xlabel("rank of the target, or before it")
    _from_zero(axes)
    legend(axes, len(columns))
    rows = [[str(rank), *(number(column[rank - 1]) for column in columns)] for rank in at.tolist()]
    description = "; ".join(
        f"{system}: {percent(column[0])} at the first rank, {percent(column[SLOTS - 1])} within "
        f"five, {percent(column[-1])} within twenty"
        for system, column in zip(scope.two, columns, strict=True)
    )
    note = "Share of transitions whose target stood at that rank or before it."
    title = "Rank of the target"
    return canvas.plot("ranks", title, note, f"{description}.", ("rank", *scope.two), rows)


def _line(scope: Scope, system: str) -> dict[str, Any]:
    """Return the style of a system's line."""
    mark, line = ("o", "-") if system == scope.ours else ("s", "--")
    look = {"color": colour(scope, system), "label": brief(system)}
    return {**look, "marker": mark, "linestyle": line, "markersize": 4}


def within(rate: Float64, half: Float64) -> Float64:
    """Return the distances to both ends of an interval, float64[2, g], clipped to 0 and 1."""
    return np.stack([np.minimum(half, rate), np.minimum(half, 1 - rate)])


def _groups(axes: Axes, scope: Scope, found: Breakdown) -> None:
    """Draw the rates of groups, one below the other, with the systems of each side by side."""
    drawn = found.reads >= MIN_TRANSITIONS
    for place, (system, rate, half) in enumerate(
        zip(found.systems, found.rate, found.half, strict=True)
    ):
        of = colour(scope, system)
        at = np.arange(len(rate)) + 0.16 * (2 * place - len(found.systems) + 1)
        bounds = within(rate, half)[:, drawn]
        axes.errorbar(rate[drawn], at[drawn], xerr=bounds, fmt="os"[place], color=of)
        axes.plot([], [], "os"[place], color=of, label=brief(system))
    name_lines(axes, found.labels)
    axes.set_xlim(left=0)
    axes.set_xlabel("hr@5")


def _from_zero(axes: Axes) -> None:
    axes.set_ylim(bottom=0)
    axes.set_ylabel("hr@5")
    axes.tick_params(axis="y", labelcolor=QUIET)


def _breakdown_plot(found: Breakdown, name: str, title: str, what: str, canvas: Canvas) -> Plot:
    """Return the plot of a breakdown, its numbers, and its best and worst group."""
    columns = [
        [
            interval(mean, (max(mean - half, 0), min(mean + half, 1)))
            for mean, half in zip(rate.tolist(), halves.tolist(), strict=True)
        ]
        for rate, halves in zip(found.rate, found.half, strict=True)
    ]
    counts = (f"{n:,}" for n in found.reads.tolist())
    rows = [list(row) for row in zip(found.labels, counts, *columns, strict=True)]
    ours = found.rate[0]
    best, worst = int(ours.argmax()), int(ours.argmin())
    description = (
        f"{found.systems[0]} is best at {found.labels[best]} ({ours[best]:.3f}) and worst at "
        f"{found.labels[worst]} ({ours[worst]:.3f})."
    )
    if len(found.systems) > 1:
        ahead = int(np.count_nonzero(ours > found.rate[1]))
        description += f" It is ahead of {found.systems[1]} in {ahead} of {len(ours)}."
    note = "Share of transitions that stood in the five, with 95 % intervals over readers; groups "
    note += f"of fewer than {MIN_TRANSITIONS} transitions are not drawn."
    head = (what, "transitions", *found.systems)
    return canvas.plot(name, title, note, description, head, rows)
