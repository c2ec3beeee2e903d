"""Which texts are alike: nearest rows, cosines of given pairs, groups of near-identical texts."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from training.records import Float32, Int32, Int64
from training.texts.terms import Vectors

UInt32: TypeAlias = npt.NDArray[np.uint32]

_COLUMNS: Final = 4096
"""Rows of b compared with at a time: their sums fit the nearest cache."""

_LEAST: Final = 1e-6
"""A cosine up to it is as good as none."""

_TWINS: Final = 16
"""Nearest texts looked at for near-identical ones; larger groups hang together by links."""

_ROUNDING: Final = 1e-6
"""What the float32 cosine of a text with itself may lack of 1."""


def neighbours(
    vectors_a: Vectors,
    vectors_b: Vectors,
    k: int,
    jobs: int,
    *,
    minimum: float = 0.0,
) -> tuple[Int32, Float32]:
    """Find the k most similar rows of b for each row of a, exactly.

    A text among b that is also the row of a itself is found like any other: a caller who does
    not want it asks for one more and drops it by its id. Where a is b, the very same object, each
    pair is compared once.

    Parameters
    ----------
    vectors_a, vectors_b : float32 csr [na, v] and [nb, v], rows of length 1 or 0.
        No weight is negative.
    k : int
        Neighbours per row, at least 1.
    jobs : int
        Threads; the result does not depend on it.
    minimum : float
        Cosines up to it are not neighbours; nor are those up to 1e-6.

    Returns
    -------
    rows : int32[na, k]
        By falling cosine, of equal ones the lower row; -1 where there are no more.
    cosines : float32[na, k]
        0 where there are no more.
    """
    from training.texts import kernels  # takes half a second, which only what compares need pay

    both = vectors_a is vectors_b
    ends, terms, weights, number, count = _numbered(vectors_a)
    shape = len(ends) - 1, k
    jobs = min(jobs, max(1, shape[0]))
    copies = [
        (np.full(shape, max(minimum, _LEAST), np.float32), np.full(shape, -1, np.int32))
        for _ in range(jobs if both else 1)
    ]
    theirs = _arrays(vectors_b)

    def search(job: int, block: tuple[int, int, Int64, UInt32, Float32]) -> None:
        first, found = (block[0], copies[job]) if both else (0, copies[0])
        kernels.search(ends, terms, weights, *block, both, first + job, jobs, *found)

    with ThreadPoolExecutor(jobs) as threads:  # starts none before there is work for them
        run = threads.map if jobs > 1 else map
        for low in range(0, vectors_b.shape[0], _COLUMNS):
            size = min(_COLUMNS, vectors_b.shape[0] - low)
            listed = kernels.invert(*theirs, number, count, low, low + size)
            list(run(search, range(jobs), repeat((low, size, *listed))))
    (cosine, rows), *more = copies
    for found in more:
        kernels.take(cosine, rows, *found)
    cosine[rows < 0] = 0
    return rows, cosine


def _arrays(vectors: Vectors) -> tuple[Int64, Int32, Float32]:
    """Give the arrays of vectors as `kernels` has them."""
    ends = vectors.indptr.astype(np.int64, copy=False)
    return ends, vectors.indices.astype(np.int32, copy=False), vectors.data


def _numbered(vectors: Vectors) -> tuple[Int64, Int32, Float32, Int32, int]:
    """Renumber the terms of vectors from 0 without gaps, in their order.

    Returns the arrays, the number of each term of the vocabulary (-1 where none holds it), and
    how many there are.
    """
    ends, terms, weights = _arrays(vectors)
    held = np.zeros(vectors.shape[1], np.bool_)
    held[terms] = True
    number = np.where(held, np.cumsum(held) - 1, -1).astype(np.int32)
    return ends, number[terms], weights, number, int(held.sum())


def linked(vectors_a: Vectors, vectors_b: Vectors, minimum: float) -> tuple[Int64, Int64, Float32]:
    """Find all pairs of a row of a and a row of b whose cosine is at least `minimum`, above 0.

    Returns both rows, int64[m], and the cosines, float32[m]; ascending by the first row, then the
    second.
    """
    product = csr_array(vectors_a @ vectors_b.T)
    near = np.flatnonzero(product.data >= minimum)
    row = np.searchsorted(product.indptr, near, side="right") - 1
    column = product.indices[near].astype(np.int64)
    order = np.lexsort((column, row))
    return row[order].astype(np.int64), column[order], product.data[near[order]]


def cosines(vectors: Vectors, left: Int32, right: Int32) -> Float32:
    """Compute the cosine of each pair of rows, given as two int32[m]; float32[m].

    The vectors are of length 1 or 0. Pairs are taken by left row, so that its weights are
    spread over a buffer once and all its right rows read from there.
    """
    if not vectors.nnz:
        return np.zeros(len(left), np.float32)
    from training.texts import kernels  # as in `neighbours`

    by_left = np.argsort(left, kind="stable")
    pairs = left[by_left].astype(np.int32), right[by_left].astype(np.int32)
    out = np.empty(len(left), np.float32)
    spread = np.zeros(vectors.shape[1], np.float32)
    out[by_left] = kernels.multiply(*_arrays(vectors), *pairs, spread)
    return out


def twins(vectors: Vectors, cosine: float, jobs: int) -> Int32:
    """Give near-identical texts a common label: int32[n], the lowest row of the group.

    Two texts whose cosine is at least `cosine` are near-identical, and groups are what hangs
    together by such pairs. Rows without text stand alone; `cosine` 0 groups nothing.
    """
    n = vectors.shape[0]
    if cosine == 0:
        return np.arange(n, dtype=np.int32)
    found, _ = neighbours(vectors, vectors, _TWINS, jobs, minimum=cosine - _ROUNDING)
    row, place = np.nonzero(found >= 0)
    links = coo_array((np.ones(len(row), np.int8), (row, found[row, place])), (n, n))
    from scipy.sparse.csgraph import connected_components  # as much again as the rest of scipy

    _, group = connected_components(links, directed=False)
    _, lowest = np.unique(group, return_index=True)
    return lowest[group].astype(np.int32)


def join_twins(labels: Int32, vectors: Vectors, rows: Int32, cosine: float) -> Int32:
    """Carry the labels of near-identical texts on with new or changed rows, one after the other.

    A row joins the group of each text that it is near-identical to, and so may join groups; it
    leaves none, as what hung together by an old text of its may still do.

    Parameters
    ----------
    labels : int32[m]
        As `twins` gave them, for the first m rows.
    vectors : float32 csr [n, v]
        All rows, the new ones included.
    rows : int32[k]
        The new or changed ones, in the order in which they arrived.
    cosine : float
        As for `twins`.

    Returns
    -------
    int32[n]
    """
    joined = np.arange(vectors.shape[0], dtype=np.int32)
    joined[: len(labels)] = labels
    if cosine == 0 or not len(rows):
        return joined
    found, _ = neighbours(vectors[rows], vectors, _TWINS, 1, minimum=cosine - _ROUNDING)
    for row, near in zip(rows.tolist(), found, strict=True):
        groups = np.unique(joined[np.append(near[near >= 0], row)])
        if len(groups) > 1:
            joined[np.isin(joined, groups)] = groups[0]
    return joined
