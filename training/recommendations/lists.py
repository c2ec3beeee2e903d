"""Lists: every source's own items, from scored candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from training import kernels
from training.config import Config
from training.ranking import Candidates, RankingInputs, Scored, find, ordered, score
from training.ranking.rules import (
    ONE_OF_RULES,
    SPAN,
    CandidatePairs,
    Labels,
    allowed,
    never,
    share_marks,
)
from training.recommendations.reasons import EVENT
from training.records import Bool, Float32, Float64, Int32, Int64, Model

BLOCK: Final = 1024
"""Sources scored together; fixed, so that the result does not depend on the number of jobs."""

HOT: Final = 10
"""How many of the hottest articles count as hot."""

FOUND: Final = 16 * BLOCK
"""Sources whose candidates are sought together: their text product has threads of its own."""


@dataclass(frozen=True)
class Lists:
    """Own items of every row, best first.

    Attributes
    ----------
    ends : int64[n + 1]; the items of row r stand at ends[r] … ends[r + 1].
    items : int32, rows.
    scores : float32, the model's probability.
    reasons : uint8, index into `REASONS`.
    """

    ends: Int64
    items: Int32
    scores: Float32
    reasons: npt.NDArray[np.uint8]


def make(
    inputs: RankingInputs, sources: Int32, model: Model, labels: Labels, config: Config, jobs: int
) -> Lists:
    """Make the lists of some sources.

    Parameters
    ----------
    inputs : RankingInputs
        The moment.
    sources : int32[s]
        Rows, ascending; the lists of other rows are empty.
    model : Model
        What scores.
    labels : Labels
        What a list holds one of.
    config : Config
        `lists.max_items` and all that scoring needs.
    jobs : int
        Threads; the result does not depend on it.

    Returns
    -------
    Lists
    """
    length = np.zeros(len(inputs.known), np.int64)
    hotness = inputs.hotness(config.readers.nearest_view_life(1.0))
    parts: list[_Part] = []
    with Parallel(n_jobs=jobs, prefer="threads") as parallel, threadpool_limits(1):
        for start in range(0, len(sources), FOUND):
            found = find(inputs, sources[start : start + FOUND], config, jobs)
            blocks = [found.part(at, at + BLOCK) for at in range(0, len(found.sources), BLOCK)]
            made = (
                delayed(_block)(inputs, block, model, labels, hotness, config) for block in blocks
            )
            parts += parallel(made)
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
    """Lists of a block of sources: their lengths, and their items behind one another."""

    sources: Int32
    length: npt.NDArray[np.intp]
    items: Int32
    scores: Float64
    reasons: npt.NDArray[np.uint8]


def _block(
    inputs: RankingInputs,
    found: Candidates,
    model: Model,
    labels: Labels,
    hotness: Int32,
    config: Config,
) -> _Part:
    scored = score(inputs, found, model, config)
    pair = scored.candidates
    kept = choose(scored, judged(inputs, scored, labels, hotness), inputs.precedence, config)
    length = np.bincount(found.index[kept], minlength=len(found.sources))
    own_event = labels.event[pair.source[kept]] == labels.event[pair.target[kept]]
    reasons = np.where(own_event, EVENT, scored.group[kept]).astype(np.uint8)
    return _Part(found.sources, length, found.target[kept], scored.probability[kept], reasons)


def judged(inputs: RankingInputs, scored: Scored, labels: Labels, hotness: Int32) -> CandidatePairs:
    """Lay out scored candidates for the rules; `hotness` int32[n] is that of the cut, by 1 h."""
    pair = scored.candidates
    hot = hotness[pair.target] - (hotness[pair.source] < hotness[pair.target]) < HOT
    return CandidatePairs(
        inputs.catalogue, labels, pair.source, pair.target, scored.probability, hot
    )


def keep(made: Lists, before: Lists, rows: Bool, eligible: Bool) -> Lists:
    """Add the lists that some rows had before, less what is no longer eligible.

    Parameters
    ----------
    made : Lists
        Of n rows; empty where `rows` is set.
    before : Lists
        Of the first m rows.
    rows, eligible : bool[n]
        Which rows keep their lists; what may still stand in one.

    Returns
    -------
    Lists
        Of n rows.
    """
    of_made = made.ends, made.items, made.scores, made.reasons
    of_before = before.ends, before.items, before.scores, before.reasons
    return Lists(*kernels.lists.merge_lists(*of_made, *of_before, rows, eligible))


def choose(
    scored: Scored, pairs: CandidatePairs, precedence: Int32, config: Config
) -> npt.NDArray[np.intp]:
    """Choose each source's items.

    Parameters
    ----------
    scored : Scored
        m candidates.
    pairs : CandidatePairs
        The same, as rules judge them.
    precedence : int32[n]
        What breaks ties.
    config : Config
        The rules; `lists.max_items`.

    Returns
    -------
    intp
        Positions in the candidates, by source, best first.
    """
    found = scored.candidates
    order = ordered(found.starts, scored.order, precedence[found.target])
    order = order[(allowed(pairs, config) & ~never(pairs, config))[order]]
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
    """Walk down each source's candidates, and pass over one where five would hold too many.

    Parameters
    ----------
    index : int64[m]
        Source of each candidate, ascending; candidates of a source best first.
    marks : sequence of (bool[m], int)
        Which candidates are of a kind, and how many of any `SPAN` consecutive items may be.
    sources : int
        Number of sources.
    length : int
        Items of a list at most.

    Returns
    -------
    intp[sources, length]
        Places of the candidates, best first; -1 where a list has ended. One passed over comes as
        soon as there is room for it.
    """
    bits = sum((mark.astype(np.int64) << bit for bit, (mark, _) in enumerate(marks)), index * 0)
    kinds = np.unique(bits)
    rows = [np.flatnonzero(bits == kind) for kind in kinds]
    every = np.arange(sources)
    ends = [np.searchsorted(index[row], every, "right") for row in rows]
    at = [np.searchsorted(index[row], every) for row in rows]
    places = [np.append(row, len(index)) for row in rows]
    chosen = np.full((sources, length), -1)
    was = np.zeros((sources, length), np.int64)
    for rank in range(length):
        recent = was[:, max(rank - SPAN + 1, 0) : rank]
        full = np.zeros(sources, np.int64)
        for bit, (_, most) in enumerate(marks):
            full |= ((recent >> bit & 1).sum(axis=1) >= most).astype(np.int64) << bit
        nothing = np.full(sources, len(index))
        heads = [
            np.where((at[k] < ends[k]) & (full & kind == 0), places[k][at[k]], len(index))
            for k, kind in enumerate(kinds)
        ]
        first = np.min([nothing, *heads], axis=0)
        found = first < len(index)
        chosen[found, rank] = first[found]
        was[found, rank] = bits[first[found]]
        for k, head in enumerate(heads):
            at[k] = np.where(found, at[k] + (head == first), ends[k])
    return chosen
