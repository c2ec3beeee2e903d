"""A reader who asked to be forgotten, taken out of the increments."""

import os
from pathlib import Path
from typing import Final

import duckdb

from training.errors import OutputError
from training.increments.job import new_folder
from training.increments.tables import copy_to
from training.readers import IncrementStore, StorePart, scan_query

READERS: Final = ("transitions", "reads", "open_views", "day_views")
"""Tables that tell readers apart, by their keyed hash."""


def forget(path: Path, reader: int) -> int:
    """Remove what a store tells of a reader; nobody else may be at work in the folder.

    What the reader has added to sums over all readers stays: it cannot be told apart there.

    Parameters
    ----------
    path : Path
        Folder of the store.
    reader : int
        Keyed hash.

    Returns
    -------
    int
        Rows removed.

    Raises
    ------
    DataError, OutputError
        If the store is damaged or cannot be written; it stays as it was.
    """
    store, removed = IncrementStore.open(path), 0
    with duckdb.connect() as connection:
        for part in store.parts:
            rows = {
                (name, file): connection.execute(
                    f"SELECT count(*) FROM {scan_query(name, [file])} WHERE reader = {reader:d}"  # noqa: S608
                ).fetchall()[0][0]
                for name in READERS
                for file in store.files(name, part)
            }
            told = [key for key, count in rows.items() if count]
            if told:
                store = _without(connection, store, part, told, reader)
                removed += sum(rows.values())
    store.sweep()
    return removed


def _without(
    connection: duckdb.DuckDBPyConnection,
    store: IncrementStore,
    part: StorePart,
    told: list[tuple[str, str]],
    reader: int,
) -> IncrementStore:
    """Put a part in the place of another that lacks a reader in some files."""
    before, folder = store.folder(part.name), new_folder(store)
    anew = {file: name for name, file in told}
    try:
        for file in (before / name for name in part.files):
            target = folder / file.relative_to(before)
            target.parent.mkdir(exist_ok=True)
            if str(file) in anew:
                rows = f"FROM {scan_query(anew[str(file)], [str(file)])} WHERE reader <> {reader:d}"
                copy_to(connection, rows, target)
            else:
                os.link(file, target)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None
    return store.commit(part, folder.name)
