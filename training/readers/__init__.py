"""Readers: page views to integer increments by SQL, and those to decayed sums."""

from training.readers.counted import Counted, columns, scanned, stored_ids, taken
from training.readers.current import Readers, current
from training.readers.increments import (
    count,
    laid_out,
    limits,
    opened,
    order,
    ordered,
    still_open,
    text,
)
from training.readers.store import (
    CARRIED,
    COUNTED,
    HOURS,
    IDS,
    Part,
    Store,
    opened_or_new,
    settings_of,
)
from training.readers.sums import Sums, advance, empty
from training.readers.tables import Increments, Open, Opened, Transitions, join

__all__ = [
    "CARRIED",
    "COUNTED",
    "HOURS",
    "IDS",
    "Counted",
    "Increments",
    "Open",
    "Opened",
    "Part",
    "Readers",
    "Store",
    "Sums",
    "Transitions",
    "advance",
    "columns",
    "count",
    "current",
    "empty",
    "join",
    "laid_out",
    "limits",
    "opened",
    "opened_or_new",
    "order",
    "ordered",
    "scanned",
    "settings_of",
    "still_open",
    "stored_ids",
    "taken",
    "text",
]
