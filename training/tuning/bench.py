"""A bench to try settings on: replays of one past, measured by one metric."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.errors import DataError
from training.metrics.metrics import HITS, SEED, Measured, match, measure, resample
from training.records import Articles, Site, utc
from training.replay.loop import Past, joined, play, remember
from training.replay.rows import Replayed, Rows
from training.replay.systems import Stage
from training.replay.ymal import Course, Ymal
from training.report.evaluate import changed, set_stage
from training.tuning.space import Setting, applied

_SCORING: Final = {"discount": 0.0, "penalty": 0.0, "follow_up": 0.0}
"""Keys of `ranking` that no training depends on: runs that differ in them alone share one."""


@dataclass(frozen=True)
class Bench:
    """A site with its stage, and how settings are replayed and measured on it.

    Attributes
    ----------
    site, stage, articles : as `evaluate` has them.
    every : cadence, µs.
    metric : of `HITS`.
    jobs : processes.
    """

    site: Site
    stage: Stage
    articles: Articles
    every: int
    metric: str
    jobs: int

    @classmethod
    def of(cls, site: Site, now: int, every: int, metric: str, jobs: int) -> "Bench":
        """Set the stage of a site at a time, µs UTC."""
        stage, articles = set_stage(site, now)
        return cls(site, stage, articles, every, metric, jobs)

    def past(self, start: int, end: int) -> Past:
        """Give the next reads of [start, end), µs UTC.

        Raises
        ------
        DataError
            If there is none.
        """
        past = remember(self.site, self.stage, start, end)
        if not len(past.reads().source):
            raise DataError(f"no next read lies between {utc(start)} and {utc(end)}: widen --last")
        return past

    def replay(
        self, past: Past, settings: Sequence[Setting], note: Callable[[str], None]
    ) -> list[Rows]:
        """Replay some settings on a stretch of the past; those that train alike train once."""
        courses: dict[str, Course] = {}
        systems = []
        for number, setting in enumerate(settings):
            config = changed(applied(self.site.config, setting), ranking={"every": self.every})
            training = changed(config, ranking=_SCORING).model_dump_json()
            if training not in courses:
                courses[training] = Course(self.stage, self.articles, config)
            systems.append(Ymal(str(number), courses[training], config))
        rows = play(past, self.every, systems, note, self.jobs).rows
        return [rows.where(np.flatnonzero(rows.system == n)) for n in range(len(settings))]

    def measured(self, runs: Sequence[Rows]) -> Measured:
        """Measure runs of the same next reads, in the same draws of readers.

        Raises
        ------
        DataError
            If none of them counts for the metric.
        """
        rows = joined(
            [
                replace(run, system=np.full(len(run), number, np.int16))
                for number, run in enumerate(runs)
            ]
        )
        names = [str(number) for number in range(len(runs))]
        (trial,) = match([Replayed(self.every, names, rows, self.stage.catalogue.ids, [], [])])
        weights = resample([trial], np.random.default_rng(SEED))
        measured = measure(HITS[self.metric], trial, weights)
        if not measured.counts.any():
            raise DataError(
                f"none of {measured.counts.shape[1]:,} next reads counts for {self.metric}: choose "
                "another --metric, or widen --last"
            )
        return measured
