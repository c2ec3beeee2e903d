"""Walks over all candidates, compiled."""

import numpy as np

from training.compiling import compiled
from training.records import Float64, Int32, Int64


@compiled
def parts(
    values: Float64,
    index: Int64,
    knots: Float64,
    heights: Float64,
    rises: Float64,
    tilts: Float64,
    label: Int64,
    labels: int,
) -> Float64:
    """Add up the parts of the utility by label: float64[m, labels + 1]; see `model.parts`.

    `rises` float64[f, k - 1] are the slopes between knots; `tilts` float64[f + 1, s] is what the
    source's context makes of each feature, then the base.
    """
    pairs, columns = values.shape
    added = np.zeros((labels + 1, pairs))
    for pair in range(pairs):
        added[labels, pair] = tilts[columns, index[pair]]
    for column in range(columns):
        knot, height, rise = knots[column], heights[column], rises[column]
        tilt, into = tilts[column], added[label[column]]
        for pair in range(pairs):
            held = min(max(values[pair, column], knot[0]), knot[-1])
            at = 0
            for inner in range(1, len(knot) - 1):
                at += held >= knot[inner]
            curve = height[at] + rise[at] * (held - knot[at])
            into[pair] += curve + tilt[index[pair]] * held
    return added.T


@compiled
def lifts(
    pairs: Float64,
    outflow: Float64,
    shares: Float64,
    first: Int32,
    second: Int32,
    floor: float,
    prior: float,
) -> Float64:
    """Compute shrunk lifts: float64[m, h + 1]; see `features.log_lifts`."""
    rows, columns = pairs.shape
    lifted = np.empty((columns, rows))
    slowest = columns - 2
    for row in range(rows):
        flows, share = outflow[first[row]], shares[second[row]]
        slower = 1.0
        for column in range(slowest, -2, -1):  # -1: direct steps, beside the slowest
            of = column if column >= 0 else slowest + 1
            ratio = pairs[row, of] / max(share[min(of + 1, len(share) - 1)], floor)
            before = slower if column >= 0 else 1.0
            slower = (ratio + prior * before) / (flows[of] + prior)
            lifted[of, row] = slower
    return lifted.T


@compiled
def order(starts: Int64, value: Float64, precedence: Int32) -> Int64:
    """Order the places from each start to the next by value, the largest first, then precedence.

    Shell, "A high-speed sorting procedure", 1959, with the gaps of Ciura, 2001: there are hundreds
    to order at most.
    """
    ordered = np.arange(len(value))
    for source in range(len(starts) - 1):
        first = starts[source]
        for gap in (301, 132, 57, 23, 10, 4, 1):
            for at in range(first + gap, starts[source + 1]):
                place, hole = ordered[at], at
                while hole - gap >= first:
                    other = ordered[hole - gap]
                    ahead = value[other] > value[place]
                    if ahead or (
                        value[other] == value[place] and precedence[other] < precedence[place]
                    ):
                        break
                    ordered[hole] = other
                    hole -= gap
                ordered[hole] = place
    return ordered
