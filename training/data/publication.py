"""Which staged rows of articles count: the newest of each id, and which of them are published."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import duckdb

from training.config import ArticlesConfig
from training.data.stage import StagedRows
from training.data.times import time_micros
from training.records import NEVER

NEWEST: Final = "newest_articles"
"""A table of the newest row of each id: `row`, its rowid."""

NO_TIME: Final = "no publish time"

_NOT_PUBLISHED: Final = "not published"

PREVIEW: Final = "view of what is not published"
"""Reason why a view is left out, such as an editor's preview."""


class UnpublishedRows(NamedTuple):
    """What stands in the files and is no published article.

    Attributes
    ----------
    urls : the ids, ascending, each with its address, `""` without one.
    columns : the ids, each with the column that says so, `""` if it lacks a publish time.
    """

    urls: Mapping[str, str]
    columns: Mapping[str, str]

    @property
    def reasons(self) -> Counter[str]:
        """Their number by reason."""
        return Counter(
            f"{_NOT_PUBLISHED} ({column or NO_TIME})" for column in self.columns.values()
        )


def choose_newest(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, config: ArticlesConfig
) -> None:
    """Create the table `NEWEST` of the good rows.

    The newest row of an id is the one that was modified last, where all its rows say when; else,
    and among equals, the last in the order of files and rows.
    """
    good = f"FROM {staged.table} WHERE reason IS NULL"
    newest = f"SELECT max(rowid) AS row {good} GROUP BY id"
    (modified,) = connection.sql(f"SELECT count(modified_at) {good}").fetchall()[0]
    if modified:
        micros = time_micros("modified_at", config.time_unit, config.time_order, articles=True)
        newest = f"""
            SELECT row FROM (SELECT id, row, micros,
                count(*) OVER (PARTITION BY id) = count(micros) OVER (PARTITION BY id) AS all_say
            FROM (SELECT id, rowid AS row, {micros} AS micros {good}))
            QUALIFY row_number() OVER (PARTITION BY id
                ORDER BY CASE WHEN all_say THEN micros ELSE 0 END DESC, row DESC) = 1"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEWEST} AS {newest}")


def mark_undated(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, known_times: Mapping[str, int]
) -> None:
    """Mark the newest rows without a publish time as unpublished if most articles have one.

    Where the site says when its articles were published, one without a time is a draft. Elsewhere
    the first view stands in for the time.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows and the table `NEWEST`.
    staged : StagedRows
        The rows of the article files.
    known_times : mapping of str to int
        Publish times (µs UTC, `NEVER` for none) by id of the articles that the site has already.
        Those that the files lack count too.
    """
    published = f"{staged.table} WHERE unpublished IS NULL AND rowid IN (FROM {NEWEST})"
    count, dated = connection.sql(f"SELECT count(*), count(time) FROM {published}").fetchall()[0]
    if count == dated:
        return
    if known_times:
        here = {id_ for (id_,) in connection.sql(f"SELECT id FROM {published}").fetchall()}
        others = [time for id_, time in known_times.items() if id_ not in here]
        count, dated = count + len(others), dated + sum(time != NEVER for time in others)
    if 2 * dated >= count:
        connection.execute(
            f"UPDATE {staged.table} SET unpublished = '' WHERE time IS NULL AND unpublished IS NULL"
        )


def unpublished_rows(connection: duckdb.DuckDBPyConnection, staged: StagedRows) -> UnpublishedRows:
    """Return the ids whose newest row is no published article."""
    found = connection.sql(
        f"SELECT id, coalesce(url, ''), unpublished FROM {staged.table} "
        f"WHERE unpublished IS NOT NULL AND rowid IN (FROM {NEWEST}) ORDER BY id"
    ).fetchall()
    return UnpublishedRows(
        {id_: url for id_, url, _ in found}, {id_: column for id_, _, column in found}
    )


def ids_in(connection: duckdb.DuckDBPyConnection, staged: StagedRows) -> set[str]:
    """Return all ids that stand in the files, those of rows that cannot be used included."""
    found = connection.sql(f"SELECT DISTINCT id FROM {staged.table} WHERE id IS NOT NULL")
    return {article for (article,) in found.fetchall()}


def is_unpublished(reason: str) -> bool:
    """Return whether a row was left out since it is no published article."""
    return reason.startswith(_NOT_PUBLISHED)
