"""Evaluating: which systems, over which days, into one report."""

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

import numpy as np

from training.catalogue import empty_catalogue as nothing
from training.catalogue import merge
from training.config import Config
from training.errors import DataError, UsageError
from training.metrics.metrics import METRICS, Metric
from training.progress import Stages
from training.ranking.rules import SPAN
from training.records import DAY, NEVER, Articles, Site, Window, utc
from training.replay import baselines
from training.replay.logistic import fit_logistic
from training.replay.loop import Past, play, remember
from training.replay.rows import SLOTS, Replayed
from training.replay.systems import Stage, System
from training.replay.ymal import Course, Ymal, YmalSession
from training.report.report import Report, written
from training.texts import learn as learn_texts

TUNING: Final = 2 * DAY
"""µs before the test on which the baselines' settings are chosen."""

WITHOUT: Final = {
    "ymal-no-coview": "readers",
    "ymal-no-text": "text",
    "ymal-no-popularity": "popular",
}

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
) -> tuple[Report, list[Replayed]]:
    """Replay production over a site's last days, and measure systems by what readers opened next.

    Parameters
    ----------
    site : Site
        As read; not modified.
    now : int
        µs UTC: the end of the test; nothing at or after it is looked at.
    last : int
        µs: next reads whose source was opened in the last so many are tested.
    every : sequence of int
        Cadences in µs, multiples of five minutes that divide a day.
    systems : sequence of str or System
        Names out of `NAMES`, or own systems: any object with `name`, `advance` and `lists`. An own
        system must stand at its beginning, and takes part at one cadence.
    metrics : mapping of Metric
        Own metrics by name, beside those that there are.
    jobs : int
        Processes, among which the days are shared where all systems allow it (see `System`); the
        figures do not depend on it.
    stages : Stages, optional
        Where progress goes.

    Returns
    -------
    Report
        The figures.
    list of Replayed
        The rows behind them, one per cadence.

    Raises
    ------
    UsageError
        If a name or a cadence is none, or an own metric has the name of another.
    DataError
        If no next read lies in the test.
    """
    stages = stages or Stages()
    names = [system for system in systems if isinstance(system, str)]
    _check(names, every, [system for system in systems if not isinstance(system, str)])
    if taken := METRICS.keys() & metrics.keys():
        raise UsageError(f"there is a metric {min(taken)} already: name your own otherwise")
    with stages("stage"):
        stage, articles = set_stage(site, now)
        past = remember(site, stage, now - last, now)
    if not len(past.reads().source):
        raise DataError(f"no next read lies between {utc(past.start)} and {utc(now)}: widen --last")
    replays, settings = [], {}
    for cadence in every:
        with stages(f"every {written(cadence)}") as note:
            tuned = tune(
                [n for n in names if n in baselines.NAMES], site, stage, past, cadence, note
            )
            settings[written(cadence)] = {system.name: system.setting for system in tuned}
            ours = own_systems(names, stage, articles, site.config, cadence)
            others = [system for system in systems if not isinstance(system, str)]
            replays.append(play(past, cadence, [*ours, *tuned, *others], note, jobs))
    with stages("report"):
        report = Report.of(replays, describe(site, past), protocol(past, every, settings), metrics)
    return report, replays


def set_stage(site: Site, now: int) -> tuple[Stage, Articles]:
    """Make what every system is given: rows, when each is known, texts; and all articles by row."""
    catalogue, _, _ = merge(nothing(), Window(0, now, site.views, site.articles, site.ids))
    place = {article: at for at, article in enumerate(site.articles.id)}
    articles = site.articles.pick([place[article] for article in site.ids])
    first = site.views.first_views(len(site.ids), now)
    known = np.where(catalogue.published != NEVER, catalogue.published, first)
    start = min(site.views.start, now)
    rows = np.flatnonzero(known < now).astype(np.int32)
    texts = learn_texts(
        articles.pick(rows.tolist()), rows, len(catalogue), site.config.texts, jobs=1
    )
    return Stage(catalogue, known, texts, start - start % DAY), articles


def tune(
    names: Sequence[str],
    site: Site,
    stage: Stage,
    past: Past,
    every: int,
    note: Callable[[str], None],
) -> list[baselines.Baseline]:
    """Choose each baseline's setting on the days before the test, at the cadence under test."""
    points = baselines.grid(stage)
    families = [point.family for point in points]
    grid = [p for p in points if p.family in names and families.count(p.family) > 1]
    before = remember(site, stage, past.start - TUNING, past.start)
    scores = {}
    if grid and len(before.reads().source):
        note("tuning")
        replayed = play(before, every, grid)
        for number, name in enumerate(replayed.systems):
            hit = replayed.rows.rank[replayed.rows.system == number]
            scores[name] = float(np.mean((hit > 0) & (hit <= SLOTS)))
    return baselines.tuned(names, stage, scores)


def own_systems(
    names: Sequence[str], stage: Stage, articles: Articles, config: Config, every: int
) -> list[System]:
    """Make our variants by name; those that differ in scoring alone share the state's course."""
    config = changed(config, ranking={"every": every})
    free = changed(config, ranking={"discount": 0.0, "penalty": 0.0}, lists={"max_hot": SPAN})
    systems: list[System] = []
    if {"ymal", "ymal-free", "ymal-nightly"} & set(names):
        course = Course(stage, articles, config)
        shared = {
            "ymal": Ymal("ymal", course, config),
            "ymal-free": Ymal("ymal-free", course, free),
            "ymal-nightly": Ymal("ymal-nightly", course, config, nightly=True),
        }
        systems += [system for name, system in shared.items() if name in names]
    if "ymal-session" in names:
        alone = Ymal("ymal", Course(stage, articles, config), config)
        systems.append(YmalSession("ymal-session", alone))
    if "ymal-fixed" in names:
        systems.append(Ymal("ymal-fixed", Course(stage, articles, config, renew=False), config))
    if "ymal-logistic" in names:
        course = Course(stage, articles, config, fitting=fit_logistic)
        systems.append(Ymal("ymal-logistic", course, config))
    for name, group in WITHOUT.items():
        if name in names:
            less = changed(config, ranking={"without": [group]})
            systems.append(Ymal(name, Course(stage, articles, less), less))
    return systems


def changed(config: Config, **sections: Mapping[str, object]) -> Config:
    """Give a configuration with other settings in some sections, by name."""
    parts = {name: getattr(config, name).model_copy(update=new) for name, new in sections.items()}
    return config.model_copy(update=parts)


def describe(site: Site, past: Past) -> dict[str, object]:
    """Say what was evaluated on."""
    return {
        "articles": len(site.ids),
        "views": site.views.count_between(0, past.end),
        "late": site.views.count - site.views.count_between(0, past.end),
        "read": site.read,
        "left_out": site.left_out,
        "inputs": [{"path": file.path, "sha256": file.sha256} for file in site.inputs],
    }


def protocol(
    past: Past, every: Sequence[int], settings: dict[str, dict[str, str]]
) -> dict[str, object]:
    """Say how it was evaluated."""
    config = past.config
    return {
        "start": utc(past.start),
        "end": utc(past.end),
        "every": [written(cadence) for cadence in every],
        "cuts": "UTC multiples of the cadence",
        "tested": "next reads whose source was opened in [start, end), target opened before end",
        "rest": "popular (1 h half-life), then latest",
        "renewal": f"each UTC midnight, from the {config.ranking.learn_days} days before",
        "tuning": {"start": utc(past.start - TUNING), "end": utc(past.start), "settings": settings},
        "interval": "95 %, bootstrap over readers",
        "config": config.told(),
        "versions": {name: version(name) for name in ("ymal", "numpy", "scipy", "scikit-learn")}
        | {"python": platform.python_version()},
    }


def _check(names: Sequence[str], every: Sequence[int], others: Sequence[System]) -> None:
    for name in names:
        if name not in NAMES:
            raise UsageError(f"no system is called {name}; there are {', '.join(NAMES)}")
    for cadence in every:
        check_cadence(cadence)
    if others and len(every) > 1:
        raise UsageError("an own system takes part at one cadence: make it anew for another")


def check_cadence(every: int) -> None:
    """See that a cadence in µs is one.

    Raises
    ------
    UsageError
        If it is no multiple of five minutes that divides a day.
    """
    if every % (DAY // 288) or DAY % every:
        raise UsageError(
            f"every {written(every)}: give a multiple of 5m that divides a day, such as 15m"
        )
