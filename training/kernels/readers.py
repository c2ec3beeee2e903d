"""Walks over all pairs, compiled."""

import numpy as np

from training.kernels.compiling import jit
from training.kernels.selection import kth_largest
from training.records import Bool, Float64, Int32, Int64


@jit
def roll(
    keys: Int64,
    sums: Float64,
    day_keys: Int64,
    day_sums: Float64,
    decay: Float64,
    read: Bool,
    slowest: int,
    weakest: float,
    nothing: float,
    keep: int,
) -> tuple[Int64, Float64]:
    """Join two tables of pairs, keys ascending; see `PairSums.roll`.

    A pair whose decayed sum in the column `slowest` is below `weakest` goes; any other decayed sum
    below `nothing` becomes 0.
    """
    most, columns = len(keys) + len(day_keys), len(decay)
    new_keys, new_sums = np.empty(most, np.int64), np.empty((most, columns))
    at = day = made = first = 0
    while at < len(keys) or day < len(day_keys):
        old = at < len(keys) and (day == len(day_keys) or keys[at] <= day_keys[day])
        key = keys[at] if old else day_keys[day]
        new = day < len(day_keys) and day_keys[day] == key
        if made > first and new_keys[first] >> 32 != key >> 32:
            made = strongest(new_keys, new_sums, first, made, slowest, keep)
            first = made
        for column in range(columns):
            value = sums[at, column] if old else 0.0
            if new:
                value += day_sums[day, column]
            value *= decay[column]
            new_sums[made, column] = value if value >= nothing else 0.0
        at += old
        day += new
        stays = read[key >> 32] and read[key & 0xFFFFFFFF]
        if stays and new_sums[made, slowest] >= weakest:
            new_keys[made] = key
            made += 1
    made = strongest(new_keys, new_sums, first, made, slowest, keep)
    return new_keys[:made], new_sums[:made]


@jit
def strongest(keys: Int64, sums: Float64, first: int, end: int, slowest: int, keep: int) -> int:
    """Keep the strongest pairs of a source, which stand at first … end; return where they end."""
    if end - first <= keep:
        return end
    strength = sums[first:end, slowest].copy()
    least, equals = kth_largest(strength, keep)
    made = first
    for at in range(first, end):
        if strength[at - first] == least:
            equals -= 1
        if strength[at - first] > least or (strength[at - first] == least and equals >= 0):
            keys[made] = keys[at]
            sums[made] = sums[at]
            made += 1
    return made


@jit
def flows(keys: Int64, sums: Float64, column: int, label: Int32, labels: int) -> Float64:
    """Add up a column of the pairs between labels of rows: float64[labels²], in their order."""
    added = np.zeros(labels * labels)
    for pair in range(len(keys)):
        key = keys[pair]
        added[label[key >> 32] * labels + label[key & 0xFFFFFFFF]] += sums[pair, column]
    return added


@jit
def inflows(
    keys: Int64, sums: Float64, column: int, label: Int32, labels: int, place: Int32, places: int
) -> Float64:
    """Add up a column of the pairs to some rows by the label of their source, in their order.

    `place` int32[n] is where a row stands among them, -1 for none of them: float64[places·labels].
    """
    added = np.zeros(places * labels)
    for pair in range(len(keys)):
        key = keys[pair]
        at = place[key & 0xFFFFFFFF]
        if at >= 0:
            added[at * labels + label[key >> 32]] += sums[pair, column]
    return added
