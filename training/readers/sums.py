"""Exponentially decayed sums over page views: the readers' part of the state.

A sum is kept relative to a landmark, the last UTC midnight: an increment `n` of the bucket that
ends at `e` adds `n · 2^((e - landmark) / half-life)`, and the value at `t` is the sum times
`2^((landmark - t) / half-life)` (forward decay; Cormode, Shkapenyuk, Srivastava, Xu: "Forward
decay", ICDE 2009). So time passes without touching a sum.

Buckets are added in time order, once each, when they are closed; the open bucket stays integer.
At each UTC midnight, and only there, the landmark moves, the day's pairs join the base, and weak
pairs and those of articles that are read no more are dropped. Hence advancing to b and then to c
is, bit by bit, advancing to c.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from training import kernels
from training.config import ReadersConfig
from training.readers.half_lives import DIRECT, SLOWEST, growth, pair_half_lives
from training.readers.tables import UNIT, Increments, PairCounts, ViewCounts
from training.records import BUCKET, DAY, NEVER, Bool, Float64, Int32, Int64, sorted_unique

WEAKEST: Final = 0.02 * UNIT
"""A pair whose slowest sum is below this (a fiftieth of a direct read) is dropped at midnight."""

NOTHING: Final = 1e-9
"""A decayed sum below this is zero from the next midnight on."""

PER_ARTICLE: Final = (
    "outflow",
    "inflow",
    "views",
    "first_view",
    "last_view",
    "total",
    "timed",
    "read_time",
    "discount",
)
"""Arrays of `Sums` that have a value or row per article."""

_MANY: Final = 1 << 23
"""Pairs from which two threads walk over them."""

_Flows: TypeAlias = tuple[npt.NDArray[Any], tuple[int, int], Float64]


@dataclass(frozen=True)
class PairSums:
    """Sums by pair: `keys` int64[p] ascending, source << 32 | target; `sums` float64[p, h + 1].

    A column per half-life, then the sum over direct steps alone at the slowest half-life.
    """

    keys: Int64
    sums: Float64

    @cached_property
    def _answers(self) -> list[_Flows]:
        """What `flows` was asked last, and its answer."""
        return []

    def flows(self, label: npt.NDArray[Any], labels: int, column: int) -> Float64:
        """Add up the pairs between labels of rows: float64[labels²] of one column.

        The last answer is kept: from a midnight to the next the pairs of the base are the same.
        """
        asked = labels, column
        for before, same, flows in self._answers[-1:]:
            if same == asked and np.array_equal(before, label):
                return flows
        found = self._added(kernels.readers.flows, column, label.astype(np.int32), labels)
        self._answers[:] = [(label, asked, found)]
        return found

    def inflows(
        self, label: npt.NDArray[Any], labels: int, column: int, place: Int32, places: int
    ) -> Float64:
        """Add up the pairs to some rows by the label of their source: float64[places · labels].

        `place` int32[n] is where a row stands among them, -1 for none of them.
        """
        return self._added(
            kernels.readers.inflows, column, label.astype(np.int32), labels, place, places
        )

    def _added(self, walk: Callable[..., Float64], column: int, *asked: Int32 | int) -> Float64:
        """Add up what a walk gives, of many pairs by two threads, a half each.

        Whether it is halves depends on the pairs alone, so that any machine adds up the same.
        """

        def part(keys: Int64, sums: Float64) -> Float64:
            return walk(keys, sums, column, *asked)

        half = len(self.keys) // 2
        if len(self.keys) < _MANY:
            return part(self.keys, self.sums)
        with ThreadPoolExecutor(2) as side_by_side:
            halves = ([of[:half], of[half:]] for of in (self.keys, self.sums))
            first, second = side_by_side.map(part, *halves)
        return first + second

    def add(self, keys: Int64, amounts: Float64) -> "PairSums":
        """Add amounts to pairs, in the order given; keys may repeat."""
        given = sorted_unique(keys)
        place = np.searchsorted(self.keys, given)
        new = np.searchsorted(self.keys, given, "right") == place
        known = np.insert(self.keys, place[new], given[new])
        sums = np.insert(self.sums, place[new], 0.0, axis=0)
        np.add.at(sums, np.searchsorted(known, keys), amounts)
        return PairSums(known, sums)

    def rolled(self, today: "PairSums", decay: Float64, read: Bool, keep: int) -> "PairSums":
        """Join a day's pairs, let all decay by float64[h + 1], and prune.

        What stays is neither weak nor of an article that is not `read` (bool[n]) any more, and
        among the `keep` strongest of its source, ties to the lower target.
        """
        tables = self.keys, self.sums, today.keys, today.sums
        return PairSums(
            *kernels.readers.roll(*tables, decay, read, SLOWEST, WEAKEST, NOTHING, keep)
        )


@dataclass(frozen=True)
class Sums:
    """All decayed sums at `time`; n articles, h pair half-lives, v view half-lives.

    Attributes
    ----------
    time : the cut in µs UTC: views before it are in.
    base : pairs up to the landmark.
    today : pairs since the landmark.
    outflow, inflow : float64[n, h + 1], sums over an article's pairs as source and as target.
    views : float64[n, v].
    first_view, last_view : int64[n] µs UTC; `NEVER` and -1 where nobody came.
    total : int64[n], views ever counted.
    timed, read_time : int64[n], of these the ones that tell how long the reader stayed, and the
        sum of it in seconds.
    discount : int64[n], what views that a block of ours led to count less, in 2520ths.
    open_pairs, open_views : integer increments of the bucket that `time` lies in.
    """

    time: int
    base: PairSums
    today: PairSums
    outflow: Float64
    inflow: Float64
    views: Float64
    first_view: Int64
    last_view: Int64
    total: Int64
    timed: Int64
    read_time: Int64
    discount: Int64
    open_pairs: PairCounts
    open_views: ViewCounts

    @property
    def landmark(self) -> int:
        """The last UTC midnight, µs."""
        return self.time - self.time % DAY


def empty_sums(time: int, articles: int, config: ReadersConfig) -> Sums:
    """Make the sums of `articles` rows that nobody has read before `time` (µs UTC)."""
    columns = len(config.pair_half_lives) + 1
    nobody = PairSums(np.zeros(0, np.int64), np.zeros((0, columns)))
    return Sums(
        time=time,
        base=nobody,
        today=nobody,
        outflow=np.zeros((articles, columns)),
        inflow=np.zeros((articles, columns)),
        views=np.zeros((articles, len(config.view_half_lives))),
        first_view=np.full(articles, NEVER, np.int64),
        last_view=np.full(articles, -1, np.int64),
        total=np.zeros(articles, np.int64),
        timed=np.zeros(articles, np.int64),
        read_time=np.zeros(articles, np.int64),
        discount=np.zeros(articles, np.int64),
        open_pairs=PairCounts.empty(),
        open_views=ViewCounts.empty(),
    )


def advance(
    sums: Sums, increments: Increments, until: int, config: ReadersConfig, articles: int = 0
) -> Sums:
    """Add a window's increments and move the cut to its end.

    Parameters
    ----------
    sums : Sums
        At the window's start; not modified.
    increments : Increments
        Of the buckets that begin in [start's bucket, until).
    until : int
        The window's end, µs UTC, not before `sums.time`.
    config : ReadersConfig
        Half-lives and the number of pairs kept.
    articles : int
        n afterwards, where there are more than in `sums`.

    Returns
    -------
    Sums
        At `until`.

    Raises
    ------
    ValueError
        If `until` lies before `sums.time`.
    """
    if until < sums.time:
        raise ValueError(f"the clock only moves forward: {until} is before {sums.time}")
    pairs = _merged_pairs(sums.open_pairs, increments.pairs)
    views = _merged_views(sums.open_views, increments.views)
    sums = extended(sums, max(articles, len(sums.views)))
    while sums.landmark + DAY <= until:
        midnight = sums.landmark + DAY
        sums = _close(sums, pairs, views, sums.time, midnight, config)
        sums = _rolled(sums, midnight, config)
    closed = until - until % BUCKET
    sums = _close(sums, pairs, views, sums.time, closed, config)
    return replace(
        sums,
        time=until,
        open_pairs=pairs.where(pairs.bucket >= closed),
        open_views=views.where(views.bucket >= closed),
    )


def extended(sums: Sums, articles: int) -> Sums:
    """Copy sums, with room for more articles, whom nobody has read yet: n = `articles`."""
    more = articles - len(sums.views)

    def longer(values: npt.NDArray[Any], fill: int) -> npt.NDArray[Any]:
        rest = np.full((more, *values.shape[1:]), fill, values.dtype)
        return np.concatenate([values, rest])

    fills = {"first_view": NEVER, "last_view": -1}
    arrays: dict[str, Any] = {
        name: longer(getattr(sums, name), fills.get(name, 0)) for name in PER_ARTICLE
    }
    return replace(sums, **arrays)


def add(
    sums: Sums, pairs: PairCounts, views: ViewCounts, pair_growth: Float64, view_growth: Float64
) -> Sums:
    """Add increments to sums, each times what its bucket's end has grown to.

    Parameters
    ----------
    sums : Sums
        The caller's own, such as `extended` gives: arrays by article are added to in place.
    pairs, views
        The increments.
    pair_growth, view_growth : float64[…, h + 1], float64[…, v]
        By increment, or the same for all.

    Returns
    -------
    Sums
    """
    given = amounts(pairs, sums.outflow.shape[1]) * pair_growth
    np.add.at(sums.outflow, pairs.source, given)
    np.add.at(sums.inflow, pairs.target, given)
    np.add.at(sums.views, views.article, views.weighed[:, None] * view_growth)
    np.minimum.at(sums.first_view, views.article, views.first_view)
    np.maximum.at(sums.last_view, views.article, views.last_view)
    np.add.at(sums.total, views.article, views.views)
    for name in ("timed", "read_time", "discount"):
        np.add.at(getattr(sums, name), views.article, getattr(views, name))
    today = sums.today.add(key(pairs.source, pairs.target), given) if len(given) else sums.today
    return replace(sums, today=today)


def key(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> Int64:
    """Join two rows into the int64 key of their pair."""
    return np.asarray(source, np.int64) << 32 | np.asarray(target, np.int64)


def amounts(pairs: PairCounts, columns: int) -> Float64:
    """Give a pair's increments as float64[m, columns]: its weight, and direct steps last."""
    given = np.repeat(pairs.weight[:, None].astype(np.float64), columns, axis=1)
    given[:, DIRECT] = pairs.direct
    return given


def _merged_pairs(left: PairCounts, right: PairCounts) -> PairCounts:
    if not len(left.bucket):
        return right
    both = PairCounts(
        *(np.concatenate(p) for p in zip(_columns(left), _columns(right), strict=True))
    )
    order = np.lexsort((both.target, both.source, both.bucket))
    both = both.where(order)
    same = np.stack([both.bucket, both.source, both.target])
    starts = _starts(same)
    return PairCounts(
        both.bucket[starts],
        both.source[starts],
        both.target[starts],
        np.add.reduceat(both.weight, starts),
        np.add.reduceat(both.direct, starts),
    )


def _merged_views(left: ViewCounts, right: ViewCounts) -> ViewCounts:
    if not len(left.bucket):
        return right
    both = ViewCounts(
        *(np.concatenate(p) for p in zip(_columns(left), _columns(right), strict=True))
    )
    both = both.where(np.lexsort((both.article, both.bucket)))
    starts = _starts(np.stack([both.bucket, both.article]))
    return ViewCounts(
        both.bucket[starts],
        both.article[starts],
        np.add.reduceat(both.views, starts),
        np.minimum.reduceat(both.first_view, starts),
        np.maximum.reduceat(both.last_view, starts),
        np.add.reduceat(both.timed, starts),
        np.add.reduceat(both.read_time, starts),
        np.add.reduceat(both.discount, starts),
    )


def _columns(table: PairCounts | ViewCounts) -> list[npt.NDArray[Any]]:
    return list(table.arrays().values())


def _starts(columns: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    new = np.ones(columns.shape[1], np.bool_)
    new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    return np.flatnonzero(new)


def _close(
    sums: Sums, pairs: PairCounts, views: ViewCounts, start: int, end: int, config: ReadersConfig
) -> Sums:
    """Add the buckets that begin in [start's bucket, end), in time order; as `add`."""
    first = start - start % BUCKET
    pairs = pairs.where(slice(*np.searchsorted(pairs.bucket, [first, end])))
    views = views.where(slice(*np.searchsorted(views.bucket, [first, end])))
    return add(
        sums,
        pairs,
        views,
        growth(pair_half_lives(config), pairs.bucket + BUCKET - sums.landmark),
        growth(config.view_half_lives, views.bucket + BUCKET - sums.landmark),
    )


def _rolled(sums: Sums, midnight: int, config: ReadersConfig) -> Sums:
    """Move the landmark to the next midnight, join the day's pairs to the base, and prune."""
    lives = pair_half_lives(config)
    pair_decay = growth(lives, -DAY)
    read = sums.last_view >= midnight - config.keep_days * DAY
    base = sums.base.rolled(sums.today, pair_decay, read, config.keep_pairs)
    return replace(
        sums,
        time=midnight,
        base=base,
        today=PairSums(np.zeros(0, np.int64), np.zeros((0, len(lives)))),
        outflow=_fade(sums.outflow, pair_decay),
        inflow=_fade(sums.inflow, pair_decay),
        views=_fade(sums.views, growth(config.view_half_lives, -DAY)),
    )


def _fade(values: Float64, decay: Float64) -> Float64:
    """Let sums decay, in place; what is next to nothing becomes nothing."""
    values *= decay
    values[values < NOTHING] = 0.0
    return values
