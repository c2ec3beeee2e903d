"""Splitting texts into numbered words: each distinct word is spelled once, all else is numbers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from training import kernels
from training.records import Int32, Int64


class WordTable:
    """Distinct words, numbered from 0 in the order of their first occurrence.

    A word is a run of at least two bytes of UTF-8 that are a to z or not ASCII. Taking apart other
    scripts and signs is left to the caller.
    """

    def __init__(self) -> None:
        self._count = 0
        self._slots = np.full(1 << 12, -1, np.int32)
        self._starts = np.zeros(len(self._slots) // 2 + 1, np.int64)
        self._letters = np.zeros(1 << 14, np.uint8)

    def __len__(self) -> int:
        return self._count

    def split(self, texts: Sequence[str]) -> tuple[Int32, Int64]:
        """Split texts into words, adding new words to the table.

        Parameters
        ----------
        texts : sequence of str
            In lower case: a capital of A to Z separates words.

        Returns
        -------
        int32[m]
            The number of each word, text by text in reading order.
        int64[len(texts)]
            How many words each text has.
        """
        encoded = [text.encode() for text in texts]
        joined = np.frombuffer(b"".join(encoded), np.uint8)
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        numbers, lengths = np.empty(len(joined) // 2, np.int32), np.zeros(len(ends), np.int64)
        place = at = found = 0
        while place < len(ends):
            table = self._slots, self._starts, self._letters, self._count
            place, at, found, self._count = kernels.words.split_words(
                joined, ends, *table, numbers, lengths, place, at, found
            )
            if place < len(ends):
                self._grow(len(encoded[place]))
        return numbers[:found].copy(), lengths

    def since(self, first: int) -> list[str]:
        """Return the words from a number on."""
        begin, end = self._starts[[first, self._count]]
        letters = self._letters[begin:end].tobytes()
        starts = (self._starts[first : self._count + 1] - begin).tolist()
        return [letters[at:to].decode() for at, to in pairwise(starts)]

    def _grow(self, size: int) -> None:
        """Double the table, and make room for one more word of `size` bytes."""
        self._slots = np.full(2 * len(self._slots), -1, np.int32)
        self._starts = np.append(self._starts, np.zeros(len(self._slots) // 4, np.int64))
        self._letters = np.append(self._letters, np.zeros(len(self._letters) + size, np.uint8))
        kernels.words.rehash(self._slots, self._starts, self._letters, self._count)
