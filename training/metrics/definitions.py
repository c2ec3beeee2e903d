"""Metrics: what each row of a replay counts, and which rows count."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.recommendations import LIST_REASONS
from training.records import Bool, Float64
from training.replay.results import DEPTH, SLOTS, ReplayRows

Values = npt.NDArray[Any]


def _everywhere(rows: ReplayRows) -> Bool:
    return np.ones(len(rows), np.bool_)


@dataclass(frozen=True)
class Metric:
    """A value per row, and which rows count.

    Attributes
    ----------
    value : rows → float or int[n]; a row where it is NaN does not count.
    within : rows → bool[n], the rows that count.
    """

    value: Callable[[ReplayRows], Values]
    within: Callable[[ReplayRows], Bool] = _everywhere

    def columns(self, rows: ReplayRows) -> tuple[Float64, Bool]:
        """Return numerator float64[n] (0 where a row does not count) and denominator bool[n]."""
        value = self.value(rows).astype(np.float64)
        counts = self.within(rows) & ~np.isnan(value)
        return np.where(counts, value, 0.0), counts


def _gains(depth: int, gain: Callable[[Float64], Float64]) -> Float64:
    """Tabulate a gain by rank, float64[DEPTH + 1]; 0 beyond the depth, and at rank 0 (not listed).

    Examples
    --------
    >>> _gains(2, lambda rank: 1 / rank)[:4].tolist()
    [0.0, 1.0, 0.5, 0.0]
    """
    ranks = np.arange(1, DEPTH + 1, dtype=np.float64)
    return np.concatenate([[0.0], np.where(ranks <= depth, gain(ranks), 0.0)])


def _by_rank(gains: Float64, rows: ReplayRows) -> Float64:
    return gains[rows.rank]


def _by_page_rank(gains: Float64, rows: ReplayRows) -> Float64:
    return gains[rows.page_rank]


def _slots(column: str, rows: ReplayRows) -> Float64:
    return np.asarray(getattr(rows, column) / SLOTS)


def _slots_by_reason(group: int, rows: ReplayRows) -> Float64:
    return np.asarray(rows.slots_reason[:, group] / SLOTS)


_first1, _first5, _first10 = (_gains(depth, np.ones_like) for depth in (1, 5, 10))

HITS: Final = {
    "hr@1": Metric(partial(_by_rank, _first1)),
    "hr@5": Metric(partial(_by_rank, _first5)),
    "hr@10": Metric(partial(_by_rank, _first10)),
    "mrr@10": Metric(partial(_by_rank, _gains(10, np.reciprocal))),
    "ndcg@10": Metric(partial(_by_rank, _gains(10, lambda rank: 1 / np.log2(rank + 1)))),
    "hr@5|page": Metric(partial(_by_page_rank, _first5)),
    "hr@5|page-tail": Metric(partial(_by_page_rank, _first5), lambda rows: ~rows.hot),
    "hr@5|new": Metric(partial(_by_rank, _first5), lambda rows: rows.new),
    "hr@5|cold": Metric(partial(_by_rank, _first5), lambda rows: rows.cold),
    "hr@5|visit": Metric(partial(_by_rank, _first5), lambda rows: rows.visited >= 2),
}
"""Metrics of the target's rank, by which systems are compared.

With one relevant item the ideal gain is 1, so ndcg is the gain itself, 1 / log2(rank + 1)
(Järvelin and Kekäläinen, TOIS 2002).
"""

METRICS: Final = {
    **HITS,
    "hot": Metric(partial(_slots, "slots_hot")),
    "same-section": Metric(partial(_slots, "slots_section")),
    "related": Metric(partial(_slots, "slots_related")),
    **{
        f"reason:{code}": Metric(partial(_slots_by_reason, group))
        for group, code in enumerate(LIST_REASONS)
    },
    "age": Metric(lambda rows: rows.age),
    "overlap": Metric(lambda rows: rows.overlap),
    "ils": Metric(lambda rows: rows.similarity),
}
"""All figures that have an interval, by name."""
