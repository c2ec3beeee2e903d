"""Finding the line of a file that a record begins on.

DuckDB numbers records and skips blank lines, editors number lines, and a quoted field may hold
line ends. The file is read only if there are bad rows, and only as far as the last of them.
"""

import csv
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import numpy as np

from training.data.dialects import STANDARD, Dialect
from training.records import Int64

Records: TypeAlias = Iterator[tuple[Int64, Int64]]
"""Numbers and lines of records in chunks, ascending."""

_CHUNK_BYTES: Final = 1 << 24
_CHUNK_RECORDS: Final = 1 << 16


def lines_of(
    records: Records, rejected: Collection[int], accepted: Collection[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find the lines of some rows, from the numbers and lines of all records.

    Parameters
    ----------
    records : iterator of (int64[m], int64[m])
        Numbers and lines of the records.
    rejected : Collection[int]
        Numbers of all records that DuckDB rejected.
    accepted : Collection[int]
        Bad rows, as their index (from 0) among the records that DuckDB accepted.

    Returns
    -------
    dict, dict
        Lines by number of the rejected record, and by index of the accepted row.
    """
    refused, wanted = (np.array(sorted(rows), np.int64) for rows in (rejected, accepted))
    bad: dict[int, int] = {}
    good: dict[int, int] = {}
    index = 0
    for numbers, lines in records:
        out = np.isin(numbers, refused)
        bad.update(zip(numbers[out].tolist(), lines[out].tolist(), strict=True))
        left = lines[~out]
        in_chunk = wanted[(wanted >= index) & (wanted < index + len(left))]
        good.update(zip(in_chunk.tolist(), left[in_chunk - index].tolist(), strict=True))
        index += len(left)
        if len(bad) == len(refused) and len(good) == len(wanted):
            break
    return bad, good


def csv_records(path: Path, delimiter: str, dialect: Dialect = STANDARD, first: int = 2) -> Records:
    """Yield the records of a CSV file from the `first` on, the one below its header.

    Yields
    ------
    (int64[m], int64[m])
        Numbers of the records, blank lines and header included, from 1; and their lines, from 1.
    """
    with path.open("rb") as file:
        walked = 0
        for chunk in _chunks(file):
            if dialect.quote and b'"' in chunk:
                yield from _quoted_records(
                    chain(BytesIO(chunk), file), delimiter, dialect, first, walked
                )
                return
            filled, count = _filled_lines(chunk)
            numbers = walked + filled
            numbers = numbers[numbers >= first]
            yield numbers, numbers
            walked += count


def json_records(path: Path) -> Records:
    """Yield the lines of a JSON Lines file that are not blank; each is a record."""
    with path.open("rb") as file:
        walked = 0
        for chunk in _chunks(file):
            filled, count = _filled_lines(chunk)
            yield walked + filled, walked + filled
            walked += count


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield chunks of whole lines."""
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk + file.readline()


def _filled_lines(chunk: bytes) -> tuple[Int64, int]:
    """Return the numbers, from 1, of the lines that are not blank, and the count of all."""
    letters = np.frombuffer(chunk, np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if not chunk.endswith(b"\n"):
        ends = np.append(ends, len(chunk))
    starts = np.append(0, ends[:-1] + 1)
    filled = ends > starts
    for line in np.flatnonzero(filled & (letters[np.minimum(starts, len(chunk) - 1)] == ord("\r"))):
        filled[line] = bool(chunk[starts[line] : ends[line]].strip(b"\r"))
    return 1 + np.flatnonzero(filled), len(ends)


def _quoted_records(
    lines: Iterator[bytes], delimiter: str, dialect: Dialect, first: int, walked: int
) -> Records:
    """Yield records as `csv_records` does, after `walked` lines; fields may be quoted."""
    limit = csv.field_size_limit(1 << 30)
    try:
        # Latin-1 decodes any byte; only line ends and quotes matter here.
        text = (line.rstrip(b"\r\n").decode("latin-1").replace("\r", " ") for line in lines)
        doubled = dialect.escape == dialect.quote
        rows = csv.reader(
            (line + "\n" for line in text),
            delimiter=delimiter,
            doublequote=doubled,
            escapechar=None if doubled else dialect.escape,
        )
        line = walked + 1
        found = []
        for record, row in enumerate(rows, walked + 1):
            if row and record >= first:
                found.append((record, line))
            line = walked + rows.line_num + 1
            if len(found) == _CHUNK_RECORDS:
                yield _columns(found)
                found = []
        yield _columns(found)
    finally:
        csv.field_size_limit(limit)


def _columns(found: Sequence[tuple[int, int]]) -> tuple[Int64, Int64]:
    numbers, lines = np.array(found, np.int64).reshape(-1, 2).T
    return numbers, lines
