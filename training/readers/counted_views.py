"""Views of which only the increments are there, looked up in a store."""

# The SQL here is put together from our own names, numbers and quoted paths.
# ruff: noqa: S608

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from training.errors import UsageError
from training.readers.store import HOURS, IDS, IncrementStore
from training.readers.tables import (
    Increments,
    OpenSessions,
    OpenSessionViews,
    PairCounts,
    ReaderDayViews,
    T,
    Transitions,
    ViewCounts,
)
from training.records import DAY, NEVER, InputFile, Int32, Int64, Site, Traffic, ViewRows

if TYPE_CHECKING:
    import duckdb

_COLUMNS: Final = {
    "pairs": "bucket BIGINT, source INTEGER, target INTEGER, weight BIGINT, direct BIGINT",
    "views": "bucket BIGINT, article INTEGER, views BIGINT, first_view BIGINT, last_view BIGINT, "
    "timed BIGINT, read_time BIGINT, discount BIGINT",
    "transitions": "source INTEGER, target INTEGER, source_time BIGINT, target_time BIGINT, "
    "reader BIGINT, own INTEGER",
    "reads": "bucket BIGINT, reader BIGINT, article INTEGER, views BIGINT, first_view BIGINT",
    "sessions": "bucket BIGINT, begun BIGINT",
    "open_views": "reader BIGINT, session BIGINT, article INTEGER, time BIGINT, position BIGINT, "
    "counted INTEGER, last_time BIGINT",
    "day_views": "reader BIGINT, day BIGINT, views BIGINT",
    HOURS: "hour BIGINT, views BIGINT, unknown BIGINT",
    IDS: "id VARCHAR, row INTEGER",
}
"""The columns of each table of a store, also for a part without files."""

_PAIRS: Final = """
    SELECT bucket, a.row AS source, b.row AS target, sum(weight)::BIGINT AS weight,
        sum(direct)::BIGINT AS direct
    FROM {pairs} JOIN renumbered a ON source = a.stored JOIN renumbered b ON target = b.stored
    GROUP BY ALL ORDER BY ALL"""
_VIEWS: Final = """
    SELECT bucket, row AS article, sum(views)::BIGINT AS views, min(first_view) AS first_view,
        max(last_view) AS last_view, sum(timed)::BIGINT AS timed,
        sum(read_time)::BIGINT AS read_time, sum(discount)::BIGINT AS discount
    FROM {views} JOIN renumbered ON article = stored GROUP BY bucket, row ORDER BY bucket, row"""
_TRANSITIONS: Final = """
    SELECT a.row AS source, b.row AS target, source_time, target_time, reader, own
    FROM {transitions} JOIN renumbered a ON source = a.stored JOIN renumbered b ON target = b.stored
    ORDER BY target_time, source_time, 1, 2, reader"""
_OPEN_VIEWS: Final = """
    SELECT reader, session, row AS article, time, position, counted, last_time
    FROM {open_views} JOIN renumbered ON article = stored ORDER BY reader, session, position"""


@dataclass(frozen=True)
class CountedViews:
    """A site's views as a store of increments has them, articles by the rows of the site."""

    connection: "duckdb.DuckDBPyConnection"
    store: IncrementStore

    @classmethod
    def of(
        cls, connection: "duckdb.DuckDBPyConnection", store: IncrementStore, rows: Mapping[str, int]
    ) -> "CountedViews":
        """Return the views of a store, for a site with these rows by id.

        Views of ids that the site does not know are left out.
        """
        ids = stored_ids(store)
        known = [place for place, article in enumerate(ids) if article in rows]
        renumbered: dict[str, Int32] = {
            "stored": np.array(known, np.int32),
            "row": np.array([rows[ids[place]] for place in known], np.int32),
        }
        connection.register("given_rows", renumbered)
        connection.execute("CREATE OR REPLACE TABLE renumbered AS FROM given_rows")
        connection.unregister("given_rows")
        return cls(connection, store)

    def __getstate__(self) -> dict[str, object]:
        """Leave out the connection: another process gets the counts alone."""
        return {**vars(self), "connection": None}

    @property
    def count(self) -> int:
        """Number of views."""
        return sum(part.views for part in self.store.parts)

    @property
    def start(self) -> int:
        """Time of the first view, µs UTC; `NEVER` where there is none."""
        return min((part.first for part in self.store.parts if part.views), default=NEVER)

    @property
    def newest(self) -> int:
        """Time of the last view, µs UTC; -1 where there is none."""
        return max((part.newest for part in self.store.parts), default=-1)

    @property
    def ends(self) -> list[int]:
        """The ends of the parts, µs UTC, where the open sessions are known."""
        return [part.end for part in self.store.parts]

    def count_between(self, start: int, end: int) -> int:
        """Count the views in [start, end), µs UTC."""
        return sum(views for _, views in self.daily_counts(start, end))

    def count_late(self, time: int) -> int:  # noqa: ARG002 - as `ViewSource` has it
        """Return 0: late views were left out when the others were counted."""
        return 0

    def daily_counts(self, start: int, end: int) -> list[tuple[int, int]]:
        """Count the views in [start, end) of each UTC day that has any; its midnight (µs) first."""
        return self._query(
            f"SELECT bucket - bucket % {DAY} AS day, sum(views)::BIGINT FROM {{reads}} "
            "JOIN renumbered ON article = stored GROUP BY day ORDER BY day",
            start,
            end,
        ).fetchall()

    def first_views(self, articles: int, until: int) -> Int64:
        """Return the first view of each of n rows before `until`: int64[n], `NEVER` without one."""
        found = self._query(
            "SELECT row, min(first_view) AS first FROM {reads} JOIN renumbered ON article = stored "
            "GROUP BY row",
            0,
            until,
        ).fetchnumpy()
        first = np.full(articles, NEVER, np.int64)
        first[found["row"]] = found["first"]
        return first

    def read_counts(self, start: int, end: int) -> Mapping[str, npt.NDArray[Any]]:
        """Count who read what in [start, end): `reader`, `article`, `views`, ascending by them.

        Views without a reader are not in it.
        """
        return self._query(
            "SELECT reader, row AS article, sum(views)::BIGINT AS views FROM {reads} "
            "JOIN renumbered ON article = stored WHERE reader IS NOT NULL GROUP BY reader, row "
            "ORDER BY reader, row",
            start,
            end,
        ).fetchnumpy()

    def rows(self) -> ViewRows:
        """Raise a UsageError: the views themselves are not there."""
        raise UsageError("this needs the views themselves, not their increments; give --views")

    def increments(self, start: int, end: int) -> tuple[Increments, OpenSessions]:
        """Return the increments of [start, end), µs UTC, and the open sessions at its end.

        The latter are empty if no part ends there.

        Raises
        ------
        UsageError
            If a bound is inside a part and not a multiple of five minutes.
        """

        def table(query: str, kind: type[T]) -> T:
            return kind.of(self._query(query, start, end).fetchnumpy())

        begun = "SELECT coalesce(sum(begun), 0)::BIGINT FROM {sessions}"
        ((sessions,),) = self._query(begun, start, end).fetchall()
        increments = Increments(
            table(_PAIRS, PairCounts),
            table(_VIEWS, ViewCounts),
            table(_TRANSITIONS, Transitions),
            sessions,
        )
        return increments, self.open_sessions(end)

    def open_sessions(self, time: int) -> OpenSessions:
        """Return the open sessions at a time (µs UTC); none if no part ends there."""
        part = self.store.part_ending_at(time)
        if part is None:
            return OpenSessions.empty()

        def table(query: str, name: str, kind: type[T]) -> T:
            files = scan_query(name, self.store.files(name, part))
            return kind.of(self.connection.execute(query.format(**{name: files})).fetchnumpy())

        return OpenSessions(
            table(_OPEN_VIEWS, "open_views", OpenSessionViews),
            table("SELECT * FROM {day_views} ORDER BY reader", "day_views", ReaderDayViews),
        )

    def _query(self, query: str, start: int, end: int) -> "duckdb.DuckDBPyConnection":
        """Run a query over one table's rows of [start, end), µs UTC."""
        name = query[query.index("{") + 1 : query.index("}")]
        inside = [
            _between(name, self.store.files(name, part), first, beyond)
            for part, first, beyond in self.store.parts_between(start, end)
        ]
        union = " UNION ALL ".join(inside) or f"SELECT * FROM {scan_query(name, [])}"
        return self.connection.execute(query.format(**{name: f"({union})"}))


def use_increments(site: Site, store: IncrementStore) -> Site:
    """Return a site with the increments of a store in place of its views."""
    connection = site.views.rows().connection
    rows = {article: row for row, article in enumerate(site.ids)}
    left_out, read = Counter(site.left_out), dict(site.read)
    for part in store.parts:
        left_out.update(part.left_out)
        read["views"] += part.read
    manifest = store.path / "manifest.json"
    written = manifest.read_bytes()
    record = InputFile(str(manifest), len(written), hashlib.sha256(written).hexdigest())
    return replace(
        site,
        views=CountedViews.of(connection, store, rows),
        traffic=traffic_of(connection, store),
        read=read,
        left_out=dict(sorted(left_out.items())),
        inputs=[*site.inputs, record],
    )


def stored_ids(store: IncrementStore) -> list[str]:
    """Return the ids of a store by row."""
    import duckdb  # most commands do not need it

    files = [file for part in store.parts for file in store.files(IDS, part)]
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT id FROM {scan_query(IDS, files)} ORDER BY row")
        return [article for (article,) in found.fetchall()]


def traffic_of(connection: "duckdb.DuckDBPyConnection", store: IncrementStore) -> Traffic:
    """Return the views by the hour of a store, those of unknown articles included."""
    files = [file for part in store.parts for file in store.files(HOURS, part)]
    by_hour = connection.execute(
        "SELECT hour, sum(views)::BIGINT AS views, sum(unknown)::BIGINT AS unknown "
        f"FROM {scan_query(HOURS, files)} GROUP BY hour ORDER BY hour"
    ).fetchnumpy()
    hours = {name: np.asarray(by_hour[name], np.int64) for name in ("hour", "views", "unknown")}
    unknown_ids = store.parts[-1].strangers if store.parts else {}
    return Traffic(**hours, unknown_ids=dict(unknown_ids))


def scan_query(name: str, files: list[str]) -> str:
    """Return the SQL of a table of a store, which may have no files."""
    if not files:
        nothing = (f"NULL::{kind} AS {column}" for column, kind in table_columns(name))
        return f"(SELECT {', '.join(nothing)} WHERE false)"
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    names = ", ".join(column for column, _ in table_columns(name))
    return f"(SELECT {names} FROM read_parquet([{paths}]))"


def table_columns(name: str) -> list[tuple[str, str]]:
    """Return the columns of a table of a store, and their types in SQL."""
    pairs = (column.split() for column in _COLUMNS[name].split(", "))
    return [(column, kind) for column, kind in pairs]


def _between(name: str, files: list[str], first: int | None, beyond: int | None) -> str:
    """Return the SQL of a part's rows from one bucket up to another; None for no bound."""
    time = "target_time" if name == "transitions" else "bucket"
    bounds = [f"{time} >= {first}"] * (first is not None)
    bounds += [f"{time} < {beyond}"] * (beyond is not None)
    return f"SELECT * FROM {scan_query(name, files)} WHERE {' AND '.join(bounds) or 'true'}"
