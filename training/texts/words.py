"""Splitting texts into words, compiled: each distinct one is spelled once, all else is numbers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from training.compiling import compiled
from training.records import Int32, Int64, UInt8

_SEED: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_HALF: Final = np.uint64(32)


class Words:
    """Distinct words, numbered from 0 as they come.

    A word is what stands between other ASCII than a to z, of two bytes or more as UTF-8: other
    scripts and signs are the caller's to take apart.
    """

    def __init__(self) -> None:
        self._count = 0
        self._slots = np.full(1 << 12, -1, np.int32)
        self._starts = np.zeros(len(self._slots) // 2 + 1, np.int64)
        self._letters = np.zeros(1 << 14, np.uint8)

    def __len__(self) -> int:
        return self._count

    def split(self, texts: Sequence[str]) -> tuple[Int32, Int64]:
        """Give the words of texts, each as often as it occurs, and how many each text has.

        Parameters
        ----------
        texts : sequence of str
            Without capitals of a to z, which would part words.

        Returns
        -------
        int32[m]
            The words' numbers, text by text in reading order.
        int64[len(texts)]
        """
        encoded = [text.encode() for text in texts]
        joined = np.frombuffer(b"".join(encoded), np.uint8)
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        numbers, counts = np.empty(len(joined) // 2, np.int32), np.zeros(len(ends), np.int64)
        place = at = made = 0
        while place < len(ends):
            table = self._slots, self._starts, self._letters, self._count
            place, at, made, self._count = _split(
                joined, ends, *table, numbers, counts, place, at, made
            )
            if place < len(ends):
                self._grow(len(encoded[place]))
        return numbers[:made].copy(), counts

    def since(self, first: int) -> list[str]:
        """Give the words from a number on."""
        begin, end = self._starts[[first, self._count]]
        letters = self._letters[begin:end].tobytes()
        starts = (self._starts[first : self._count + 1] - begin).tolist()
        return [letters[at:to].decode() for at, to in pairwise(starts)]

    def _grow(self, more: int) -> None:
        """Make room for as many words again, and for one of so many bytes."""
        self._slots = np.full(2 * len(self._slots), -1, np.int32)
        self._starts = np.append(self._starts, np.zeros(len(self._slots) // 4, np.int64))
        self._letters = np.append(self._letters, np.zeros(len(self._letters) + more, np.uint8))
        _place(self._slots, self._starts, self._letters, self._count)


@compiled
def _split(
    text: UInt8,
    ends: Int64,
    slots: Int32,
    starts: Int64,
    letters: UInt8,
    count: int,
    numbers: Int32,
    counts: Int64,
    place: int,
    at: int,
    made: int,
) -> tuple[int, int, int, int]:
    """Go on from a byte of a text until all are split, or there is no room for a new word.

    Returns where it stands: the text's place, the byte, the words that were met, and those known.
    """
    while place < len(ends):
        end = ends[place]
        while at < end:
            first, hashed = at, _SEED
            while at < end and (text[at] >= 128 or 97 <= text[at] <= 122):
                hashed = (hashed ^ np.uint64(text[at])) * _PRIME
                at += 1
            length = at - first
            if length >= 2:
                slot = _slot(slots, starts, letters, hashed, text, first, length)
                if slots[slot] < 0:
                    begin = starts[count]
                    if 2 * count + 2 > len(slots) or begin + length > len(letters):
                        return place, first, made, count
                    slots[slot] = count
                    for letter in range(length):
                        letters[begin + letter] = text[first + letter]
                    count += 1
                    starts[count] = begin + length
                numbers[made] = slots[slot]
                made += 1
                counts[place] += 1
            at += 1
        at = end
        place += 1
    return place, at, made, count


@compiled
def _slot(
    slots: Int32,
    starts: Int64,
    letters: UInt8,
    hashed: np.uint64,
    text: UInt8,
    first: int,
    length: int,
) -> int:
    """Give the slot of text[first : first + length], or the free one where it belongs."""
    last = len(slots) - 1
    slot = np.int64(hashed ^ (hashed >> _HALF)) & last
    while slots[slot] >= 0:
        held = starts[slots[slot]]
        if starts[slots[slot] + 1] - held == length:
            at = 0
            while at < length and letters[held + at] == text[first + at]:
                at += 1
            if at == length:
                break
        slot = (slot + 1) & last
    return int(slot)


@compiled
def _place(slots: Int32, starts: Int64, letters: UInt8, count: int) -> None:
    """Put the words into slots, all of them free."""
    for number in range(count):
        hashed = _SEED
        for letter in letters[starts[number] : starts[number + 1]]:
            hashed = (hashed ^ np.uint64(letter)) * _PRIME
        length = starts[number + 1] - starts[number]
        slot = _slot(slots, starts, letters, hashed, letters, starts[number], length)
        slots[slot] = number
