"""The formats of input files, one row each: how a file is recognised, and how it is read.

An export of a system, such as GA4, comes in one of these formats; what its columns mean is a row of
`systems`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import duckdb

from training.data.scan import Scan, Source, scan_csv, scan_json, scan_parquet


@dataclass(frozen=True)
class Format:
    """A format of input files.

    Attributes
    ----------
    key : as `articles.format` and `views.format` name it.
    name : for people.
    endings : of file names, in lower case, compression left aside.
    is_text : whether files are text: possibly in UTF-16, and readable from the beginning alone.
    matches : tells whether a file is of this format by its first bytes, decompressed; asked where
        its name does not tell, in the order of `FORMATS`.
    scan : looks at the columns of a file, and says by what SQL DuckDB reads its rows.
    """

    key: str
    name: str
    endings: tuple[str, ...]
    is_text: bool
    matches: Callable[[bytes], bool]
    scan: Callable[[duckdb.DuckDBPyConnection, Source], Scan]


def _separated_by(delimiters: bytes) -> Callable[[bytes], bool]:
    """Return whether a delimiter stands in the first line."""
    return lambda head: any(sign in delimiters for sign in head.partition(b"\n")[0])


FORMATS: Final[Mapping[str, Format]] = {
    row.key: row
    for row in (
        Format(
            "parquet",
            "Parquet",
            (".parquet",),
            is_text=False,
            matches=lambda head: head.startswith(b"PAR1"),
            scan=scan_parquet,
        ),
        Format(
            "jsonl",
            "JSON Lines",
            (".jsonl", ".ndjson", ".json"),
            is_text=True,
            matches=lambda head: head.startswith(b"{"),
            scan=scan_json,
        ),
        Format(
            "tsv",
            "TSV",
            (".tsv",),
            is_text=True,
            matches=_separated_by(b"\t"),
            scan=partial(scan_csv, delimiters="\t"),
        ),
        Format(
            "csv",
            "CSV",
            (".csv",),
            is_text=True,
            matches=_separated_by(b",;"),
            scan=partial(scan_csv, delimiters=",;\t"),
        ),
    )
}
"""By key, the most certain to be recognised first."""

ENDINGS: Final = tuple(ending for row in FORMATS.values() for ending in row.endings)
"""Endings of the names of data files."""


def formats_by_ending(ending: str) -> list[Format]:
    """Return the formats whose files' names may end so (lower case, compression left aside)."""
    return [row for row in FORMATS.values() if ending in row.endings]
