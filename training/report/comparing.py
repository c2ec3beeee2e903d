"""Compares two evaluations, metric by metric, with intervals.

Where both have the rows of the same transitions, differences are paired, by the same functions and
draws of readers as within one evaluation. Otherwise the difference has the wider interval of two
independent figures, computed from theirs (square-and-add: Newcombe, Statistics in Medicine 1998;
Zou and Donner, ibid. 2008).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from training.errors import UsageError
from training.metrics.bootstrap import (
    SEED,
    TRANSITION,
    YARDSTICK,
    compare,
    match,
    measure,
    resample,
)
from training.metrics.definitions import HITS, METRICS
from training.records import quantity
from training.replay.loop import UNFILLED
from training.replay.results import ReplayResult, ReplayRows
from training.report.formatting import format_duration
from training.report.stored import (
    Result,
    StoredReport,
    UnpairedError,
    join_runs,
    read_rows,
    rows_file,
)

BETTER: Final = "better"
WORSE: Final = "worse"
NO_DIFFERENCE: Final = "no difference"
HIGHER: Final = "higher, inconclusive"
LOWER: Final = "lower, inconclusive"
TOO_FEW_READERS: Final = "too few readers"
NO_INTERVAL: Final = "no interval"
MISSING: Final = "missing"

Interval = tuple[float, float]


@dataclass(frozen=True)
class ComparisonLine:
    """A metric of one system in two runs; NaN where a run lacks it.

    Attributes
    ----------
    a, b : the figure in each run.
    difference, ci : b − a and its 95 % interval.
    verdict : one of the constants above, about B.
    """

    every: str
    system: str
    metric: str
    a: float
    b: float
    difference: float
    ci: Interval
    verdict: str


@dataclass(frozen=True)
class RunComparison:
    """The comparison of two runs.

    Attributes
    ----------
    unpaired : why their transitions are not paired; empty where they are.
    notes : what else differs.
    config : settings that differ, by key: A's and B's.
    lines : by refresh interval, system and metric.
    """

    unpaired: str
    notes: list[str]
    config: dict[str, tuple[object, object]]
    lines: list[ComparisonLine]


def compare_runs(a: StoredReport, b: StoredReport, systems: Sequence[str] = ()) -> RunComparison:
    """Compare the systems of two runs by name.

    Parameters
    ----------
    a, b : StoredReport
        As `stored.read_report` returns them; verdicts are about b.
    systems : sequence of str
        Names; by default all that both have, except those that end in `-unfilled`.

    Raises
    ------
    UsageError
        If they have no system at the same refresh interval in common, or lack a named one.
    """
    both = _common_results(a, b, systems)
    config = _find_differences(a.protocol.config, b.protocol.config)
    versions = _find_differences(a.protocol.versions, b.protocol.versions)
    notes = [f"{name} {one} and {other}" for name, (one, other) in versions.items()]
    try:
        lines, further = _compare_paired(a, b, both)
        return RunComparison("", notes + further, config, lines)
    except UnpairedError as error:
        lines = [line for pair in both.values() for line in _compare_independent(*pair)]
        return RunComparison(str(error), notes, config, lines)


def _common_results(
    a: StoredReport, b: StoredReport, systems: Sequence[str]
) -> dict[tuple[str, str], tuple[Result, Result]]:
    """Return the results of both runs by refresh interval and system."""
    ours = {(result.every, result.system): result for result in a.results}
    theirs = {(result.every, result.system): result for result in b.results}
    keys = [key for key in ours if key in theirs and not key[1].endswith(UNFILLED)]
    missing = sorted(set(systems) - {system for _, system in keys})
    if missing or not keys:
        raise UsageError(
            f"{missing[0] if missing else 'no system'} is not in both files at the same interval; "
            f"{a.path} has {_list_names(ours)}, {b.path} has {_list_names(theirs)}"
        )
    return {key: (ours[key], theirs[key]) for key in keys if not systems or key[1] in systems}


def _list_names(results: dict[tuple[str, str], Result]) -> str:
    return ", ".join(f"{system} at {every}" for every, system in results) or "none"


def _compare_paired(
    a: StoredReport, b: StoredReport, both: Mapping[tuple[str, str], tuple[Result, Result]]
) -> tuple[list[ComparisonLine], list[str]]:
    """Pair the runs by transition; see `compare_runs`.

    Raises
    ------
    UnpairedError
        If they cannot be paired, with all reasons.
    """
    reasons, files = list(_reasons_unpaired(a, b)), []
    for run in (a, b):
        try:
            files.append(rows_file(run))
        except UnpairedError as error:
            reasons.append(str(error))
    if reasons:
        raise UnpairedError("; ".join(reasons))
    lines: list[ComparisonLine] = []
    moved = dict.fromkeys(YARDSTICK, 0)
    for (every, system), results in both.items():
        ours, theirs = (read_rows(file, every, system) for file in files)
        replayed, differing = align(join_runs(ours, theirs, every))
        lines += compare_paired(replayed, system)
        lines += [line for line in _compare_independent(*results) if line.metric not in METRICS]
        moved = {name: max(moved[name], differing[name]) for name in moved}
    columns = ", ".join(f"{n} ({quantity(k, 'next click')})" for n, k in moved.items() if k)
    return lines, [f"taken as in A, where B differs: {columns}"] if columns else []


def _reasons_unpaired(a: StoredReport, b: StoredReport) -> Iterator[str]:
    """Return the reasons why two runs have different transitions."""
    if sorted(f.sha256 for f in a.data.inputs) != sorted(f.sha256 for f in b.data.inputs):
        sizes = [
            f"{quantity(run.data.articles, 'article')} and {quantity(run.data.views, 'view')}"
            for run in (a, b)
        ]
        yield f"the data differ ({sizes[0]}; {sizes[1]})"
    for name in ("start", "end"):
        ours, theirs = getattr(a.protocol, name), getattr(b.protocol, name)
        if ours != theirs:
            yield f"the tests {name} at {ours} and at {theirs}"
    for key, (ours, theirs) in _find_differences(a.protocol.config, b.protocol.config).items():
        if key.startswith("sessions."):
            yield f"{key} is {ours} and {theirs}"


def align(replayed: ReplayResult) -> tuple[ReplayResult, dict[str, int]]:
    """Order the rows of A and B alike, and classify them (hot, new, cold) as A does.

    Returns
    -------
    ReplayResult
        In which both systems have the same transitions.
    dict
        Transitions that B classifies otherwise, by column.
    """
    rows, of = replayed.rows, replayed.rows.system
    halves = [rows.where(np.flatnonzero(of == number)) for number in (0, 1)]
    first, second = (
        half.where(np.lexsort([getattr(half, name) for name in TRANSITION])) for half in halves
    )
    for name in TRANSITION:
        if not np.array_equal(getattr(first, name), getattr(second, name)):
            raise UnpairedError(f"their next clicks differ in the {name}")
    theirs = {name: getattr(first, name) for name in YARDSTICK}
    moved = {n: int(np.sum(theirs[n] != getattr(second, n))) for n in YARDSTICK}
    parts = first, replace(second, **theirs)
    joined = (np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(ReplayRows))
    return replace(replayed, rows=ReplayRows(*joined)), moved


def compare_paired(replayed: ReplayResult, system: str) -> list[ComparisonLine]:
    """Measure B against A on the same transitions, in the same draws of readers."""
    trials, every = match([replayed]), format_duration(replayed.every)
    weights = resample(trials, np.random.default_rng(SEED))
    lines = []
    for name, metric in METRICS.items():
        measured = measure(metric, trials[0], weights)
        pair = compare(measured, 1, 0)
        a, b = measured.mean.tolist()
        verdict = verdict_of(name, pair.ci)
        lines.append(ComparisonLine(every, system, name, a, b, pair.difference, pair.ci, verdict))
    return lines


def _compare_independent(a: Result, b: Result) -> Iterator[ComparisonLine]:
    """Compare figures by their intervals, as independent ones."""
    for name in dict.fromkeys([*a.metrics, *b.metrics]):
        ours, theirs = (_number(run.metrics.get(name)) for run in (a, b))
        ends = [_number(end) for run in (a, b) for end in run.ci.get(name, (None, None))]
        ci = square_and_add(ours, (ends[0], ends[1]), theirs, (ends[2], ends[3]))
        there = name in a.metrics and name in b.metrics
        verdict = verdict_of(name, ci) if there and name in METRICS else NO_INTERVAL
        yield ComparisonLine(
            a.every, a.system, name, ours, theirs, theirs - ours, ci, verdict if there else MISSING
        )


def square_and_add(a: float, of_a: Interval, b: float, of_b: Interval) -> Interval:
    """Return the interval of b − a from those of two independent figures.

    Examples
    --------
    >>> square_and_add(0.5, (0.5, 0.5), 0.75, (0.5, 1.0))
    (0.0, 0.5)
    """
    difference = b - a
    below = math.hypot(b - of_b[0], of_a[1] - a)
    above = math.hypot(of_b[1] - b, a - of_a[0])
    return difference - below, difference + above


def verdict_of(metric: str, ci: Interval) -> str:
    """Return the verdict on B by the interval of b − a."""
    low, high = ci
    if math.isnan(low) or math.isnan(high):
        return TOO_FEW_READERS
    if low <= 0 <= high:
        return NO_DIFFERENCE
    if metric in HITS:
        return BETTER if low > 0 else WORSE
    return HIGHER if low > 0 else LOWER


def worse_in(comparison: RunComparison, metric: str) -> list[ComparisonLine]:
    """Return the lines in which B is worse by a metric.

    Raises
    ------
    UsageError
        If there is a line in which the metric has no verdict, or if there is no line.
    """
    if metric not in HITS:
        what = "is neither better nor worse" if metric in METRICS else "is not a metric"
        raise UsageError(f"{metric} {what}; choose one of {', '.join(HITS)}")
    lines = [line for line in comparison.lines if line.metric == metric]
    for line in lines:
        if line.verdict not in (BETTER, WORSE, NO_DIFFERENCE):
            raise UsageError(
                f"{metric} has no verdict for {line.system} at {line.every}: {line.verdict}"
            )
    if not lines:
        raise UsageError(f"{metric} has no verdict: neither run has it")
    return [line for line in lines if line.verdict == WORSE]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _find_differences(a: object, b: object, key: str = "") -> dict[str, tuple[object, object]]:
    """Return the leaves of two nested dicts that differ, by their keys joined by dots.

    Examples
    --------
    >>> _find_differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}})
    {'a.c': (2, 3)}
    """
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return {} if a == b else {key: (a, b)}
    found: dict[str, tuple[object, object]] = {}
    for name in dict.fromkeys([*a, *b]):
        found |= _find_differences(a.get(name), b.get(name), f"{key}.{name}".lstrip("."))
    return found
