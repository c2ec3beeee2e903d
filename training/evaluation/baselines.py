"""Baselines: what else one could show, each a system of the replay.

All share one ledger of decayed sums at a grid of half-lives. Ties go to the newer article, then to
the lower row. What a baseline leaves open the replay fills from popular, then latest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from training.config import ReadersConfig
from training.evaluation.systems import Stage, Step
from training.readers import Readers, advance, current, empty
from training.records import HOUR, Bool, Float64, Int32, Int64
from training.texts import neighbours

PAIR_LIVES: Final = [1.0, 2.0, 4.0, 8.0, 24.0, 336.0, 8760.0]
VIEW_LIVES: Final = [1.0, 24.0]
FOREVER: Final = len(PAIR_LIVES)
"""Column of the direct steps, at a half-life of a year: as good as undecayed counts."""

_LEDGER: Final = ReadersConfig(pair_half_lives=PAIR_LIVES, view_half_lives=VIEW_LIVES)


class Ledger:
    """The site's readers and the order of its articles, carried on once for all baselines."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._sums = empty(stage.start, len(stage.catalogue), _LEDGER)
        self.readers = current(self._sums, _LEDGER)
        newest = np.lexsort((np.arange(len(stage.known)), -stage.known))
        self.precedence = np.empty(len(newest), np.int32)
        self.precedence[newest] = np.arange(len(newest), dtype=np.int32)

    def advance(self, step: Step) -> None:
        """Carry the sums to the window's end, once."""
        if self._sums.time < step.end:
            self._sums = advance(self._sums, step.increments, step.end, _LEDGER)
            self.readers = current(self._sums, _LEDGER)

    def ranked(self, rows: Int64, value: Float64, n: int) -> Int32:
        """Give the n rows of largest positive value."""
        positive = value > 0
        rows, value = rows[positive], value[positive]
        order = np.lexsort((self.precedence[rows], -value))
        return rows[order[:n]].astype(np.int32)


Lister = Callable[[Ledger, int, Bool, int], Int32]
"""Lists one source: int32, at most n rows; the source itself may be among them."""


@dataclass(frozen=True)
class Baseline:
    """A system that lists each source by itself.

    Attributes
    ----------
    name : what the report calls it.
    family : the baseline that it is a setting of.
    setting : the setting in words, empty where there is nothing to set.
    """

    name: str
    family: str
    setting: str
    ledger: Ledger
    lister: Lister

    def advance(self, window: Step) -> None:
        """Take in a window."""
        self.ledger.advance(window)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Give the lists of some sources, eligible rows only."""
        found = np.full((len(sources), n), -1, np.int32)
        for at, source in enumerate(sources.tolist()):
            rows = self.lister(self.ledger, source, eligible, n + 1)
            rows = rows[rows != source][:n]
            found[at, : len(rows)] = rows
        return found


def popular(ledger: Ledger, _source: int, eligible: Bool, n: int) -> Int32:
    """The most read, views decayed with a half-life of an hour."""
    rows = np.flatnonzero(eligible)
    return ledger.ranked(rows, ledger.readers.views[rows, 0], n)


def latest_in_section(ledger: Ledger, source: int, eligible: Bool, n: int) -> Int32:
    """The newest of the source's section."""
    section = ledger.stage.catalogue.section
    rows = np.flatnonzero(eligible & (section == section[source]) & (section >= 0))
    return rows[np.argsort(ledger.precedence[rows])[:n]].astype(np.int32)


def coview(column: int) -> Lister:
    """What readers of the source read later in the session, weighted 1/distance and decayed."""

    def lister(ledger: Ledger, source: int, eligible: Bool, n: int) -> Int32:
        rows, sums = _followers(ledger.readers, source, eligible)
        return ledger.ranked(rows, sums[:, column], n)

    return lister


def coview_smoothed(column: int, strength: float) -> Lister:
    """The same, smoothed by popularity (Dirichlet): (w + m · p) / (o + m), over all eligible."""

    def lister(ledger: Ledger, source: int, eligible: Bool, n: int) -> Int32:
        views = np.where(eligible, ledger.readers.views[:, 0], 0.0)
        value = strength * views / max(float(ledger.readers.views[:, 0].sum()), 1e-300)
        rows, sums = _followers(ledger.readers, source, eligible)
        value[rows] += sums[:, column]
        return ledger.ranked(np.flatnonzero(eligible), value[eligible], n)

    return lister


def item_knn(column: int, shrinkage: float) -> Lister:
    """Cosine of two articles' readers, both directions added up, with shrinkage."""

    def lister(ledger: Ledger, source: int, eligible: Bool, n: int) -> Int32:
        readers = ledger.readers
        rows, sums = _followers(readers, source, eligible)
        both = sums[:, column] + readers.lookup(rows, np.full(len(rows), source))[:, column]
        flow = readers.outflow[:, column] + readers.inflow[:, column]
        return ledger.ranked(rows, both / (np.sqrt(flow[source] * flow[rows]) + shrinkage), n)

    return lister


def tfidf(hours: float | None) -> Lister:
    """The nearest texts, of all ages or among those known within some hours."""

    def lister(ledger: Ledger, source: int, eligible: Bool, n: int) -> Int32:
        among = eligible
        if hours is not None:
            among = eligible & (ledger.stage.known >= ledger.readers.time - hours * HOUR)
        rows = np.flatnonzero(among)
        vectors = ledger.stage.texts.vectors
        if not len(rows) or not vectors.shape[1]:
            return np.zeros(0, np.int32)
        near, _ = neighbours(vectors[[source]], vectors[rows], n, 1)
        return np.asarray(rows[near[0][near[0] >= 0]], np.int32)

    return lister


def _followers(readers: Readers, source: int, eligible: Bool) -> tuple[Int64, Float64]:
    _, rows, sums = readers.targets(np.array([source], np.int32))
    kept = eligible[rows]
    return rows[kept], sums[kept]


def _settings() -> dict[str, dict[str, Lister]]:
    """Every family with its settings, in the order in which ties among them go."""
    lives = {life: column for column, life in enumerate(PAIR_LIVES)}
    return {
        "popular": {"": popular},
        "latest-in-section": {"": latest_in_section},
        "next-count": {"": coview(FOREVER)},
        "coview": {f"half-life {h:g} h": coview(lives[h]) for h in (1.0, 2.0, 4.0, 8.0, 24.0)},
        "coview-smoothed": {
            f"half-life {h:g} h, m {m:g}": coview_smoothed(lives[h], m)
            for h, m in product((2.0, 4.0, 8.0, 24.0), (1.0, 3.0, 10.0, 30.0))
        },
        "item-knn": {
            f"half-life {h:g} h, shrinkage {s:g}": item_knn(lives[h], s)
            for h, s in product((4.0, 24.0, 336.0), (1.0, 10.0, 50.0))
        },
        "tfidf": {"": tfidf(None)},
        "tfidf-recent": {f"{h:g} h": tfidf(h) for h in (12.0, 24.0, 48.0, 168.0)},
    }


NAMES: Final = tuple(_settings())


def grid(stage: Stage) -> list[Baseline]:
    """Make every setting of every baseline, to choose among."""
    ledger = Ledger(stage)
    return [
        Baseline(f"{family}[{setting}]", family, setting, ledger, lister)
        for family, settings in _settings().items()
        for setting, lister in settings.items()
    ]


def tuned(names: Sequence[str], stage: Stage, scores: Mapping[str, float]) -> list[Baseline]:
    """Make each named baseline at its best setting by score; of equal ones the first."""
    ledger = Ledger(stage)
    chosen = []
    for family in names:
        settings = _settings()[family]
        best = max(settings, key=lambda setting: scores.get(f"{family}[{setting}]", 0.0))
        chosen.append(Baseline(family, family, best, ledger, settings[best]))
    return chosen
