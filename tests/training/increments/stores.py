"""What stands in a store, to compare."""

from pathlib import Path

import duckdb

from training.readers import CARRIED, COUNTED, HOURS, IDS, Store
from training.readers.counted import scanned

Row = tuple[object, ...]


def tables(path: Path) -> dict[str, list[list[Row]]]:
    """Give all rows of each table, part by part, in order."""
    store = Store.open(path)
    with duckdb.connect() as connection:
        return {
            name: [
                connection.execute(
                    f"SELECT * FROM {scanned(name, store.files(name, part))} ORDER BY ALL"
                ).fetchall()
                for part in store.parts
            ]
            for name in (*COUNTED, *CARRIED, IDS, HOURS)
        }


def parts(path: Path) -> list[dict[str, object]]:
    """Give what a store says of its parts, but for how they are laid out."""
    told = []
    for part in Store.open(path).parts:
        facts = dict(vars(part))
        del facts["name"], facts["files"]
        told.append(facts)
    return told


def same(one: Path, other: Path) -> None:
    """See that two stores hold the same integers."""
    assert parts(one) == parts(other)
    left, right = tables(one), tables(other)
    assert [name for name in left if left[name] != right[name]] == []
