"""Figures: what the rows of a replay say about its systems, with bootstrap intervals over readers.

A metric gives every row a value, and says which rows count; its figure is the mean over those.
The bootstrap draws readers, since the transitions of one reader go together (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). All systems and cadences see the
same draws, so a difference is taken within each draw: the pairs are paired.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from training.recommendations import OWN_REASONS
from training.records import Bool, Float64, Int32, Int64
from training.replay.results import DEPTH, SLOTS, ReplayResult, ReplayRows

RESAMPLES: Final = 1000
"""Draws of the bootstrap."""

SEED: Final = 0
"""Seed of these draws: the same rows give the same intervals."""

TAIL: Final = RESAMPLES // 40
"""Draws on either side of a 95 % interval."""

TRANSITION: Final = ("reader", "target", "source", "target_time", "source_time", "cut")
"""Columns that tell one next read from another, the last one first."""

YARDSTICK: Final = ("eligible", "hot", "new", "cold", "visited")
"""Columns that say where a next read counts, whatever a system shows."""

_BLOCK: Final = 50

Weights = npt.NDArray[np.uint16]
Values = npt.NDArray[Any]


def _everywhere(rows: ReplayRows) -> Bool:
    return np.ones(len(rows), np.bool_)


@dataclass(frozen=True)
class Metric:
    """What a row is worth, and whether it counts.

    Attributes
    ----------
    value : ReplayRows → float or int[n]; a row where it is NaN does not count.
    within : ReplayRows → bool[n], the rows that count.
    """

    value: Callable[[ReplayRows], Values]
    within: Callable[[ReplayRows], Bool] = _everywhere

    def columns(self, rows: ReplayRows) -> tuple[Float64, Bool]:
        """Give numerator float64[n] (0 where a row does not count) and denominator bool[n]."""
        value = self.value(rows).astype(np.float64)
        counts = self.within(rows) & ~np.isnan(value)
        return np.where(counts, value, 0.0), counts


def _gains(depth: int, gain: Callable[[Float64], Float64]) -> Float64:
    """Tabulate a gain by rank, float64[DEPTH + 1]; 0 beyond the depth, and at 0: not in the list.

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
"""Whether and where the list holds the next read: what systems are compared by.

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
        for group, code in enumerate(OWN_REASONS)
    },
    "age": Metric(lambda rows: rows.age),
    "overlap": Metric(lambda rows: rows.overlap),
    "ils": Metric(lambda rows: rows.similarity),
}
"""All figures that have an interval, by name."""


@dataclass(frozen=True)
class Trial:
    """A replay whose rows are matched by transition.

    Attributes
    ----------
    replay : as it came.
    order : int64[s, n], row of each system and transition, transitions by time.
    reader : int32[n], number of the transition's reader.
    """

    replay: ReplayResult
    order: Int64
    reader: Int32


@dataclass(frozen=True)
class Measured:
    """A metric of each system of a trial.

    Attributes
    ----------
    value : float64[s, n], by system and transition; 0 where it does not count.
    counts : bool[s, n].
    mean : float64[s], NaN where nothing counts.
    resampled : float64[RESAMPLES, s], the mean in each draw of readers.
    """

    value: Float64
    counts: Bool
    mean: Float64
    resampled: Float64

    def interval(self) -> Float64:
        """Give the 95 % percentile interval of each mean, float64[2, s]."""
        return percentiles(self.resampled)


@dataclass(frozen=True)
class Paired:
    """One system against another, on the same transitions.

    Attributes
    ----------
    difference, ci : a − b and its 95 % interval.
    ratio, ratio_ci : a / b and its 95 % interval; infinite where b is 0.
    wins, ties, losses : transitions where a is worth more than b, as much, less.
    """

    difference: float
    ci: tuple[float, float]
    ratio: float
    ratio_ci: tuple[float, float]
    wins: int
    ties: int
    losses: int


def match(replays: Sequence[ReplayResult]) -> list[Trial]:
    """Match the rows of each replay by transition, and number the readers of all.

    Readers are numbered by their first transition, so that the figures depend neither on the
    order of the rows nor on the key that the readers were hashed with.

    Raises
    ------
    ValueError
        If two systems of a replay do not have the same transitions.
    """
    orders = [_order(replay) for replay in replays]
    readers = [replay.rows.reader[order[0]] for replay, order in zip(replays, orders, strict=True)]
    _, first, number = np.unique(np.concatenate(readers), return_index=True, return_inverse=True)
    dense = np.argsort(np.argsort(first)).astype(np.int32)[number]
    ends = np.cumsum([len(reader) for reader in readers])[:-1]
    return list(map(Trial, replays, orders, np.split(dense, ends)))


def _order(replay: ReplayResult) -> Int64:
    rows, systems = replay.rows, len(replay.systems)
    keys = [getattr(rows, name) for name in TRANSITION]
    order = np.lexsort([*keys, rows.system]).astype(np.int64)
    if (np.bincount(rows.system, minlength=systems) * systems != len(rows)).any():
        raise ValueError("the systems of a replay differ in their number of transitions")
    order = order.reshape(systems, -1)
    for name in (*TRANSITION, *YARDSTICK):
        column = getattr(rows, name)[order]
        if (column != column[0]).any():
            raise ValueError(f"the systems of a replay differ in the {name} of their transitions")
    return order


def resample(trials: Sequence[Trial], rng: np.random.Generator) -> Weights:
    """Draw as many readers as there are, with replacement, again and again.

    Returns
    -------
    uint16[RESAMPLES, readers]
        How often each draw holds each reader; every row adds up to the number of readers.
    """
    return draws(1 + max(int(trial.reader.max(initial=-1)) for trial in trials), rng)


def draws(readers: int, rng: np.random.Generator) -> Weights:
    """Draw as many of some readers as there are, with replacement, as `resample` does."""
    weights = np.empty((RESAMPLES, readers), np.uint16)
    for draw in weights:
        draw[:] = np.bincount(rng.integers(readers, size=readers), minlength=readers)
    return weights


def measure(metric: Metric, trial: Trial, weights: Weights) -> Measured:
    """Take a metric of each system of a trial, as a whole and in every draw of readers.

    A draw is a ratio of sums: the numerators of its readers over their denominators.
    """
    numerator, denominator = metric.columns(trial.replay.rows)
    value, counts = numerator[trial.order], denominator[trial.order]
    by_reader = _sums(trial.reader, np.concatenate([value, counts]).T, weights.shape[1])
    # Integers in memory, floats block by block: a large site has many readers.
    drawn = np.concatenate([block @ by_reader for block in _blocks(weights)])
    systems = len(value)
    return Measured(
        value,
        counts,
        _ratio(value.sum(axis=1), counts.sum(axis=1)),
        _ratio(drawn[:, :systems], drawn[:, systems:]),
    )


def shares(above: Float64, below: Float64, weights: Weights) -> Float64:
    """Give ratios of sums over readers, float64[3, c]: of all, and the ends of the 95 % interval.

    `above` and `below` are float64[readers, c].
    """
    drawn = np.concatenate([_ratio(w @ above, w @ below) for w in _blocks(weights)])
    return np.concatenate([_ratio(above.sum(axis=0), below.sum(axis=0))[None], percentiles(drawn)])


def _sums(reader: Int32, columns: Float64, readers: int) -> Float64:
    """Add up columns, float64[n, c], by the reader of each row: float64[readers, c]."""
    rows = np.arange(len(reader))
    member = sparse.csr_array((np.ones(len(rows)), (reader, rows)), shape=(readers, len(rows)))
    return np.asarray(member @ columns)


def _blocks(weights: Weights) -> list[Weights]:
    return np.array_split(weights, max(1, len(weights) // _BLOCK))


def compare(measured: Measured, a: int, b: int) -> Paired:
    """Set system a of a trial against system b, on the transitions that count."""
    drawn_a, drawn_b = measured.resampled[:, a], measured.resampled[:, b]
    low, high = percentiles(drawn_a - drawn_b)
    ratio_low, ratio_high = percentiles(_ratio(drawn_a, drawn_b))
    value_a, value_b = measured.value[a], measured.value[b]
    wins = int(np.count_nonzero(value_a > value_b))
    losses = int(np.count_nonzero(value_a < value_b))
    return Paired(
        difference=float(measured.mean[a] - measured.mean[b]),
        ci=(float(low), float(high)),
        ratio=float(_ratio(measured.mean[a], measured.mean[b])),
        ratio_ci=(float(ratio_low), float(ratio_high)),
        wins=wins,
        ties=int(np.count_nonzero(measured.counts[a])) - wins - losses,
        losses=losses,
    )


def percentiles(resampled: Float64) -> Float64:
    """Give the 25th lowest and the 25th highest of 1,000 draws.

    Order statistics, not interpolated: the interval of b − a is exactly that of a − b turned
    round, and that of b / a the inverse of that of a / b.

    Parameters
    ----------
    resampled : float64[RESAMPLES, …]
        Figures, a draw per row.

    Returns
    -------
    float64[2, …]
        Low and high; NaN where some draw has no figure, because too few readers do.
    """
    ordered = np.sort(resampled, axis=0)
    return np.where(np.isnan(ordered[-1]), np.nan, ordered[[TAIL - 1, -TAIL]])


def _ratio(above: npt.ArrayLike, below: npt.ArrayLike) -> Float64:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(above, below))
