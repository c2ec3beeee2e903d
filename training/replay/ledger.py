"""The ledger of the baselines: what they all count, counted once.

A replay asks dozens of baselines at each of hundreds of cuts, so the sums are carried on once for
all of them, and what several derive from one question is derived once.
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
from training.readers.sums import PairSums, key
from training.readers.tables import UNIT
from training.records import DAY, HOUR, NEVER, Bool, Float64, Int32, Int64
from training.replay.systems import Stage, Step
from training.texts import Index

PAIR_LIVES: Final = (1.0, 2.0, 4.0, 8.0, 24.0, 336.0)
"""Half-lives in hours of the pair sums, one column each."""

_HOUR: Final = 0
"""Column of the view counts that decay with a half-life of an hour."""

_SUMS: Final = ReadersConfig(
    pair_half_lives=list(PAIR_LIVES), view_half_lives=[1.0], keep_pairs=10_000, keep_days=3650
)
"""So many pairs are kept that none is lost for want of room."""

_ROW: Final = (1 << 32) - 1
"""Bits of a pair's key that hold its target."""


@dataclass(frozen=True)
class Found:
    """Articles found for some sources, and how much speaks for each: equally long columns.

    Attributes
    ----------
    index : int64, position of the source in the question.
    target : int64, row of the article found; none twice for a source.
    value : float64, or one per column of the sums; more is better, 0 or less is as not found.
    """

    index: Int64
    target: Int64
    value: Float64


class Ledger:
    """The readers' sums, the undecayed counts of next reads and the order of the articles.

    All baselines of a replay hold one ledger, and the first that advances carries it on for all.

    Attributes
    ----------
    stage : what the replay gave.
    time : µs UTC, where the clock stands.
    readers : decayed sums at `time`: pairs at `PAIR_LIVES`, views at an hour.
    newest : int32[n], all rows, the later known first, of equal ones the lower row.
    precedence : int32[n], place of each row in `newest`: what breaks ties.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._sums = empty_sums(stage.start, len(stage.known), _SUMS)
        self.readers = reader_stats(self._sums, _SUMS)
        self._counts, self._today = _nobody(), _nobody()
        self._last: Step | None = None
        self._question: Question | None = None
        age = np.where(stage.known == NEVER, NEVER, -stage.known)
        self.newest = np.argsort(age, kind="stable").astype(np.int32)
        self.precedence = np.empty_like(self.newest)
        self.precedence[self.newest] = np.arange(len(self.newest), dtype=np.int32)

    @property
    def time(self) -> int:
        """The clock, µs UTC."""
        return self._sums.time

    def advance(self, step: Step) -> None:
        """Carry the ledger to the window's end; where it stands there already, do nothing."""
        if self.time >= step.end:
            return
        self._sums = advance(self._sums, step.increments, step.end, _SUMS)
        self.readers = reader_stats(self._sums, _SUMS)
        pairs = step.increments.pairs
        direct = pairs.where(pairs.direct > 0)
        counts = direct.direct[:, None].astype(np.float64)
        self._today = self._today.add(key(direct.source, direct.target), counts)
        if step.end % DAY == 0:  # few keys to merge at each cut, all of them once a day
            self._counts = self._counts.add(self._today.keys, self._today.sums)
            self._today = _nobody()
        self._last = step

    def ask(self, sources: Int32, eligible: Bool, n: int) -> "Question":
        """Put a question at the clock's time; the same one as before is not begun anew."""
        question = Question(self, self.time, sources, eligible, n)
        if self._question is None or not question.repeats(self._question):
            self._question = question
        return self._question

    def next_counts(self, sources: Int32) -> Found:
        """Count the direct next reads of some sources, undecayed and unpruned."""
        layers = [_ranges(layer, sources) for layer in (self._counts, self._today)]
        keys = np.concatenate([keys for keys, _ in layers])
        counts = np.concatenate([counts for _, counts in layers])
        pair, place = np.unique(keys, return_inverse=True)
        return Found(pair >> 32, pair & _ROW, np.bincount(place, counts, len(pair)) / UNIT)

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

    def nearest(self, sources: Int32, among: Bool, n: int) -> Found:
        """Find the n nearest texts of a part of the catalogue, the source itself included."""
        vectors, rows = self.stage.texts.vectors, self.newest[among[self.newest]]
        # Of equal ones it takes the lower place, which here is the newer article.
        place, cosine = Index(vectors[rows]).nearest(vectors[sources], n, 1)
        index, rank = np.nonzero(place >= 0)
        target = rows[place[index, rank]].astype(np.int64)
        return Found(index, target, cosine[index, rank].astype(np.float64))


@dataclass(frozen=True)
class Question:
    """Lists asked for at a moment, and what several baselines derive from it.

    Attributes
    ----------
    ledger : as it stands at `time`.
    time : µs UTC.
    sources : int32[s] rows, distinct.
    eligible : bool[n], what may stand in a list.
    n : length of the lists.
    """

    ledger: Ledger
    time: int
    sources: Int32
    eligible: Bool
    n: int

    def repeats(self, other: "Question") -> bool:
        """Say whether another question asks the same."""
        same = self.time == other.time and self.n == other.n
        same = same and np.array_equal(self.sources, other.sources)
        return same and np.array_equal(self.eligible, other.eligible)

    @cached_property
    def latest(self) -> Int32:
        """Eligible rows, the newest first."""
        return self.ledger.newest[self.eligible[self.ledger.newest]]

    @cached_property
    def share(self) -> Float64:
        """float64[n], each article's share of the site's views decayed at an hour."""
        views = self.ledger.readers.views[:, _HOUR]
        return views / max(float(views.sum()), 1e-300)

    @cached_property
    def hottest(self) -> Found:
        """The hottest articles for every source: one more than a list holds, as it may be one."""
        order = np.argsort(-self.share[self.latest], kind="stable")
        rows = self.latest[order][: self.n + 1].astype(np.int64)
        index = np.repeat(np.arange(len(self.sources)), len(rows))
        target = np.tile(rows, len(self.sources))
        return Found(index, target, self.share[target])

    @cached_property
    def followers(self) -> Found:
        """What readers of each source read later in the session: value[m, h + 1]."""
        index, target, sums = self.ledger.readers.targets(self.sources)
        return Found(index, target, sums)

    @cached_property
    def followers_and_hottest(self) -> Found:
        """Both, each article once: value[m, h + 1], pair sums, 0 where there are none."""
        keys = np.unique(np.concatenate([_keys(self.followers), _keys(self.hottest)]))
        index, target = keys >> 32, keys & _ROW
        return Found(index, target, self.ledger.readers.lookup(self.sources[index], target))

    @cached_property
    def leaders(self) -> Float64:
        """float64[m, h + 1], the sums of each pair of `followers` the other way round."""
        found = self.followers
        return self.ledger.readers.lookup(found.target, self.sources[found.index])

    @cached_property
    def of_section(self) -> Found:
        """The newest of each source's section, all of the same value."""
        section = self.ledger.stage.catalogue.section
        sections = int(section.max(initial=-1)) + 1
        starts, rows = by_section(self.latest, section, sections, self.n + 1)
        code = section[self.sources]
        filed = np.flatnonzero(code >= 0)
        at, place = _spread(starts[code[filed]], starts[code[filed] + 1])
        return Found(filed[place], rows[at].astype(np.int64), np.ones(len(at)))

    def near(self, hours: float | None) -> Found:
        """The nearest texts, of all ages or among those known within some hours."""
        known, among = self.ledger.stage.known, self.eligible
        if hours is not None:
            among = among & (known >= self.time - hours * HOUR) & (known < self.time)
        return self.ledger.nearest(self.sources, among, self.n + 1)

    def best(self, found: Found) -> Int32:
        """List what was found, as `System.lists` gives it; of equal ones the newer, then lower row.

        Only eligible rows of a positive value are listed, and never the source.
        """
        kept = self.eligible[found.target] & (found.target != self.sources[found.index])
        kept &= found.value > 0
        index, target, value = found.index[kept], found.target[kept], found.value[kept]
        order = np.lexsort((self.ledger.precedence[target], -value, index))
        index, target = index[order], target[order]
        place = np.arange(len(index)) - np.searchsorted(index, index)
        index, target, place = (column[place < self.n] for column in (index, target, place))
        lists = np.full((len(self.sources), self.n), -1, np.int32)
        lists[index, place] = target
        return lists


def _nobody() -> PairSums:
    return PairSums(np.zeros(0, np.int64), np.zeros((0, 1)))


def _keys(found: Found) -> Int64:
    return found.index << 32 | found.target


def _ranges(pairs: PairSums, sources: Int32) -> tuple[Int64, Float64]:
    """Give the pairs of some sources: position in `sources` << 32 | target, and the sum."""
    first = sources.astype(np.int64) << 32
    begin, end = np.searchsorted(pairs.keys, first), np.searchsorted(pairs.keys, first + _ROW + 1)
    at, index = _spread(begin, end)
    return index << 32 | pairs.keys[at] & _ROW, pairs.sums[at, 0]


def _spread(begin: npt.NDArray[Any], end: npt.NDArray[Any]) -> tuple[Int64, Int64]:
    """Give every place in the stretches [begin, end), and the number of its stretch."""
    length = (end - begin).astype(np.int64)
    stretch = np.repeat(np.arange(len(length)), length)
    offset = np.arange(len(stretch)) - np.repeat(np.cumsum(length) - length, length)
    return begin[stretch] + offset, stretch
