"""Readers: page views to integer increments by SQL, and those to decayed sums."""

from training.readers.counted_views import (
    CountedViews,
    scan_query,
    stored_ids,
    table_columns,
    use_increments,
)
from training.readers.half_lives import DIRECT, SLOWEST, pair_columns
from training.readers.increments import (
    count,
    limits,
    order_columns,
    ordered_query,
    query,
    select_open_sessions,
    session_tables,
    session_views,
)
from training.readers.stats import ReaderStats, reader_stats
from training.readers.store import (
    HOURS,
    IDS,
    INCREMENT_TABLES,
    OPEN_SESSION_TABLES,
    IncrementStore,
    StorePart,
    counting_settings,
    open_or_create,
)
from training.readers.sums import Sums, advance, empty_sums
from training.readers.tables import Increments, OpenSessions, SessionViews, Transitions, concatenate

__all__ = [
    "DIRECT",
    "HOURS",
    "IDS",
    "INCREMENT_TABLES",
    "OPEN_SESSION_TABLES",
    "SLOWEST",
    "CountedViews",
    "IncrementStore",
    "Increments",
    "OpenSessions",
    "ReaderStats",
    "SessionViews",
    "StorePart",
    "Sums",
    "Transitions",
    "advance",
    "concatenate",
    "count",
    "counting_settings",
    "empty_sums",
    "limits",
    "open_or_create",
    "order_columns",
    "ordered_query",
    "pair_columns",
    "query",
    "reader_stats",
    "scan_query",
    "select_open_sessions",
    "session_tables",
    "session_views",
    "stored_ids",
    "table_columns",
    "use_increments",
]
