"""Lists: every source's own items, from scored candidates."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from training.config import Config, ListsConfig
from training.ranking import GROUPS, Candidates, Cut, Scored, find, score
from training.records import Bool, Float32, Float64, Int32, Int64, Model

BLOCK: Final = 1024
"""Sources scored together; fixed, so that the result does not depend on the number of jobs."""

HOT: Final = 10
"""How many of the hottest articles count as hot."""

SPAN: Final = 5
"""Consecutive ranks of a list of which no more than `lists.max_hot` may be hot."""

FOUND: Final = 16 * BLOCK
"""Sources whose candidates are sought together: their text product has threads of its own."""

REASONS: Final = GROUPS
"""Codes that an item's reason indexes."""


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


def make(cut: Cut, sources: Int32, model: Model, twins: Int32, config: Config, jobs: int) -> Lists:
    """Make the lists of some sources.

    Parameters
    ----------
    cut : Cut
        The moment.
    sources : int32[s]
        Rows, ascending; the lists of other rows are empty.
    model : Model
        What scores.
    twins : int32[n]
        Label of near-identical texts: a list holds one of a label, and none of the source's.
    config : Config
        `lists.max_items` and all that scoring needs.
    jobs : int
        Threads; the result does not depend on it.

    Returns
    -------
    Lists
    """
    length = np.zeros(len(cut.known), np.int64)
    hotness = cut.hotness(config.readers.nearest_view_life(1.0))
    parts: list[_Part] = []
    with Parallel(n_jobs=jobs, prefer="threads") as parallel, threadpool_limits(1):
        for start in range(0, len(sources), FOUND):
            found = find(cut, sources[start : start + FOUND], config, jobs)
            blocks = [found.part(at, at + BLOCK) for at in range(0, len(found.sources), BLOCK)]
            made = (delayed(_block)(cut, block, model, twins, hotness, config) for block in blocks)
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
    cut: Cut, found: Candidates, model: Model, twins: Int32, hotness: Int32, config: Config
) -> _Part:
    scored = score(cut, found, model, config)
    pair = scored.candidates
    hot = hotness[pair.target] - (hotness[pair.source] < hotness[pair.target]) < HOT
    kept = choose(scored, cut.precedence, twins, hot, config.lists)
    length = np.bincount(found.index[kept], minlength=len(found.sources))
    return _Part(
        found.sources, length, found.target[kept], scored.probability[kept], scored.group[kept]
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
    owner = np.repeat(np.arange(len(before.ends) - 1), np.diff(before.ends))
    stays = np.flatnonzero(rows[owner] & eligible[before.items])
    owners = np.concatenate([np.repeat(np.arange(len(rows)), np.diff(made.ends)), owner[stays]])
    order = np.argsort(owners, kind="stable")
    return Lists(
        ends=np.searchsorted(owners[order], np.arange(len(rows) + 1)).astype(np.int64),
        items=np.concatenate([made.items, before.items[stays]])[order],
        scores=np.concatenate([made.scores, before.scores[stays]])[order],
        reasons=np.concatenate([made.reasons, before.reasons[stays]])[order],
    )


def choose(
    scored: Scored, precedence: Int32, twins: Int32, hot: Bool, config: ListsConfig
) -> npt.NDArray[np.intp]:
    """Choose each source's items.

    Parameters
    ----------
    scored : Scored
        m candidates.
    precedence, twins : int32[n]
        What breaks ties; labels of near-identical texts.
    hot : bool[m]
        Candidates among the `HOT` hottest articles beside the source.
    config : ListsConfig
        `max_items`, `max_hot`.

    Returns
    -------
    intp
        Positions in the candidates, by source, best first.
    """
    pair = scored.candidates
    order = np.lexsort((precedence[pair.target], -scored.order, pair.index))
    order = order[twins[pair.target[order]] != twins[pair.source[order]]]
    label = pair.index[order] << 32 | twins[pair.target[order]]
    order = order[np.sort(np.unique(label, return_index=True)[1])]
    ranks = _spread(pair.index[order], hot[order], len(pair.sources), config)
    return np.asarray(order[ranks[ranks >= 0]])


def _spread(index: Int64, hot: Bool, sources: int, config: ListsConfig) -> npt.NDArray[np.intp]:
    """Walk down each source's candidates, and pass over a hot one where five would hold too many.

    Returns their places, [sources, max_items], best first; -1 where a list has ended.
    """
    rows = [np.flatnonzero(~hot), np.flatnonzero(hot)]
    ends = [np.searchsorted(index[row], np.arange(sources), "right") for row in rows]
    next_ = [np.searchsorted(index[row], np.arange(sources)) for row in rows]
    places = [np.append(row, len(index)) for row in rows]
    chosen = np.full((sources, config.max_items), -1)
    was_hot = np.zeros((sources, config.max_items), np.bool_)
    for rank in range(config.max_items):
        full = was_hot[:, max(rank - SPAN + 1, 0) : rank].sum(axis=1) >= config.max_hot
        open_ = [next_[0] < ends[0], (next_[1] < ends[1]) & ~full]
        at = [np.where(open_[kind], places[kind][next_[kind]], len(index)) for kind in (0, 1)]
        was_hot[:, rank] = at[1] < at[0]
        first = np.minimum(*at)
        found = first < len(index)
        chosen[found, rank] = first[found]
        taken = [found & ~was_hot[:, rank], was_hot[:, rank]]
        next_ = [np.where(found, next_[kind] + taken[kind], ends[kind]) for kind in (0, 1)]
    return chosen
