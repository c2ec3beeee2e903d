"""From the number of a record to the line of the file that it begins on.

DuckDB numbers records, and skips blank lines; people's editors number lines. A quoted field may
hold line ends. The file is walked in Python, only as far as the last row in question, and only
where there is one.
"""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path


def lines_of(
    records: Iterator[tuple[int, int]], rejected: Collection[int], accepted: Collection[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find the lines of some rows, from the numbers and lines of all records.

    Parameters
    ----------
    records : iterator of (int, int)
        Number and line of each record.
    rejected : Collection[int]
        Numbers of all records that DuckDB rejected.
    accepted : Collection[int]
        Rows in question, as their index (from 0) among the records that DuckDB accepted.

    Returns
    -------
    dict, dict
        Lines by number of the rejected record, and by index of the accepted row.
    """
    bad: dict[int, int] = {}
    good: dict[int, int] = {}
    index = 0
    for record, line in records:
        if record in rejected:
            bad[record] = line
        else:
            if index in accepted:
                good[index] = line
            index += 1
        if len(bad) == len(rejected) and len(good) == len(accepted):
            break
    return bad, good


def csv_records(path: Path, delimiter: str) -> Iterator[tuple[int, int]]:
    """Walk the rows below a CSV file's header.

    Yields
    ------
    (int, int)
        Number of the record, blank lines and header included, from 1; and its line, from 1.
    """
    limit = csv.field_size_limit(1 << 30)
    try:
        with path.open("rb") as file:
            # Latin-1 decodes any byte, and the letters do not matter here.
            text = (line.rstrip(b"\r\n").decode("latin-1").replace("\r", " ") for line in file)
            rows = csv.reader((line + "\n" for line in text), delimiter=delimiter)
            line = 1
            for record, row in enumerate(rows, 1):
                if row and record > 1:
                    yield record, line
                line = rows.line_num + 1
    finally:
        csv.field_size_limit(limit)


def json_records(path: Path) -> Iterator[tuple[int, int]]:
    """Walk the lines of a JSON Lines file that are not blank; a record is a line."""
    with path.open("rb") as file:
        for line, text in enumerate(file, 1):
            if text.rstrip(b"\r\n"):
                yield line, line
