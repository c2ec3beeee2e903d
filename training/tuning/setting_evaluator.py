"""Replays settings over a period and measures them by one metric."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.errors import DataError
from training.metrics.bootstrap import SEED, MetricValues, match, measure, resample
from training.metrics.definitions import HITS
from training.records import Site, quantity, utc
from training.replay.loop import ReplayPeriod, concatenate, replay
from training.replay.production import ProductionReplay
from training.replay.results import ReplayResult, ReplayRows
from training.replay.systems import ReplayInputs, with_settings
from training.replay.ymal import Ymal
from training.tuning.space import Setting, apply_setting

_SCORING: Final = {"discount": 0.0, "penalty": 0.0, "follow_up": 0.0}
"""Keys of `ranking` that do not affect training: settings that differ in them alone share one."""


@dataclass(frozen=True)
class SettingEvaluator:
    """A site, and how settings are replayed and measured on it.

    Attributes
    ----------
    inputs : of the site.
    every : refresh interval, µs.
    metric : of `HITS`.
    jobs : processes.
    """

    inputs: ReplayInputs
    every: int
    metric: str
    jobs: int

    @classmethod
    def of(cls, site: Site, now: int, every: int, metric: str, jobs: int) -> "SettingEvaluator":
        """Prepare a site as of a time, µs UTC."""
        return cls(ReplayInputs.of(site, now), every, metric, jobs)

    def period(self, start: int, end: int) -> ReplayPeriod:
        """Return the transitions of [start, end), µs UTC.

        Raises
        ------
        DataError
            If there is none.
        """
        period = ReplayPeriod.of(self.inputs, start, end)
        if not len(period.transitions().source):
            raise DataError(f"no next click lies between {utc(start)} and {utc(end)}: widen --last")
        return period

    def replay(
        self, period: ReplayPeriod, settings: Sequence[Setting], note: Callable[[str], None]
    ) -> list[ReplayRows]:
        """Replay settings over a period; those that train alike share one training."""
        productions: dict[str, ProductionReplay] = {}
        systems = []
        for number, setting in enumerate(settings):
            config = apply_setting(self.inputs.config, setting)
            config = with_settings(config, ranking={"every": self.every})
            training = with_settings(config, ranking=_SCORING).model_dump_json()
            production = productions.setdefault(training, ProductionReplay(config))
            systems.append(Ymal(str(number), production, config=config))
        rows = replay(period, self.every, systems, note, self.jobs).rows
        return [rows.where(np.flatnonzero(rows.system == n)) for n in range(len(settings))]

    def measure(self, runs: Sequence[ReplayRows]) -> MetricValues:
        """Measure runs of the same transitions, in the same draws of readers.

        Raises
        ------
        DataError
            If no transition counts for the metric.
        """
        rows = concatenate(
            [
                replace(run, system=np.full(len(run), number, np.int16))
                for number, run in enumerate(runs)
            ]
        )
        names = [str(number) for number in range(len(runs))]
        ids = self.inputs.catalogue.ids
        (trial,) = match([ReplayResult(self.every, names, rows, ids, [], [])])
        weights = resample([trial], np.random.default_rng(SEED))
        measured = measure(HITS[self.metric], trial, weights)
        if not measured.counts.any():
            clicks = quantity(measured.counts.shape[1], "next click")
            raise DataError(
                f"none of {clicks} counts for {self.metric}; "
                "choose another --metric, or widen --last"
            )
        return measured
