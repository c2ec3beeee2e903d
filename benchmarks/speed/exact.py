"""Recall of lists against the exact nearest, by the side's own definition."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.speed.lists import NEAREST, Lists

TOLERANCE: Final = 1e-6
"""Tolerance within which a value equals that of the last place."""

_BLOCK: Final = 64

Similarity = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
"""Returns the exact similarity of all n rows to some sources, float[s, n]."""


def product(vectors: Any) -> Similarity:  # noqa: ANN401 - any of scipy's sparse matrices
    """Compare by the plain product of sparse vectors."""
    transposed = vectors.T.tocsr()
    return lambda sources: np.asarray((vectors[sources] @ transposed).toarray())


def sample_rows(n: int, most: int) -> npt.NDArray[Any]:
    """Draw at most `most` of n rows, always the same ones, ascending."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def sampled_recall(lists: Lists, similarity: Similarity, sources: npt.NDArray[Any]) -> float:
    """Return the recall of some sources' lists against the exact ones."""
    hits = wanted = 0
    for start in range(0, len(sources), _BLOCK):
        part = sources[start : start + _BLOCK]
        near = similarity(part)
        near[np.arange(len(part)), part] = 0
        found, there = hits_of(near, lists.rows[part])
        hits, wanted = hits + found, wanted + there
    return hits / wanted


def hits_of(near: npt.NDArray[Any], found: npt.NDArray[Any]) -> tuple[int, int]:
    """Count the exact nearest that were found, and how many there are to find.

    A row that is as near as the one in the last place, within the tolerance, is as right as it.

    Parameters
    ----------
    near : float[s, n]
        How near all rows are; 0 and less is not near at all.
    found : int[s, k]
        Rows, -1 where there are no more; of repeated ones one counts.
    """
    k = min(NEAREST, near.shape[1])
    best = -np.partition(-near, k - 1, axis=1)[:, :k]
    there = (best > 0).sum(axis=1)
    last = np.where(best > 0, best, np.inf).min(axis=1)
    bar = last - TOLERANCE * np.maximum(1, np.where(np.isfinite(last), last, 1))
    value = np.where(found < 0, 0, np.take_along_axis(near, np.maximum(found, 0), 1))
    order = np.sort(np.where(found < 0, -np.arange(1, found.shape[1] + 1), found), axis=1)
    repeated = (np.diff(order, axis=1) == 0).sum(axis=1)
    right = ((value > 0) & (value >= bar[:, None])).sum(axis=1) - repeated
    return int(np.clip(right, 0, there).sum()), int(there.sum())


def agreement(some: Lists, others: Lists) -> float:
    """Return the share of the others' entries that are in the lists too."""
    same = (some.rows[:, :, None] == others.rows[:, None, :]) & (others.rows >= 0)[:, None, :]
    return float(same.any(axis=1).sum() / (others.rows >= 0).sum())
