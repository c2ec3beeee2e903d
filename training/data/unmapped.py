"""Columns of article files that say which rows are published, and that nobody has mapped.

Such a column stops the reading, where its values show that it matters: drafts would be published.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import duckdb

from training.config import ArticlesConfig, toml_value
from training.data.columns import Input, find_columns, passes_filters
from training.data.scan import Scan
from training.data.states import (
    MAX_CHARACTERS,
    MAX_STATES,
    StateColumn,
    is_named_as_state,
    may_be_states,
    recognise,
)
from training.errors import DataError

_SAMPLE: Final = 1000
"""First rows of a file in which columns without a known name are looked at."""


class UnmappedStateError(DataError):
    """A column says which rows are published, and is not mapped."""

    def __init__(self, message: str, columns: Sequence[str]) -> None:
        super().__init__(message)
        self.columns = columns


def find_unmapped_states(
    connection: duckdb.DuckDBPyConnection, kind: Input, path: str, scan: Scan
) -> UnmappedStateError | None:
    """Return the error of a file with a column that says which rows are published, not mapped.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database.
    kind : Input
        The articles.
    path : str
        The file, for the message.
    scan : Scan
        How its rows are read.

    Returns
    -------
    UnmappedStateError or None
        To be raised, once the file's withdrawals are in force. None without such a column, or where
        all rows are alike and published. Rows that `articles.only` leaves out do not count.

    Raises
    ------
    DataError
        As `find_columns`.
    """
    config = kind.config
    if not isinstance(config, ArticlesConfig) or not scan.columns:
        return None
    mapped = find_columns(kind, path, scan.columns, scan.has)
    named = {column for field, column in mapped.items() if field not in kind.kept}
    free = [name for name in scan.columns if name not in {*named, *config.ignore}]
    likely = _candidates(connection, scan, free)
    counts = _counts(connection, kind, scan, mapped, likely)
    found = [state for name in likely if (state := recognise(name, counts[name]))]
    unmapped = [state for state in found if state.differs]
    if not unmapped:
        return None
    return UnmappedStateError(
        f"{path}: {' and '.join(state.describe() for state in unmapped)}, which tells published "
        f"rows from others, and is not mapped; {_advice(config, unmapped)}",
        [state.name for state in unmapped],
    )


def _candidates(
    connection: duckdb.DuckDBPyConnection, scan: Scan, free: Sequence[str]
) -> list[str]:
    """Return the columns that may be states, by their names or by the first values."""
    unknown = [name for name in free if not is_named_as_state(name)]
    if not unknown:
        return list(free)
    fields = {f"f{at}": name for at, name in enumerate(unknown)}
    lists = ", ".join(f"list(DISTINCT left({field}, {MAX_CHARACTERS}))" for field in fields)
    (values,) = connection.sql(
        f"SELECT {lists} FROM (SELECT * FROM ({scan.rows(fields)}) LIMIT {_SAMPLE})"
    ).fetchall()
    likely = {name for name, found in zip(unknown, values, strict=True) if _likely(found)}
    return [name for name in free if name not in unknown or name in likely]


def _likely(values: Collection[str] | None) -> bool:
    return may_be_states([value for value in values or () if value is not None])


def _counts(
    connection: duckdb.DuckDBPyConnection,
    kind: Input,
    scan: Scan,
    mapped: Mapping[str, str | None],
    names: Sequence[str],
) -> dict[str, dict[str, int]]:
    """Count the rows of each value of some columns, the most frequent first."""
    if not names:
        return {}
    filters = {field: mapped[field] for field in kind.filters}
    fields = {f"f{at}": name for at, name in enumerate(names)}
    columns = ", ".join(
        f"left(coalesce({field}, ''), {MAX_CHARACTERS}) AS {field}" for field in fields
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE states AS SELECT {columns} FROM "
        f"({scan.rows({**fields, **filters})}) WHERE broken IS NULL AND {passes_filters(kind)}"
    )
    counts = {}
    for field, name in fields.items():
        rows = connection.sql(
            f"SELECT {field}, count(*) AS rows FROM states GROUP BY {field} "
            f"ORDER BY rows DESC, {field} LIMIT {MAX_STATES + 2}"
        ).fetchall()
        counts[name] = dict(rows)
    connection.execute("DROP TABLE states")
    return counts


def _advice(config: ArticlesConfig, unmapped: Sequence[StateColumn]) -> str:
    """Return the line to write into the configuration, and the other one."""
    known = {state.name: state.accepted for state in unmapped if state.accepted}
    open_ = [state.name for state in unmapped if not state.accepted]
    ignore = f"ignore = {toml_value([*config.ignore, *(s.name for s in unmapped)])}"
    if open_:
        return (
            f"name the values of published rows in [articles], such as only = "
            f"{toml_value({**config.only, open_[0]: ['1']})}; or write {ignore}"
        )
    return (
        f"write only = {toml_value({**config.only, **known})} in [articles]; or, if it says "
        f"something else, {ignore}"
    )
