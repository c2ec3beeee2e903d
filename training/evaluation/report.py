"""The report: figures by cadence and system, as JSON, as a table, and system against system."""

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
from duckdb import DuckDBPyRelation

from training.config import duration
from training.errors import OutputError
from training.evaluation.metrics import (
    HITS,
    METRICS,
    Paired,
    Trial,
    Weights,
    compare,
    match,
    measure,
    resample,
)
from training.evaluation.rows import Replayed
from training.records import HOUR
from training.slate import OWN_REASONS

UNFILLED: Final = "-unfilled"
"""Ends the name of a system whose short lists stay short: it says what it gives by itself."""

SEED: Final = 0
"""Of the draws of readers: the same rows give the same intervals."""

_MINUTE: Final = HOUR // 60
_SECOND: Final = HOUR // 3600

TABLE: Final = {
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
"""Columns of the table, and the decimals of each."""


class Comparison(dict[str, Paired]):
    """Metric → a pair's figures; also as attributes, without punctuation: `.hr5page`."""

    def __getattr__(self, name: str) -> Paired:
        """Give the metric whose name has these letters and digits."""
        for metric, paired in self.items():
            if "".join(filter(str.isalnum, metric)) == name:
                return paired
        raise AttributeError(f"no metric {name!r}; there are {', '.join(self)}")


@dataclass(frozen=True)
class Report:
    """What an evaluation found.

    Attributes
    ----------
    data : what was evaluated on.
    protocol : how.
    results : by cadence and system: `every`, `system`, `n` (transitions), `seconds` spent in the
        system, `metrics` (name → mean), `ci` (name → 95 % interval; `coverage` has none).
    pairs : by cadence, metric and pair of systems: `every`, `a`, `b`, `metric`, and what `Paired`
        holds. Systems that are named `NAME-unfilled` are in none.
    """

    data: dict[str, Any]
    protocol: dict[str, Any]
    results: list[dict[str, Any]]
    pairs: list[dict[str, Any]]

    @classmethod
    def of(
        cls, replays: Sequence[Replayed], data: dict[str, Any], protocol: dict[str, Any]
    ) -> "Report":
        """Take all figures from replays, one per cadence.

        Raises
        ------
        ValueError
            If two systems of a replay do not have the same transitions.
        """
        trials = match(replays)
        weights = resample(trials, np.random.default_rng(SEED))
        report = cls(data, protocol, results=[], pairs=[])
        for trial in trials:
            results, pairs = _figures(trial, weights)
            report.results.extend(results)
            report.pairs.extend(pairs)
        return report

    def as_json(self) -> dict[str, Any]:
        """Give the report as JSON values; what is no number, or infinite, is null."""
        return {name: finite(part) for name, part in asdict(self).items()}

    def compare(self, a: str, b: str, every: str = "15m") -> Comparison:
        """Set one system against another at a cadence.

        Raises
        ------
        ValueError
            If the report has no such pair.
        """
        every = written(duration(every))
        found = Comparison()
        for pair in self.pairs:
            if pair["every"] == every and {pair["a"], pair["b"]} == {a, b}:
                paired = Paired(**{field.name: pair[field.name] for field in fields(Paired)})
                found[pair["metric"]] = paired if pair["a"] == a else _turned(paired)
        if not found:
            there = sorted({f"{p['a']} and {p['b']} at {p['every']}" for p in self.pairs})
            raise ValueError(f"no pair {a} and {b} at {every}; there are {', '.join(there)}")
        return found

    def table(self) -> list[list[str]]:
        """Give a block of lines per cadence, each under its heading, the best list first."""
        lines: list[list[str]] = []
        for every in dict.fromkeys(result["every"] for result in self.results):
            lines.append([f"every {every}", *TABLE, "seconds"])
            block = [result for result in self.results if result["every"] == every]
            lines += map(_line, sorted(block, key=_standing))
        return lines


def written(every: int) -> str:
    """Write a duration in µs as the config does, in hours where they are whole.

    Examples
    --------
    >>> written(24 * 60 * 60 * 1_000_000), written(90 * 60 * 1_000_000)
    ('24h', '90m')
    """
    for unit, letter in ((HOUR, "h"), (_MINUTE, "m")):
        if every % unit == 0:
            return f"{every // unit}{letter}"
    return f"{every // _SECOND}s"


def write_rows(path: Path, replays: Sequence[Replayed]) -> str:
    """Write the rows of all replays as Parquet, at one stroke.

    Columns are those of `Rows`, with `every` before them. Systems, articles and reasons are
    written by name, `slots_reason` as a column per reason; readers are numbered anew, and NaN
    is null.

    Returns
    -------
    str
        SHA-256 of the file, in hex.

    Raises
    ------
    OutputError
        If it cannot be written; an old file stays.
    ValueError
        If two systems of a replay do not have the same transitions.
    """
    tables = {f"rows{number}": _columns(trial) for number, trial in enumerate(match(replays))}
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with duckdb.connect() as connection:
            for name, table in tables.items():
                connection.register(name, table)
            rows = reduce(DuckDBPyRelation.union, map(connection.view, tables))
            named = rows.project("* REPLACE (nullif(reason, '') AS reason)")
            named.write_parquet(str(partial))
        with partial.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        partial.replace(path)
    except (OSError, duckdb.IOException) as error:
        raise OutputError(
            f"{path}: cannot be written ({error}); make room or give permission"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return digest


def _figures(trial: Trial, weights: Weights) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Take the results and the pairs of one cadence."""
    replay, every = trial.replay, written(trial.replay.every)
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
    for name, metric in METRICS.items():
        measured = measure(metric, trial, weights)
        for result, mean, ci in zip(results, measured.mean, measured.interval().T, strict=True):
            result["metrics"][name] = float(mean)
            result["ci"][name] = ci.tolist()
        if name in HITS:
            pairs += [
                {"every": every, "a": a, "b": b, "metric": name, **asdict(compare(measured, i, j))}
                for (i, a), (j, b) in combinations(enumerate(replay.systems), 2)
                if not a.endswith(UNFILLED) and not b.endswith(UNFILLED)
            ]
    return results, pairs


def _turned(paired: Paired) -> Paired:
    """Give b against a from a against b."""
    (low, high), (ratio_low, ratio_high) = paired.ci, paired.ratio_ci
    return Paired(
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
    """Give JSON values: lists for tuples, null for what is no number or infinite."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _standing(result: dict[str, Any]) -> tuple[bool, float, str]:
    """Order the lines of a table: unfilled lists last, then by hr@5, then by name."""
    score = result["metrics"]["hr@5"]
    system = result["system"]
    return system.endswith(UNFILLED), math.inf if math.isnan(score) else -score, system


def _line(result: dict[str, Any]) -> list[str]:
    cells = [_number(result["metrics"][name], decimals) for name, decimals in TABLE.items()]
    low, high = (_number(end, 3) for end in result["ci"]["hr@5"])
    cells[0] = f"{cells[0]} [{low}, {high}]"
    return [result["system"], *cells, _number(result["seconds"], 1)]


def _number(value: float, decimals: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{decimals}f}"


def _columns(trial: Trial) -> dict[str, npt.NDArray[Any]]:
    """Give the columns of a replay as they are written; no reason is `""`."""
    replay = trial.replay
    rows, ids = replay.rows, np.array(replay.ids, object)
    reader = np.empty(len(rows), np.int32)
    reader[trial.order] = trial.reader
    columns = {
        "every": np.full(len(rows), written(replay.every), object),
        **{field.name: getattr(rows, field.name) for field in fields(rows)},
        "system": np.array(replay.systems, object)[rows.system],
        "source": ids[rows.source],
        "target": ids[rows.target],
        "reader": reader,
        "reason": np.array([*OWN_REASONS, ""], object)[rows.reason],
    }
    by_reason = columns.pop("slots_reason").T
    names = (f"slots_reason_{code}" for code in OWN_REASONS)
    return {**columns, **dict(zip(names, by_reason, strict=True))}
