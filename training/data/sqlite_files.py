"""Tables of SQLite files to JSON Lines, read with Python's own sqlite3 and never written."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from training.data.scan import Source, Wanted
from training.errors import DataError

MAGIC: Final = b"SQLite"

_NAMES: Final = {
    "articles": ("article", "post", "story", "stories", "news", "content", "node", "page", "entry"),
    "views": ("view", "pageview", "visit", "click", "hit", "read", "event", "log"),
}
"""Words in the names of tables, the likeliest first."""

_SAMPLED: Final = 200


def to_lines(source: Source, out: Path, wanted: Wanted) -> Source:
    """Write the rows of a table as JSON Lines, in the order of the table.

    Raises
    ------
    DataError
        If the file cannot be read, or has no such table.
    """
    uri = f"{source.plain.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.text_factory = lambda text: text.decode("utf-8", "replace")
            tables = [name for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )]  # fmt: skip
            table = wanted.rows or _choose(database, tables, wanted.kind)
            if table not in tables:
                raise DataError(
                    f"{source.path}: no table {table!r} ({wanted.kind}.rows); tables found: "
                    f"{', '.join(tables) or 'none'}"
                )
            rows = database.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted
            names = [name for name, *_ in rows.description]
            with out.open("wb") as file:
                for row in rows:
                    fields = {
                        n: _value(v) for n, v in zip(names, row, strict=True) if v is not None
                    }
                    file.write(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
    except sqlite3.Error as error:
        raise DataError(
            f"{source.path}: cannot be read ({error}); copy it by `sqlite3 {source.path} "
            '".backup copy.db"`, and give the copy'
        ) from None
    return Source(source.path, out, None, table if len(tables) > 1 else "", tables)


def _choose(database: sqlite3.Connection, tables: Sequence[str], kind: str) -> str:
    """Return the table whose name tells it; else the one with most rows, or longest ones."""

    def order(table: str) -> tuple[int, float]:
        words = table.lower().replace("-", "_").split("_")
        ranks = [
            rank
            for rank, name in enumerate(_NAMES[kind])
            for word in words
            if word in (name, f"{name}s")
        ]
        rows = database.execute(
            f"SELECT * FROM {_quoted(table)} LIMIT {_SAMPLED}"  # noqa: S608 - quoted
        ).fetchall()
        length = sum(len(str(value)) for row in rows for value in row) / max(1, len(rows))
        (count,) = database.execute(
            f"SELECT count(*) FROM {_quoted(table)}"  # noqa: S608 - quoted
        ).fetchone()
        return min(ranks, default=len(_NAMES[kind])), -(length if kind == "articles" else count)

    return min(tables, key=order, default="")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(value: Any) -> object:  # noqa: ANN401 - whatever a column holds
    return value.hex() if isinstance(value, bytes) else value
