"""Walks over all lists of two versions, and over all ids, compiled."""

import numpy as np

from training.kernels.compiling import jit
from training.records import Int32, Int64, UInt8, UInt32


@jit
def still(
    ends: Int64, items: Int32, later_ends: Int64, later_items: Int32, rows: Int32, top: int
) -> Int64:
    """Count, of each list's first `top` items, those that are among the later list's first `top`.

    `rows` int32[n] gives the later's row of each of the n articles, -1 where it has none.
    """
    counts = np.zeros(len(rows), np.int64)
    for row in range(len(rows)):
        if rows[row] < 0:
            continue
        first = later_ends[rows[row]]
        end = min(first + top, later_ends[rows[row] + 1])
        for at in range(ends[row], min(ends[row] + top, ends[row + 1])):
            for other in range(first, end):
                counts[row] += rows[items[at]] >= 0 and rows[items[at]] == later_items[other]
    return counts


@jit
def crc32(blob: UInt8, ends: Int64, table: UInt32) -> UInt32:
    """Give the CRC-32 of each string, as `zlib.crc32` does one at a time; see `StringArray`.

    `table` uint32[256] holds the CRC of each byte (ISO 3309, by reflected bits).
    """
    found = np.empty(len(ends) - 1, np.uint32)
    for row in range(len(found)):
        crc = np.uint32(0xFFFFFFFF)
        for at in range(ends[row], ends[row + 1]):
            crc = np.uint32(table[(crc ^ blob[at]) & 0xFF] ^ (crc >> np.uint32(8)))
        found[row] = crc ^ np.uint32(0xFFFFFFFF)
    return found


@jit
def slots(hashes: UInt32, rows: Int32, count: int) -> Int32:
    """Put each row into the first free of `count` slots, from that of its hash mod `count` on.

    `count` is a power of two, and more than there are rows; a slot that stays free holds -1.
    """
    found = np.full(count, -1, np.int32)
    for at in range(len(rows)):
        slot = np.int64(hashes[at]) & (count - 1)
        while found[slot] >= 0:
            slot = (slot + 1) & (count - 1)
        found[slot] = rows[at]
    return found
