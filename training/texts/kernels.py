"""Products of sparse rows, compiled: what the nearest texts are found by.

The arrays are those of a csr matrix (`ends` int64, `terms` int32, `weights` float32), weights not
negative and terms ascending within a row, so that a product adds the same numbers in the same order
from either side: the cosine of two texts is one number, bit by bit, whoever asks.
"""

import numpy as np
import numpy.typing as npt

from training.compiling import bar, compiled
from training.records import Bool, Float32, Int32, Int64

_CHUNK = 64
"""Sums looked at together where most of a block was met."""

_NEVER = np.float32(2.0)
"""More than any cosine."""


@compiled
def invert(
    ends: Int64,
    terms: Int32,
    weights: Float32,
    count: int,
    listed: npt.NDArray[np.int64],
) -> tuple[Int64, npt.NDArray[np.uint32], Float32]:
    """List some rows by each of `count` terms.

    Returns ends int64[count + 1], positions in `listed` uint32, weights float32; positions ascend
    within a term.
    """
    starts = np.zeros(count + 1, np.int64)
    for row in listed:
        for at in range(ends[row], ends[row + 1]):
            starts[terms[at] + 1] += 1
    for term in range(count):
        starts[term + 1] += starts[term]
    places, held = np.empty(starts[-1], np.uint32), np.empty(starts[-1], np.float32)
    free = starts[:-1].copy()
    for place in range(len(listed)):
        for at in range(ends[listed[place]], ends[listed[place] + 1]):
            term = terms[at]
            places[free[term]] = place
            held[free[term]] = weights[at]
            free[term] += 1
    return starts, places, held


@compiled
def offer(cosines: Float32, rows: Int32, at: int, cosine: np.float32, row: int) -> None:
    """Put a neighbour where it belongs among the best of a row, if it does; equals by row."""
    last = cosines.shape[1] - 1
    if cosine < cosines[at, last] or (cosine == cosines[at, last] and row > rows[at, last]):
        return
    place = last
    while place > 0 and (
        cosines[at, place - 1] < cosine
        or (cosines[at, place - 1] == cosine and rows[at, place - 1] > row)
    ):
        cosines[at, place] = cosines[at, place - 1]
        rows[at, place] = rows[at, place - 1]
        place -= 1
    cosines[at, place] = cosine
    rows[at, place] = row


@compiled
def take(cosines: Float32, rows: Int32, more: Float32, theirs: Int32) -> None:
    """Put the neighbours that another thread has found among the best."""
    for at in range(more.shape[0]):
        for place in range(more.shape[1]):
            if theirs[at, place] >= 0:
                offer(cosines, rows, at, more[at, place], theirs[at, place])


@compiled
def meet(cosines: Float32, rows: Int32, row: int, other: int, cosine: np.float32) -> np.float32:
    """Offer two rows that have met to each other, at the later of the two.

    Returns what the other's last neighbour has.
    """
    if other <= row:
        offer(cosines, rows, row, cosine, other)
    if other < row:
        offer(cosines, rows, other, cosine, row)
    return np.float32(cosines[other, -1])


@compiled
def sweep(sums: Float32, least: Float32, low: int, row: int, cosines: Float32, rows: Int32) -> None:
    """Look at all sums of a row with a block, some at a time, and set them to 0."""
    # Floats that are not negative compare as the integers of their bits do, and of these the
    # processor compares many at a time.
    sum_bits = sums.view(np.int32).reshape(-1, _CHUNK)
    least_bits = least.view(np.int32).reshape(-1, _CHUNK)
    bar = np.empty(1, np.float32)
    bar[0] = cosines[row, -1]
    bar_bits = bar.view(np.int32)
    for chunk in range(sum_bits.shape[0]):
        over = np.int32(-1)
        own = bar_bits[0]
        for at in range(_CHUNK):
            over = max(over, np.int32(sum_bits[chunk, at] - min(own, least_bits[chunk, at])))
        if over >= 0:
            for near in range(chunk * _CHUNK, (chunk + 1) * _CHUNK):
                if sums[near] >= bar[0] or sums[near] >= least[near]:
                    least[near] = meet(cosines, rows, row, low + near, sums[near])
                    bar[0] = cosines[row, -1]
    sums[:] = 0


@compiled
def visit(
    sums: Float32,
    least: Float32,
    low: int,
    row: int,
    cosines: Float32,
    rows: Int32,
    starts: Int64,
    listed: npt.NDArray[np.uint32],
    terms: Int32,
) -> None:
    """Look at the sums that a row's terms have met in a block, and set them to 0."""
    for term in terms:
        for place in range(starts[term], starts[term + 1]):
            near = listed[place]
            cosine = sums[near]
            sums[near] = 0
            if cosine >= cosines[row, -1] or cosine >= least[near]:
                least[near] = meet(cosines, rows, row, low + int(near), cosine)


@compiled
def search(
    ends: Int64,
    terms: Int32,
    weights: Float32,
    low: int,
    size: int,
    starts: Int64,
    listed: npt.NDArray[np.uint32],
    held: Float32,
    begin: int,
    step: int,
    cosines: Float32,
    rows: Int32,
) -> None:
    """Multiply some rows with a block of them that `invert` has listed, and keep the best.

    Rows begin, begin + step, … are multiplied, each pair once, by the row that comes later, and
    offered to both. `cosines` and `rows` [n, k] hold the best so far, where the last is what must
    be passed.
    """
    sums = np.zeros((size + _CHUNK - 1) // _CHUNK * _CHUNK, np.float32)
    least = np.full(len(sums), _NEVER, np.float32)
    for row in range(size):
        least[row] = cosines[low + row, -1]
    for row in range(begin, len(ends) - 1, step):
        met = 0
        for at in range(ends[row], ends[row + 1]):
            weight = weights[at]
            first, end = starts[terms[at]], starts[terms[at] + 1]
            met += end - first
            for place in range(first, end):
                sums[listed[place]] += weight * held[place]
        if met * 3 > size:
            sweep(sums, least, low, row, cosines, rows)
        elif met:
            terms_met = terms[ends[row] : ends[row + 1]]
            visit(sums, least, low, row, cosines, rows, starts, listed, terms_met)
        if low <= row < low + size:
            least[row - low] = cosines[row, -1]


@compiled
def seek(
    ends: Int64,
    terms: Int32,
    weights: Float32,
    starts: Int64,
    listed: npt.NDArray[np.uint32],
    held: Float32,
    among: Bool,
    begin: int,
    step: int,
    cosines: Float32,
    rows: Int32,
) -> None:
    """Multiply rows begin, begin + step, … with what `invert` has listed, and keep the best.

    `among` bool[g, listed rows] says g times which may be kept; `cosines` and `rows` [g, n, k] are
    otherwise as for `search`.
    """
    wanted = np.zeros(among.shape[1], np.bool_)
    for group in among:
        wanted |= group
    sums = np.zeros(len(wanted), np.float32)
    touched = np.empty(len(sums) + 1, np.uint32)
    for row in range(begin, len(ends) - 1, step):
        met = 0
        for at in range(ends[row], ends[row + 1]):
            weight = weights[at]
            for place in range(starts[terms[at]], starts[terms[at] + 1]):
                near = listed[place]
                if wanted[near]:
                    touched[met] = near
                    met += sums[near] == 0
                    sums[near] += weight * held[place]
        for at in range(met):
            near = touched[at]
            for group in range(len(among)):
                if sums[near] >= cosines[group, row, -1] and among[group, near]:
                    offer(cosines[group], rows[group], row, sums[near], int(near))
            sums[near] = 0


@compiled
def multiply(
    ends: Int64, terms: Int32, weights: Float32, left: Int32, right: Int32, spread: Float32
) -> Float32:
    """Multiply pairs of rows; those of equal left rows should stand together.

    `spread` float32[v] is 0 before and after.
    """
    products = np.empty(len(left), np.float32)
    before = np.int32(-1)
    for pair in range(len(left)):
        row = left[pair]
        if row != before:
            if before >= 0:
                for at in range(ends[before], ends[before + 1]):
                    spread[terms[at]] = 0
            for at in range(ends[row], ends[row + 1]):
                spread[terms[at]] = weights[at]
            before = row
        total = np.float32(0)
        for at in range(ends[right[pair]], ends[right[pair] + 1]):
            total += spread[terms[at]] * weights[at]
        products[pair] = total
    if before >= 0:
        for at in range(ends[before], ends[before + 1]):
            spread[terms[at]] = 0
    return products


@compiled
def replaced(strings: Int32, ends: Int64, terms: Int32) -> tuple[Int32, Int32]:
    """Replace each of some numbered strings by its terms.

    Those of string s are terms[ends[s] : ends[s + 1]]. Returns the places of their strings, and
    the terms, both int32.
    """
    total = 0
    for string in strings:
        total += ends[string + 1] - ends[string]
    places, found = np.empty(total, np.int32), np.empty(total, np.int32)
    made = 0
    for place in range(len(strings)):
        for at in range(ends[strings[place]], ends[strings[place] + 1]):
            places[made], found[made] = place, terms[at]
            made += 1
    return places, found


@compiled
def tally(
    article: Int32, token: Int32, weight: Float32, articles: int, terms: int
) -> tuple[Int64, Int32, Float32]:
    """Add up the weights of each token of each article.

    Returns how many distinct tokens each of `articles` has, and by article these, below `terms`, in
    the order in which they are first met, with their sums.
    """
    starts = np.zeros(articles + 1, np.int64)
    for at in range(len(article)):
        starts[article[at] + 1] += 1
    for row in range(articles):
        starts[row + 1] += starts[row]
    tokens, weights = np.empty(len(token), np.int32), np.empty(len(token), np.float32)
    place = starts[:-1].copy()
    for at in range(len(article)):
        tokens[place[article[at]]] = token[at]
        weights[place[article[at]]] = weight[at]
        place[article[at]] += 1
    counts, last = np.zeros(articles, np.int64), np.full(terms, -1, np.int64)
    made = 0
    for row in range(articles):
        first = made
        for at in range(starts[row], starts[row + 1]):
            before = last[tokens[at]]
            if before >= first:
                weights[before] += weights[at]
            else:
                last[tokens[at]] = made
                tokens[made], weights[made] = tokens[at], weights[at]
                made += 1
        counts[row] = made - first
    return counts, tokens[:made].copy(), weights[:made].copy()


@compiled
def heaviest(ends: Int64, weights: Float32, most: int) -> tuple[Int64, Int64]:
    """Choose the heaviest entries of each row, of equal ones the first.

    Returns the rows' ends, and the entries that are kept, ascending.
    """
    kept = np.empty(len(weights), np.int64)
    short = np.zeros(len(ends), np.int64)
    made = 0
    for row in range(len(ends) - 1):
        first, end = ends[row], ends[row + 1]
        least, equals = np.float32(-1), 0
        if end - first > most:
            least, equals = bar(weights[first:end], most)
        for at in range(first, end):
            if weights[at] == least:
                equals -= 1
            if weights[at] > least or (weights[at] == least and equals >= 0):
                kept[made] = at
                made += 1
        short[row + 1] = made
    return short, kept[:made].copy()
