"""The rows of an evaluation on disk, as Parquet."""

import hashlib
from collections.abc import Sequence
from dataclasses import fields
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from duckdb import DuckDBPyRelation

from training.metrics.bootstrap import Trial, match
from training.recommendations import LIST_REASONS
from training.replay.results import MISSES, ReplayResult
from training.report.formatting import format_duration
from training.storage import open_replacement


def write_rows(path: Path, replays: Sequence[ReplayResult]) -> str:
    """Write the rows of all replays as one Parquet file, atomically.

    Columns are those of `ReplayRows`, with `every` before them. Systems, articles, reasons and
    misses are written by name, `slots_reason` as a column per reason; readers get new numbers;
    NaN, no reason and no miss are null.

    Returns
    -------
    str
        SHA-256 of the file, in hex.

    Raises
    ------
    OutputError
        If it cannot be written; an old file stays.
    ValueError
        If two systems of a replay do not have the same transitions.
    """
    tables = {f"rows{number}": _columns(trial) for number, trial in enumerate(match(replays))}
    with open_replacement(path) as file:
        try:
            with duckdb.connect() as connection:
                for name, table in tables.items():
                    connection.register(name, table)
                rows = reduce(DuckDBPyRelation.union, map(connection.view, tables))
                named = rows.project(
                    "* REPLACE (nullif(reason, '') AS reason, nullif(miss, '') AS miss)"
                )
                named.write_parquet(file.name, use_tmp_file=False)
        except duckdb.IOException as error:
            raise OSError(str(error)) from error
        with Path(file.name).open("rb") as rows_file:
            return hashlib.file_digest(rows_file, "sha256").hexdigest()


def _columns(trial: Trial) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a replay as they are written; no reason and no miss are `""`."""
    replay = trial.replay
    rows, ids = replay.rows, np.array(replay.ids, object)
    reader = np.empty(len(rows), np.int32)
    reader[trial.order] = trial.reader
    columns = {
        "every": np.full(len(rows), format_duration(replay.every), object),
        **{field.name: getattr(rows, field.name) for field in fields(rows)},
        "system": np.array(replay.systems, object)[rows.system],
        "source": ids[rows.source],
        "target": ids[rows.target],
        "reader": reader,
        "reason": np.array([*LIST_REASONS, ""], object)[rows.reason],
        "miss": np.array([*MISSES, ""], object)[rows.miss],
    }
    by_reason = columns.pop("slots_reason").T
    names = (f"slots_reason_{code}" for code in LIST_REASONS)
    return {**columns, **dict(zip(names, by_reason, strict=True))}
