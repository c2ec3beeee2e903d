"""The readers' sums decayed to a time, as the ranking uses them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.config import ReadersConfig
from training.readers.half_lives import growth, pair_half_lives
from training.readers.pair_sums import PairSums, pair_key
from training.readers.sums import PER_ARTICLE, ArticleSums, Sums, add_counts, grow
from training.readers.tables import UNIT
from training.records import Float64, Int32, Int64


@dataclass(frozen=True)
class ReaderStats(ArticleSums):
    """Sums decayed to `time`, the open bucket included; flows in direct transitions."""

    _layers: tuple[PairSums, PairSums]
    _scale: Float64

    @property
    def weighed(self) -> Float64:
        """All views ever counted, each by its weight: float64[n]."""
        return self.total - self.discount / UNIT

    def lookup(self, source: npt.NDArray[Any], target: npt.NDArray[Any]) -> Float64:
        """Return the sums of pairs: float64[m, h + 1] for m pairs of rows; 0 where never seen."""
        wanted = pair_key(source, target)
        found = np.zeros((len(wanted), self.outflow.shape[1]))
        for layer in self._layers:
            if len(layer.keys):
                at = np.minimum(np.searchsorted(layer.keys, wanted), len(layer.keys) - 1)
                hit = layer.keys[at] == wanted
                found[hit] += layer.sums[at[hit]]
        return found * self._scale

    def flows(self, label: npt.NDArray[Any], labels: int, column: int) -> Float64:
        """Add up the pairs between labels of rows: float64[labels, labels] of one column."""
        flows = sum(layer.flows(label, labels, column) for layer in self._layers)
        return np.asarray(np.reshape(flows, (labels, labels)) * self._scale[column])

    def inflow_from(
        self, label: npt.NDArray[Any], labels: int, column: int, rows: npt.NDArray[Any]
    ) -> Float64:
        """Add up the pairs to some distinct rows by the label of their source.

        float64[rows, labels] of one column.
        """
        place = np.full(len(self.total), -1, np.int32)
        place[rows] = np.arange(len(rows))
        added = sum(
            layer.inflows(label, labels, column, place, len(rows)) for layer in self._layers
        )
        return np.asarray(np.reshape(added, (len(rows), labels)) * self._scale[column])

    def targets(self, sources: Int32) -> tuple[Int64, Int64, Float64]:
        """Return every pair of some sources.

        Parameters
        ----------
        sources : int32[s]
            Rows, distinct.

        Returns
        -------
        index : int64[m]
            Position in `sources`, ascending.
        target : int64[m]
            Row, ascending within a source.
        sums : float64[m, h + 1]
        """
        parts = [_ranges(layer, sources) for layer in self._layers]
        index = np.concatenate([p[0] for p in parts])
        target = np.concatenate([p[1] for p in parts])
        sums = np.concatenate([p[2] for p in parts])
        pair, place = np.unique(index << 32 | target, return_inverse=True)
        joined = np.zeros((len(pair), sums.shape[1]))
        np.add.at(joined, place, sums)
        return pair >> 32, pair & 0xFFFFFFFF, joined * self._scale


def reader_stats(sums: Sums, config: ReadersConfig) -> ReaderStats:
    """Decay the sums to their own time; the open bucket counts in full."""
    lives = pair_half_lives(config)
    elapsed = sums.time - sums.landmark
    sums = add_counts(
        grow(sums, len(sums.views)),
        sums.open_pairs,
        sums.open_views,
        growth(lives, elapsed),
        growth(config.view_half_lives, elapsed),
    )
    scale = growth(lives, -elapsed) / UNIT
    for flow in (sums.outflow, sums.inflow):
        flow *= scale
    views = sums.views
    views *= growth(config.view_half_lives, -elapsed)
    return ReaderStats(
        **{name: getattr(sums, name) for name in PER_ARTICLE},
        time=sums.time,
        _layers=(sums.base, sums.today),
        _scale=scale,
    )


def _ranges(pairs: PairSums, sources: Int32) -> tuple[Int64, Int64, Float64]:
    begin = np.searchsorted(pairs.keys, sources.astype(np.int64) << 32)
    end = np.searchsorted(pairs.keys, (sources.astype(np.int64) + 1) << 32)
    length = end - begin
    index = np.repeat(np.arange(len(sources)), length)
    offset = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length)
    at = begin[index] + offset
    return index, pairs.keys[at] & 0xFFFFFFFF, pairs.sums[at]
