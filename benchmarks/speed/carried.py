"""Compare a refreshed version with one trained on everything."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from benchmarks.speed.lists import NEAREST, Lists, best_per_row, sampled_recall
from recommender import Recommender
from training.config import Config
from training.production import load_served
from training.readers import SLOWEST, ReaderStats, reader_stats
from training.state import State


def sums_recall(refreshed: State, trained: State, config: Config) -> float:
    """Return the recall of each article's 20 strongest pairs, by the sums of the trained state."""
    n = len(trained.catalogue)
    row, column, value = _pairs(reader_stats(trained.sums, config.readers))
    exact = csr_array((value, (row, column)), (n, n))
    rows, values = best_per_row(*_pairs(reader_stats(refreshed.sums, config.readers)), n, NEAREST)
    number = np.array([trained.catalogue.rows[article] for article in refreshed.catalogue.ids])
    lists = Lists(rows, values).renumber(number)
    return sampled_recall(lists, lambda sources: np.asarray(exact[sources].toarray()), np.arange(n))


def lists_shared(refreshed: Path, trained: Path, articles: list[str]) -> float:
    """Return the share of the retrained items of some articles that the refreshed lists hold."""
    some, others = Recommender.open(refreshed), Recommender.open(trained)
    same = total = 0
    for article in articles:
        anew = _own(others, article)
        same, total = same + len(anew & _own(some, article)), total + len(anew)
    return same / total


def compare(refreshed: Path, trained: Path, config: Config) -> tuple[float, float]:
    """Compare two artifacts directories of the same moment: `sums_recall`, and `lists_shared`.

    The latter is of the articles whose lists a refresh makes anew: read within `lists.active`.
    """
    carried, anew = (load_served(path, config).state for path in (refreshed, trained))
    read = reader_stats(anew.sums, config.readers).last_view >= anew.time - config.lists.active
    active = [anew.catalogue.ids[row] for row in np.flatnonzero(read)]
    return sums_recall(carried, anew, config), lists_shared(refreshed, trained, active)


def _pairs(readers: ReaderStats) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return source, target and the sum of the longest half-life of all pairs."""
    source, target, sums = readers.targets(np.arange(len(readers.total), dtype=np.int32))
    return source, target, sums[:, SLOWEST]


def _own(served: Recommender, article: str) -> set[str]:
    """Return the ids of an article's recommendations, without the fallback, which has no score."""
    found = served.related(article, NEAREST)
    return {story.id for story in found if story.score is not None}
