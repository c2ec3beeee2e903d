"""Baselines: what else one could show, each a system of the replay.

A family is a way of making lists; its settings are tuned before the test, so that ours is compared
with each at its best. Ties go to the newer article, then to the lower row. What a baseline leaves
open the replay fills from popular, then latest.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from typing import Any, Final

import numpy as np

from training.records import DAY, Bool, Int32, Int64
from training.replay.ledger import PAIR_LIVES, Found, Ledger, Question
from training.replay.systems import Stage, Step

Finder = Callable[[Question], Found]
"""Finds articles for the sources of a question; what may not be listed may be among them."""

IMPLICIT_K: Final = 50
"""Neighbours per article that the recommenders of `implicit` keep."""


@dataclass(frozen=True)
class Baseline:
    """A system: one family at one setting.

    Attributes
    ----------
    name : what the report calls it.
    family : the way of making lists.
    setting : in words; empty where there is nothing to set.
    ledger : shared with the other baselines of the replay.
    find : finds and values articles.
    """

    name: str
    family: str
    setting: str
    ledger: Ledger
    find: Finder

    def advance(self, window: Step) -> None:
        """Take in a window."""
        self.ledger.advance(window)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Make lists at the clock's time, as `System.lists` says."""
        question = self.ledger.ask(sources, eligible, n)
        return question.best(self.find(question))


def popular(question: Question) -> Found:
    """Find the most read, views decayed with a half-life of an hour."""
    return question.hottest


def latest_in_section(question: Question) -> Found:
    """Find the newest of the source's section."""
    return question.of_section


def next_count(question: Question) -> Found:
    """Find what readers of the source opened next, by the undecayed number of times.

    The ledger keeps these counts by themselves, exactly: the decayed sums fade and drop pairs.
    """
    return question.ledger.next_counts(question.sources)


def coview(column: int) -> Finder:
    """Find what readers of the source read later in the session, weighted 1/distance, decayed."""

    def find(question: Question) -> Found:
        found = question.followers
        return Found(found.index, found.target, found.value[:, column])

    return find


def coview_smoothed(column: int, strength: float) -> Finder:
    """Find the same among all articles, smoothed by popularity: (w + m · p) / (o + m) (Dirichlet).

    The source's outflow o and m in the denominator are the same for all of its articles and leave
    their order as it is, so they are left out. An article without a pair sum that stands behind n
    hotter ones cannot be among the n best, so only the hottest are looked at beside the pairs.
    """

    def find(question: Question) -> Found:
        found = question.followers_and_hottest
        value = found.value[:, column] + strength * question.share[found.target]
        return Found(found.index, found.target, value)

    return find


def item_knn(column: int, shrinkage: float) -> Finder:
    """Find by the shrunk cosine w / (√(outflow · inflow) + shrinkage), both directions added.

    Only what was read after the source is listed, whatever its value the other way round: listing
    what was read before it as well makes a weaker baseline (EB-NeRD, hr@5: 0.20 against 0.22).
    """

    def find(question: Question) -> Found:
        found, readers = question.followers, question.ledger.readers
        source, target = question.sources[found.index], found.target
        outflow, inflow = readers.outflow[:, column], readers.inflow[:, column]
        there = found.value[:, column] / (np.sqrt(outflow[source] * inflow[target]) + shrinkage)
        back = question.leaders[:, column] / (np.sqrt(outflow[target] * inflow[source]) + shrinkage)
        return Found(found.index, target, np.where(there > 0, there + back, 0))

    return find


def tfidf(hours: float | None) -> Finder:
    """Find the nearest texts, of all ages or among those known within some hours."""
    return lambda question: question.near(hours)


class Implicit:
    """Find by an item-item recommender of the package `implicit`, on reader × article counts."""

    def __init__(self, recommender: str, span: int) -> None:
        self._recommender, self._span = recommender, span
        self._fitted_at = -1
        self._similar: Any = None
        self._rows: Int64 = np.zeros(0, np.int64)

    def __call__(self, question: Question) -> Found:
        """Give the neighbours of the sources; fitted anew when the clock has moved."""
        if self._fitted_at != question.time:
            self._fit(question)
        at = np.searchsorted(self._rows, question.sources)
        read = np.flatnonzero(np.isin(question.sources, self._rows))
        if not len(read):
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        near = self._similar[at[read]].tocoo()
        return Found(read[near.row], self._rows[near.col], near.data)

    def _fit(self, question: Question) -> None:
        counts, self._rows = question.ledger.reads(self._span)
        self._fitted_at = question.time
        if len(self._rows):
            made = getattr(import_module("implicit.nearest_neighbours"), self._recommender)
            recommender = made(K=IMPLICIT_K, num_threads=1)
            with warnings.catch_warnings():  # about the layout in which it passes arrays to itself
                warnings.simplefilter("ignore")
                recommender.fit(counts, show_progress=False)
            self._similar = recommender.similarity


def _families() -> dict[str, dict[str, Finder]]:
    """Give every family with its settings, in the order in which ties among them go."""
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


def grid(stage: Stage) -> list[Baseline]:
    """Make every setting of every family, to choose among, on one ledger.

    The name of each is its family, with the setting in brackets where there is one.
    """
    ledger = Ledger(stage)
    return [
        Baseline(_name(family, setting), family, setting, ledger, find)
        for family, settings in _families().items()
        for setting, find in settings.items()
    ]


def tuned(names: Sequence[str], stage: Stage, scores: Mapping[str, float]) -> list[Baseline]:
    """Make some families, each at its best setting, on one ledger.

    Parameters
    ----------
    names : sequence of str
        Families out of `NAMES`.
    stage : Stage
        What the replay gives.
    scores : mapping
        What each point of the grid was worth, by name, on days before the test; one that is not
        given is worth 0. Of equal ones the first in the grid is chosen.

    Returns
    -------
    list of Baseline
        In the order of `names`, named by their families.
    """
    ledger, families = Ledger(stage), _families()
    chosen = []
    for family in names:
        settings = families[family]
        best = max(settings, key=lambda setting: scores.get(_name(family, setting), 0.0))
        chosen.append(Baseline(family, family, best, ledger, settings[best]))
    return chosen


def _name(family: str, setting: str) -> str:
    return f"{family}[{setting}]" if setting else family
