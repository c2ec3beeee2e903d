"""Utilities, lifts and sorting of all candidates."""

import numpy as np

from training.kernels.compiling import jit
from training.records import Float64, Int32, Int64


@jit
def utility_parts(
    features: Float64,
    index: Int64,
    knots: Float64,
    heights: Float64,
    slopes: Float64,
    tilts: Float64,
    label: Int64,
    labels: int,
) -> Float64:
    """Add up the terms of the utility by label: float64[m, labels + 1]; the base comes last.

    `slopes` float64[f, k - 1] are those of the curves between knots; `tilts` float64[f + 1, s] is
    the slope that each source's context adds to each feature's curve, then the source's base.
    """
    pairs, columns = features.shape
    parts = np.zeros((labels + 1, pairs))
    for pair in range(pairs):
        parts[labels, pair] = tilts[columns, index[pair]]
    for column in range(columns):
        knot, height, slope = knots[column], heights[column], slopes[column]
        tilt, part = tilts[column], parts[label[column]]
        for pair in range(pairs):
            value = min(max(features[pair, column], knot[0]), knot[-1])
            at = 0
            for inner in range(1, len(knot) - 1):
                at += value >= knot[inner]
            curve = height[at] + slope[at] * (value - knot[at])
            part[pair] += curve + tilt[index[pair]] * value
    return parts.T


@jit
def shrunk_lifts(
    pairs: Float64,
    outflow: Float64,
    shares: Float64,
    first: Int32,
    second: Int32,
    floor: float,
    prior: float,
) -> Float64:
    """Compute shrunk lifts: float64[m, h + 1]; see `ranking.features.log_lifts`."""
    rows, columns = pairs.shape
    lifts = np.empty((columns, rows))
    slowest = columns - 2
    for row in range(rows):
        flows, share = outflow[first[row]], shares[second[row]]
        slower = 1.0
        for column in range(slowest, -2, -1):  # -1: direct transitions, beside the slowest
            of = column if column >= 0 else slowest + 1
            ratio = pairs[row, of] / max(share[min(of + 1, len(share) - 1)], floor)
            before = slower if column >= 0 else 1.0
            slower = (ratio + prior * before) / (flows[of] + prior)
            lifts[of, row] = slower
    return lifts.T


@jit
def sort_by_source(starts: Int64, value: Float64, precedence: Int32) -> Int64:
    """Sort the positions of each source's candidates by falling value, ties by precedence.

    Shellsort (Shell, "A high-speed sorting procedure", 1959) with the gaps of Ciura (2001): a
    source has some hundred candidates.
    """
    order = np.arange(len(value))
    for source in range(len(starts) - 1):
        first = starts[source]
        for gap in (301, 132, 57, 23, 10, 4, 1):
            for at in range(first + gap, starts[source + 1]):
                moved, hole = order[at], at
                while hole - gap >= first:
                    other = order[hole - gap]
                    ahead = value[other] > value[moved]
                    if ahead or (
                        value[other] == value[moved] and precedence[other] < precedence[moved]
                    ):
                        break
                    order[hole] = other
                    hole -= gap
                order[hole] = moved
    return order
