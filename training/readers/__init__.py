"""Readers: page views to integer increments by SQL, and those to decayed sums."""

from training.readers.current import Readers, current
from training.readers.increments import (
    Increments,
    Open,
    Opened,
    Transitions,
    count,
    join,
    opened,
)
from training.readers.sums import Sums, advance, empty, extended

__all__ = [
    "Increments",
    "Open",
    "Opened",
    "Readers",
    "Sums",
    "Transitions",
    "advance",
    "count",
    "current",
    "empty",
    "extended",
    "join",
    "opened",
]
