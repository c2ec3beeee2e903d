"""The results of a replay: one row per cutoff, transition and system, and totals per system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.catalogue import empty_catalogue
from training.records import Bool, Catalogue, Float64, Int64

DEPTH: Final = 20
"""Length of the lists that systems are asked for."""

SLOTS: Final = 5
"""Items of a list that a page shows."""

MISSES: Final = {
    "unknown": "not known yet",
    "ineligible": "excluded from every list",
    "no_list": "the source had no list of its own",
    "kept": "the list was made at an earlier snapshot",
    "candidate": "not a candidate",
    "ruled_out": "excluded by a rule",
    "outranked": "ranked below the end of the list",
    "below": f"rank {SLOTS + 1} to {DEPTH}",
    "unlisted": "not in the list, the system does not say why",
}
"""Why a target was not among the first five: codes and texts.

Known and eligible hold at the cutoff; `candidate`, `ruled_out` and `outranked` explain lists made
at it. A target whose event or near-identical text is in the list is ruled out, whatever its rank.
"""

EDGES: Final = 10.0 ** np.arange(-4, 0.01, 0.25)
"""Lower edges of the bins of calibration; lower probabilities belong to the first bin."""


@dataclass(frozen=True)
class ReplayRows:
    """Equally long columns, one row per cutoff, transition and system.

    Attributes
    ----------
    system : int16, index into the replay's systems.
    cut : int64 µs UTC, the last cutoff at or before the source's view.
    source_time, target_time : int64 µs UTC of the two views.
    source, target : int32 rows of the catalogue.
    reader : int64 keyed hash.
    rank : int8, 1 … 20, of the target in the list; 0 where it is not among the first 20.
    page_rank : int8, the same after the five hottest (source excluded) are taken out of the list.
    reason : int8, index into `LIST_REASONS` of why the target is in the list; -1 if it is not, in a
        filled slot, or for a system without reasons.
    miss : int8, index into `MISSES` of why the target is not among the first five; -1 where it is.
    eligible : bool, whether the target was eligible at the cutoff.
    hot : bool, whether the target was among the ten hottest (source excluded).
    new : bool, whether the target was known for less than an hour at its view.
    cold : bool, whether the source had fewer than five views at the cutoff.
    visited : int8, stories that the reader had opened in the session by then, 1 to 10.
    slots_hot, slots_section, slots_related : int8, of the first five: among the ten hottest; in
        the source's section; connected to the source by readers (14 d lift > 1) or words.
    slots_reason : int8[rows, len(LIST_REASONS)], of the first five, by reason; unfilled ones only.
    age : float32, mean hours since the five became known.
    similarity : float32, mean text cosine of two of the five (intra-list similarity).
    overlap : float32, mean number of the five shared with another source of the cutoff; NaN where
        the cutoff has one source.
    """

    system: npt.NDArray[np.int16]
    cut: npt.NDArray[np.int64]
    source_time: npt.NDArray[np.int64]
    target_time: npt.NDArray[np.int64]
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    reader: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int8]
    page_rank: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int8]
    miss: npt.NDArray[np.int8]
    eligible: npt.NDArray[np.bool_]
    hot: npt.NDArray[np.bool_]
    new: npt.NDArray[np.bool_]
    cold: npt.NDArray[np.bool_]
    visited: npt.NDArray[np.int8]
    slots_hot: npt.NDArray[np.int8]
    slots_section: npt.NDArray[np.int8]
    slots_related: npt.NDArray[np.int8]
    slots_reason: npt.NDArray[np.int8]
    age: npt.NDArray[np.float32]
    similarity: npt.NDArray[np.float32]
    overlap: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rank)

    def where(self, rows: npt.NDArray[Any]) -> "ReplayRows":
        """Return the rows under a mask or index."""
        return ReplayRows(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass(frozen=True)
class ListTotals:
    """What a system of a replay showed, added up over all transitions.

    Attributes
    ----------
    slots : int64[n], how often each article was in the first five.
    calibration : float64[len(EDGES), 3], by the probability of an item among the first 20: items,
        the sum of their probabilities, and how many of them were clicked. All 0 for a system that
        has no probabilities.
    effects : what each feature adds to the log-odds of an item of the five, beyond what it adds to
        the average candidate of the same source; a mean over sampled lists. Empty for a system
        that does not explain its lists.
    lists : the five under some of the `ReplayResult.samples`, by their number.
    """

    slots: Int64
    calibration: Float64
    effects: Mapping[str, float]
    lists: Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class ReplayResult:
    """A replay at one refresh interval.

    Attributes
    ----------
    every : int, µs between cutoffs.
    systems : names, which `ReplayRows.system` indexes.
    rows : one per cutoff, transition and system.
    ids : row of the catalogue → id.
    coverage : per system, the share of the articles ever eligible that were in a five.
    seconds : per system, time spent in it.
    totals : per system.
    samples : cutoffs (µs UTC) and sources (rows) whose lists are kept, drawn at random among the
        transitions, each source once.
    eligible : bool[n], whether each article was ever eligible.
    catalogue, known : the articles by row, and int64[n] when each is known, µs UTC.
    """

    every: int
    systems: list[str]
    rows: ReplayRows
    ids: list[str]
    coverage: list[float]
    seconds: list[float]
    totals: Sequence[ListTotals] = ()
    samples: Sequence[tuple[int, int]] = ()
    eligible: Bool = field(default_factory=lambda: np.zeros(0, np.bool_))
    catalogue: Catalogue = field(default_factory=empty_catalogue)
    known: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
