"""What a reader had opened before a transition, in the same session."""

from typing import Final

import numpy as np

from training.readers import Transitions
from training.records import Int32, Int64

VISITED: Final = 10
"""Longest history that is kept, the latest stories."""


def histories(transitions: Transitions) -> Int32:
    """Return the stories opened before each transition: int32[t, VISITED] rows.

    The source comes first, then what was opened before it; -1 pads. A transition whose target is
    another's source, at the same time and of the same reader, precedes it.
    """
    before = _predecessors(transitions)
    opened = np.full((len(before), VISITED), -1, np.int32)
    at = np.arange(len(before))
    for place in range(VISITED):
        found = at >= 0
        opened[found, place] = transitions.source[at[found]]
        at = np.where(found, before[at], -1)
    return opened


def _predecessors(transitions: Transitions) -> Int64:
    """Return the place of the transition that led to each source, int64[t]; -1 for none."""
    count = len(transitions.source)
    keys = [
        np.concatenate([transitions.reader, transitions.reader]),
        np.concatenate([transitions.target_time, transitions.source_time]),
        np.concatenate([transitions.target, transitions.source]).astype(np.int64),
    ]
    order = np.lexsort(keys)
    same = np.ones(2 * count, np.bool_)
    for key in keys:
        same[1:] &= key[order][1:] == key[order][:-1]
    same[:1] = False
    view = np.empty(2 * count, np.int64)
    view[order] = np.cumsum(~same)
    leading = np.full(2 * count + 1, -1, np.int64)
    leading[view[:count]] = np.arange(count)
    return leading[view[count:]]
