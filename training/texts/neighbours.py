"""Which texts are alike: nearest rows, cosines of given pairs, groups of near-identical texts."""

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

_COLUMNS: Final = 4096
"""Rows compared with at a time: their sums fit the nearest cache."""

_LEAST: Final = 1e-6
"""A cosine up to it is as good as none."""

_TWINS: Final = 16
"""Nearest texts looked at for near-identical ones; larger groups hang together by links."""

_ROUNDING: Final = 1e-6
"""What the float32 cosine of a text with itself may lack of 1."""


@dataclass(frozen=True)
class Index:
    """Vectors that others are compared with.

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
        """Ends int64[v + 1] by term, and there positions in `rows`, ascending, and weights."""
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

        A text that stands here and among the vectors is found like any other: a caller who does
        not want it asks for one more and drops it by its id.

        Parameters
        ----------
        vectors : float32 csr [m, v], rows of length 1 or 0.
        k : int
            Neighbours per row, at least 1.
        jobs : int
            Threads; the result does not depend on it.
        among : bool[n] or bool[g, n], optional
            Rows of `part` that may be found, or g times such rows; all by default.
        minimum : float
            Cosines up to it are not neighbours; nor are those up to 1e-6.

        Returns
        -------
        rows : int32[m, k] or int32[g, m, k]
            By falling cosine, of equal ones the lower row; -1 where there are no more.
        cosines : float32[m, k] or float32[g, m, k]
            0 where there are no more.
        """
        arrays, postings = _arrays(vectors), self.postings
        kept = np.ones(len(self.rows), np.bool_) if among is None else among[..., self.rows]
        groups = np.atleast_2d(kept)
        found = _nothing((len(groups), vectors.shape[0], k), minimum)
        jobs = min(jobs, max(1, vectors.shape[0]))

        def seek(job: int) -> None:
            kernels.neighbours.query(*arrays, *postings, groups, job, jobs, *found)

        with ThreadPoolExecutor(jobs) as threads:  # starts none before there is work for them
            list((threads.map if jobs > 1 else map)(seek, range(jobs)))
        place, cosine = _found(*found)
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
    copies = [_nothing((rows, k), minimum) for _ in range(jobs)]

    def search(job: int, low: int, size: int, listed: tuple[Int64, UInt32, Float32]) -> None:
        kernels.neighbours.self_join(*arrays, low, size, *listed, low + job, jobs, *copies[job])

    with ThreadPoolExecutor(jobs) as threads:  # starts none before there is work for them
        run = threads.map if jobs > 1 else map
        for low in range(0, rows, _COLUMNS):
            size = min(_COLUMNS, rows - low)
            listed = kernels.neighbours.build_postings(*arrays, terms, np.arange(low, low + size))
            list(run(search, range(jobs), repeat(low), repeat(size), repeat(listed)))
    best, *more = copies
    for found in more:
        kernels.neighbours.topk_merge(*best, *found)
    return _found(*best)


def _nothing(shape: tuple[int, ...], minimum: float) -> tuple[Float32, Int32]:
    """Give cosines to be passed, and no rows."""
    return np.full(shape, max(minimum, _LEAST), np.float32), np.full(shape, -1, np.int32)


def _found(cosine: Float32, rows: Int32) -> tuple[Int32, Float32]:
    cosine[rows < 0] = 0
    return rows, cosine


def _arrays(vectors: Vectors) -> tuple[Int64, Int32, Float32]:
    """Give the arrays of vectors as `kernels` has them."""
    ends = vectors.indptr.astype(np.int64, copy=False)
    return ends, vectors.indices.astype(np.int32, copy=False), vectors.data


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
    by_left = np.argsort(left, kind="stable")
    pairs = left[by_left].astype(np.int32), right[by_left].astype(np.int32)
    out = np.empty(len(left), np.float32)
    spread = np.zeros(vectors.shape[1], np.float32)
    out[by_left] = kernels.neighbours.dot_products(*_arrays(vectors), *pairs, spread)
    return out


def near_duplicates(vectors: Vectors, cosine: float, jobs: int) -> Int32:
    """Give near-identical texts a common label: int32[n], the lowest row of the group.

    Two texts whose cosine is at least `cosine` are near-identical, and groups are what hangs
    together by such pairs. Rows without text stand alone; `cosine` 0 groups nothing.
    """
    n = vectors.shape[0]
    if cosine == 0:
        return np.arange(n, dtype=np.int32)
    found, _ = neighbours(vectors, _TWINS, jobs, minimum=cosine - _ROUNDING)
    row, place = np.nonzero(found >= 0)
    links = coo_array((np.ones(len(row), np.int8), (row, found[row, place])), (n, n))
    from scipy.sparse.csgraph import connected_components  # as much again as the rest of scipy

    _, group = connected_components(links, directed=False)
    _, lowest = np.unique(group, return_index=True)
    return lowest[group].astype(np.int32)


def join_near_duplicates(labels: Int32, index: Index, rows: Int32, cosine: float) -> Int32:
    """Carry the labels of near-identical texts on with new or changed rows, one after the other.

    A row joins the group of each text that it is near-identical to, and so may join groups; it
    leaves none, as what hung together by an old text of its may still do.

    Parameters
    ----------
    labels : int32[m]
        As `near_duplicates` gave them, for the first m rows.
    index : Index
        All rows, the new ones included.
    rows : int32[k]
        The new or changed ones, in the order in which they arrived.
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
    found, _ = index.nearest(index.vectors[rows], _TWINS, 1, minimum=cosine - _ROUNDING)
    for row, near in zip(rows.tolist(), found, strict=True):
        groups = np.unique(joined[np.append(near[near >= 0], row)])
        if len(groups) > 1:
            joined[np.isin(joined, groups)] = groups[0]
    return joined
