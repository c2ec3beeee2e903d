"""The formats of input files, one row each: how a file is recognised, and how it is read.

An export of a system, such as GA4, comes in one of these formats; what its columns mean is a row of
`systems`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from training.data import documents, feeds, headerless, sqlite_files
from training.data.scan import Scan, Source, Wanted, scan_csv, scan_json, scan_parquet


@dataclass(frozen=True)
class Format:
    """A format of input files.

    Attributes
    ----------
    key : as `articles.format` and `views.format` name it.
    name : for people.
    endings : of file names, in lower case, compression left aside.
    is_text : whether files are text: possibly in UTF-16, and readable from the beginning alone.
    matches : whether a file has this format, by its first bytes, decompressed; used in the order of
        `FORMATS` if its name does not show the format.
    scan : finds the columns of a file, and the SQL by which DuckDB reads its rows.
    is_part : whether such a file holds only some articles of a site, as a feed does.
    convert : writes the rows of a file as `scan` reads them; None where it reads the file itself.
    """

    key: str
    name: str
    endings: tuple[str, ...]
    is_text: bool
    matches: Callable[[bytes], bool]
    scan: Callable[[duckdb.DuckDBPyConnection, Source], Scan]
    convert: Callable[[Source, Path, Wanted], Source] | None = None
    is_part: bool = False


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
            "sqlite",
            "SQLite",
            (".db", ".sqlite", ".sqlite3"),
            is_text=False,
            matches=lambda head: head.startswith(sqlite_files.MAGIC),
            scan=scan_json,
            convert=sqlite_files.to_lines,
        ),
        Format(
            "feed",
            "a feed, a sitemap or a WordPress export in XML",
            (".xml", ".rss", ".atom", ".rdf"),
            is_text=True,
            matches=feeds.is_feed,
            scan=scan_json,
            convert=feeds.to_lines,
            is_part=True,
        ),
        Format(
            "json",
            "JSON",
            (".json", ".jsonl", ".ndjson"),
            is_text=True,
            matches=documents.is_document,
            scan=scan_json,
            convert=documents.to_lines,
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
            "snowplow",
            "Snowplow's enriched events",
            (".tsv", ".csv"),
            is_text=True,
            matches=headerless.is_snowplow,
            scan=partial(scan_csv, delimiters="\t", header=headerless.SNOWPLOW),
        ),
        Format(
            "wp_posts",
            "WordPress's table wp_posts without a header",
            (".tsv", ".csv"),
            is_text=True,
            matches=headerless.is_wp_posts,
            scan=partial(scan_csv, delimiters=","),
            convert=headerless.to_csv,
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

ENDINGS: Final = tuple(dict.fromkeys(ending for row in FORMATS.values() for ending in row.endings))
"""Endings of the names of data files."""


def formats_by_ending(ending: str) -> list[Format]:
    """Return the formats whose files' names may end so (lower case, compression left aside)."""
    return [row for row in FORMATS.values() if ending in row.endings]
