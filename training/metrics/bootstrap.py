"""Figures of a replay, with bootstrap intervals over readers.

A figure is the mean of a metric over the rows that count. The bootstrap draws readers, since the
transitions of one reader depend on one another (Efron and Tibshirani, An Introduction to the
Bootstrap, 1993, chapter 13). All systems and refresh intervals see the same draws, so a difference
is paired: it is taken within each draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from training.metrics.definitions import Metric
from training.records import Bool, Float64, Int32, Int64
from training.replay.results import ReplayResult

RESAMPLES: Final = 1000
"""Draws of the bootstrap."""

SEED: Final = 0
"""Seed of these draws: the same rows give the same intervals."""

TAIL: Final = RESAMPLES // 40
"""Draws beyond either end of a 95 % interval."""

TRANSITION: Final = ("reader", "target", "source", "target_time", "source_time", "cut")
"""Columns that identify a transition; the last one sorts first."""

YARDSTICK: Final = ("eligible", "hot", "new", "cold", "visited")
"""Columns by which metrics choose transitions; they do not depend on the system."""

_CHUNK: Final = 50
"""Draws that are multiplied at a time: integers in memory, floats chunk by chunk."""

Weights = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Trial:
    """A replay with its rows matched by transition.

    Attributes
    ----------
    replay : with rows in any order.
    order : int64[s, n], row of each system and transition, transitions by time.
    reader : int32[n], number of the transition's reader.
    """

    replay: ReplayResult
    order: Int64
    reader: Int32


@dataclass(frozen=True)
class MetricValues:
    """A metric by system and transition.

    Attributes
    ----------
    value : float64[s, n]; 0 where the row does not count.
    counts : bool[s, n], whether the row counts.
    mean : float64[s], NaN where nothing counts.
    resampled : float64[RESAMPLES, s], the mean in each draw of readers.
    """

    value: Float64
    counts: Bool
    mean: Float64
    resampled: Float64

    def interval(self) -> Float64:
        """Return the 95 % percentile interval of each mean, float64[2, s]."""
        return percentiles(self.resampled)


@dataclass(frozen=True)
class PairedDifference:
    """System a minus system b, on the same transitions.

    Attributes
    ----------
    difference, ci : a − b and its 95 % interval.
    ratio, ratio_ci : a / b and its 95 % interval; infinite where b is 0.
    wins, ties, losses : transitions where a has a higher value than b, the same, a lower one.
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
    order of the rows nor on the key of the readers' hashes.

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
    """Draw all readers with replacement, `RESAMPLES` times.

    Returns
    -------
    uint16[RESAMPLES, readers]
        How often each draw contains each reader; every row adds up to the number of readers.
    """
    return draws(1 + max(int(trial.reader.max(initial=-1)) for trial in trials), rng)


def draws(readers: int, rng: np.random.Generator) -> Weights:
    """Draw this many readers with replacement; see `resample`."""
    weights = np.empty((RESAMPLES, readers), np.uint16)
    for draw in weights:
        draw[:] = np.bincount(rng.integers(readers, size=readers), minlength=readers)
    return weights


def measure(metric: Metric, trial: Trial, weights: Weights) -> MetricValues:
    """Compute a metric of each system, over all readers and in every draw of readers.

    In a draw it is the sum of its readers' numerators over the sum of their denominators.
    """
    numerator, denominator = metric.columns(trial.replay.rows)
    value, counts = numerator[trial.order], denominator[trial.order]
    by_reader = _sums(trial.reader, np.concatenate([value, counts]).T, weights.shape[1])
    drawn = np.concatenate([chunk @ by_reader for chunk in _chunks(weights)])
    systems = len(value)
    return MetricValues(
        value,
        counts,
        _ratio(value.sum(axis=1), counts.sum(axis=1)),
        _ratio(drawn[:, :systems], drawn[:, systems:]),
    )


def shares(above: Float64, below: Float64, weights: Weights) -> Float64:
    """Return ratios of sums over readers, float64[3, c]: of all, low and high of the 95 % interval.

    `above` and `below` are float64[readers, c].
    """
    drawn = np.concatenate([_ratio(w @ above, w @ below) for w in _chunks(weights)])
    return np.concatenate([_ratio(above.sum(axis=0), below.sum(axis=0))[None], percentiles(drawn)])


def _sums(reader: Int32, columns: Float64, readers: int) -> Float64:
    """Add up columns, float64[n, c], by the reader of each row: float64[readers, c]."""
    rows = np.arange(len(reader))
    member = sparse.csr_array((np.ones(len(rows)), (reader, rows)), shape=(readers, len(rows)))
    return np.asarray(member @ columns)


def _chunks(weights: Weights) -> list[Weights]:
    return np.array_split(weights, max(1, len(weights) // _CHUNK))


def compare(measured: MetricValues, a: int, b: int) -> PairedDifference:
    """Compare system a with system b, on the transitions that count."""
    drawn_a, drawn_b = measured.resampled[:, a], measured.resampled[:, b]
    low, high = percentiles(drawn_a - drawn_b)
    ratio_low, ratio_high = percentiles(_ratio(drawn_a, drawn_b))
    value_a, value_b = measured.value[a], measured.value[b]
    wins = int(np.count_nonzero(value_a > value_b))
    losses = int(np.count_nonzero(value_a < value_b))
    return PairedDifference(
        difference=float(measured.mean[a] - measured.mean[b]),
        ci=(float(low), float(high)),
        ratio=float(_ratio(measured.mean[a], measured.mean[b])),
        ratio_ci=(float(ratio_low), float(ratio_high)),
        wins=wins,
        ties=int(np.count_nonzero(measured.counts[a])) - wins - losses,
        losses=losses,
    )


def percentiles(resampled: Float64) -> Float64:
    """Return the 25th lowest and the 25th highest of 1,000 draws.

    They are order statistics, not interpolated: the interval of b − a is exactly that of a − b
    reversed, and that of b / a is the inverse of that of a / b.

    Parameters
    ----------
    resampled : float64[RESAMPLES, …]
        Figures, a draw per row.

    Returns
    -------
    float64[2, …]
        Low and high; NaN where a draw has no figure, because too few readers have one.
    """
    ordered = np.sort(resampled, axis=0)
    return np.where(np.isnan(ordered[-1]), np.nan, ordered[[TAIL - 1, -TAIL]])


def _ratio(above: npt.ArrayLike, below: npt.ArrayLike) -> Float64:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(above, below))
