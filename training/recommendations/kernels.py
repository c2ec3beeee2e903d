"""A walk over all lists, compiled."""

import numpy as np

from training.compiling import compiled
from training.records import Bool, Float32, Int32, Int64, UInt8


@compiled
def keep(
    made_ends: Int64,
    made_items: Int32,
    made_scores: Float32,
    made_reasons: UInt8,
    ends: Int64,
    items: Int32,
    scores: Float32,
    reasons: UInt8,
    rows: Bool,
    eligible: Bool,
) -> tuple[Int64, Int32, Float32, UInt8]:
    """Put what stays of some rows' lists behind what was made; see `lists.keep`."""
    most = len(made_items) + len(items)
    kept_ends, kept_items = np.zeros(len(rows) + 1, np.int64), np.empty(most, np.int32)
    kept_scores, kept_reasons = np.empty(most, np.float32), np.empty(most, np.uint8)
    end = 0
    for row in range(len(rows)):
        for at in range(made_ends[row], made_ends[row + 1]):
            kept_items[end], kept_scores[end] = made_items[at], made_scores[at]
            kept_reasons[end] = made_reasons[at]
            end += 1
        if rows[row] and row + 1 < len(ends):
            for at in range(ends[row], ends[row + 1]):
                if eligible[items[at]]:
                    kept_items[end], kept_scores[end] = items[at], scores[at]
                    kept_reasons[end] = reasons[at]
                    end += 1
        kept_ends[row + 1] = end
    return kept_ends, kept_items[:end], kept_scores[:end], kept_reasons[:end]
