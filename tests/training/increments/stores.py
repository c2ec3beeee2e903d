"""The rows of a store, for comparison."""

from pathlib import Path

import duckdb

from training.readers import HOURS, IDS, INCREMENT_TABLES, OPEN_SESSION_TABLES, IncrementStore
from training.readers.counted_views import scan_query

Row = tuple[object, ...]


def tables(path: Path) -> dict[str, list[list[Row]]]:
    """Return all rows of each table, part by part, in order."""
    store = IncrementStore.open(path)
    with duckdb.connect() as connection:
        return {
            name: [
                connection.execute(
                    f"SELECT * FROM {scan_query(name, store.files(name, part))} ORDER BY ALL"
                ).fetchall()
                for part in store.parts
            ]
            for name in (*INCREMENT_TABLES, *OPEN_SESSION_TABLES, IDS, HOURS)
        }


def parts(path: Path) -> list[dict[str, object]]:
    """Return what a store records of its parts, except their layout."""
    summaries = []
    for part in IncrementStore.open(path).parts:
        facts = dict(vars(part))
        del facts["name"], facts["files"]
        summaries.append(facts)
    return summaries


def same(one: Path, other: Path) -> None:
    """Check that two stores hold the same integers."""
    assert parts(one) == parts(other)
    left, right = tables(one), tables(other)
    assert [name for name in left if left[name] != right[name]] == []
