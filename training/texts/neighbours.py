"""Similar texts: nearest rows, cosines of pairs, near-duplicates."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from training import kernels
from training.records import Bool, Float32, Int32, Int64
from training.texts.terms import Vectors

UInt32: TypeAlias = npt.NDArray[np.uint32]

_BLOCK_ROWS: Final = 4096
"""Rows of a block of the self-join, whose sums fit the processor's nearest cache."""

_MIN_COSINE: Final = 1e-6
"""A cosine up to this counts as 0."""

_DUPLICATE_NEIGHBOURS: Final = 16
"""Nearest texts checked for near-duplicates; larger groups are connected through others."""

_ROUNDING: Final = 1e-6
"""How far the float32 cosine of a text with itself may be below 1."""


@dataclass(frozen=True)
class Index:
    """An inverted index of vectors, in which the nearest are searched.

    Attributes
    ----------
    vectors : float32 csr [n, v], rows of length 1 or 0; no weight is negative.
    part : bool[n], rows that may be found; all by default.
    """

    vectors: Vectors
    part: Bool | None = None

    @cached_property
    def rows(self) -> Int64:
        """int64[r], the rows that may be found, ascending."""
        n = self.vectors.shape[0]
        return np.arange(n) if self.part is None else np.flatnonzero(self.part)

    @cached_property
    def postings(self) -> tuple[Int64, UInt32, Float32]:
        """Where a term's postings start, int64[v + 1]; ascending positions in `rows`; weights."""
        return kernels.neighbours.build_postings(
            *_arrays(self.vectors), self.vectors.shape[1], self.rows
        )

    def nearest(
        self,
        vectors: Vectors,
        k: int,
        jobs: int,
        *,
        among: Bool | None = None,
        minimum: float = 0.0,
    ) -> tuple[Int32, Float32]:
        """Find the k most similar rows for each of some vectors, exactly.

        A text that is in the index and among the vectors finds itself, too. A caller who does not
        want it asks for one more and drops it by its row.

        Parameters
        ----------
        vectors : float32 csr [m, v], rows of length 1 or 0.
        k : int
            Neighbours per row, at least 1.
        jobs : int
            Threads; the result is the same for any number.
        among : bool[n] or bool[g, n], optional
            Rows of `part` that may be found, or g such sets of rows; all by default.
        minimum : float
            Neighbours have a larger cosine than this, and than 1e-6.

        Returns
        -------
        rows : int32[m, k] or int32[g, m, k]
            By descending cosine, ties by row; -1 if there are fewer than k.
        cosines : float32[m, k] or float32[g, m, k]
            0 if there are fewer than k.
        """
        arrays, postings = _arrays(vectors), self.postings
        kept = np.ones(len(self.rows), np.bool_) if among is None else among[..., self.rows]
        groups = np.atleast_2d(kept)
        found = _empty_best((len(groups), vectors.shape[0], k), minimum)
        jobs = min(jobs, max(1, vectors.shape[0]))

        def query(job: int) -> None:
            kernels.neighbours.query(*arrays, *postings, groups, job, jobs, *found)

        with ThreadPoolExecutor(jobs) as threads:  # starts none before there is work for them
            list((threads.map if jobs > 1 else map)(query, range(jobs)))
        place, cosine = _finish(*found)
        shape = *kept.shape[:-1], *place.shape[1:]
        rows = np.append(self.rows, -1).astype(np.int32)[place]
        return rows.reshape(shape), cosine.reshape(shape)


def neighbours(
    vectors: Vectors, k: int, jobs: int, *, minimum: float = 0.0
) -> tuple[Int32, Float32]:
    """Find the k most similar rows for each row, itself among them: what `Index.nearest` gives.

    Each pair is compared once, and by blocks that fit the cache.
    """
    rows, terms = vectors.shape
    arrays = _arrays(vectors)
    jobs = min(jobs, max(1, rows))
    copies = [_empty_best((rows, k), minimum) for _ in range(jobs)]

    def search(job: int, low: int, size: int, listed: tuple[Int64, UInt32, Float32]) -> None:
        kernels.neighbours.self_join(*arrays, low, size, *listed, low + job, jobs, *copies[job])

    with ThreadPoolExecutor(jobs) as threads:  # starts none before there is work for them
        run = threads.map if jobs > 1 else map
        for low in range(0, rows, _BLOCK_ROWS):
            size = min(_BLOCK_ROWS, rows - low)
            listed = kernels.neighbours.build_postings(*arrays, terms, np.arange(low, low + size))
            list(run(search, range(jobs), repeat(low), repeat(size), repeat(listed)))
    best, *more = copies
    for found in more:
        kernels.neighbours.topk_merge(*best, *found)
    return _finish(*best)


def _empty_best(shape: tuple[int, ...], minimum: float) -> tuple[Float32, Int32]:
    """Return k best of each row that are empty: the cosines to exceed, and no rows."""
    return np.full(shape, max(minimum, _MIN_COSINE), np.float32), np.full(shape, -1, np.int32)


def _finish(cosine: Float32, rows: Int32) -> tuple[Int32, Float32]:
    cosine[rows < 0] = 0
    return rows, cosine


def _arrays(vectors: Vectors) -> tuple[Int64, Int32, Float32]:
    """Return the arrays of vectors as the kernels take them."""
    ends = vectors.indptr.astype(np.int64, copy=False)
    return ends, vectors.indices.astype(np.int32, copy=False), vectors.data


def similar_pairs(
    vectors_a: Vectors, vectors_b: Vectors, minimum: float
) -> tuple[Int64, Int64, Float32]:
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

    The vectors are of length 1 or 0. Pairs are processed by left row, whose weights are scattered
    into a buffer once for all its right rows.
    """
    if not vectors.nnz:
        return np.zeros(len(left), np.float32)
    by_left = np.argsort(left, kind="stable")
    pairs = left[by_left].astype(np.int32), right[by_left].astype(np.int32)
    out = np.empty(len(left), np.float32)
    buffer = np.zeros(vectors.shape[1], np.float32)
    out[by_left] = kernels.neighbours.dot_products(*_arrays(vectors), *pairs, buffer)
    return out


def near_duplicates(vectors: Vectors, cosine: float, jobs: int) -> Int32:
    """Label near-duplicates with the lowest row of their group: int32[n].

    Two texts are near-duplicates if their cosine is at least `cosine`; groups are the connected
    components. Rows without text are alone; `cosine` 0 groups nothing.
    """
    n = vectors.shape[0]
    if cosine == 0:
        return np.arange(n, dtype=np.int32)
    found, _ = neighbours(vectors, _DUPLICATE_NEIGHBOURS, jobs, minimum=cosine - _ROUNDING)
    row, place = np.nonzero(found >= 0)
    links = coo_array((np.ones(len(row), np.int8), (row, found[row, place])), (n, n))
    # Loading it takes as long as the rest of scipy, and a refresh does not need it.
    from scipy.sparse.csgraph import connected_components

    _, group = connected_components(links, directed=False)
    _, lowest = np.unique(group, return_index=True)
    return lowest[group].astype(np.int32)


def join_near_duplicates(labels: Int32, index: Index, rows: Int32, cosine: float) -> Int32:
    """Extend the labels of `near_duplicates` by new or changed rows, one after the other.

    A row joins the groups of all its near-duplicates, which become one. It leaves no group, since
    others may be connected through its earlier text.

    Parameters
    ----------
    labels : int32[m]
        Of the first m rows.
    index : Index
        All rows, the new ones included.
    rows : int32[k]
        The new or changed ones in the order of their arrival.
    cosine : float
        As for `near_duplicates`.

    Returns
    -------
    int32[n]
    """
    joined = np.arange(index.vectors.shape[0], dtype=np.int32)
    joined[: len(labels)] = labels
    if cosine == 0 or not len(rows):
        return joined
    found, _ = index.nearest(
        index.vectors[rows], _DUPLICATE_NEIGHBOURS, 1, minimum=cosine - _ROUNDING
    )
    for row, near in zip(rows.tolist(), found, strict=True):
        groups = np.unique(joined[np.append(near[near >= 0], row)])
        if len(groups) > 1:
            joined[np.isin(joined, groups)] = groups[0]
    return joined
