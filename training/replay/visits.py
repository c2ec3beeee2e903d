"""Visits: what a reader had opened before a next read, in the same session."""

from typing import Final

import numpy as np

from training.readers import Transitions
from training.records import Int32, Int64

VISITED: Final = 10
"""Stories of a visit that are looked at, the last ones."""


def histories(reads: Transitions) -> Int32:
    """Give the stories opened before each next read: int32[t, VISITED] rows.

    The source comes first, then what was opened before it, -1 where the visit began. A read whose
    target is the source of another, at the same moment, led to it.
    """
    led = _led_by(reads)
    opened = np.full((len(led), VISITED), -1, np.int32)
    at = np.arange(len(led))
    for place in range(VISITED):
        there = at >= 0
        opened[there, place] = reads.source[at[there]]
        at = np.where(there, led[at], -1)
    return opened


def _led_by(reads: Transitions) -> Int64:
    """Give the place of the read that led to each source, int64[t]; -1 where none did."""
    count = len(reads.source)
    keys = [
        np.concatenate([reads.reader, reads.reader]),
        np.concatenate([reads.target_time, reads.source_time]),
        np.concatenate([reads.target, reads.source]).astype(np.int64),
    ]
    order = np.lexsort(keys)
    same = np.ones(2 * count, np.bool_)
    for key in keys:
        same[1:] &= key[order][1:] == key[order][:-1]
    same[:1] = False
    group = np.cumsum(~same)
    of = np.empty(2 * count, np.int64)
    of[order] = group
    leading = np.full(2 * count + 1, -1, np.int64)
    leading[of[:count]] = np.arange(count)
    return leading[of[count:]]
