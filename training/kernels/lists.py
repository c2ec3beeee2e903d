"""Carrying lists of an earlier version on."""

import numpy as np

from training.kernels.compiling import jit
from training.records import Bool, Float32, Int32, Int64, UInt8


@jit
def merge_lists(
    new_ends: Int64,
    new_items: Int32,
    new_scores: Float32,
    new_reasons: UInt8,
    old_ends: Int64,
    old_items: Int32,
    old_scores: Float32,
    old_reasons: UInt8,
    kept_rows: Bool,
    eligible: Bool,
) -> tuple[Int64, Int32, Float32, UInt8]:
    """Append to the new lists the eligible items of the old lists of `kept_rows`."""
    size = len(new_items) + len(old_items)
    ends, items = np.zeros(len(kept_rows) + 1, np.int64), np.empty(size, np.int32)
    scores, reasons = np.empty(size, np.float32), np.empty(size, np.uint8)
    end = 0
    for row in range(len(kept_rows)):
        for at in range(new_ends[row], new_ends[row + 1]):
            items[end], scores[end], reasons[end] = new_items[at], new_scores[at], new_reasons[at]
            end += 1
        if kept_rows[row] and row + 1 < len(old_ends):
            for at in range(old_ends[row], old_ends[row + 1]):
                if eligible[old_items[at]]:
                    items[end], scores[end] = old_items[at], old_scores[at]
                    reasons[end] = old_reasons[at]
                    end += 1
        ends[row + 1] = end
    return ends, items[:end], scores[:end], reasons[:end]
