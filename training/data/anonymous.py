"""Views without a reader: the value that stands in a reader's place names nobody.

Readers refuse consent, trackers write a placeholder, and one id can stand for all readers behind a
proxy. Such a view counts for its article. It is in no session, unless a session id is there, which
then stands for the reader.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb

from training.data.scan import sql_literal
from training.data.values import NOTHING
from training.records import DAY
from training.storage import replace_file

NOBODY: Final = (
    *(word.lower() for word in NOTHING),
    "-", "--", "n/a", "na", "nobody", "anon", "anonymous", "guest", "unknown", "visitor",
    "(not provided)", "not set", "redacted", "deleted", "denied", "optout", "opt-out", "opt_out",
    "opted-out", "opted_out", "no-consent", "no_consent", "noconsent", "-1",
    "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)  # fmt: skip
"""Words for no reader, in lower case. The last three are MD5, SHA-1 and SHA-256 of nothing."""

_NIL: Final = "^[{]?0{8}-?0{4}-?0{4}-?0{4}-?0{12}[}]?$"
"""The nil UUID of RFC 9562, with or without hyphens and braces."""

MIN_SHARED_SHARE: Final = 0.2
"""Share of the views from which one value can be that of many readers."""

MAX_SHARED_SHARE: Final = 0.8
"""Share of the views up to which it is: above, the column is the wrong one, or a robot's."""

MIN_SHARED_REPEATS: Final = 5
"""Mean views of an article on a day from which it is: readers and crawlers rarely come back."""

MAX_TOP_SHARE: Final = 0.5
"""Share of one article in its views from which it is a robot that opens one again and again."""

MIN_READERS: Final = 20
"""Number of other values from which one can be that of many readers."""

_SAMPLE_ROWS: Final = 20_000


def names_nobody(
    column: str,
    words: Iterable[str] = (),
    quote: Callable[[str], str] = sql_literal,
    matches: str = "regexp_matches",
) -> str:
    """Return the SQL of whether a text, not NULL, names no reader.

    Parameters
    ----------
    column : str
        SQL of the text.
    words : iterable of str
        `views.no_reader`, the site's own words.
    quote : callable
        Returns the literal of a text.
    matches : str
        Function that tells whether a regular expression is found.
    """
    every = sorted({*NOBODY, *(word.strip().lower() for word in words)})
    text = f"lower(trim({column}))"
    listed = ", ".join(quote(word) for word in every if "\0" not in word)
    return f"({text} IN ('', {listed}) OR {matches}({text}, '{_NIL}'))"


def find_shared(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return the values in the reader's place that must be those of many readers.

    Such a value has a fifth of the views or more, five of each of its articles on a day, and less
    than half of them of one article; the others are of other readers.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows.
    table : str
        Their table; `readers` has the distinct values.
    """
    (readers,) = connection.sql("SELECT count(hash) FROM readers").fetchall()[0]
    if readers <= MIN_READERS:
        return []
    (rows,) = connection.sql(f"SELECT count(*) FROM {table} WHERE reason IS NULL").fetchall()[0]
    step = rows // _SAMPLE_ROWS + 1
    candidates = connection.sql(
        f'SELECT "user" FROM {table} WHERE reason IS NULL AND rowid % {step} = 0 '
        f'AND "user" IS NOT NULL GROUP BY "user" '
        f"HAVING count(*) >= {MIN_SHARED_SHARE / 2} * {rows // step}"
    ).fetchall()
    if not candidates:
        return []
    found = connection.execute(
        'SELECT "user" FROM (SELECT "user", article, count(*) AS views, '
        f"count(DISTINCT time // {DAY}) AS days FROM {table} WHERE reason IS NULL "
        'AND "user" IN (SELECT unnest($1::VARCHAR[])) GROUP BY "user", article) GROUP BY "user" '
        f"HAVING sum(views) BETWEEN {MIN_SHARED_SHARE * rows} AND {MAX_SHARED_SHARE * rows} "
        f"AND sum(views) >= {MIN_SHARED_REPEATS} * sum(days) "
        f'AND max(views) < {MAX_TOP_SHARE} * sum(views) ORDER BY "user"',
        [[name for (name,) in candidates]],
    )
    return [name for (name,) in found.fetchall()]


def read_shared(artifacts: Path) -> list[int]:
    """Return the hashes of `write_shared`, none if the file is missing or damaged."""
    with suppress(OSError, ValueError):
        hashes = json.loads((artifacts / "shared_readers.json").read_bytes())
        if isinstance(hashes, list) and all(type(hashed) is int for hashed in hashes):
            return hashes
    return []


def write_shared(artifacts: Path, hashes: Sequence[int]) -> None:
    """Write the keyed hashes of the values that are those of many readers.

    A refresh sees too few views to find them itself.
    """
    if list(hashes) != read_shared(artifacts):
        replace_file(artifacts / "shared_readers.json", json.dumps([*hashes]).encode())
