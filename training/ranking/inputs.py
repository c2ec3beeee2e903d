"""Ranking inputs: what the ranking derives once from a state."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking.rules import EligibilityContext, eligible
from training.readers import ReaderStats, reader_stats
from training.records import NEVER, Bool, Catalogue, Float64, Int32, Int64
from training.state import State
from training.texts import Index
from training.texts.terms import Vectors

PRIOR_VIEWS = 60.0
"""Views at the share of the next slower half-life that a share is shrunk by."""

PRIOR_SECTION = 20.0
"""Transitions at the site's average that the flow out of a section is shrunk by."""

MAX_SECTIONS = 2000
"""With more sections than this, the flow between two of them is not used."""

MIN_SHARE = 1e-4
"""Shares of the site's views below this count as no views."""


@dataclass(frozen=True)
class RankingInputs:
    """A state as the ranking reads it, at the state's time; n articles, v view half-lives.

    Attributes
    ----------
    time : µs UTC.
    readers : decayed sums.
    index : the articles' vectors; a row without text is empty.
    catalogue : the articles by row, also those that are not known yet.
    known : int64[n], µs UTC: publish time, else first view; `NEVER` where neither.
    eligible : bool[n], may be recommended.
    shares : float64[n, v], shares of the site's views, shrunk; see `shrunk_shares`.
    precedence : int32[n], place in the order (recency, id), which breaks ties.
    """

    time: int
    readers: ReaderStats
    index: Index
    catalogue: Catalogue
    known: Int64
    eligible: Bool
    shares: Float64
    precedence: Int32

    @property
    def vectors(self) -> Vectors:
        """float32 csr [n, terms], rows of length 1 or 0; those of `index`."""
        return self.index.vectors

    @property
    def section(self) -> Int32:
        """int32[n], index into the catalogue's section names, -1 where there is none."""
        return self.catalogue.section

    @property
    def sources(self) -> Bool:
        """bool[n], which articles may have a list: known, or with neither time nor view."""
        return np.asarray((self.known < self.time) | (self.known == NEVER))

    @cached_property
    def dated(self) -> Int64:
        """int64[n], `known`; `time` for an article that has neither time nor view."""
        return np.where(self.known == NEVER, self.time, self.known)

    @cached_property
    def eligible_index(self) -> Index:
        """The vectors of the eligible articles."""
        return Index(self.vectors, self.eligible)

    @cached_property
    def latest(self) -> Int32:
        """Eligible rows, the newest first."""
        rows = np.flatnonzero(self.eligible)
        return rows[np.argsort(self.precedence[rows])].astype(np.int32)

    @cached_property
    def transitions(self) -> Float64:
        """float64[h + 1], decayed transitions of the whole site."""
        return np.asarray(self.readers.inflow.sum(axis=0))

    @cached_property
    def section_lifts(self) -> Float64:
        """Log lift of a section → a section, float64[c + 1, c + 1]; the last is of no section.

        log((w / p + m) / (o + m)) with w the sum of the pairs between the two at the second slowest
        half-life, p the second's share of the site's views, o the flow out of the first, and m
        `PRIOR_SECTION`. 0 throughout where there are more than `MAX_SECTIONS`, or only one.
        """
        code = np.where(self.section < 0, self.section.max(initial=-1) + 1, self.section)
        count = int(code.max(initial=0)) + 1
        if count > MAX_SECTIONS or count == 1:
            return np.broadcast_to(0.0, (count, count))
        column = max(self.readers.outflow.shape[1] - 3, 0)
        flows = self.readers.flows(code, count, column)
        shares = self.shares[:, min(column + 1, self.shares.shape[1] - 1)]
        share = np.maximum(np.bincount(code, shares, count), MIN_SHARE)
        out = flows.sum(axis=1, keepdims=True)
        return np.asarray(np.log((flows / share + PRIOR_SECTION) / (out + PRIOR_SECTION)))

    def hotness(self, half_life: int) -> Int32:
        """int32[n], place of each row in `hottest`; n where it is not eligible."""
        place = np.full(len(self.known), len(self.known), np.int32)
        hottest = self.hottest(half_life)
        place[hottest] = np.arange(len(hottest), dtype=np.int32)
        return place

    def hottest(self, half_life: int) -> Int32:
        """Eligible rows by views at the half-life of that index, ties by recency, then id."""
        rows = self.latest
        return rows[np.argsort(-self.readers.views[rows, half_life], kind="stable")]


def by_section(ranked: Int32, section: Int32, sections: int, depth: int) -> tuple[Int64, Int32]:
    """Split a ranking by section, keeping the order and at most `depth` rows of each.

    Returns the offsets, int64[sections + 1], and the rows, int32.
    """
    ranked = ranked[section[ranked] >= 0]
    rows = ranked[np.argsort(section[ranked], kind="stable")]
    code = section[rows]
    place = np.arange(len(rows)) - np.searchsorted(code, code)
    rows, code = rows[place < depth], code[place < depth]
    return np.searchsorted(code, np.arange(sections + 1)), rows


def known_at(published: Int64, first_view: Int64) -> Int64:
    """When an article became known: int64[n] µs UTC, its publish time, else its first view.

    The first view stands in only where the site names no such times: where most articles have one,
    those without are unpublished, and are left out when the files are read.
    """
    return np.where(published != NEVER, published, first_view)


def ranking_inputs(state: State, config: Config) -> RankingInputs:
    """Derive the ranking's inputs from a state, at its own time: nothing later can enter."""
    readers = reader_stats(state.sums, config.readers)
    known = known_at(state.catalogue.published, readers.first_view)
    by_id = state.catalogue.by_id
    recency = np.where(known == NEVER, NEVER, -known)
    return RankingInputs(
        time=state.time,
        readers=readers,
        index=state.texts.index,
        catalogue=state.catalogue,
        known=known,
        eligible=eligible(EligibilityContext(state.time, state.catalogue, known), config),
        shares=shrunk_shares(readers.views, readers.views.sum(axis=0)),
        precedence=_ranks(by_id[np.argsort(recency[by_id], kind="stable")]),
    )


def shrunk_shares(views: Float64, totals: Float64) -> Float64:
    """Return articles' shares of the site's views at each half-life: float64[n, v].

    (v + m · s) / (V + m) with v `views` [n, v], V `totals` [v], m `PRIOR_VIEWS` and s the share at
    the next slower half-life: with few views, a fast share alone is noise.
    """
    shares = np.empty_like(views)
    slower = views[:, -1] / max(totals[-1], 1e-300)
    for column in range(views.shape[1] - 1, -1, -1):
        slower = (views[:, column] + PRIOR_VIEWS * slower) / (totals[column] + PRIOR_VIEWS)
        shares[:, column] = slower
    return shares


def _ranks(order: npt.NDArray[np.intp]) -> Int32:
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank
