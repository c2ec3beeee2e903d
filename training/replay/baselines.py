"""Baselines: simple ways of making lists, each a system of the replay.

A family is one way; its settings are tuned on the days before the test, so that ours is compared
with each at its best. Ties go to the newer article, then to the lower row. The replay fills short
lists up from popular, then latest.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from typing import Any, Final

import numpy as np

from training.records import DAY, Bool, Int32, Int64
from training.replay.baseline_counts import PAIR_LIVES, BaselineCounts, ListRequest, ScoredTargets
from training.replay.systems import ReplayInputs, ReplayStep, System

Finder = Callable[[ListRequest], ScoredTargets]
"""Scores articles for the sources of a request; those that are not eligible may be among them."""

IMPLICIT_K: Final = 50
"""Neighbours per article that the recommenders of `implicit` keep."""


class Baseline(System):
    """One family at one setting.

    Parameters
    ----------
    name : str
        What the report calls it.
    family : str
        The way of making lists.
    setting : str
        Empty where the family has none.
    counts : BaselineCounts
        Shared with the other baselines of the replay.
    find : callable
        Scores articles.
    """

    def __init__(
        self, name: str, family: str, setting: str, counts: BaselineCounts, find: Finder
    ) -> None:
        self.name, self.family, self.setting = name, family, setting
        self.counts, self.find = counts, find

    def begin(self, inputs: ReplayInputs) -> None:
        """Start a replay."""
        self.counts.begin(inputs)

    def advance(self, step: ReplayStep) -> None:
        """Take in a window."""
        self.counts.advance(step)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Make lists at the clock's time, as `System.lists` says."""
        request = self.counts.request(sources, eligible, n)
        return request.best(self.find(request))


def popular(request: ListRequest) -> ScoredTargets:
    """Find the most read, views decayed with a half-life of an hour."""
    return request.hottest


def latest_in_section(request: ListRequest) -> ScoredTargets:
    """Find the newest of the source's section."""
    return request.of_section


def next_count(request: ListRequest) -> ScoredTargets:
    """Find what readers of the source opened next, by the undecayed number of times."""
    return request.counts.next_counts(request.sources)


def coview(column: int) -> Finder:
    """Find what readers of the source read later in the session, weighted 1/distance, decayed."""

    def find(request: ListRequest) -> ScoredTargets:
        found = request.followers
        return ScoredTargets(found.index, found.target, found.value[:, column])

    return find


def coview_smoothed(column: int, strength: float) -> Finder:
    """Find the same, smoothed by popularity: (w + m · p) / (o + m) (Dirichlet).

    The denominator, with the source's outflow o, is the same for all articles and left out. An
    article without a pair sum behind n hotter ones cannot be among the n best, so the pairs and
    the hottest are all that is scored.
    """

    def find(request: ListRequest) -> ScoredTargets:
        found = request.followers_and_hottest
        value = found.value[:, column] + strength * request.share[found.target]
        return ScoredTargets(found.index, found.target, value)

    return find


def item_knn(column: int, shrinkage: float) -> Finder:
    """Find by the shrunk cosine w / (√(outflow · inflow) + shrinkage), both directions added.

    Lists hold only what was read after the source: with what was read before it the baseline is
    weaker (EB-NeRD, hr@5: 0.20 against 0.22).
    """

    def find(request: ListRequest) -> ScoredTargets:
        found, readers = request.followers, request.counts.readers
        source, target = request.sources[found.index], found.target
        outflow, inflow = readers.outflow[:, column], readers.inflow[:, column]
        there = found.value[:, column] / (np.sqrt(outflow[source] * inflow[target]) + shrinkage)
        back = request.leaders[:, column] / (np.sqrt(outflow[target] * inflow[source]) + shrinkage)
        return ScoredTargets(found.index, target, np.where(there > 0, there + back, 0))

    return find


def tfidf(hours: float | None) -> Finder:
    """Find the nearest texts, of all ages or among those known for less than some hours."""
    return lambda request: request.near(hours)


class Implicit:
    """Find by an item-item recommender of the package `implicit`, on reader × article counts."""

    def __init__(self, recommender: str, span: int) -> None:
        self._recommender, self._span = recommender, span
        self._fitted_at = -1
        self._similar: Any = None
        self._rows: Int64 = np.zeros(0, np.int64)

    def __call__(self, request: ListRequest) -> ScoredTargets:
        """Return the neighbours of the sources; fitted anew after the clock has moved."""
        if self._fitted_at != request.time:
            self._fit(request)
        at = np.searchsorted(self._rows, request.sources)
        read = np.flatnonzero(np.isin(request.sources, self._rows))
        if not len(read):
            return ScoredTargets(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        near = self._similar[at[read]].tocoo()
        return ScoredTargets(read[near.row], self._rows[near.col], near.data)

    def _fit(self, request: ListRequest) -> None:
        counts, self._rows = request.counts.reads(self._span)
        self._fitted_at = request.time
        if len(self._rows):
            made = getattr(import_module("implicit.nearest_neighbours"), self._recommender)
            recommender = made(K=IMPLICIT_K, num_threads=1)
            with (
                warnings.catch_warnings()
            ):  # implicit warns of an array layout that it chose itself
                warnings.simplefilter("ignore")
                recommender.fit(counts, show_progress=False)
            self._similar = recommender.similarity


def _families() -> dict[str, dict[str, Finder]]:
    """Return every family with its settings; ties between settings go to the first."""
    column = {f"{hours:g}h": place for place, hours in enumerate(PAIR_LIVES)}
    families: dict[str, dict[str, Finder]] = {
        "popular": {"": popular},
        "latest-in-section": {"": latest_in_section},
        "next-count": {"": next_count},
        "coview": {f"half-life {h}": coview(column[h]) for h in ("1h", "2h", "4h", "8h", "24h")},
        "coview-smoothed": {
            f"half-life {h}, m {m}": coview_smoothed(column[h], m)
            for h, m in product(("2h", "4h", "8h", "24h"), (1, 3, 10, 30))
        },
        "item-knn": {
            f"half-life {h}, shrinkage {s}": item_knn(column[h], s)
            for h, s in product(("4h", "24h", "336h"), (1, 10, 50))
        },
        "tfidf": {"": tfidf(None)},
        "tfidf-recent": {f"within {hours}h": tfidf(hours) for hours in (12, 24, 48, 168)},
    }
    if find_spec("implicit"):
        spans = {"last 6h": DAY // 4, "last day": DAY, "last 3 days": 3 * DAY}
        for name, made in (("cosine", "CosineRecommender"), ("bm25", "BM25Recommender")):
            families[f"implicit-{name}"] = {t: Implicit(made, span) for t, span in spans.items()}
    return families


NAMES: Final = tuple(_families())
"""All families; those of the package `implicit` where it is installed."""


def grid() -> list[Baseline]:
    """Make every setting of every family on shared counts, to choose among.

    The name of each is its family, with the setting in brackets where there is one.
    """
    counts = BaselineCounts()
    return [
        Baseline(_name(family, setting), family, setting, counts, find)
        for family, settings in _families().items()
        for setting, find in settings.items()
    ]


def best_settings(names: Sequence[str], scores: Mapping[str, float]) -> list[Baseline]:
    """Make some families on shared counts, each at its best setting.

    Parameters
    ----------
    names : sequence of str
        Families out of `NAMES`.
    scores : mapping
        hr@5 of each point of the grid on the days before the test, by name; 0 where it is missing.
        Ties go to the first in the grid.

    Returns
    -------
    list of Baseline
        In the order of `names`, named by their families.
    """
    counts, families = BaselineCounts(), _families()
    chosen = []
    for family in names:
        settings = families[family]
        best = max(settings, key=lambda setting: scores.get(_name(family, setting), 0.0))
        chosen.append(Baseline(family, family, best, counts, settings[best]))
    return chosen


def _name(family: str, setting: str) -> str:
    return f"{family}[{setting}]" if setting else family
