"""Evaluates systems over a site's past days, into one report."""

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

import numpy as np

from training.errors import DataError, UsageError
from training.metrics.definitions import METRICS, Metric
from training.progress import Stages
from training.records import DAY, Site, quantity, utc
from training.replay import baselines
from training.replay.loop import ReplayPeriod, replay
from training.replay.results import SLOTS, ReplayResult
from training.replay.systems import ReplayInputs, System, with_settings
from training.replay.ymal import WITHOUT, ymal_variants
from training.report.formatting import format_duration
from training.report.report import Report

TUNING_PERIOD: Final = 2 * DAY
"""µs before the test on which the baselines' settings are chosen."""

DEFAULT: Final = ("ymal", "ymal-free", *baselines.NAMES)
"""Systems that are compared where none are named."""

NAMES: Final = (*DEFAULT, *WITHOUT, "ymal-session", "ymal-logistic", "ymal-fixed", "ymal-nightly")
"""All systems that can be named."""


def evaluate(
    site: Site,
    *,
    now: int,
    last: int = 7 * DAY,
    every: Sequence[int] = (DAY // 96,),
    systems: Sequence[str | System] = DEFAULT,
    metrics: Mapping[str, Metric] = MappingProxyType({}),
    jobs: int = 1,
    stages: Stages | None = None,
) -> tuple[Report, list[ReplayResult]]:
    """Replay production over a site's last days, and measure systems by what readers opened next.

    Parameters
    ----------
    site : Site
        As read; not modified.
    now : int
        µs UTC: the end of the test; nothing at or after it is used.
    last : int
        µs: transitions whose source was viewed this long before `now`, or later, are tested.
    every : sequence of int
        Refresh intervals in µs, multiples of five minutes that divide a day.
    systems : sequence of str or System
        Names out of `NAMES`, or own systems, which take part at one refresh interval.
    metrics : mapping of Metric
        Own metrics by name, beside `METRICS`.
    jobs : int
        Processes that share the days where all systems have `parallel_days`; the figures do not
        depend on it.
    stages : Stages, optional
        Receives progress.

    Returns
    -------
    Report
        The figures.
    list of ReplayResult
        The rows behind them, one per refresh interval.

    Raises
    ------
    UsageError
        If a name or a refresh interval is not valid, or an own metric has a name that is taken.
    DataError
        If no transition lies in the test.
    """
    stages = stages or Stages()
    names = [system for system in systems if isinstance(system, str)]
    own = [system for system in systems if not isinstance(system, str)]
    _check(names, every, own)
    if taken := METRICS.keys() & metrics.keys():
        raise UsageError(f"there is a metric {min(taken)} already; give yours another name")
    with stages("stage"):
        period = ReplayPeriod.of(ReplayInputs.of(site, now), now - last, now)
    if not len(period.transitions().source):
        raise DataError(
            f"no next click lies between {utc(period.start)} and {utc(now)}: widen --last"
        )
    replays, settings = [], {}
    for interval in every:
        with stages(f"every {format_duration(interval)}") as note:
            tuned = tune([n for n in names if n in baselines.NAMES], period, interval, note)
            settings[format_duration(interval)] = {system.name: system.setting for system in tuned}
            config = with_settings(site.config, ranking={"every": interval})
            ours = ymal_variants(names, config)
            replays.append(replay(period, interval, [*ours, *tuned, *own], note, jobs))
    with stages("report"):
        described = describe(site, period), protocol(period, every, settings)
        report = Report.of(replays, *described, metrics)
    return report, replays


def tune(
    names: Sequence[str], period: ReplayPeriod, every: int, note: Callable[[str], None]
) -> list[baselines.Baseline]:
    """Choose each baseline's setting on the days before a period, at the same refresh interval."""
    points = baselines.grid()
    families = [point.family for point in points]
    grid = [p for p in points if p.family in names and families.count(p.family) > 1]
    before = ReplayPeriod.of(period.inputs, period.start - TUNING_PERIOD, period.start)
    scores = {}
    if grid and len(before.transitions().source):
        note("tuning")
        result = replay(before, every, grid)
        for number, name in enumerate(result.systems):
            hit = result.rows.rank[result.rows.system == number]
            scores[name] = float(np.mean((hit > 0) & (hit <= SLOTS)))
    return baselines.best_settings(names, scores)


def describe(site: Site, period: ReplayPeriod) -> dict[str, object]:
    """Return what was evaluated on."""
    return {
        "articles": len(site.ids),
        "views": site.views.count_between(0, period.end),
        "late": site.views.count - site.views.count_between(0, period.end),
        "read": site.read,
        "left_out": site.left_out,
        "inputs": [{"path": file.path, "sha256": file.sha256} for file in site.inputs],
    }


def protocol(
    period: ReplayPeriod, every: Sequence[int], settings: dict[str, dict[str, str]]
) -> dict[str, object]:
    """Return how it was evaluated."""
    config = period.inputs.config
    learn_days = quantity(config.ranking.learn_days, "day")
    return {
        "start": utc(period.start),
        "end": utc(period.end),
        "every": [format_duration(interval) for interval in every],
        "cuts": "UTC multiples of the refresh interval",
        "tested": "transitions whose source was opened in [start, end) and whose target before end",
        "rest": "popular (1 h half-life), then latest",
        "renewal": f"each UTC midnight, from the {learn_days} before",
        "tuning": {
            "start": utc(period.start - TUNING_PERIOD),
            "end": utc(period.start),
            "settings": settings,
        },
        "interval": "95 %, bootstrap over readers",
        "config": config.as_dict(),
        "versions": {name: version(name) for name in ("ymal", "numpy", "scipy", "scikit-learn")}
        | {"python": platform.python_version()},
    }


def _check(names: Sequence[str], every: Sequence[int], others: Sequence[System]) -> None:
    for name in names:
        if name not in NAMES:
            raise UsageError(f"no system {name}; choose one of {', '.join(NAMES)}")
    for interval in every:
        check_interval(interval)
    if others and len(every) > 1:
        raise UsageError(
            "an own system takes part at one refresh interval; evaluate it again for another"
        )


def check_interval(every: int) -> None:
    """Check a refresh interval in µs.

    Raises
    ------
    UsageError
        If it is not a multiple of five minutes that divides a day.
    """
    if every % (DAY // 288) or DAY % every:
        raise UsageError(
            f"every {format_duration(every)}: not a multiple of 5m that divides a day; give one, "
            "such as 15m"
        )
