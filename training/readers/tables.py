"""The results of counting views: frozen tables of integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt

from training.records import Float64, Int32, Int64

T = TypeVar("T", bound="Table")
C = TypeVar("C", "PairCounts", "ViewCounts")

UNIT = 2520
"""Weight of a pair at distance one; divisible by every distance up to ten."""


@dataclass(frozen=True)
class Table:
    """A frozen table of equally long integer columns."""

    @classmethod
    def of(cls, columns: Mapping[str, npt.NDArray[Any]], prefix: str = "") -> Self:
        """Return a table of arrays by name, each with a prefix."""
        return cls(
            **{
                f.name: np.ascontiguousarray(columns[prefix + f.name], _dtype(f.name))
                for f in fields(cls)
            }
        )

    @classmethod
    def empty(cls) -> Self:
        """Return a table without rows."""
        return cls(**{f.name: np.zeros(0, _dtype(f.name)) for f in fields(cls)})

    def arrays(self, prefix: str = "") -> dict[str, npt.NDArray[Any]]:
        """Return the columns by name, each with a prefix."""
        return {prefix + f.name: getattr(self, f.name) for f in fields(self)}

    def where(self, rows: npt.NDArray[Any] | slice) -> Self:
        """Return the rows of a mask, an index or a slice."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def _dtype(column: str) -> type[np.signedinteger[Any]]:
    return np.int32 if column in {"article", "source", "target", "counted", "own"} else np.int64


@dataclass(frozen=True)
class OpenSessionViews(Table):
    """The ends of the sessions that are open at a time: up to ten views each.

    `reader` int64 keyed hash · `session` int64 hash of the site's session id · `article` int32
    row · `time` int64 µs · `position` int64 in the session, from 1 · `counted` int32, 0 where the
    causal limits left it out · `last_time` int64 µs of the session's last view, reloads included.
    """

    reader: Int64
    session: Int64
    article: Int32
    time: Int64
    position: Int64
    counted: Int32
    last_time: Int64


@dataclass(frozen=True)
class ReaderDayViews(Table):
    """Views of each reader (keyed hash) on the UTC day (int64 µs) that is not over yet."""

    reader: Int64
    day: Int64
    views: Int64


@dataclass(frozen=True)
class PairCounts(Table):
    """Pairs by bucket: `bucket` int64 µs, `source`, `target` int32 rows, int64 sums in 2520ths."""

    KEYS: ClassVar = ("bucket", "source", "target")

    bucket: Int64
    source: Int32
    target: Int32
    weight: Int64
    direct: Int64


@dataclass(frozen=True)
class ViewCounts(Table):
    """Views by bucket: `bucket` int64 µs, `article` int32 row, count, first and last time in µs.

    `timed` counts the views with a read time, and `read_time` adds up their seconds. `discount` is
    the weight taken off views that a block of ours led to, in 2520ths.
    """

    KEYS: ClassVar = ("bucket", "article")

    bucket: Int64
    article: Int32
    views: Int64
    first_view: Int64
    last_view: Int64
    timed: Int64
    read_time: Int64
    discount: Int64

    @property
    def weighed(self) -> Float64:
        """The views, each by its weight: float64[k]."""
        return self.views - self.discount / UNIT


@dataclass(frozen=True)
class Transitions(Table):
    """Transitions: `source`, `target` int32 rows, their times in µs, `reader` int64 keyed hash.

    `own` int32 is 1 where a block of ours led to the target. Ordered by the time of the target's
    view, which is when a transition becomes known.
    """

    source: Int32
    target: Int32
    source_time: Int64
    target_time: Int64
    reader: Int64
    own: Int32


@dataclass(frozen=True)
class SessionViews(Table):
    """Views that count, session by session, in the order of time.

    `reader` int64 keyed hash · `number` int64 of the reader's session · `time` int64 µs · `article`
    int32 row · `block`, `slot`, `version` int64, what led to it, as in `ViewRows`; -1 where absent.
    """

    reader: Int64
    number: Int64
    time: Int64
    article: Int32
    block: Int64
    slot: Int64
    version: Int64


@dataclass(frozen=True)
class OpenSessions:
    """Open sessions and the day's counts: what the next window needs of this one."""

    views: OpenSessionViews
    days: ReaderDayViews

    @classmethod
    def empty(cls) -> Self:
        """Return no sessions."""
        return cls(OpenSessionViews.empty(), ReaderDayViews.empty())


@dataclass(frozen=True)
class Increments:
    """The increments of a window, as integers, ordered by bucket."""

    pairs: PairCounts
    views: ViewCounts
    transitions: Transitions
    sessions: int
    """Sessions that began in the window."""

    def between(self, start: int, end: int) -> "Increments":
        """Return the buckets that begin in [start, end), µs UTC, both multiples of a bucket."""
        pairs = np.searchsorted(self.pairs.bucket, [start, end])
        views = np.searchsorted(self.views.bucket, [start, end])
        moves = np.searchsorted(self.transitions.target_time, [start, end])
        return Increments(
            self.pairs.where(slice(*pairs)),
            self.views.where(slice(*views)),
            self.transitions.where(slice(*moves)),
            self.sessions,
        )


def concatenate(parts: Sequence[Increments]) -> Increments:
    """Concatenate the increments of successive windows, at least one."""

    def joined(tables: Sequence[T]) -> T:
        columns = [table.arrays() for table in tables]
        return type(tables[0]).of(
            {name: np.concatenate([part[name] for part in columns]) for name in columns[0]}
        )

    return Increments(
        joined([part.pairs for part in parts]),
        joined([part.views for part in parts]),
        joined([part.transitions for part in parts]),
        sum(part.sessions for part in parts),
    )


def merge_counts(left: C, right: C) -> C:
    """Merge two tables of counts, ordered by their keys; rows of equal keys become one."""
    if not len(left.bucket):
        return right
    names = [f.name for f in fields(left)]
    both = {n: np.concatenate([getattr(left, n), getattr(right, n)]) for n in names}
    order = np.lexsort([both[name] for name in reversed(left.KEYS)])
    ordered = {name: column[order] for name, column in both.items()}
    keys = np.stack([ordered[name] for name in left.KEYS])
    new = np.ones(keys.shape[1], np.bool_)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    return type(left).of(
        {
            name: column[starts] if name in left.KEYS else _reducer(name).reduceat(column, starts)
            for name, column in ordered.items()
        }
    )


def _reducer(column: str) -> np.ufunc:
    return {"first_view": np.minimum, "last_view": np.maximum}.get(column, np.add)
