"""Remove a reader who asked to be forgotten from the increments."""

import os
from pathlib import Path
from typing import Final

import duckdb

from training.errors import OutputError
from training.increments.job import new_folder
from training.increments.tables import copy_to
from training.readers import IncrementStore, StorePart, scan_query

READER_TABLES: Final = ("transitions", "reads", "open_views", "day_views")
"""Tables with a reader's keyed hash in each row."""


def forget(path: Path, reader: int) -> int:
    """Remove a reader's rows from a store; no job may be running in the folder.

    Sums over all readers still include this reader, whose part cannot be separated.

    Parameters
    ----------
    path : Path
        Folder of the store.
    reader : int
        Keyed hash.

    Returns
    -------
    int
        Number of removed rows.

    Raises
    ------
    DataError, OutputError
        If the store is damaged or cannot be written; it stays unchanged.
    """
    store, removed = IncrementStore.open(path), 0
    with duckdb.connect() as connection:
        for part in store.parts:
            rows = {
                (name, file): connection.execute(
                    f"SELECT count(*) FROM {scan_query(name, [file])} WHERE reader = {reader:d}"  # noqa: S608
                ).fetchall()[0][0]
                for name in READER_TABLES
                for file in store.files(name, part)
            }
            affected = [key for key, count in rows.items() if count]
            if affected:
                store = _remove_reader(connection, store, part, affected, reader)
                removed += sum(rows.values())
    store.remove_leftovers()
    return removed


def _remove_reader(
    connection: duckdb.DuckDBPyConnection,
    store: IncrementStore,
    part: StorePart,
    affected: list[tuple[str, str]],
    reader: int,
) -> IncrementStore:
    """Replace a part with a copy without the reader's rows; its other files are hard links."""
    before, folder = store.folder(part.name), new_folder(store)
    tables = {file: name for name, file in affected}
    try:
        for file in (before / name for name in part.files):
            target = folder / file.relative_to(before)
            target.parent.mkdir(exist_ok=True)
            if str(file) in tables:
                rows = scan_query(tables[str(file)], [str(file)])
                others = f"FROM {rows} WHERE reader IS DISTINCT FROM {reader:d}"
                copy_to(connection, others, target)
            else:
                os.link(file, target)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None
    return store.commit(part, folder.name)
