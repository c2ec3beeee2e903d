"""Splitting texts into numbered words: each distinct word is spelled once, all else is numbers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from training import kernels
from training.records import Bool, Int32, Int64, UInt64


class Words(NamedTuple):
    """The words of texts, text by text in reading order, and their passages.

    A passage is a line or a sentence of at least eight bytes of words; numbers and signs between
    its words make no difference.

    Attributes
    ----------
    numbers : int32[m], the number of each word.
    lengths : int64[texts], how many words each text has.
    hashes : uint64[p], the hash of each passage, the same in every process.
    spans : int64[p, 2], the first word of each passage, and the word behind it.
    """

    numbers: Int32
    lengths: Int64
    hashes: UInt64
    spans: Int64

    @property
    def texts(self) -> Int64:
        """int64[p], the text of each passage."""
        return np.searchsorted(np.cumsum(self.lengths), self.spans[:, 0], side="right")

    def without(self, passages: Bool) -> "Words":
        """Return the words without those of some passages (bool[p])."""
        if not passages.any():
            return self
        spans = self.spans[passages]
        steps = np.bincount(spans[:, 0], minlength=len(self.numbers) + 1)
        steps -= np.bincount(spans[:, 1], minlength=len(self.numbers) + 1)
        kept = np.cumsum(steps[:-1]) == 0
        before = np.concatenate([[0], np.cumsum(kept)])
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        return Words(
            self.numbers[kept],
            np.diff(before[ends]),
            self.hashes[~passages],
            before[self.spans[~passages]],
        )


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

    def split(self, texts: Sequence[str]) -> Words:
        """Split texts into words, adding new words to the table.

        Parameters
        ----------
        texts : sequence of str
            In lower case: a capital of A to Z separates words.

        Returns
        -------
        Words
        """
        encoded = [text.encode() for text in texts]
        joined = np.frombuffer(b"".join(encoded), np.uint8)
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        numbers, lengths = np.empty(len(joined) // 2, np.int32), np.zeros(len(ends), np.int64)
        passages = len(joined) // kernels.words.MIN_PASSAGE_BYTES
        hashes, spans = np.zeros(passages + 1, np.uint64), np.empty((passages, 2), np.int64)
        passage = np.zeros(3, np.int64)
        kernels.words.end_passage(hashes, spans, passage, 0)
        place = at = found = 0
        while place < len(ends):
            table = self._slots, self._starts, self._letters, self._count
            place, at, found, self._count = kernels.words.split_words(
                joined, ends, *table, numbers, lengths, hashes, spans, passage, place, at, found
            )
            if place < len(ends):
                self._grow(len(encoded[place]))
        count = passage[0]
        return Words(numbers[:found].copy(), lengths, hashes[:count].copy(), spans[:count].copy())

    def sizes(self, words: Words) -> Int64:
        """Count the bytes of the words of each passage: int64[p]."""
        ends = np.cumsum(np.diff(self._starts[: self._count + 1])[words.numbers])
        before = np.concatenate([[0], ends])
        return np.asarray(before[words.spans[:, 1]] - before[words.spans[:, 0]], np.int64)

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
