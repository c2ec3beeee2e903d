"""Measures the lists of all systems at one cutoff."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.ranking import CONNECTED_COSINE, CONNECTED_LIFT, RankingInputs, log_lifts
from training.readers import Transitions
from training.recommendations import LIST_REASONS
from training.recommendations.lists import HOT_ARTICLES
from training.records import HOUR, Bool, Float32, Int32
from training.replay.results import DEPTH, MISSES, SLOTS, ReplayRows
from training.texts import Texts, cosines

POPULAR_ON_PAGE: Final = 5
"""Hottest stories that the page shows outside of the list."""

MAX_AGE_OF_NEW: Final = HOUR
"""µs: a target known for less than this at its view is new."""

MIN_VIEWS_OF_WARM: Final = 5
"""A source with fewer views than this is cold."""

MissReasons = Callable[[Int32, Int32], npt.NDArray[np.int8]]
"""As `ExplainedSystem.miss_reasons`."""

_UNKNOWN, _INELIGIBLE, _BELOW, _UNLISTED = map(
    list(MISSES).index, ("unknown", "ineligible", "below", "unlisted")
)


@dataclass(frozen=True)
class CutEvaluator:
    """The transitions of one cutoff, and the state of the site at it.

    Attributes
    ----------
    inputs : the state at the cutoff.
    transitions : t of them.
    opened : int32[t, VISITED], what the reader of each had opened; see `visits.histories`.
    texts : vectors of all articles.
    hour : index of the view half-life by which stories are hot.
    by_session : whether each transition has a list of its own, or all of a source the same.
    """

    inputs: RankingInputs
    transitions: Transitions
    opened: Int32
    texts: Texts
    hour: int
    by_session: bool = False

    @cached_property
    def sources(self) -> Int32:
        """int32[s], the source of each list: the distinct ones, or that of each transition."""
        source = self.transitions.source
        return source if self.by_session else np.unique(source)

    @cached_property
    def list_of(self) -> npt.NDArray[np.intp]:
        """intp[t], the place of each transition's list."""
        source = self.transitions.source
        return np.arange(len(source)) if self.by_session else np.searchsorted(self.sources, source)

    @cached_property
    def _hottest(self) -> list[int]:
        """All eligible rows by views decayed at an hour, then by recency: popular, then latest."""
        hottest: list[int] = self.inputs.hottest(self.hour).tolist()
        return hottest

    def _hottest_beside(self, source: int, n: int) -> list[int]:
        return [row for row in self._hottest[: n + 1] if row != source][:n]

    def fill(self, lists: Int32) -> Int32:
        """Fill short lists up from popular, then latest: int32[s, DEPTH].

        Raises
        ------
        ValueError
            If a list holds its source, a story twice, or one that is not eligible.
        """
        full = np.full((len(self.sources), DEPTH), -1, np.int32)
        for at, source in enumerate(self.sources.tolist()):
            own = [row for row in lists[at].tolist() if row >= 0]
            self._check(source, own)
            taken = {source, *own, *(self.opened[at].tolist() if self.by_session else ())}
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
        miss_reasons: MissReasons | None = None,
    ) -> ReplayRows:
        """Measure a system's lists: one row per transition.

        Parameters
        ----------
        system : int
            Number of the system.
        lists : int32[s, DEPTH]
            Rows, -1 where there is none.
        reasons : int8[s, DEPTH] or None
            Index into `LIST_REASONS` of each item, -1 elsewhere.
        miss_reasons : callable, optional
            Explains the targets that are in no list.
        """
        transitions, of, inputs = self.transitions, self.list_of, self.inputs
        target = transitions.target
        codes = np.full(lists.shape, -1, np.int8) if reasons is None else reasons
        rank = _rank(lists[of], target)
        page = np.array([self._without_page(at, lists[at]) for at in range(len(lists))], np.int32)
        five, five_codes = lists[:, :SLOTS], codes[:, :SLOTS]
        by_reason = np.stack(
            [(five_codes == code).sum(axis=1) for code in range(len(LIST_REASONS))], 1
        )
        slots = self._slots(five)
        reason = np.where(rank > 0, codes[of, np.maximum(rank - 1, 0)], -1)
        known = np.minimum(inputs.known[target], transitions.target_time)
        return ReplayRows(
            system=np.full(len(of), system, np.int16),
            cut=np.full(len(of), inputs.time, np.int64),
            source_time=transitions.source_time,
            target_time=transitions.target_time,
            source=transitions.source,
            target=target,
            reader=transitions.reader,
            rank=rank,
            page_rank=_rank(page[of], target),
            reason=reason.astype(np.int8),
            eligible=inputs.eligible[target],
            miss=self._misses(rank, miss_reasons),
            hot=self._hot_targets(),
            new=transitions.target_time - known < MAX_AGE_OF_NEW,
            cold=inputs.readers.total[transitions.source] < MIN_VIEWS_OF_WARM,
            visited=(self.opened >= 0).sum(axis=1).astype(np.int8),
            slots_hot=slots["hot"][of].astype(np.int8),
            slots_section=slots["section"][of].astype(np.int8),
            slots_related=slots["related"][of].astype(np.int8),
            slots_reason=by_reason[of].astype(np.int8),
            age=self._ages(five)[of],
            similarity=self._similarities(five)[of],
            overlap=_overlaps(five)[of],
        )

    def _misses(
        self, rank: npt.NDArray[np.int8], miss_reasons: MissReasons | None
    ) -> npt.NDArray[np.int8]:
        source, target = self.transitions.source, self.transitions.target
        eligible, missing = self.inputs.eligible[target], rank == 0
        found = np.where(rank > SLOTS, _BELOW, -1).astype(np.int8)
        found[missing] = _UNLISTED
        found[missing & ~eligible] = _INELIGIBLE
        found[missing & ~eligible & (self.inputs.known[target] >= self.inputs.time)] = _UNKNOWN
        explained = missing & eligible
        if miss_reasons is not None and explained.any():
            found[explained] = miss_reasons(source[explained], target[explained])
        return found

    def _without_page(self, at: int, row: Int32) -> list[int]:
        shown = set(self._hottest_beside(int(self.sources[at]), POPULAR_ON_PAGE))
        left = [story for story in row.tolist() if story not in shown]
        return left + [-1] * (DEPTH - len(left))

    def _hot_targets(self) -> Bool:
        hot = [set(self._hottest_beside(source, HOT_ARTICLES)) for source in self.sources.tolist()]
        return np.array(
            [
                t in hot[at]
                for t, at in zip(self.transitions.target.tolist(), self.list_of, strict=True)
            ],
            np.bool_,
        )

    def _slots(self, five: Int32) -> dict[str, npt.NDArray[np.intp]]:
        """Count the slots of each five that are hot, in the source's section, or related to it."""
        there = five >= 0
        source = np.repeat(self.sources[:, None], five.shape[1], axis=1)
        left, right = source[there], five[there]
        hot = np.zeros(five.shape, np.bool_)
        for at, one in enumerate(self.sources.tolist()):
            hot[at] = np.isin(five[at], self._hottest_beside(one, HOT_ARTICLES))
        section = self.inputs.section
        same = np.zeros(five.shape, np.bool_)
        same[there] = (section[left] >= 0) & (section[left] == section[right])
        related = np.zeros(five.shape, np.bool_)
        related[there] = self._are_connected(left, right)
        counts = {"hot": hot & there, "section": same, "related": related}
        return {name: marks.sum(axis=1) for name, marks in counts.items()}

    def _are_connected(self, source: Int32, target: Int32) -> Bool:
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


def _rank(lists: Int32, target: Int32) -> npt.NDArray[np.int8]:
    """Rank of each target in its list, from 1; 0 where it is not in it."""
    hit = lists == target[:, None]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0).astype(np.int8)


def _overlaps(five: Int32) -> Float32:
    """Mean number of stories that a five shares with another of the cutoff; NaN for one alone."""
    if len(five) < 2:
        return np.full(len(five), np.nan, np.float32)
    there = five >= 0
    stories, inverse = np.unique(five[there], return_inverse=True)
    shared = np.zeros(five.shape)
    shared[there] = np.bincount(inverse, minlength=len(stories))[inverse] - 1
    return np.asarray(shared.sum(axis=1) / (len(five) - 1), np.float32)


def _mean(values: npt.NDArray[Any]) -> Float32:
    """Mean of each row's numbers; NaN for a row without any."""
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
