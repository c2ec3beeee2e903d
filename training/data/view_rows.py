"""From staged rows to the views of a site's articles."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import duckdb
import numpy as np

from recommender.blocks import BLOCKS
from training.data.anonymous import find_shared, names_nobody
from training.data.events import OTHER_EVENT
from training.data.navigation import NAVIGATION, count_navigation
from training.data.stage import StagedRows
from training.data.views import ViewTable
from training.records import HOUR, NEVER, Anonymous, Traffic

BEFORE, AFTER = "counted before, or too late", "not yet to be counted"
"""Reasons why views outside of the wanted time are left out."""

MAX_UNKNOWN_IDS: Final = 10
"""Ids of unknown articles that are kept as examples."""

_READ_TIME: Final = "CASE WHEN {0} BETWEEN 0 AND 1e9 THEN least({0}, 3600) END".format(
    "try_cast(s.read_time AS DOUBLE)"
)
"""Seconds on the page, at most an hour; any other text is no read time."""

_BLOCK: Final = f"nullif(list_position({list(BLOCKS)}, lower(trim(s.referrer_block))), 0) - 1"
"""The block that led to a view, by its place in `BLOCKS`; any other word names none."""

_SLOT: Final = "CASE WHEN {0} BETWEEN 1 AND 100 AND {0} = floor({0}) THEN {0} END".format(
    "try_cast(s.referrer_slot AS DOUBLE)"
)

_WITH_READERS: Final = (
    'LEFT JOIN readers ON s."user" = readers.text LEFT JOIN sessions ON s.session = sessions.text'
)
_READER: Final = "coalesce(readers.hash, sessions.hash)"


def viewed_ids(connection: duckdb.DuckDBPyConnection, views: StagedRows) -> list[str]:
    """Return the ids in the good rows of the views, ascending."""
    found = connection.sql(
        f"SELECT DISTINCT article FROM {views.table} WHERE reason IS NULL AND article IS NOT NULL"
    )
    return sorted(article for (article,) in found.fetchall())


class ViewFilter(NamedTuple):
    """Which views to keep, and which of them have a reader.

    Attributes
    ----------
    key : key of the readers' hashes.
    forgotten : hashes of readers whose views are left out.
    shared : hashes of values that are those of many readers; None to look for such values.
    start, end : µs UTC: views outside of [start, end) are left out.
    """

    key: bytes
    forgotten: Sequence[int] = ()
    shared: Sequence[int] | None = ()
    start: int = 0
    end: int = NEVER


def views_of(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    ids: Sequence[str],
    view_filter: ViewFilter,
    no_reader: Sequence[str] = (),
) -> tuple[ViewTable, Traffic, Anonymous, dict[str, int]]:
    """Create the tables of the views of known articles, and of those of no article.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows, where `views` and `navigation_views` are created.
    staged : StagedRows
        The rows of the view files.
    ids : Sequence[str]
        Row → id of the known articles.
    view_filter : ViewFilter
        The views to keep.
    no_reader : Sequence[str]
        `views.no_reader`.

    Returns
    -------
    ViewTable, Traffic, Anonymous, dict
        The views, the traffic by the hour, the views without a reader, and the number of views left
        out by reason.
    """
    outside = _remove_outside(connection, staged, view_filter)
    rows: Mapping[str, object] = {
        "id": np.array(ids, dtype=object),
        "row": np.arange(len(ids), dtype=np.int32),
    }
    connection.register("known_rows", rows)
    connection.execute(
        "CREATE TEMP TABLE article_rows AS SELECT id::VARCHAR AS id, row FROM known_rows"
    )
    connection.unregister("known_rows")
    anonymous = _hash_readers(connection, staged, view_filter, no_reader)
    forgotten = _remove_forgotten(connection, staged, view_filter.forgotten)
    named = connection.sql(
        f"SELECT DISTINCT trim(referrer_version) AS version FROM {staged.table} "
        "WHERE reason IS NULL AND referrer_version IS NOT NULL ORDER BY version"
    )
    versions = [version for (version,) in named.fetchall()]
    # Equal views without a reader are several views, those of one reader are one.
    connection.execute(
        f"CREATE TABLE views AS SELECT s.time, {_READER} AS reader, "
        "coalesce(sessions.hash, 0) AS session, article_rows.row AS article, "
        f"coalesce(max({_READ_TIME}), -1)::INTEGER AS read_time, "
        f"coalesce(max({_BLOCK}), -1)::INTEGER AS block, "
        f"coalesce(max({_SLOT}), -1)::INTEGER AS slot, "
        "coalesce(max(list_position($1::VARCHAR[], trim(s.referrer_version))), 0)::INTEGER - 1 "
        "AS version, min(s.rowid) AS place "
        f"FROM {staged.table} s JOIN article_rows ON s.article = article_rows.id {_WITH_READERS} "
        f"WHERE s.reason IS NULL GROUP BY s.time, {_READER}, coalesce(sessions.hash, 0), "
        f"article_rows.row, CASE WHEN {_READER} IS NULL THEN s.rowid END ORDER BY s.time, place",
        [versions],
    )
    connection.execute(
        f"CREATE TABLE navigation_views AS SELECT DISTINCT s.time, {_READER} AS reader, "
        f"coalesce(sessions.hash, 0) AS session FROM {staged.table} s {_WITH_READERS} "
        f"WHERE s.reason IS NULL AND s.article IS NULL AND {_READER} IS NOT NULL ORDER BY ALL"
    )
    by_hour = connection.sql(
        f"SELECT time - time % {HOUR} AS hour, count(*) AS views, count(*) - count(id) AS unknown "
        f"FROM {staged.table} LEFT JOIN article_rows ON article = id "
        "WHERE reason IS NULL AND article IS NOT NULL GROUP BY hour ORDER BY hour"
    ).fetchnumpy()
    unknown_ids = connection.sql(
        f"SELECT article, count(*) AS views FROM {staged.table} ANTI JOIN article_rows "
        "ON article = id WHERE reason IS NULL AND article IS NOT NULL GROUP BY article "
        f"ORDER BY views DESC, article LIMIT {MAX_UNKNOWN_IDS}"
    ).fetchall()
    hours = {name: np.asarray(by_hour[name], np.int64) for name in ("hour", "views", "unknown")}
    traffic = Traffic(**hours, unknown_ids=dict(unknown_ids))
    unknown, navigation = int(traffic.unknown.sum()), count_navigation(connection, staged)
    count, start, newest, without_reader = connection.sql(
        f"SELECT count(*), coalesce(min(time), {NEVER}), coalesce(max(time), -1), "
        "count(*) - count(reader) FROM views"
    ).fetchall()[0]
    left_out = {
        "unknown article": unknown,
        "exact duplicate": int(traffic.views.sum()) - unknown - count,
        "forgotten reader": forgotten,
        NAVIGATION: navigation,
        **outside,
    }
    for table in (staged.table, "article_rows", "readers", "sessions"):
        connection.execute(f"DROP TABLE {table}")
    views = ViewTable(connection, "views", count, start, newest, versions, "navigation_views")
    return views, traffic, replace(anonymous, views=without_reader), left_out


def _hash_readers(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    view_filter: ViewFilter,
    no_reader: Sequence[str],
) -> Anonymous:
    """Create the tables `readers` and `sessions`, with the keyed hash of each text that names one.

    Each is hashed once: SHA-256 of every row would take longer than all else.
    """
    nobody = names_nobody("text", no_reader)
    for name, column in (("readers", "user"), ("sessions", "session")):
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT text, CASE WHEN NOT {nobody} THEN "
            "(('0x' || left(sha256($1 || text), 16))::UBIGINT::HUGEINT - 9223372036854775808)"
            f'::BIGINT END AS hash FROM (SELECT DISTINCT "{column}" AS text FROM {staged.table} '
            f'WHERE reason IS NULL AND "{column}" IS NOT NULL)',
            [view_filter.key.hex()],
        )
    shared = view_filter.shared
    if shared is None:
        found = connection.execute(
            "SELECT hash FROM readers WHERE hash IS NOT NULL AND "
            "list_contains($1::VARCHAR[], text) ORDER BY text",
            [find_shared(connection, staged.table)],
        ).fetchall()
        shared = [hashed for (hashed,) in found]
    if shared:
        connection.execute(
            "UPDATE readers SET hash = NULL WHERE list_contains($1::BIGINT[], hash)", [shared]
        )
    values = connection.sql(
        f"SELECT coalesce(\"user\", '') AS value, count(*) AS views FROM {staged.table} "
        'WHERE reason IS NULL AND ("user" IS NULL OR "user" IN '
        "(SELECT text FROM readers WHERE hash IS NULL)) GROUP BY value ORDER BY views DESC, value"
    ).fetchall()
    return Anonymous(values=dict(values), shared=shared)


def _remove_forgotten(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, forgotten: Sequence[int]
) -> int:
    """Remove the views of forgotten readers, and return their number."""
    if not forgotten:
        return 0
    connection.execute(
        f"CREATE TEMP TABLE forgotten AS SELECT s.rowid AS place FROM {staged.table} s "
        f"{_WITH_READERS} WHERE reason IS NULL AND list_contains($1::BIGINT[], {_READER})",
        [list(forgotten)],
    )
    (count,) = connection.sql("SELECT count(*) FROM forgotten").fetchall()[0]
    connection.execute(f"DELETE FROM {staged.table} WHERE rowid IN (SELECT place FROM forgotten)")
    connection.execute("DROP TABLE forgotten")
    return int(count)


def leave_out_other_events(
    connection: duckdb.DuckDBPyConnection, views: StagedRows
) -> Counter[str]:
    """Remove the rows that are no page views, by `views.only`; return their number by reason."""
    others = f"FROM {views.table} WHERE reason IS NULL AND unpublished IS NOT NULL"
    found = connection.sql(f"SELECT unpublished, count(*) {others} GROUP BY unpublished").fetchall()
    if found:
        connection.execute(f"DELETE {others}")
    return Counter({f"{OTHER_EVENT} ({column})": count for column, count in found})


def leave_out_unpublished(
    connection: duckdb.DuckDBPyConnection, views: StagedRows, unpublished: Sequence[str]
) -> int:
    """Remove the views of what is no published article, such as editors' previews; count them."""
    if not unpublished:
        return 0
    connection.register("unpublished_ids", {"id": np.array(unpublished, object)})
    of_drafts = "reason IS NULL AND article IN (SELECT id::VARCHAR FROM unpublished_ids)"
    (count,) = connection.sql(f"SELECT count(*) FROM {views.table} WHERE {of_drafts}").fetchall()[0]
    connection.execute(f"DELETE FROM {views.table} WHERE {of_drafts}")
    connection.unregister("unpublished_ids")
    return int(count)


def _remove_outside(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, view_filter: ViewFilter
) -> dict[str, int]:
    """Remove the views outside of the wanted time, and count them by reason."""
    if (view_filter.start, view_filter.end) == (0, NEVER):
        return {}
    early, late = f"time < {view_filter.start:d}", f"time >= {view_filter.end:d}"
    counts = connection.sql(
        f"SELECT count(*) FILTER ({early}), count(*) FILTER ({late}) FROM {staged.table} "
        "WHERE reason IS NULL"
    ).fetchall()[0]
    connection.execute(f"DELETE FROM {staged.table} WHERE {early} OR {late}")
    return dict(zip((BEFORE, AFTER), counts, strict=True))
