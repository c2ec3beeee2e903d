"""Lists: the recommendations of each source, chosen among its scored candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from training import kernels
from training.config import Config
from training.ranking import Candidates, RankingInputs, Scored, find, score, sort_by_source
from training.ranking.rules import (
    ONE_OF_RULES,
    SPAN_ITEMS,
    CandidatePairs,
    Labels,
    allowed_pairs,
    is_never_allowed,
    share_marks,
)
from training.recommendations.reasons import EVENT
from training.records import Bool, Float32, Float64, Int32, Int64, Model

CHUNK_SOURCES: Final = 1024
"""Sources scored together; fixed, so that the result does not depend on the number of jobs."""

HOT_ARTICLES: Final = 10
"""How many of the most read articles count as hot."""

SEARCH_CHUNK_SOURCES: Final = 16 * CHUNK_SOURCES
"""Sources whose candidates are found together, since the text search has threads of its own."""


@dataclass(frozen=True)
class Lists:
    """The list of every row, best first.

    Attributes
    ----------
    ends : int64[n + 1]; the items of row r are at ends[r] … ends[r + 1].
    items : int32, rows.
    scores : float32, the model's probabilities.
    reasons : uint8, index into `REASONS`.
    """

    ends: Int64
    items: Int32
    scores: Float32
    reasons: npt.NDArray[np.uint8]


def make_lists(
    inputs: RankingInputs, sources: Int32, model: Model, labels: Labels, config: Config, jobs: int
) -> Lists:
    """Make the lists of some sources.

    Parameters
    ----------
    inputs : RankingInputs
        At the state's time.
    sources : int32[s]
        Rows, ascending; the lists of other rows are empty.
    model : Model
        Scores the candidates.
    labels : Labels
        Near-duplicates and events, of which a list holds one.
    config : Config
        `lists.max_items`, the rules, and the settings of scoring.
    jobs : int
        Threads; the result is the same for any number.

    Returns
    -------
    Lists
    """
    length = np.zeros(len(inputs.known), np.int64)
    hotness = inputs.hotness(config.readers.nearest_view_life(1.0))
    parts: list[_Part] = []
    with Parallel(n_jobs=jobs, prefer="threads") as parallel, threadpool_limits(1):
        for start in range(0, len(sources), SEARCH_CHUNK_SOURCES):
            found = find(inputs, sources[start : start + SEARCH_CHUNK_SOURCES], config, jobs)
            chunks = [
                found.part(at, at + CHUNK_SOURCES)
                for at in range(0, len(found.sources), CHUNK_SOURCES)
            ]
            parts += parallel(
                delayed(_chunk_lists)(inputs, chunk, model, labels, hotness, config)
                for chunk in chunks
            )
    for part in parts:
        length[part.sources] = part.length
    items, scores, reasons = (
        np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0)])
        for name in ("items", "scores", "reasons")
    )
    return Lists(
        ends=np.concatenate([[0], np.cumsum(length)]),
        items=items.astype(np.int32),
        scores=scores.astype(np.float32),
        reasons=reasons.astype(np.uint8),
    )


class _Part(NamedTuple):
    """The lists of some sources: their lengths, and all their items."""

    sources: Int32
    length: npt.NDArray[np.intp]
    items: Int32
    scores: Float64
    reasons: npt.NDArray[np.uint8]


def _chunk_lists(
    inputs: RankingInputs,
    found: Candidates,
    model: Model,
    labels: Labels,
    hotness: Int32,
    config: Config,
) -> _Part:
    scored = score(inputs, found, model, config)
    pair = scored.candidates
    kept = choose(
        scored, candidate_pairs(inputs, scored, labels, hotness), inputs.precedence, config
    )
    length = np.bincount(found.index[kept], minlength=len(found.sources))
    own_event = labels.event[pair.source[kept]] == labels.event[pair.target[kept]]
    reasons = np.where(own_event, EVENT, scored.group[kept]).astype(np.uint8)
    return _Part(found.sources, length, found.target[kept], scored.probability[kept], reasons)


def candidate_pairs(
    inputs: RankingInputs, scored: Scored, labels: Labels, hotness: Int32
) -> CandidatePairs:
    """Return scored candidates as rules read them; `hotness` int32[n] as `inputs` has it at 1 h."""
    pair = scored.candidates
    hot = hotness[pair.target] - (hotness[pair.source] < hotness[pair.target]) < HOT_ARTICLES
    return CandidatePairs(
        inputs.catalogue, labels, pair.source, pair.target, scored.probability, hot
    )


def merge_lists(new: Lists, old: Lists, kept_rows: Bool, eligible: Bool) -> Lists:
    """Merge new lists with the old lists of other rows, without what is no longer eligible.

    Parameters
    ----------
    new : Lists
        Of n rows; empty where `kept_rows` is set.
    old : Lists
        Of the first m rows.
    kept_rows, eligible : bool[n]
        Which rows keep their old lists; which articles may be in one.

    Returns
    -------
    Lists
        Of n rows.
    """
    return Lists(
        *kernels.lists.merge_lists(
            *(new.ends, new.items, new.scores, new.reasons),
            *(old.ends, old.items, old.scores, old.reasons),
            kept_rows,
            eligible,
        )
    )


def choose(
    scored: Scored, pairs: CandidatePairs, precedence: Int32, config: Config
) -> npt.NDArray[np.intp]:
    """Choose each source's items.

    Parameters
    ----------
    scored : Scored
        m candidates.
    pairs : CandidatePairs
        The same, as rules read them.
    precedence : int32[n]
        Breaks ties.
    config : Config
        The rules; `lists.max_items`.

    Returns
    -------
    intp
        Positions of the items among the candidates, source by source, best first.
    """
    found = scored.candidates
    order = sort_by_source(found.starts, scored.order, precedence[found.target])
    order = order[(allowed_pairs(pairs, config) & ~is_never_allowed(pairs, config))[order]]
    for one_of in ONE_OF_RULES:
        if one_of.applies(config):
            labels = found.index[order] << 32 | one_of.label(pairs)[order]
            order = order[np.sort(np.unique(labels, return_index=True)[1])]
    marks = share_marks(pairs.catalogue, pairs.target[order], config, pairs.hot[order])
    ranks = spread(found.index[order], marks, len(found.sources), config.lists.max_items)
    return np.asarray(order[ranks[ranks >= 0]])


def spread(
    index: Int64, marks: Sequence[tuple[Bool, int]], sources: int, length: int
) -> npt.NDArray[np.intp]:
    """Take each source's best candidates; defer one if `SPAN_ITEMS` items would have too many.

    Parameters
    ----------
    index : int64[m]
        Source of each candidate, ascending; candidates of a source best first.
    marks : sequence of (bool[m], int)
        Which candidates are of a kind, and how many of any `SPAN_ITEMS` consecutive items may be.
    sources : int
        Number of sources.
    length : int
        Items of a list at most.

    Returns
    -------
    intp[sources, length]
        Positions of the candidates, best first; -1 behind the end of a list. A deferred candidate
        comes as soon as the limit allows it.
    """
    bits = sum((mark.astype(np.int64) << bit for bit, (mark, _) in enumerate(marks)), index * 0)
    kinds = np.unique(bits)
    rows = [np.flatnonzero(bits == kind) for kind in kinds]
    every = np.arange(sources)
    ends = [np.searchsorted(index[row], every, "right") for row in rows]
    at = [np.searchsorted(index[row], every) for row in rows]
    positions = [np.append(row, len(index)) for row in rows]
    chosen = np.full((sources, length), -1)
    chosen_bits = np.zeros((sources, length), np.int64)
    for rank in range(length):
        recent = chosen_bits[:, max(rank - SPAN_ITEMS + 1, 0) : rank]
        full = np.zeros(sources, np.int64)
        for bit, (_, limit) in enumerate(marks):
            full |= ((recent >> bit & 1).sum(axis=1) >= limit).astype(np.int64) << bit
        end = np.full(sources, len(index))
        heads = [
            np.where((at[k] < ends[k]) & (full & kind == 0), positions[k][at[k]], len(index))
            for k, kind in enumerate(kinds)
        ]
        first = np.min([end, *heads], axis=0)
        found = first < len(index)
        chosen[found, rank] = first[found]
        chosen_bits[found, rank] = bits[first[found]]
        for k, head in enumerate(heads):
            at[k] = np.where(found, at[k] + (head == first), ends[k])
    return chosen
