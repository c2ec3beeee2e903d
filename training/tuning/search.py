"""Searches for settings that serve a site's readers better, and confirms them on later days.

The search is a coordinate descent from the current config (Wright, Mathematical Programming 2015):
it tries each value of one key after the other, and keeps the best if it gains more than one
standard error (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, on
choosing the simpler of two). The config is a good start and keys hardly interact, so one change at
a time finds more per replay than random combinations.

The best of many settings looks better than it is (the winner's curse). So settings are chosen on
the earlier days; on the later days the chosen one is compared with the config once, and proposed
only if the interval of the difference is above 0.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np

from training.errors import is_interrupt
from training.metrics.bootstrap import MetricValues, compare
from training.progress import Stages
from training.records import Site
from training.replay.as_of import as_of
from training.replay.loop import ReplayPeriod
from training.tuning.setting_evaluator import SettingEvaluator
from training.tuning.space import Setting

DEFAULT_METRIC: Final = "hr@5|page"

EXHAUSTED: Final = "no change of one key helps any more"
SPENT: Final = "the budget is used up"
INTERRUPTED: Final = "interrupted"


@dataclass(frozen=True)
class Budget:
    """Limits of a search: replays, including that of the config, and seconds."""

    runs: int
    seconds: float


@dataclass(frozen=True)
class SettingFigures:
    """A setting, measured on the days to choose on.

    Attributes
    ----------
    setting : what differs from the config; empty for the config itself.
    figure : the metric.
    difference, ci : from the current config on the same transitions, and its 95 % interval.
    """

    setting: Setting
    figure: float
    difference: float
    ci: tuple[float, float]


@dataclass(frozen=True)
class Confirmation:
    """The chosen setting and the config on the later days; see `SettingFigures`."""

    default: float
    figure: float
    difference: float
    ci: tuple[float, float]


@dataclass(frozen=True)
class TuningResult:
    """The result of a search.

    Attributes
    ----------
    metric, every : the metric, and the refresh interval in µs.
    start, middle, end : µs UTC: chosen on [start, middle), confirmed on [middle, end).
    ended : why the search ended.
    tried : all settings, the best first.
    chosen : the best setting; empty where it is the current config.
    confirmed : its figures on the later days; None without a change or without time.
    """

    metric: str
    every: int
    start: int
    middle: int
    end: int
    ended: str
    tried: list[SettingFigures]
    chosen: Setting
    confirmed: Confirmation | None

    @property
    def proposed(self) -> Setting:
        """The chosen setting if the later days confirm it, else nothing."""
        return self.chosen if self.confirmed and self.confirmed.ci[0] > 0 else {}


def tune(
    site: Site,
    *,
    test: int,
    last: int,
    every: int,
    space: Mapping[str, Sequence[object]],
    budget: Budget,
    metric: str = DEFAULT_METRIC,
    jobs: int = 1,
    stages: Stages | None = None,
) -> TuningResult:
    """Search for settings by replay on the days before a test, without using the test.

    Parameters
    ----------
    site : Site
        As read; not modified. What came at or after `test` is removed first (`as_of`).
    test : int
        µs UTC: start of the test and end of the tuning.
    last : int
        µs before it: settings are chosen in the first half, and confirmed in the second.
    every : int
        Refresh interval in µs, as for `evaluate`.
    space : mapping
        Values by key, as `space.read_keys` returns them.
    budget : Budget
        The values of a key are replayed together; no key begins after the time is over.
    metric : str
        Of `HITS`.
    jobs : int
        Processes; the outcome does not depend on it.
    stages : Stages, optional
        Receives progress.

    Raises
    ------
    DataError
        If a half has no transition that counts.
    """
    stages = stages or Stages()
    with stages("stage"):
        evaluator = SettingEvaluator.of(as_of(site, test), test, every, metric, jobs)
        middle = test - last // 2
        choosing, confirming = evaluator.period(test - last, middle), evaluator.period(middle, test)
    search = _Search(evaluator, choosing, space, budget, stages)
    confirmed = None
    try:
        ended = search.run()
        if search.setting:
            with stages("confirm") as note:
                confirmed = _confirm(evaluator, confirming, search.setting, note)
    except BaseException as error:
        if not is_interrupt(error) or not search.tried:
            raise
        ended = INTERRUPTED
    tried = sorted(search.tried, key=lambda one: (-one.figure, len(one.setting)))
    start, chosen = choosing.start, search.setting
    return TuningResult(metric, every, start, middle, test, ended, tried, chosen, confirmed)


def _confirm(
    evaluator: SettingEvaluator, period: ReplayPeriod, setting: Setting, note: Callable[[str], None]
) -> Confirmation:
    """Compare a setting with the config once, on days that had no part in choosing it."""
    measured = evaluator.measure(evaluator.replay(period, [{}, setting], note))
    pair = compare(measured, 1, 0)
    default, figure = measured.mean.tolist()
    return Confirmation(default, figure, pair.difference, pair.ci)


class _Search:
    """A coordinate descent: the settings tried so far, and the best one."""

    def __init__(
        self,
        evaluator: SettingEvaluator,
        period: ReplayPeriod,
        space: Mapping[str, Sequence[object]],
        budget: Budget,
        stages: Stages,
    ) -> None:
        self.tried: list[SettingFigures] = []
        self.setting: Setting = {}
        self._evaluator, self._period, self._space = evaluator, period, space
        self._budget, self._stages = budget, stages
        self._begun = time.monotonic()
        self._known: set[str] = set()

    def run(self) -> str:
        """Search until a round brings no gain or the budget is spent; return which."""
        with self._stages("run 1") as note:
            (default,) = self._evaluator.replay(self._period, [{}], note)
        self._record([{}], self._evaluator.measure([default]), first=0)
        best, idle = default, 0
        for key in cycle(self._space):
            left = self._budget.runs - len(self.tried)
            if left <= 0 or time.monotonic() - self._begun >= self._budget.seconds:
                return SPENT
            settings = self._neighbours(key)[:left]
            idle += 1
            if settings:
                first, last = len(self.tried) + 1, len(self.tried) + len(settings)
                with self._stages(f"runs {first} to {last}, {key}") as note:
                    runs = self._evaluator.replay(self._period, settings, note)
                measured = self._evaluator.measure([default, *runs, best])
                self._record(settings, measured)
                place = _better(measured)
                if place is not None:
                    self.setting, best, idle = settings[place], runs[place], 0
            if idle >= len(self._space):
                break
        return EXHAUSTED

    def _neighbours(self, key: str) -> list[Setting]:
        """Return the untried settings that differ from the best one in one key."""
        others = {name: value for name, value in self.setting.items() if name != key}
        values = [{**others, key: value} for value in self._space[key]]
        return [setting for setting in [others, *values] if _name(setting) not in self._known]

    def _record(self, settings: Sequence[Setting], measured: MetricValues, first: int = 1) -> None:
        """Record the figures of settings: systems from `first` on; the config is number 0."""
        for number, setting in enumerate(settings, first):
            pair, figure = compare(measured, number, 0), float(measured.mean[number])
            self.tried.append(SettingFigures(setting, figure, pair.difference, pair.ci))
            self._known.add(_name(setting))


def _better(measured: MetricValues) -> int | None:
    """Return the place of the best setting if it gains more than one standard error.

    The first system is the config, the last one the best so far, the settings are between.
    """
    place = int(np.argmax(measured.mean[1:-1]))
    gain = measured.mean[1 + place] - measured.mean[-1]
    error = np.std(measured.resampled[:, 1 + place] - measured.resampled[:, -1])
    return place if gain > error else None


def _name(setting: Setting) -> str:
    return json.dumps(dict(setting), sort_keys=True)
