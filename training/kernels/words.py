"""Splitting texts into words and numbering them, by a hash table with open addressing.

Words are hashed by FNV-1a (Fowler, Noll, Vo). The table is `slots` int32, a word's number or -1,
its length a power of two; word w is the bytes letters[starts[w] : starts[w + 1]].

A passage is the words between two ends of lines or sentences; its hash is one of its words' hashes.
"""

from typing import Final

import numpy as np

from training.kernels.compiling import jit
from training.records import Int32, Int64, UInt8, UInt64

_SEED: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_HALF: Final = np.uint64(32)

MIN_PASSAGE_BYTES: Final = 8
"""Shorter passages are none: "he said" says nothing about two texts."""


@jit
def split_words(
    text: UInt8,
    ends: Int64,
    slots: Int32,
    starts: Int64,
    letters: UInt8,
    count: int,
    numbers: Int32,
    lengths: Int64,
    hashes: UInt64,
    spans: Int64,
    passage: Int64,
    place: int,
    at: int,
    found: int,
) -> tuple[int, int, int, int]:
    """Split from a byte of a text on, until all texts are split or a new word has no room.

    Writes each word's number into `numbers`, and into `lengths` how many words each text has; each
    passage's hash into `hashes`, and its first word and the word behind it into `spans`. `passage`
    has the passages found, and of the open one the first word and the bytes; `hashes` has its hash.
    Returns where it stopped: the text's place, the byte, the words found, and the words known.
    """
    while place < len(ends):
        end = ends[place]
        while at < end:
            if text[at] == 10 or text[at] == 33 or text[at] == 46 or text[at] == 63:  # \\n ! . ?
                end_passage(hashes, spans, passage, found)
            first, hashed = at, _SEED
            while at < end and (text[at] >= 128 or 97 <= text[at] <= 122):
                hashed = (hashed ^ np.uint64(text[at])) * _PRIME
                at += 1
            length = at - first
            if length >= 2:
                slot = find_slot(slots, starts, letters, hashed, text, first, length)
                if slots[slot] < 0:
                    begin = starts[count]
                    if 2 * count + 2 > len(slots) or begin + length > len(letters):
                        return place, first, found, count
                    slots[slot] = count
                    for letter in range(length):
                        letters[begin + letter] = text[first + letter]
                    count += 1
                    starts[count] = begin + length
                numbers[found] = slots[slot]
                found += 1
                lengths[place] += 1
                hashes[passage[0]] = (hashes[passage[0]] ^ hashed) * _PRIME
                passage[2] += length
            elif not length:
                at += 1
        end_passage(hashes, spans, passage, found)
        at = end
        place += 1
    return place, at, found, count


@jit
def end_passage(hashes: UInt64, spans: Int64, passage: Int64, found: int) -> None:
    """End the open passage before the word `found`, and begin the next."""
    if passage[2] >= MIN_PASSAGE_BYTES:
        spans[passage[0], 0], spans[passage[0], 1] = passage[1], found
        passage[0] += 1
    hashes[passage[0]] = _SEED
    passage[1], passage[2] = found, 0


@jit
def find_slot(
    slots: Int32,
    starts: Int64,
    letters: UInt8,
    hashed: np.uint64,
    text: UInt8,
    first: int,
    length: int,
) -> int:
    """Find the slot of text[first : first + length], or the free slot where it belongs."""
    last = len(slots) - 1
    slot = np.int64(hashed ^ (hashed >> _HALF)) & last
    while slots[slot] >= 0:
        begin = starts[slots[slot]]
        if starts[slots[slot] + 1] - begin == length:
            at = 0
            while at < length and letters[begin + at] == text[first + at]:
                at += 1
            if at == length:
                break
        slot = (slot + 1) & last
    return int(slot)


@jit
def rehash(slots: Int32, starts: Int64, letters: UInt8, count: int) -> None:
    """Insert all words into an empty table."""
    for number in range(count):
        hashed = _SEED
        for letter in letters[starts[number] : starts[number + 1]]:
            hashed = (hashed ^ np.uint64(letter)) * _PRIME
        length = starts[number + 1] - starts[number]
        slot = find_slot(slots, starts, letters, hashed, letters, starts[number], length)
        slots[slot] = number
