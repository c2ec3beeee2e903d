"""Arrays of strings: their UTF-8 bytes, and the offset at which each ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from training.errors import OutputError

_CONTINUATION_MASK, _CONTINUATION = 0b1100_0000, 0b1000_0000
"""Mask of the first bits of a byte, and their value in a byte that continues a character."""


@dataclass(frozen=True, eq=False)
class StringArray:
    """n strings, each decoded when it is read.

    Attributes
    ----------
    blob : uint8
        Their UTF-8 bytes.
    ends : int64[n + 1]
        String i is at ends[i] … ends[i + 1]; ascending from 0.

    Examples
    --------
    >>> strings = StringArray.of(["ab", "", "c"])
    >>> strings.blob.tobytes(), strings.ends.tolist(), strings[2], list(strings)
    (b'abc', [0, 2, 2, 3], 'c', ['ab', '', 'c'])
    """

    blob: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]

    @classmethod
    def of(cls, strings: Sequence[str]) -> "StringArray":
        """Encode strings.

        Raises
        ------
        OutputError
            If a string holds half of a surrogate pair, which has no UTF-8.
        """
        joined = "".join(strings)
        if joined.isascii():  # as many bytes as characters
            lengths = np.fromiter(map(len, strings), np.int64, len(strings))
            return cls(np.frombuffer(joined.encode(), np.uint8), _ends(lengths))
        try:
            encoded = [string.encode() for string in strings]
        except UnicodeEncodeError as error:
            raise OutputError(
                f"{error.object[:80]!r} holds half of a surrogate pair, which cannot be written as "
                "UTF-8; correct it in the input file"
            ) from None
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.frombuffer(b"".join(encoded), np.uint8), _ends(lengths))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, at: int) -> str:
        return self.blob[self.ends[at] : self.ends[at + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        data, ends = self.blob.tobytes(), self.ends.tolist()
        if data.isascii():
            text = data.decode()
            return iter([text[begin:end] for begin, end in pairwise(ends)])
        return iter([data[begin:end].decode() for begin, end in pairwise(ends)])

    @property
    def valid(self) -> bool:
        """Whether all bytes are UTF-8, and every string starts with a whole character."""
        data = self.blob.tobytes()
        if data.isascii():
            return True
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        first_bytes = self.blob[self.ends[self.ends < len(self.blob)]]
        return not (first_bytes & _CONTINUATION_MASK == _CONTINUATION).any()

    def replace(self, rows: npt.NDArray[Any], given: Sequence[str], length: int) -> "StringArray":
        """Return the strings with some replaced, and `""` appended up to a length.

        Parameters
        ----------
        rows : int[m]
            Distinct, below `length`.
        given : sequence of str
            The strings at these rows.
        length : int
            Length of the result, not below that of `self`.

        Returns
        -------
        StringArray
        """
        order = np.argsort(rows, kind="stable")
        others = StringArray.of([given[at] for at in order.tolist()])
        lengths = np.zeros(length, np.int64)
        lengths[: len(self)] = np.diff(self.ends)
        lengths[rows[order]] = np.diff(others.ends)
        old, new = self.blob.data, others.blob.data
        begins = self.ends[np.minimum(rows[order], len(self))].tolist()
        ends = self.ends[np.minimum(rows[order] + 1, len(self))].tolist()
        pieces: list[memoryview] = []
        kept = 0
        for begin, end, (first, last) in zip(
            begins, ends, pairwise(others.ends.tolist()), strict=True
        ):
            pieces += old[kept:begin], new[first:last]
            kept = end
        pieces.append(old[kept:])
        return StringArray(np.frombuffer(b"".join(pieces), np.uint8), _ends(lengths))


def _ends(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends
