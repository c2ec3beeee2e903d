"""Which texts are alike: nearest rows, cosines of given pairs, groups of near-identical texts."""

from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_matrix
from scipy.sparse.csgraph import connected_components
from sparse_dot_topn import sp_matmul, sp_matmul_topn

from training.records import Float32, Int32, Int64
from training.texts.terms import Vectors

_ROWS: Final = 8192
"""Rows multiplied at a time."""

_TIED_ROWS: Final = 64
"""Rows multiplied at a time where all of their similarities are wanted."""

_PAIRS: Final = 32_768
"""Pairs compared at a time."""

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
    minimum: float = 1e-6,
) -> tuple[Int32, Float32]:
    """Find the k most similar rows of b for each row of a.

    A text among b that is also the row of a itself is found like any other: a caller who does
    not want it asks for one more and drops it by its id.

    Parameters
    ----------
    vectors_a, vectors_b : float32 csr [na, v] and [nb, v], rows of length 1 or 0.
    k : int
        Neighbours per row, at least 1.
    jobs : int
        Threads; the result does not depend on it.
    minimum : float
        Cosines up to it are not neighbours.

    Returns
    -------
    rows : int32[na, k]
        By falling cosine, of equal ones the lower row; -1 where there are no more.
    cosines : float32[na, k]
        0 where there are no more.
    """
    transposed = csr_matrix(vectors_b.T.tocsr())
    rows = np.full((vectors_a.shape[0], k), -1, np.int32)
    cosine = np.zeros((vectors_a.shape[0], k), np.float32)
    for start in range(0, len(rows), _ROWS):
        block = csr_matrix(vectors_a[start : start + _ROWS])
        part = slice(start, start + block.shape[0])
        # One more than asked shows where the last place is tied: which of the equals the
        # product keeps is its own affair, so those rows are looked at in full.
        most = sp_matmul_topn(block, transposed, top_n=k + 1, threshold=minimum, n_threads=jobs)
        found, value = _ranked(most, k + 1)
        tied = np.flatnonzero((found[:, k] >= 0) & (value[:, k] == value[:, k - 1]))
        for at in range(0, len(tied), _TIED_ROWS):
            some = tied[at : at + _TIED_ROWS]
            product = sp_matmul(block[some], transposed, n_threads=jobs)
            product.data[product.data < np.repeat(value[some, k - 1], np.diff(product.indptr))] = 0
            product.eliminate_zeros()
            found[some], value[some] = _ranked(product, k + 1)
        rows[part], cosine[part] = found[:, :k], value[:, :k]
    return rows, cosine


def _ranked(product: "csr_matrix[np.float32]", k: int) -> tuple[Int32, Float32]:
    """Lay out the best k of each row, by falling value, then by column."""
    lengths = np.diff(product.indptr)
    row = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((product.indices, -product.data, row))
    place = np.arange(len(row)) - np.repeat(product.indptr[:-1], lengths)
    order, row, place = order[place < k], row[place < k], place[place < k]
    columns = np.full((len(lengths), k), -1, np.int32)
    values = np.zeros((len(lengths), k), np.float32)
    columns[row, place] = product.indices[order]
    values[row, place] = product.data[order]
    return columns, values


def linked(vectors_a: Vectors, vectors_b: Vectors, minimum: float) -> tuple[Int64, Int64, Float32]:
    """Find all pairs of a row of a and a row of b whose cosine is at least `minimum`, above 0.

    Returns both rows, int64[m], and the cosines, float32[m]; ascending by the first row, then the
    second.
    """
    product = sp_matmul(csr_matrix(vectors_a), csr_matrix(vectors_b.T.tocsr()), n_threads=1)
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
    out = np.empty(len(left), np.float32)
    spread = np.zeros(vectors.shape[1], np.float32)
    by_left = np.argsort(left, kind="stable")
    for start in range(0, len(left), _PAIRS):
        pairs = by_left[start : start + _PAIRS]
        rows = left[pairs]
        product = vectors[right[pairs]]
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        ends = product.indptr[np.append(first[1:], len(rows))]
        begin = 0
        for row, end in zip(rows[first].tolist(), ends.tolist(), strict=True):
            own = slice(vectors.indptr[row], vectors.indptr[row + 1])
            spread[vectors.indices[own]] = vectors.data[own]
            product.data[begin:end] *= spread[product.indices[begin:end]]
            spread[vectors.indices[own]] = 0
            begin = end
        out[pairs] = product.sum(axis=1)
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
        joined[np.isin(joined, groups)] = groups[0]
    return joined
