"""Exponentially decayed sums over page views: the readers' part of the state.

A sum is kept relative to a landmark, the last UTC midnight: an increment `n` of the bucket that
ends at `e` adds `n · 2^((e - landmark) / half-life)`, and the value at `t` is the sum times
`2^((landmark - t) / half-life)` (forward decay; Cormode, Shkapenyuk, Srivastava, Xu: "Forward
decay", ICDE 2009). So time passes without touching a sum.

Buckets are added in time order, once each, when they are closed; the open bucket stays integer.
At each UTC midnight, and only there, the landmark moves, the day's pairs join the base, and weak
pairs and those of articles that nobody reads any more are dropped. So advancing to b and then to c
gives the same bits as advancing to c.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from training.config import ReadersConfig
from training.readers.half_lives import DIRECT, growth, pair_half_lives
from training.readers.pair_sums import MIN_SUM, PairSums, pair_key
from training.readers.tables import Increments, PairCounts, ViewCounts, merge_counts
from training.records import BUCKET, DAY, NEVER, Float64, Int64, append_rows


@dataclass(frozen=True)
class ArticleSums:
    """Sums per article at `time`; n articles, h pair half-lives, v view half-lives.

    Attributes
    ----------
    time : µs UTC; views before it are counted.
    outflow, inflow : float64[n, h + 1], sums over an article's pairs as source and as target.
    views : float64[n, v].
    first_view, last_view : int64[n] µs UTC; `NEVER` and -1 if there is no view.
    total : int64[n], all views ever counted.
    timed, read_time : int64[n], the views with a read time, and their seconds.
    discount : int64[n], weight taken off views that a block of ours led to, in 2520ths.
    """

    time: int
    outflow: Float64
    inflow: Float64
    views: Float64
    first_view: Int64
    last_view: Int64
    total: Int64
    timed: Int64
    read_time: Int64
    discount: Int64


PER_ARTICLE: Final = tuple(column.name for column in fields(ArticleSums) if column.name != "time")
"""The arrays with a value or row per article."""


@dataclass(frozen=True)
class Sums(ArticleSums):
    """All decayed sums, relative to the landmark.

    Attributes
    ----------
    base : pairs up to the landmark.
    today : pairs since the landmark.
    open_pairs, open_views : integer increments of the bucket that `time` lies in.
    """

    base: PairSums
    today: PairSums
    open_pairs: PairCounts
    open_views: ViewCounts

    @property
    def landmark(self) -> int:
        """The last UTC midnight, µs."""
        return self.time - self.time % DAY


def empty_sums(time: int, articles: int, config: ReadersConfig) -> Sums:
    """Return the sums at `time` (µs UTC) of `articles` rows without a view."""
    columns = len(config.pair_half_lives) + 1
    no_pairs = PairSums.empty(columns)
    return Sums(
        time=time,
        base=no_pairs,
        today=no_pairs,
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
    """Add a window's increments and move the time to its end.

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
    pairs = merge_counts(sums.open_pairs, increments.pairs)
    views = merge_counts(sums.open_views, increments.views)
    sums = grow(sums, max(articles, len(sums.views)))
    while sums.landmark + DAY <= until:
        midnight = sums.landmark + DAY
        sums = _close(sums, pairs, views, sums.time, midnight, config)
        sums = _roll(sums, midnight, config)
    closed = until - until % BUCKET
    sums = _close(sums, pairs, views, sums.time, closed, config)
    return replace(
        sums,
        time=until,
        open_pairs=pairs.where(pairs.bucket >= closed),
        open_views=views.where(views.bucket >= closed),
    )


def grow(sums: Sums, articles: int) -> Sums:
    """Copy sums, with room for more articles, without views yet: n = `articles`."""
    more = articles - len(sums.views)
    fills = {"first_view": NEVER, "last_view": -1}
    arrays: dict[str, Any] = {
        name: append_rows(getattr(sums, name), more, fills.get(name, 0)) for name in PER_ARTICLE
    }
    return replace(sums, **arrays)


def add_counts(
    sums: Sums, pairs: PairCounts, views: ViewCounts, pair_growth: Float64, view_growth: Float64
) -> Sums:
    """Add increments to sums, each multiplied by the growth up to the end of its bucket.

    Parameters
    ----------
    sums : Sums
        A copy of the caller's own, as `grow` returns it: its arrays by article are changed.
    pairs, views
        The increments.
    pair_growth, view_growth : float64[…, h + 1], float64[…, v]
        Per increment, or one for all.

    Returns
    -------
    Sums
    """
    amounts = _amounts(pairs, sums.outflow.shape[1]) * pair_growth
    np.add.at(sums.outflow, pairs.source, amounts)
    np.add.at(sums.inflow, pairs.target, amounts)
    np.add.at(sums.views, views.article, views.weighed[:, None] * view_growth)
    np.minimum.at(sums.first_view, views.article, views.first_view)
    np.maximum.at(sums.last_view, views.article, views.last_view)
    np.add.at(sums.total, views.article, views.views)
    for name in ("timed", "read_time", "discount"):
        np.add.at(getattr(sums, name), views.article, getattr(views, name))
    today = (
        sums.today.add(pair_key(pairs.source, pairs.target), amounts)
        if len(amounts)
        else sums.today
    )
    return replace(sums, today=today)


def _amounts(pairs: PairCounts, columns: int) -> Float64:
    """Return increments of pairs as float64[m, columns]: weights, and direct ones in `DIRECT`."""
    amounts = np.repeat(pairs.weight[:, None].astype(np.float64), columns, axis=1)
    amounts[:, DIRECT] = pairs.direct
    return amounts


def _close(
    sums: Sums, pairs: PairCounts, views: ViewCounts, start: int, end: int, config: ReadersConfig
) -> Sums:
    """Add the buckets that begin in [start's bucket, end), in time order; as `add_counts`."""
    first = start - start % BUCKET
    pairs = pairs.where(slice(*np.searchsorted(pairs.bucket, [first, end])))
    views = views.where(slice(*np.searchsorted(views.bucket, [first, end])))
    if not len(pairs.bucket) and not len(views.bucket):  # as in the years after a wrong old time
        return sums
    return add_counts(
        sums,
        pairs,
        views,
        growth(pair_half_lives(config), pairs.bucket + BUCKET - sums.landmark),
        growth(config.view_half_lives, views.bucket + BUCKET - sums.landmark),
    )


def _roll(sums: Sums, midnight: int, config: ReadersConfig) -> Sums:
    """Move the landmark to the next midnight, add the day's pairs to the base, and prune."""
    lives = pair_half_lives(config)
    pair_decay = growth(lives, -DAY)
    read = sums.last_view >= midnight - config.keep_days * DAY
    base = sums.base.roll(sums.today, pair_decay, read, config.keep_pairs)
    return replace(
        sums,
        time=midnight,
        base=base,
        today=PairSums.empty(len(lives)),
        outflow=_decay(sums.outflow, pair_decay),
        inflow=_decay(sums.inflow, pair_decay),
        views=_decay(sums.views, growth(config.view_half_lives, -DAY)),
    )


def _decay(values: Float64, decay: Float64) -> Float64:
    """Decay sums in place; those below `MIN_SUM` become zero."""
    values *= decay
    values[values < MIN_SUM] = 0.0
    return values
