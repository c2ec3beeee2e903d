"""The report: figures by refresh interval and system, as JSON, as tables, and in pairs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import combinations
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np

from training.config import duration
from training.metrics.bootstrap import (
    SEED,
    PairedDifference,
    Trial,
    Weights,
    compare,
    match,
    measure,
    resample,
)
from training.metrics.definitions import HITS, METRICS, Metric
from training.replay.loop import UNFILLED
from training.replay.results import ReplayResult
from training.report.formatting import format_duration, number

COLUMNS: Final = {
    "hr@5": 3,
    "hr@5|page": 3,
    "hr@5|page-tail": 3,
    "mrr@10": 3,
    "hot": 3,
    "overlap": 2,
    "related": 3,
    "age": 1,
    "coverage": 3,
}
"""Columns of the table, with their decimals."""


class Comparison(dict[str, PairedDifference]):
    """Two systems by metric; also as attributes without punctuation: `.hr5page`."""

    def __getattr__(self, name: str) -> PairedDifference:
        """Return the metric whose name has these letters and digits."""
        for metric, paired in self.items():
            if "".join(filter(str.isalnum, metric)) == name:
                return paired
        raise AttributeError(f"no metric {name!r}; there are {', '.join(self)}")


@dataclass(frozen=True)
class ReportFigures:
    """The figures of an evaluation.

    Attributes
    ----------
    data : what was evaluated on.
    protocol : how.
    results : by refresh interval and system: `every`, `system`, `n` (transitions), `seconds` spent
        in the system, `metrics` (name → mean), `ci` (name → 95 % interval; `coverage` has none).
    pairs : by refresh interval, metric and pair of systems: `every`, `a`, `b`, `metric`, and the
        fields of `PairedDifference`. Systems named `NAME-unfilled` are in none.
    trials : the rows behind the figures, one per refresh interval; empty after reading from JSON.
    """

    data: dict[str, Any]
    protocol: dict[str, Any]
    results: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    trials: Sequence[Trial] = field(default=(), repr=False, compare=False)

    @classmethod
    def of(
        cls,
        replays: Sequence[ReplayResult],
        data: dict[str, Any],
        protocol: dict[str, Any],
        metrics: Mapping[str, Metric] = MappingProxyType({}),
    ) -> Self:
        """Compute all figures of replays, one per refresh interval, own metrics by name included.

        Raises
        ------
        ValueError
            If two systems of a replay do not have the same transitions.
        """
        trials = match(replays)
        weights = resample(trials, np.random.default_rng(SEED))
        report = cls(data, protocol, results=[], pairs=[], trials=trials)
        for trial in trials:
            results, pairs = _figures(trial, weights, metrics)
            report.results.extend(results)
            report.pairs.extend(pairs)
        return report

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values; NaN and infinite become null."""
        parts = ("data", "protocol", "results", "pairs")
        return {name: finite(getattr(self, name)) for name in parts}

    def compare(self, a: str, b: str, every: str = "15m") -> Comparison:
        """Compare two systems at a refresh interval.

        Raises
        ------
        ValueError
            If the report has no such pair.
        """
        every = format_duration(duration(every))
        found = Comparison()
        for pair in self.pairs:
            if pair["every"] == every and {pair["a"], pair["b"]} == {a, b}:
                paired = PairedDifference(
                    **{field.name: pair[field.name] for field in fields(PairedDifference)}
                )
                found[pair["metric"]] = paired if pair["a"] == a else _reverse(paired)
        if not found:
            there = sorted({f"{p['a']} and {p['b']} at {p['every']}" for p in self.pairs})
            raise ValueError(f"no pair {a} and {b} at {every}; there are {', '.join(there)}")
        return found

    def table(self) -> list[list[str]]:
        """Return table rows: per refresh interval a heading, then systems, the best first."""
        lines: list[list[str]] = []
        for block in self.blocks():
            lines.append([f"every {block[0]['every']}", *COLUMNS, "seconds"])
            lines += map(table_line, block)
        return lines

    def blocks(self) -> list[list[dict[str, Any]]]:
        """Return the results of each refresh interval, the best first, unfilled ones last."""
        intervals = dict.fromkeys(result["every"] for result in self.results)
        of = ([r for r in self.results if r["every"] == every] for every in intervals)
        return [sorted(block, key=_table_order) for block in of]


def _figures(
    trial: Trial, weights: Weights, own: Mapping[str, Metric]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the results and pairs of one refresh interval."""
    replay, every = trial.replay, format_duration(trial.replay.every)
    results: list[dict[str, Any]] = [
        {
            "every": every,
            "system": system,
            "n": len(trial.reader),
            "seconds": seconds,
            "metrics": {"coverage": coverage},
            "ci": {},
        }
        for system, coverage, seconds in zip(
            replay.systems, replay.coverage, replay.seconds, strict=True
        )
    ]
    pairs: list[dict[str, Any]] = []
    for name, metric in {**METRICS, **own}.items():
        measured = measure(metric, trial, weights)
        for result, mean, ci in zip(results, measured.mean, measured.interval().T, strict=True):
            result["metrics"][name] = float(mean)
            result["ci"][name] = ci.tolist()
        if name in HITS or name in own:
            pairs += [
                {"every": every, "a": a, "b": b, "metric": name, **asdict(compare(measured, i, j))}
                for (i, a), (j, b) in combinations(enumerate(replay.systems), 2)
                if not a.endswith(UNFILLED) and not b.endswith(UNFILLED)
            ]
    return results, pairs


def _reverse(paired: PairedDifference) -> PairedDifference:
    """Return b against a from a against b."""
    (low, high), (ratio_low, ratio_high) = paired.ci, paired.ratio_ci
    return PairedDifference(
        difference=-paired.difference,
        ci=(-high, -low),
        ratio=_inverse(paired.ratio),
        ratio_ci=(_inverse(ratio_high), _inverse(ratio_low)),
        wins=paired.losses,
        ties=paired.ties,
        losses=paired.wins,
    )


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio else math.inf


def finite(value: object) -> object:
    """Return JSON values: lists for tuples, null for NaN and infinite."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table_order(result: dict[str, Any]) -> tuple[bool, float, str]:
    """Return the sort key of a table: unfilled lists last, then by hr@5, then by name."""
    score = result["metrics"]["hr@5"]
    system = result["system"]
    return system.endswith(UNFILLED), math.inf if math.isnan(score) else -score, system


def table_line(result: dict[str, Any]) -> list[str]:
    """Return a row of the table: a system, its hit rate with interval, and the other columns."""
    cells = [number(result["metrics"][name], decimals) for name, decimals in COLUMNS.items()]
    low, high = (number(end, 3) for end in result["ci"]["hr@5"])
    cells[0] = f"{cells[0]} [{low}, {high}]"
    return [result["system"], *cells, number(result["seconds"], 1)]
