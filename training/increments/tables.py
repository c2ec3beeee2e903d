"""Write the tables of a part as Parquet with DuckDB."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from training.data.scan import sql_literal
from training.readers import HOURS, IDS
from training.records import Traffic

ROW_GROUP_ROWS: Final = 250_000
"""Rows of a row group, the smallest unit that DuckDB reads."""


def copy_to(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query, in their order, to a Parquet file; make its folder."""
    file.parent.mkdir(exist_ok=True)
    connection.execute(
        f"COPY ({query}) TO {sql_literal(str(file))} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {ROW_GROUP_ROWS})"
    )


def write_ids(folder: Path, ids: Sequence[str], first: int) -> None:
    """Write the ids of the rows from `first` on."""
    write_rows(folder / IDS / "0000.parquet", ids, first)


def write_rows(file: Path, ids: Sequence[str], first: int = 0) -> None:
    """Write ids with their rows to a file."""
    rows = np.arange(first, first + len(ids), dtype=np.int32)
    _write(file, {"id": np.array(ids, object), "row": rows}, "id::VARCHAR AS id, row")


def write_hours(folder: Path, traffic: Traffic) -> None:
    """Write all views by the hour."""
    columns = {"hour": traffic.hour, "views": traffic.views, "unknown": traffic.unknown}
    _write(folder / HOURS / "0000.parquet", columns, "*")


def _write(file: Path, columns: Mapping[str, npt.NDArray[Any]], select: str) -> None:
    with duckdb.connect() as connection:
        connection.register("given_columns", dict(columns))
        copy_to(connection, f"SELECT {select} FROM given_columns", file)  # noqa: S608
