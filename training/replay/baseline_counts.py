"""What the baselines of a replay count, counted once for all of them.

A replay asks dozens of baselines at hundreds of cutoffs. They share one `BaselineCounts`, and what
several derive from the same request is derived once.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from training.config import ReadersConfig
from training.ranking import by_section
from training.readers import advance, empty_sums, reader_stats
from training.readers.pair_sums import PairSums, pair_key
from training.readers.tables import UNIT
from training.records import DAY, HOUR, NEVER, Bool, Float64, Int32, Int64
from training.replay.systems import ReplayInputs, ReplayStep
from training.texts import Index

PAIR_LIVES: Final = (1.0, 2.0, 4.0, 8.0, 24.0, 336.0)
"""Half-lives in hours of the pair sums, one column each."""

_HOUR: Final = 0
"""Column of the view counts that decay with a half-life of an hour."""

_CONFIG: Final = ReadersConfig(
    pair_half_lives=list(PAIR_LIVES), view_half_lives=[1.0], keep_pairs=10_000, keep_days=3650
)
"""Keeps so many pairs and days that none is pruned."""

_ROW: Final = (1 << 32) - 1
"""Bits of a pair's key that hold its target."""


@dataclass(frozen=True)
class ScoredTargets:
    """Articles proposed for some sources, with their scores: equally long columns.

    Attributes
    ----------
    index : int64, position of the source in the request.
    target : int64, row of the article; each at most once for a source.
    value : float64, or one per column of the sums; higher is better, 0 or less is left out.
    """

    index: Int64
    target: Int64
    value: Float64


class BaselineCounts:
    """Decayed sums, undecayed transition counts, and the order of the articles by recency.

    All baselines of a replay share one; the first that begins or advances does so for all.

    Attributes
    ----------
    inputs : what the replay gave.
    readers : decayed sums at `time`: pairs at `PAIR_LIVES`, views at an hour.
    newest : int32[n], all rows, the later known first, then the lower row.
    precedence : int32[n], place of each row in `newest`: breaks ties.
    """

    inputs: ReplayInputs

    def __init__(self) -> None:
        self._begun: ReplayInputs | None = None

    def begin(self, inputs: ReplayInputs) -> None:
        """Start a replay; only the first call with the same inputs does."""
        if self._begun is inputs:
            return
        self._begun = self.inputs = inputs
        self._sums = empty_sums(inputs.start, len(inputs.known), _CONFIG)
        self.readers = reader_stats(self._sums, _CONFIG)
        self._counts, self._today = PairSums.empty(1), PairSums.empty(1)
        self._last: ReplayStep | None = None
        self._request: ListRequest | None = None
        age = np.where(inputs.known == NEVER, NEVER, -inputs.known)
        self.newest = np.argsort(age, kind="stable").astype(np.int32)
        self.precedence = np.empty_like(self.newest)
        self.precedence[self.newest] = np.arange(len(self.newest), dtype=np.int32)

    @property
    def time(self) -> int:
        """The clock, µs UTC."""
        return self._sums.time

    def advance(self, step: ReplayStep) -> None:
        """Advance to the end of a window, once."""
        if self.time >= step.end:
            return
        self._sums = advance(self._sums, step.increments, step.end, _CONFIG)
        self.readers = reader_stats(self._sums, _CONFIG)
        pairs = step.increments.pairs
        direct = pairs.where(pairs.direct > 0)
        counts = direct.direct[:, None].astype(np.float64)
        self._today = self._today.add(pair_key(direct.source, direct.target), counts)
        if step.end % DAY == 0:  # merging all keys once a day is cheaper than at each cutoff
            self._counts = self._counts.add(self._today.keys, self._today.sums)
            self._today = PairSums.empty(1)
        self._last = step

    def request(self, sources: Int32, eligible: Bool, n: int) -> "ListRequest":
        """Return the request for some lists at the clock's time, the same object for the same."""
        request = ListRequest(self, self.time, sources, eligible, n)
        if self._request is None or not request.repeats(self._request):
            self._request = request
        return self._request

    def next_counts(self, sources: Int32) -> ScoredTargets:
        """Count the transitions from some sources, undecayed and unpruned."""
        layers = [_pairs_of(layer, sources) for layer in (self._counts, self._today)]
        keys = np.concatenate([keys for keys, _ in layers])
        counts = np.concatenate([counts for _, counts in layers])
        pair, place = np.unique(keys, return_inverse=True)
        return ScoredTargets(pair >> 32, pair & _ROW, np.bincount(place, counts, len(pair)) / UNIT)

    def reads(self, span: int) -> tuple[csr_array[Any, Any], Int64]:
        """Count who read what in the last `span` µs: readers × articles, and the rows."""
        if self._last is None:
            raise RuntimeError("advance comes before lists")
        columns = self._last.views.read_counts(self.time - span, self.time)
        readers, reader = np.unique(columns["reader"], return_inverse=True)
        rows, article = np.unique(columns["article"], return_inverse=True)
        counts = columns["views"].astype(np.float64)
        shape = len(readers), len(rows)
        return csr_array((counts, (reader, article)), shape=shape), rows.astype(np.int64)

    def nearest(self, sources: Int32, among: Bool, n: int) -> ScoredTargets:
        """Find the n nearest texts among some rows, the source itself included."""
        vectors, rows = self.inputs.texts.vectors, self.newest[among[self.newest]]
        # Ties go to the lower place, which here is the newer article.
        place, cosine = Index(vectors[rows]).nearest(vectors[sources], n, 1)
        index, rank = np.nonzero(place >= 0)
        target = rows[place[index, rank]].astype(np.int64)
        return ScoredTargets(index, target, cosine[index, rank].astype(np.float64))


@dataclass(frozen=True)
class ListRequest:
    """A request for lists at one time, and what several baselines derive from it.

    Attributes
    ----------
    counts : at `time`.
    time : µs UTC.
    sources : int32[s] rows, distinct.
    eligible : bool[n], what may be recommended.
    n : length of the lists.
    """

    counts: BaselineCounts
    time: int
    sources: Int32
    eligible: Bool
    n: int

    def repeats(self, other: "ListRequest") -> bool:
        """Return whether another request is for the same lists."""
        same = self.time == other.time and self.n == other.n
        same = same and np.array_equal(self.sources, other.sources)
        return same and np.array_equal(self.eligible, other.eligible)

    @cached_property
    def latest(self) -> Int32:
        """Eligible rows, the newest first."""
        return self.counts.newest[self.eligible[self.counts.newest]]

    @cached_property
    def share(self) -> Float64:
        """float64[n], each article's share of the site's views decayed at an hour."""
        views = self.counts.readers.views[:, _HOUR]
        return views / max(float(views.sum()), 1e-300)

    @cached_property
    def hottest(self) -> ScoredTargets:
        """The hottest articles for every source, with one to spare for the source itself."""
        order = np.argsort(-self.share[self.latest], kind="stable")
        rows = self.latest[order][: self.n + 1].astype(np.int64)
        index = np.repeat(np.arange(len(self.sources)), len(rows))
        target = np.tile(rows, len(self.sources))
        return ScoredTargets(index, target, self.share[target])

    @cached_property
    def followers(self) -> ScoredTargets:
        """The pair sums of each source with what was read later in the session: value[m, h + 1]."""
        index, target, sums = self.counts.readers.targets(self.sources)
        return ScoredTargets(index, target, sums)

    @cached_property
    def followers_and_hottest(self) -> ScoredTargets:
        """The targets of both, each once, with their pair sums: value[m, h + 1]."""
        keys = np.unique(np.concatenate([_keys(self.followers), _keys(self.hottest)]))
        index, target = keys >> 32, keys & _ROW
        return ScoredTargets(index, target, self.counts.readers.lookup(self.sources[index], target))

    @cached_property
    def leaders(self) -> Float64:
        """float64[m, h + 1], the sums of each pair of `followers` the other way round."""
        found = self.followers
        return self.counts.readers.lookup(found.target, self.sources[found.index])

    @cached_property
    def of_section(self) -> ScoredTargets:
        """The newest articles of each source's section, all of value 1."""
        section = self.counts.inputs.catalogue.section
        sections = int(section.max(initial=-1)) + 1
        starts, rows = by_section(self.latest, section, sections, self.n + 1)
        code = section[self.sources]
        filed = np.flatnonzero(code >= 0)
        at, place = _positions(starts[code[filed]], starts[code[filed] + 1])
        return ScoredTargets(filed[place], rows[at].astype(np.int64), np.ones(len(at)))

    def near(self, hours: float | None) -> ScoredTargets:
        """The nearest texts, of all ages or among those known within some hours."""
        known, among = self.counts.inputs.known, self.eligible
        if hours is not None:
            among = among & (known >= self.time - hours * HOUR) & (known < self.time)
        return self.counts.nearest(self.sources, among, self.n + 1)

    def best(self, found: ScoredTargets) -> Int32:
        """Turn scored targets into lists as `System.lists` returns them.

        Ties go to the newer article, then to the lower row. Lists hold eligible rows of a positive
        value, and never the source.
        """
        kept = self.eligible[found.target] & (found.target != self.sources[found.index])
        kept &= found.value > 0
        index, target, value = found.index[kept], found.target[kept], found.value[kept]
        order = np.lexsort((self.counts.precedence[target], -value, index))
        index, target = index[order], target[order]
        place = np.arange(len(index)) - np.searchsorted(index, index)
        index, target, place = (column[place < self.n] for column in (index, target, place))
        lists = np.full((len(self.sources), self.n), -1, np.int32)
        lists[index, place] = target
        return lists


def _keys(found: ScoredTargets) -> Int64:
    return found.index << 32 | found.target


def _pairs_of(pairs: PairSums, sources: Int32) -> tuple[Int64, Float64]:
    """Return the pairs of some sources: position in `sources` << 32 | target, and the sum."""
    first = sources.astype(np.int64) << 32
    begin, end = np.searchsorted(pairs.keys, first), np.searchsorted(pairs.keys, first + _ROW + 1)
    at, index = _positions(begin, end)
    return index << 32 | pairs.keys[at] & _ROW, pairs.sums[at, 0]


def _positions(begin: npt.NDArray[Any], end: npt.NDArray[Any]) -> tuple[Int64, Int64]:
    """Return every position in the ranges [begin, end), and the number of its range."""
    length = (end - begin).astype(np.int64)
    number = np.repeat(np.arange(len(length)), length)
    offset = np.arange(len(number)) - np.repeat(np.cumsum(length) - length, length)
    return begin[number] + offset, number
