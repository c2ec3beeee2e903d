"""Page views to integer increments, by the SQL queries in `sql/`.

SQL adds integers only, and `sums` applies decay, so that a query gives the same increments on any
engine and any number of threads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from training.config import ReadersConfig, SessionsConfig
from training.readers.counted_views import CountedViews
from training.readers.tables import (
    UNIT,
    Increments,
    OpenSessions,
    OpenSessionViews,
    PairCounts,
    ReaderDayViews,
    SessionViews,
    T,
    Transitions,
    ViewCounts,
)
from training.records import Window

if TYPE_CHECKING:
    import duckdb

_ORDER: Final = {
    "pairs": ("bucket", "source", "target"),
    "views": ("bucket", "article"),
    "transitions": ("target_time", "source_time", "source", "target", "reader"),
    "reads": ("bucket", "reader", "article"),
    "sessions": ("bucket",),
    "open_views": ("reader", "session", "position"),
    "day_views": ("reader",),
    "opened": ("reader", "number", "position"),
}
"""The columns that the rows of a query are ordered by, where the order matters."""

_NO_ROWS: Final = "SELECT 0::BIGINT AS time, 0::BIGINT AS reader, 0::BIGINT AS session WHERE false"


def count(
    window: Window, before: OpenSessions, sessions: SessionsConfig, readers: ReadersConfig
) -> tuple[Increments, OpenSessions]:
    """Count a window's views, continuing the sessions that were open before it.

    Parameters
    ----------
    window : Window
        Its views in [start, end) are counted.
    before : OpenSessions
        Open sessions and day counts at `window.start`.
    sessions : SessionsConfig
        Gap and causal limits.
    readers : ReadersConfig
        Weight of a view that came from one of our blocks.

    Returns
    -------
    Increments, OpenSessions
        Counting [a, b) and then [b, c) adds up to counting [a, c). The increments of views that
        were counted before are read from their store.
    """
    if isinstance(window.views, CountedViews):
        return window.views.increments(window.start, window.end)
    with session_tables(window, before, sessions, readers) as connection:
        pairs = _select(connection, "pairs", PairCounts)
        views = _select(connection, "views", ViewCounts)
        transitions = _select(connection, "transitions", Transitions)
        begun = connection.execute(query("sessions")).fetchnumpy()["begun"]
        after = select_open_sessions(connection)
    return Increments(pairs, views, transitions, int(begun.sum())), after


def select_open_sessions(connection: "duckdb.DuckDBPyConnection") -> OpenSessions:
    """Return the open sessions at the end of the window of `session_tables`."""
    return OpenSessions(
        _select(connection, "open_views", OpenSessionViews),
        _select(connection, "day_views", ReaderDayViews),
    )


def session_views(window: Window, sessions: SessionsConfig) -> SessionViews:
    """Return the views of a window that count, without open sessions before it."""
    with session_tables(window, OpenSessions.empty(), sessions, ReadersConfig()) as connection:
        return _select(connection, "opened", SessionViews)


@contextmanager
def session_tables(
    window: Window, before: OpenSessions, sessions: SessionsConfig, readers: ReadersConfig
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Make the tables that the SQL queries read, `collapsed` among them.

    The parameters are those of `count`.

    Raises
    ------
    UsageError
        If only the increments of the views are known.
    """
    views = window.views.rows()
    connection = views.connection.cursor()
    try:
        connection.register("open_views", before.views.arrays(""))
        connection.register("day_views", before.days.arrays(""))
        row = limits(window.end, sessions, readers)
        connection.register("limits", {name: np.array([n], np.int64) for name, n in row.items()})
        inside = f"time >= {window.start:d} AND time < {window.end:d}"
        source = connection.table(views.table).filter(inside)
        source.create_view("window_views", replace=True)
        navigation = f"FROM {views.navigation} WHERE {inside}" if views.navigation else _NO_ROWS
        connection.execute(f"CREATE OR REPLACE TEMP VIEW navigation AS {navigation}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE collapsed AS {query('collapsed')}")
        yield connection
    finally:
        connection.close()


def limits(end: int, sessions: SessionsConfig, readers: ReadersConfig) -> dict[str, int]:
    """Return the one row of the table `limits`, for a window that ends at `end` (µs UTC)."""
    return {
        "gap": sessions.gap,
        "max_views": sessions.max_views,
        "max_day_views": sessions.max_day_views,
        "kept": round(UNIT * (1 - readers.block_discount)),
        "window_end": end,
    }


def query(name: str) -> str:
    """Return the SQL query of a name; its rows are in no order."""
    return files("training.readers").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def order_columns(name: str) -> tuple[str, ...]:
    """Return the columns that the rows of a query are ordered by."""
    return _ORDER[name]


def ordered_query(name: str) -> str:
    """Return the SQL query of a name, its rows in order."""
    return f"{query(name)}ORDER BY {', '.join(order_columns(name))}"


def _select(connection: "duckdb.DuckDBPyConnection", name: str, table: type[T]) -> T:
    return table.of(connection.execute(ordered_query(name)).fetchnumpy())
