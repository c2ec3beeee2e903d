"""A cut of the replay: what every system's lists are measured by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.ranking import CONNECTED_COSINE, CONNECTED_LIFT, RankingInputs, log_lifts
from training.readers import Transitions
from training.recommendations import OWN_REASONS
from training.recommendations.lists import HOT
from training.records import HOUR, Bool, Float32, Int32
from training.replay.rows import DEPTH, MISSES, SLOTS, Rows
from training.texts import Texts, cosines

ON_PAGE: Final = 5
"""Hottest stories that the page shows already, outside of the list."""

NEW: Final = HOUR
"""A target known for less than this at its view is new."""

COLD: Final = 5
"""A source with fewer views than this is cold."""

Why = Callable[[Int32, Int32], npt.NDArray[np.int8]]
"""Says of sources and eligible targets that are in none of their lists why: index into `MISSES`."""

_UNKNOWN, _INELIGIBLE, _BELOW, _UNLISTED = map(
    list(MISSES).index, ("unknown", "ineligible", "below", "unlisted")
)


@dataclass(frozen=True)
class Scene:
    """The reads that belong to a cut, and the state of the site at it.

    Attributes
    ----------
    cut : what is known at the moment.
    reads : t next reads.
    opened : int32[t, VISITED], what the reader of each had opened; see `visits.histories`.
    texts : vectors of all articles.
    hour : index of the view half-life by which stories are hot.
    by_visit : whether each read has a list of its own, or all reads of a source the same one.
    """

    inputs: RankingInputs
    reads: Transitions
    opened: Int32
    texts: Texts
    hour: int
    by_visit: bool = False

    @cached_property
    def sources(self) -> Int32:
        """int32[s], the source of each list: the distinct ones, or each read's."""
        return self.reads.source if self.by_visit else np.unique(self.reads.source)

    @cached_property
    def of(self) -> npt.NDArray[np.intp]:
        """Place of each read's list among all."""
        if self.by_visit:
            return np.arange(len(self.reads.source))
        return np.searchsorted(self.sources, self.reads.source)

    @cached_property
    def _hottest(self) -> list[int]:
        """All eligible rows by views decayed at an hour, then by recency: popular, then latest."""
        hottest: list[int] = self.inputs.hottest(self.hour).tolist()
        return hottest

    def _hottest_beside(self, source: int, n: int) -> list[int]:
        return [row for row in self._hottest[: n + 1] if row != source][:n]

    def filled(self, lists: Int32) -> Int32:
        """Fill what a system left open from popular, then latest: int32[s, DEPTH].

        Raises
        ------
        ValueError
            If a list holds its source, a story twice, or one that is not eligible.
        """
        full = np.full((len(self.sources), DEPTH), -1, np.int32)
        for at, source in enumerate(self.sources.tolist()):
            own = [row for row in lists[at].tolist() if row >= 0]
            self._check(source, own)
            taken = {source, *own, *(self.opened[at].tolist() if self.by_visit else ())}
            rest = [row for row in self._hottest[: DEPTH + len(taken)] if row not in taken]
            row = [*own, *rest][:DEPTH]
            full[at, : len(row)] = row
        return full

    def _check(self, source: int, own: list[int]) -> None:
        if source in own or len(set(own)) < len(own) or not self.inputs.eligible[own].all():
            raise ValueError(f"the list of row {source} holds it, a row twice or an ineligible one")

    def rows(
        self,
        system: int,
        lists: Int32,
        reasons: npt.NDArray[np.int8] | None,
        why: Why | None = None,
    ) -> Rows:
        """Measure a system's lists: one row per read.

        Parameters
        ----------
        system : int
            Number of the system.
        lists : int32[s, DEPTH]
            Rows, -1 where there is none.
        reasons : int8[s, DEPTH] or None
            Index into `OWN_REASONS` of each own item, -1 elsewhere.
        why : Why, optional
            What the system says of the targets that it missed.
        """
        reads, of = self.reads, self.of
        codes = np.full(lists.shape, -1, np.int8) if reasons is None else reasons
        rank = _place(lists[of], reads.target)
        page = np.array([self._without_page(at, lists[at]) for at in range(len(lists))], np.int32)
        hot = self._hot_targets()
        five, five_codes = lists[:, :SLOTS], codes[:, :SLOTS]
        by_reason = np.stack(
            [(five_codes == code).sum(axis=1) for code in range(len(OWN_REASONS))], 1
        )
        slots = self._slots(five)
        reason = np.where(rank > 0, codes[of, np.maximum(rank - 1, 0)], -1)
        known = self.inputs.known[reads.target]
        return Rows(
            system=np.full(len(of), system, np.int16),
            cut=np.full(len(of), self.inputs.time, np.int64),
            source_time=reads.source_time,
            target_time=reads.target_time,
            source=reads.source,
            target=reads.target,
            reader=reads.reader,
            rank=rank,
            page_rank=_place(page[of], reads.target),
            reason=reason.astype(np.int8),
            eligible=self.inputs.eligible[reads.target],
            miss=self._misses(rank, why),
            hot=hot,
            new=reads.target_time - np.minimum(known, reads.target_time) < NEW,
            cold=self.inputs.readers.total[reads.source] < COLD,
            visited=(self.opened >= 0).sum(axis=1).astype(np.int8),
            slots_hot=slots["hot"][of].astype(np.int8),
            slots_section=slots["section"][of].astype(np.int8),
            slots_related=slots["related"][of].astype(np.int8),
            slots_reason=by_reason[of].astype(np.int8),
            age=self._ages(five)[of],
            similarity=self._similarities(five)[of],
            overlap=_overlaps(five)[of],
        )

    def _misses(self, rank: npt.NDArray[np.int8], why: Why | None) -> npt.NDArray[np.int8]:
        source, target = self.reads.source, self.reads.target
        eligible, missing = self.inputs.eligible[target], rank == 0
        found = np.where(rank > SLOTS, _BELOW, -1).astype(np.int8)
        found[missing] = _UNLISTED
        found[missing & ~eligible] = _INELIGIBLE
        found[missing & ~eligible & (self.inputs.known[target] >= self.inputs.time)] = _UNKNOWN
        asked = missing & eligible
        if why is not None and asked.any():
            found[asked] = why(source[asked], target[asked])
        return found

    def _without_page(self, at: int, row: Int32) -> list[int]:
        shown = set(self._hottest_beside(int(self.sources[at]), ON_PAGE))
        left = [story for story in row.tolist() if story not in shown]
        return left + [-1] * (DEPTH - len(left))

    def _hot_targets(self) -> Bool:
        hot = [set(self._hottest_beside(source, HOT)) for source in self.sources.tolist()]
        return np.array(
            [t in hot[at] for t, at in zip(self.reads.target.tolist(), self.of, strict=True)],
            np.bool_,
        )

    def _slots(self, five: Int32) -> dict[str, npt.NDArray[np.intp]]:
        """Count the slots of each five that are hot, in the source's section, related to it."""
        there = five >= 0
        source = np.repeat(self.sources[:, None], five.shape[1], axis=1)
        left, right = source[there], five[there]
        hot = np.zeros(five.shape, np.bool_)
        for at, one in enumerate(self.sources.tolist()):
            hot[at] = np.isin(five[at], self._hottest_beside(one, HOT))
        section = self.inputs.section
        same = np.zeros(five.shape, np.bool_)
        same[there] = (section[left] >= 0) & (section[left] == section[right])
        related = np.zeros(five.shape, np.bool_)
        related[there] = self._connected(left, right)
        counts = {"hot": hot & there, "section": same, "related": related}
        return {name: marks.sum(axis=1) for name, marks in counts.items()}

    def _connected(self, source: Int32, target: Int32) -> Bool:
        readers = self.inputs.readers
        pairs = readers.lookup(source, target)
        lifts = log_lifts(pairs, self.inputs, source, target)
        by_words = cosines(self.texts.vectors, source, target) > CONNECTED_COSINE
        return np.asarray((lifts[:, -2] > CONNECTED_LIFT) | by_words)

    def _ages(self, five: Int32) -> Float32:
        ages = (self.inputs.time - self.inputs.known[five]) / HOUR
        return _mean(np.where(five >= 0, ages, np.nan))

    def _similarities(self, five: Int32) -> Float32:
        """Mean cosine of two stories of each five."""
        places = np.array(list(combinations(range(five.shape[1]), 2)))
        left, right = five[:, places[:, 0]], five[:, places[:, 1]]
        there = (left >= 0) & (right >= 0)
        found = np.full(left.shape, np.nan)
        found[there] = cosines(self.texts.vectors, left[there], right[there])
        return _mean(found)


def _place(lists: Int32, target: Int32) -> npt.NDArray[np.int8]:
    """Rank of each target in its list, from 1; 0 where it does not stand there."""
    hit = lists == target[:, None]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0).astype(np.int8)


def _overlaps(five: Int32) -> Float32:
    """Mean number of stories that each five shares with another of the cut; NaN for one alone."""
    if len(five) < 2:
        return np.full(len(five), np.nan, np.float32)
    there = five >= 0
    stories, inverse = np.unique(five[there], return_inverse=True)
    shared = np.zeros(five.shape)
    shared[there] = np.bincount(inverse, minlength=len(stories))[inverse] - 1
    return np.asarray(shared.sum(axis=1) / (len(five) - 1), np.float32)


def _mean(values: npt.NDArray[Any]) -> Float32:
    """Mean of each row over what is no NaN; NaN where there is nothing."""
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
