"""Candidates: the articles that are scored for a source."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training import kernels
from training.config import Config
from training.ranking.inputs import RankingInputs, by_section
from training.records import Bool, Float64, Int32, Int64, sorted_unique

MIN_SOURCES_FOR_INDEX: Final = 4096
"""For at least so many sources, an index of the eligible texts alone is worth building. Fewer query
the index of all texts, which is built once for all snapshots."""


@dataclass(frozen=True)
class Candidates:
    """Distinct pairs of a source and a candidate, ascending by source, then by candidate.

    Attributes
    ----------
    sources : int32[s] rows.
    index : int64[m], position in `sources`.
    target : int32[m], row of the candidate: eligible, never the source.
    """

    sources: Int32
    index: Int64
    target: Int32

    @cached_property
    def source(self) -> Int32:
        """int32[m], row of the source."""
        return self.sources[self.index]

    @cached_property
    def starts(self) -> Int64:
        """int64[s + 1], where each source's candidates start."""
        return np.searchsorted(self.index, np.arange(len(self.sources) + 1))

    def part(self, start: int, end: int) -> "Candidates":
        """Return the candidates of sources[start:end]."""
        first, last = np.searchsorted(self.index, [start, end])
        return Candidates(
            self.sources[start:end], self.index[first:last] - start, self.target[first:last]
        )


def by_source(reduce: np.ufunc, values: Float64, starts: Int64) -> Float64:
    """Reduce the values of each source's candidates: float64[s], 0 where it has none."""
    reduced = np.zeros(len(starts) - 1)
    present = np.flatnonzero(np.diff(starts))
    if len(present):
        reduced[present] = reduce.reduceat(values, starts[present])
    return reduced


def sort_by_source(starts: Int64, value: Float64, precedence: Int32) -> Int64:
    """Sort the candidates of each source by falling value, ties by precedence.

    Parameters
    ----------
    starts : int64[s + 1]
        Where each source's candidates start.
    value : float64[m]
    precedence : int32[m]

    Returns
    -------
    int64[m]
        Positions of the candidates, source by source.
    """
    return kernels.ranking.sort_by_source(starts, np.ascontiguousarray(value), precedence)


def find(inputs: RankingInputs, sources: Int32, config: Config, jobs: int = 1) -> Candidates:
    """Find the candidates of some sources.

    Parameters
    ----------
    inputs : RankingInputs
        Only articles that are eligible at its time are found.
    sources : int32[s]
        Rows, distinct.
    config : Config
        How many of each kind (`ranking.*_candidates`).
    jobs : int
        Threads of the text search; the result is the same for any number.

    Returns
    -------
    Candidates
    """
    without = config.ranking.without
    keys = [_of_every_source(inputs, len(sources), config)]
    if "readers" not in without:
        keys.append(_by_transitions(inputs, sources, config))
    if "section" not in without:
        keys.append(_by_section(inputs, sources, config))
    if "text" not in without:
        keys += _by_text(inputs, sources, config, jobs)
    pairs = sorted_unique(np.concatenate(keys))
    index, target = pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32)
    kept = inputs.eligible[target] & (target != sources[index])
    return Candidates(sources, index[kept], target[kept])


def _keys(index: npt.NDArray[Any], target: npt.NDArray[Any]) -> Int64:
    return index.astype(np.int64) << 32 | target.astype(np.int64)


def _of_every_source(inputs: RankingInputs, sources: int, config: Config) -> Int64:
    """Return the site's most read and latest articles as candidates of every source."""
    depth = config.ranking
    nearest = config.readers.nearest_view_life
    rows = [inputs.latest[: depth.latest_candidates]]
    if "popular" not in depth.without:
        rows.append(inputs.hottest(nearest(1.0))[: depth.hottest_candidates])
        rows.append(inputs.hottest(nearest(3.0))[: depth.steady_candidates])
    targets = np.unique(np.concatenate(rows))
    return _keys(np.repeat(np.arange(sources), len(targets)), np.tile(targets, sources))


def _by_transitions(inputs: RankingInputs, sources: Int32, config: Config) -> Int64:
    """Return each source's strongest pairs at each half-life."""
    index, target, sums = inputs.readers.targets(sources)
    kept = inputs.eligible[target]
    index, target, sums = index[kept], target[kept], sums[kept]
    starts = np.searchsorted(index, np.arange(len(sources) + 1))
    chosen = np.zeros(len(index), np.bool_)
    rank = np.arange(len(index)) - starts[index]
    for column, depth in enumerate(config.ranking.pair_candidates):
        order = sort_by_source(starts, sums[:, column], inputs.precedence[target])
        strongest = order[rank < depth]
        chosen[strongest] |= sums[strongest, column] > 0
    return _keys(index[chosen], target[chosen])


def _by_section(inputs: RankingInputs, sources: Int32, config: Config) -> Int64:
    """Return the latest articles of each source's section."""
    depth = config.ranking.section_candidates if config.ranking.section else 0
    sections = int(inputs.section.max(initial=-1)) + 1
    starts, rows = by_section(inputs.latest, inputs.section, sections, depth)
    code = inputs.section[sources]
    in_section = np.flatnonzero(code >= 0)
    first = starts[code[in_section]]
    length = (starts[code[in_section] + 1] - first).astype(np.int64)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return _keys(np.repeat(in_section, length), rows[np.repeat(first, length) + offset])


def _is_recent(inputs: RankingInputs, config: Config) -> Bool:
    age = inputs.time - inputs.known
    return inputs.eligible & (inputs.known <= inputs.time) & (age <= config.ranking.recent)


def _by_text(inputs: RankingInputs, sources: Int32, config: Config, jobs: int) -> list[Int64]:
    """Return the nearest texts of any age, and the nearest recent ones."""
    depths = config.ranking.text_candidates, config.ranking.recent_text_candidates
    if max(depths) == 0 or inputs.vectors.nnz == 0:
        return []
    among = np.stack([inputs.eligible, _is_recent(inputs, config)])
    is_large = len(sources) >= MIN_SOURCES_FOR_INDEX
    texts = inputs.eligible_index if is_large else inputs.index
    # One more than wanted, since the source may be its own neighbour; `find` drops it by its row.
    found, _ = texts.nearest(inputs.vectors[sources], max(depths) + 1, jobs, among=among)
    keys = []
    for rows, depth in zip(found, depths, strict=True):
        index, place = np.nonzero(rows[:, : depth + 1 if depth else 0] >= 0)
        keys.append(_keys(index, rows[index, place]))
    return keys
