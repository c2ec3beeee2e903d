"""Candidates: which articles are worth scoring for a source."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training import kernels
from training.config import Config
from training.ranking.inputs import RankingInputs, by_section
from training.records import Bool, Float64, Int32, Int64, sorted_unique

MANY: Final = 4096
"""For so many sources an index of what is eligible is worth making; that of all texts, which
fewer ask, outlives the cut."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of a source and a candidate, ascending by source, then by candidate, distinct.

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
        """int64[s + 1], where each source's candidates begin."""
        return np.searchsorted(self.index, np.arange(len(self.sources) + 1))

    def part(self, start: int, end: int) -> "Candidates":
        """Give the candidates of sources[start:end]."""
        first, last = np.searchsorted(self.index, [start, end])
        return Candidates(
            self.sources[start:end], self.index[first:last] - start, self.target[first:last]
        )


def by_source(reduce: np.ufunc, values: Float64, starts: Int64) -> Float64:
    """Reduce the values of each source's candidates: float64[s], 0 where it has none."""
    reduced = np.zeros(len(starts) - 1)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        reduced[filled] = reduce.reduceat(values, starts[filled])
    return reduced


def ordered(starts: Int64, value: Float64, precedence: Int32) -> Int64:
    """Order candidates within each source: the largest value first, ties by precedence.

    Parameters
    ----------
    starts : int64[s + 1]
        Where each source's candidates begin.
    value : float64[m]
    precedence : int32[m]

    Returns
    -------
    int64[m]
        Places of the candidates, by source.
    """
    return kernels.ranking.sort_by_source(starts, np.ascontiguousarray(value), precedence)


def find(inputs: RankingInputs, sources: Int32, config: Config, jobs: int = 1) -> Candidates:
    """Find the candidates of some sources.

    Parameters
    ----------
    inputs : RankingInputs
        The moment; only what is eligible then is found.
    sources : int32[s]
        Rows, distinct.
    config : Config
        How many of each kind (`ranking.*_candidates`).
    jobs : int
        Threads of the text product; the result does not depend on it.

    Returns
    -------
    Candidates
    """
    without = config.ranking.without
    keys = [_everywhere(inputs, len(sources), config)]
    if "readers" not in without:
        keys.append(_read_next(inputs, sources, config))
    if "section" not in without:
        keys.append(_of_section(inputs, sources, config))
    if "text" not in without:
        keys += _near(inputs, sources, config, jobs)
    pairs = sorted_unique(np.concatenate(keys))
    index, target = pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32)
    kept = inputs.eligible[target] & (target != sources[index])
    return Candidates(sources, index[kept], target[kept])


def _keys(index: npt.NDArray[Any], target: npt.NDArray[Any]) -> Int64:
    return index.astype(np.int64) << 32 | target.astype(np.int64)


def _everywhere(inputs: RankingInputs, sources: int, config: Config) -> Int64:
    """The site's hottest and latest, which are candidates of every source."""
    depth = config.ranking
    nearest = config.readers.nearest_view_life
    rows = [inputs.latest[: depth.latest_candidates]]
    if "popular" not in depth.without:
        rows.append(inputs.hottest(nearest(1.0))[: depth.hottest_candidates])
        rows.append(inputs.hottest(nearest(3.0))[: depth.steady_candidates])
    everywhere = np.unique(np.concatenate(rows))
    return _keys(np.repeat(np.arange(sources), len(everywhere)), np.tile(everywhere, sources))


def _read_next(inputs: RankingInputs, sources: Int32, config: Config) -> Int64:
    """The source's strongest pairs at each half-life."""
    index, target, sums = inputs.readers.targets(sources)
    kept = inputs.eligible[target]
    index, target, sums = index[kept], target[kept], sums[kept]
    starts = np.searchsorted(index, np.arange(len(sources) + 1))
    chosen = np.zeros(len(index), np.bool_)
    place = np.arange(len(index)) - starts[index]
    for column, depth in enumerate(config.ranking.pair_candidates):
        strongest = ordered(starts, sums[:, column], inputs.precedence[target])[place < depth]
        chosen[strongest] |= sums[strongest, column] > 0
    return _keys(index[chosen], target[chosen])


def _of_section(inputs: RankingInputs, sources: Int32, config: Config) -> Int64:
    depth = config.ranking.section_candidates if config.ranking.section else 0
    sections = int(inputs.section.max(initial=-1)) + 1
    starts, rows = by_section(inputs.latest, inputs.section, sections, depth)
    code = inputs.section[sources]
    filed = np.flatnonzero(code >= 0)
    length = (starts[code[filed] + 1] - starts[code[filed]]).astype(np.int64)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    at = np.repeat(starts[code[filed]], length) + offset
    return _keys(np.repeat(filed, length), rows[at])


def _recent(inputs: RankingInputs, config: Config) -> Bool:
    return (
        inputs.eligible
        & (inputs.known <= inputs.time)
        & (inputs.time - inputs.known <= config.ranking.recent)
    )


def _near(inputs: RankingInputs, sources: Int32, config: Config, jobs: int) -> list[Int64]:
    """The nearest texts of any age and the nearest recent ones; one more, as it may be itself."""
    depths = config.ranking.text_candidates, config.ranking.recent_text_candidates
    if max(depths) == 0 or inputs.vectors.nnz == 0:
        return []
    among = np.stack([inputs.eligible, _recent(inputs, config)])
    texts = inputs.recommendable if len(sources) >= MANY else inputs.index
    found, _ = texts.nearest(inputs.vectors[sources], max(depths) + 1, jobs, among=among)
    keys = []
    for rows, depth in zip(found, depths, strict=True):
        index, place = np.nonzero(rows[:, : depth + 1 if depth else 0] >= 0)
        keys.append(_keys(index, rows[index, place]))
    return keys
