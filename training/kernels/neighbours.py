"""Exact nearest neighbours by cosine: products of sparse rows, of which the k largest are kept.

The arrays are those of a CSR matrix: `indptr` int64[n + 1], `terms` int32, `weights` float32.
Weights are not negative, and terms ascend within a row, so a product adds the same numbers in the
same order from either side: the cosine of two texts is one number, bit by bit, whoever asks.

The result of a search is `cosines` float32[n, k] and `rows` int32[n, k], the k best so far of each
row: by falling cosine, ties by the lower row.
"""

import numpy as np
import numpy.typing as npt

from training.kernels.compiling import jit
from training.records import Bool, Float32, Int32, Int64

_CHUNK = 64
"""Sums compared together, where most of a block has a sum."""

_ABOVE_ALL = np.float32(2.0)
"""More than any cosine."""


@jit
def build_postings(
    indptr: Int64,
    terms: Int32,
    weights: Float32,
    vocabulary_size: int,
    listed: npt.NDArray[np.int64],
) -> tuple[Int64, npt.NDArray[np.uint32], Float32]:
    """Build the postings of some rows: for each term, the rows that have it, with their weights.

    Returns where each term's postings start, int64[vocabulary_size + 1]; positions in `listed`,
    uint32, ascending within a term; weights, float32.
    """
    starts = np.zeros(vocabulary_size + 1, np.int64)
    for row in listed:
        for at in range(indptr[row], indptr[row + 1]):
            starts[terms[at] + 1] += 1
    for term in range(vocabulary_size):
        starts[term + 1] += starts[term]
    positions, posting_weights = np.empty(starts[-1], np.uint32), np.empty(starts[-1], np.float32)
    free = starts[:-1].copy()
    for position in range(len(listed)):
        for at in range(indptr[listed[position]], indptr[listed[position] + 1]):
            term = terms[at]
            positions[free[term]] = position
            posting_weights[free[term]] = weights[at]
            free[term] += 1
    return starts, positions, posting_weights


@jit
def topk_push(cosines: Float32, rows: Int32, row: int, cosine: np.float32, other: int) -> None:
    """Insert `other` into the k best of `row` if it belongs there."""
    last = cosines.shape[1] - 1
    if cosine < cosines[row, last] or (cosine == cosines[row, last] and other > rows[row, last]):
        return
    place = last
    while place > 0 and (
        cosines[row, place - 1] < cosine
        or (cosines[row, place - 1] == cosine and rows[row, place - 1] > other)
    ):
        cosines[row, place] = cosines[row, place - 1]
        rows[row, place] = rows[row, place - 1]
        place -= 1
    cosines[row, place] = cosine
    rows[row, place] = other


@jit
def topk_merge(cosines: Float32, rows: Int32, more_cosines: Float32, more_rows: Int32) -> None:
    """Merge another thread's k best of each row into these."""
    for row in range(more_cosines.shape[0]):
        for place in range(more_cosines.shape[1]):
            if more_rows[row, place] >= 0:
                topk_push(cosines, rows, row, more_cosines[row, place], more_rows[row, place])


@jit
def push_both(
    cosines: Float32, rows: Int32, row: int, other: int, cosine: np.float32
) -> np.float32:
    """Push two rows into each other's k best, unless `other` is the later one.

    Returns the k-th best cosine of `other`.
    """
    if other <= row:
        topk_push(cosines, rows, row, cosine, other)
    if other < row:
        topk_push(cosines, rows, other, cosine, row)
    return np.float32(cosines[other, -1])


@jit
def flush_dense(
    sums: Float32, kth: Float32, low: int, row: int, cosines: Float32, rows: Int32
) -> None:
    """Push every sum of a row with a block that is large enough, and set all sums to 0.

    `kth` is the k-th best cosine of each row of the block, which starts at row `low`.
    """
    # Floats that are not negative compare as the integers of their bits do, and of these the
    # processor compares many at a time.
    sum_bits = sums.view(np.int32).reshape(-1, _CHUNK)
    kth_bits = kth.view(np.int32).reshape(-1, _CHUNK)
    own_kth = np.empty(1, np.float32)
    own_kth[0] = cosines[row, -1]
    own_kth_bits = own_kth.view(np.int32)
    for chunk in range(sum_bits.shape[0]):
        excess = np.int32(-1)
        own = own_kth_bits[0]
        for at in range(_CHUNK):
            excess = max(excess, np.int32(sum_bits[chunk, at] - min(own, kth_bits[chunk, at])))
        if excess >= 0:
            for near in range(chunk * _CHUNK, (chunk + 1) * _CHUNK):
                if sums[near] >= own_kth[0] or sums[near] >= kth[near]:
                    kth[near] = push_both(cosines, rows, row, low + near, sums[near])
                    own_kth[0] = cosines[row, -1]
    sums[:] = 0


@jit
def flush_sparse(
    sums: Float32,
    kth: Float32,
    low: int,
    row: int,
    cosines: Float32,
    rows: Int32,
    starts: Int64,
    positions: npt.NDArray[np.uint32],
    terms: Int32,
) -> None:
    """Do what `flush_dense` does, looking only at the postings of the row's terms."""
    for term in terms:
        for at in range(starts[term], starts[term + 1]):
            near = positions[at]
            cosine = sums[near]
            sums[near] = 0
            if cosine >= cosines[row, -1] or cosine >= kth[near]:
                kth[near] = push_both(cosines, rows, row, low + int(near), cosine)


@jit
def self_join(
    indptr: Int64,
    terms: Int32,
    weights: Float32,
    low: int,
    size: int,
    starts: Int64,
    positions: npt.NDArray[np.uint32],
    posting_weights: Float32,
    first: int,
    step: int,
    cosines: Float32,
    rows: Int32,
) -> None:
    """Multiply rows with the block low … low + size, whose postings are given; keep the k best.

    Multiplies the rows first, first + step, …; each pair once, by the row that comes later, and
    pushes it for both.
    """
    sums = np.zeros((size + _CHUNK - 1) // _CHUNK * _CHUNK, np.float32)
    kth = np.full(len(sums), _ABOVE_ALL, np.float32)
    for row in range(size):
        kth[row] = cosines[low + row, -1]
    for row in range(first, len(indptr) - 1, step):
        additions = 0
        for at in range(indptr[row], indptr[row + 1]):
            weight = weights[at]
            begin, end = starts[terms[at]], starts[terms[at] + 1]
            additions += end - begin
            for posting in range(begin, end):
                sums[positions[posting]] += weight * posting_weights[posting]
        if additions * 3 > size:
            flush_dense(sums, kth, low, row, cosines, rows)
        elif additions:
            row_terms = terms[indptr[row] : indptr[row + 1]]
            flush_sparse(sums, kth, low, row, cosines, rows, starts, positions, row_terms)
        if low <= row < low + size:
            kth[row - low] = cosines[row, -1]


@jit
def query(
    indptr: Int64,
    terms: Int32,
    weights: Float32,
    starts: Int64,
    positions: npt.NDArray[np.uint32],
    posting_weights: Float32,
    among: Bool,
    first: int,
    step: int,
    cosines: Float32,
    rows: Int32,
) -> None:
    """Multiply the rows first, first + step, … with an index's postings, and keep the k best.

    `among` bool[g, indexed rows] says g times which may be kept; `cosines` and `rows` are
    [g, n, k].
    """
    wanted = np.zeros(among.shape[1], np.bool_)
    for group in among:
        wanted |= group
    sums = np.zeros(len(wanted), np.float32)
    touched = np.empty(len(sums) + 1, np.uint32)
    for row in range(first, len(indptr) - 1, step):
        count = 0
        for at in range(indptr[row], indptr[row + 1]):
            weight = weights[at]
            for posting in range(starts[terms[at]], starts[terms[at] + 1]):
                near = positions[posting]
                if wanted[near]:
                    touched[count] = near
                    count += sums[near] == 0
                    sums[near] += weight * posting_weights[posting]
        for at in range(count):
            near = touched[at]
            for group in range(len(among)):
                if sums[near] >= cosines[group, row, -1] and among[group, near]:
                    topk_push(cosines[group], rows[group], row, sums[near], int(near))
            sums[near] = 0


@jit
def dot_products(
    indptr: Int64, terms: Int32, weights: Float32, left: Int32, right: Int32, buffer: Float32
) -> Float32:
    """Multiply pairs of rows; pairs of the same left row should stand together.

    `buffer` float32[v] is 0 before and after: the left row is scattered into it once.
    """
    products = np.empty(len(left), np.float32)
    before = np.int32(-1)
    for pair in range(len(left)):
        row = left[pair]
        if row != before:
            if before >= 0:
                for at in range(indptr[before], indptr[before + 1]):
                    buffer[terms[at]] = 0
            for at in range(indptr[row], indptr[row + 1]):
                buffer[terms[at]] = weights[at]
            before = row
        total = np.float32(0)
        for at in range(indptr[right[pair]], indptr[right[pair] + 1]):
            total += buffer[terms[at]] * weights[at]
        products[pair] = total
    if before >= 0:
        for at in range(indptr[before], indptr[before + 1]):
            buffer[terms[at]] = 0
    return products
