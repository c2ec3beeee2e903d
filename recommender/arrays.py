"""The arrays of a version: `.npy` files, validated and mapped into memory.

Mapping an array checks its header, dtype, length and file size, in constant time. Every error is an
`ArtifactError`.
"""

import mmap
import re
from array import array
from pathlib import Path
from typing import Any, Final, Literal, cast

from .manifest import open_regular, raise_damaged

_MAGIC: Final = b"\x93NUMPY\x01\x00"
_HEADER: Final = re.compile(
    rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \((\d{1,18}),\), \} *\n"
)
_TypeCode = Literal["B", "I", "Q", "f", "i", "q"]
_UNSIGNED: Final[dict[str, _TypeCode]] = {
    "|u1": "B",
    "<i4": "I",
    "<u4": "I",
    "<i8": "Q",
    "<f4": "f",
}
_SIGNED: Final[dict[str, _TypeCode]] = {"<i4": "i", "<i8": "q"}


class StringColumn:
    """Strings by row, stored back to back as UTF-8 bytes.

    Parameters
    ----------
    path : Path
        File of the bytes, for messages.
    blob : memoryview of uint8, over a mapped file
        All strings, concatenated.
    ends : memoryview of uint64[n + 1]
        String r occupies the bytes ends[r] … ends[r + 1].
    """

    __slots__ = ("_data", "_ends", "_length", "_path", "_start")

    def __init__(self, path: Path, blob: memoryview, ends: memoryview) -> None:
        check_ends(path, ends, len(blob))
        self._path, self._ends, self._length = path, ends, len(blob)
        # Slices of the mmap are bytes, which decode twice as fast as slices of a memoryview.
        self._data = cast(mmap.mmap, blob.obj)
        self._start = len(self._data) - len(blob)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        """Return the string of a row, 0 or more."""
        try:
            begin, end = self._ends[row], self._ends[row + 1]
            if begin <= end <= self._length:
                return self._data[self._start + begin : self._start + end].decode()
        except (IndexError, UnicodeDecodeError):
            pass
        return self.join(row, row + 1)  # raises the error with its reason

    def equals(self, row: int, string: str, encoded: bytes) -> bool:
        """Compare the string of a row, 0 or more, with a string given as text and as UTF-8."""
        try:
            begin, end = self._ends[row], self._ends[row + 1]
            if begin <= end <= self._length:
                return self._data[self._start + begin : self._start + end] == encoded
        except IndexError:
            pass
        return self[row] == string  # raises the error with its reason

    def join(self, row: int, stop: int) -> str:
        """Return the strings of rows `row` to `stop` - 1, concatenated."""
        try:
            begin, end = self._ends[row], self._ends[stop]
        except IndexError:
            raise_damaged(self._path, f"there is no row {row}, it has {len(self)} rows")
        if not begin <= end <= self._length:
            raise_damaged(self._path, f"the offsets of row {row} are out of range")
        try:
            return self._data[self._start + begin : self._start + end].decode()
        except UnicodeDecodeError:
            raise_damaged(self._path, f"row {row} is not UTF-8")


def check_ends(path: Path, ends: memoryview, length: int) -> None:
    """Check that offsets begin at 0 and end at `length`, the length of the array they divide."""
    if not len(ends) or ends[0] != 0 or ends[-1] != length:
        raise_damaged(path, f"its offsets do not run from 0 to {length}")


def map_array(
    path: Path, entry: dict[str, Any] | None, dtype: str, *, signed: bool = False
) -> "memoryview[Any]":
    """Map the file of an array and return its values.

    Parameters
    ----------
    path : Path
    entry : dict or None
        The file's entry in the manifest; None, for a missing entry, is an error.
    dtype : str
        The dtype that the header must have.
    signed : bool
        Whether to read `<i4` and `<i8` as signed integers. Rows and offsets are read as unsigned:
        a negative one is then out of range, and cannot index from the end.

    Raises
    ------
    ArtifactError
        If file, header and entry do not agree.
    """
    if entry is None:
        raise_damaged(path, "the manifest does not list it")
    code = (_SIGNED if signed else _UNSIGNED)[dtype]
    try:
        with open_regular(path, entry["bytes"]) as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise_damaged(path, f"it cannot be mapped ({error})")
    start, count = _read_header(path, mapped, dtype)
    values = mapped[start:]
    if not len(mapped) == entry["bytes"] == start + count * array(code).itemsize:
        raise_damaged(
            path, f"its size of {len(mapped)} bytes is not that of its header and the manifest"
        )
    if entry["dtype"] != dtype or entry["shape"] != [count]:
        raise_damaged(
            path, f"the manifest says {entry['dtype']} {entry['shape']}, its header {[count]}"
        )
    if code == "B":
        return values
    # An empty memoryview cannot be cast.
    return values.cast(code) if count else memoryview(array(code))


def _read_header(path: Path, mapped: memoryview, dtype: str) -> tuple[int, int]:
    """Return where the values of a `.npy` file start, and their number (NumPy, NEP 1)."""
    lead = bytes(mapped[:10])
    start = 10 + int.from_bytes(lead[8:], "little")
    found = _HEADER.fullmatch(mapped[10:start]) if lead[:8] == _MAGIC else None
    if found is None or found[1].decode() != dtype:
        raise_damaged(path, f"its header is not that of a one-dimensional array of {dtype}")
    return start, int(found[2])
