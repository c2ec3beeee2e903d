"""Two runs, metric by metric: paired where the rows allow it, with verdicts."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.report.test_report import replayed
from training.errors import DataError, UsageError
from training.metrics.bootstrap import SEED, PairedDifference, compare, match, measure, resample
from training.metrics.definitions import METRICS
from training.recommendations import LIST_REASONS
from training.records import HOUR
from training.replay.results import ReplayResult, ReplayRows
from training.report.comparing import (
    BETTER,
    HIGHER,
    MISSING,
    NO_DIFFERENCE,
    NO_INTERVAL,
    TOO_FEW_READERS,
    WORSE,
    ComparisonLine,
    RunComparison,
    align,
    compare_paired,
    compare_runs,
    square_and_add,
    worse_in,
)
from training.report.parquet import write_rows
from training.report.report import Report
from training.report.stored import join_runs, read_report, read_rows

PROTOCOL = {
    "start": "2026-05-25T00:00:00Z",
    "end": "2026-06-01T00:00:00Z",
    "config": {"ranking": {"discount": 0.1}, "sessions": {"gap": 1800}},
    "versions": {"ymal": "0.1.0"},
}
DATA = {"articles": 4, "views": 9, "inputs": [{"path": "views.csv", "sha256": "00"}]}


def run(
    folder: Path,
    name: str,
    of: ReplayResult | None = None,
    *,
    rows: bool = True,
    data: dict[str, Any] = DATA,
    **protocol: Any,
) -> Path:
    """Write a run as the command does; by default one with 60 transitions at 15 minutes."""
    of = of or replayed(HOUR // 4, 1)
    stored = Report.of([of], data, {**PROTOCOL, **protocol}).as_json()
    if rows:
        path = folder / f"{name}.parquet"
        stored["rows"] = {"path": path.name, "sha256": write_rows(path, [of])}
    written = folder / f"{name}.json"
    written.write_text(json.dumps(stored))
    return written


def changed(of: ReplayResult, **columns: Any) -> ReplayResult:
    return ReplayResult(**{**vars(of), "rows": ReplayRows(**{**vars(of.rows), **columns})})


def compared(a: Path, b: Path, *systems: str) -> RunComparison:
    return compare_runs(read_report(a), read_report(b), systems)


def line(found: RunComparison, metric: str, system: str = "ymal") -> ComparisonLine:
    (only,) = (x for x in found.lines if (x.metric, x.system) == (metric, system))
    return only


def test_a_run_beside_itself_differs_in_nothing(tmp_path: Path) -> None:
    a, b = run(tmp_path, "a"), run(tmp_path, "b")
    found = compared(a, b)
    assert (found.unpaired, found.notes, found.config) == ("", [], {})
    assert {x.system for x in found.lines} == {"ymal", "popular"}  # no ymal-unfilled
    assert {x.metric for x in found.lines} == {*METRICS, "coverage"}
    assert {x.difference for x in found.lines if not np.isnan(x.difference)} == {0}
    assert {x.verdict for x in found.lines} == {NO_DIFFERENCE, NO_INTERVAL, TOO_FEW_READERS}
    assert line(found, "coverage").verdict == NO_INTERVAL
    assert worse_in(found, "hr@5") == []


def test_a_pair_is_what_one_evaluation_of_both_would_say(tmp_path: Path) -> None:
    """`popular` of one run and `ymal` of another, as `evaluate` sets one against the other."""
    one = replayed(HOUR // 4, 1)
    ranks = np.random.default_rng(0).integers(0, 12, len(one.rows)).astype(np.int8)
    one = changed(one, rank=ranks, page_rank=ranks)
    named = ReplayResult(**{**vars(one), "systems": ["ymal-unfilled", "ymal", "popular"]})
    found = compared(run(tmp_path, "a", one), run(tmp_path, "b", named))
    (trial,) = match([one])
    weights = resample([trial], np.random.default_rng(SEED))
    for metric in ("hr@5", "hr@5|page-tail", "mrr@10", "hot"):
        expected: PairedDifference = compare(measure(METRICS[metric], trial, weights), 1, 2)
        assert line(found, metric).difference == expected.difference
        # The last bit depends on how the processor's kernels add up two systems, or three.
        assert line(found, metric).ci == pytest.approx(expected.ci, rel=1e-12)


def test_verdicts_go_by_the_direction_of_a_metric(tmp_path: Path) -> None:
    one = replayed(HOUR // 4, 1)
    ours = one.rows.system == 2
    other = changed(
        one,
        rank=np.where(ours & (np.arange(len(ours)) % 2 > 0), 0, one.rows.rank).astype(np.int8),
        page_rank=np.where(ours, 1, one.rows.page_rank).astype(np.int8),
        slots_hot=np.where(ours, 5, one.rows.slots_hot).astype(np.int8),
    )
    found = compared(run(tmp_path, "a", one), run(tmp_path, "b", other))
    assert line(found, "hr@5").verdict == WORSE
    assert line(found, "hr@5").difference == pytest.approx(1 / 2 - 1)
    assert line(found, "hr@5|page").verdict == NO_DIFFERENCE
    assert line(found, "hot").verdict == HIGHER
    assert line(found, "hr@5", "popular").verdict == NO_DIFFERENCE
    assert [x.system for x in worse_in(found, "hr@5")] == ["ymal"]
    back = compared(tmp_path / "b.json", tmp_path / "a.json")
    assert line(back, "hr@5").verdict == BETTER
    assert worse_in(back, "hr@5") == []


def test_what_counts_as_hot_is_taken_from_the_first_run_and_noted(tmp_path: Path) -> None:
    one = replayed(HOUR // 4, 1)
    other = changed(one, hot=~one.rows.hot)
    found = compared(run(tmp_path, "a", one), run(tmp_path, "b", other))
    assert found.notes == ["taken as in A, where B differs: hot (60 next clicks)"]
    assert line(found, "hr@5|page-tail").verdict == NO_DIFFERENCE


def test_settings_and_versions_that_differ_are_listed(tmp_path: Path) -> None:
    config = {"ranking": {"discount": 0.5}, "sessions": {"gap": 1800}}
    b = run(tmp_path, "b", config=config, versions={"ymal": "0.2.0"})
    found = compared(run(tmp_path, "a"), b)
    assert found.unpaired == ""
    assert found.config == {"ranking.discount": (0.1, 0.5)}
    assert found.notes == ["ymal 0.1.0 and 0.2.0"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rows": False}, "b.json names no rows: run ymal evaluate with --rows"),
        ({"data": {**DATA, "inputs": [], "views": 7}}, "the data differ (4 articles and 9 views; "),
        ({"start": "2026-05-26T00:00:00Z"}, "the tests start at 2026-05-25T00:00:00Z and at 2026"),
        ({"end": "2026-06-02T00:00:00Z"}, "the tests end at"),
        ({"config": {"sessions": {"gap": 600}}}, "sessions.gap is 1800 and 600"),
    ],
)
def test_what_cannot_be_paired_is_compared_by_the_intervals(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    one = replayed(HOUR // 4, 1)
    ranks = np.random.default_rng(0).integers(0, 12, len(one.rows)).astype(np.int8)
    other = changed(one, rank=np.where(ranks > 8, 0, ranks).astype(np.int8))
    a, b = run(tmp_path, "a", changed(one, rank=ranks)), run(tmp_path, "b", other, **change)
    found = compared(a, b)
    assert says in found.unpaired
    a_result, b_result = (
        next(r for r in read_report(path).results if r.system == "ymal") for path in (a, b)
    )
    ours, theirs = a_result.metrics["hr@10"], b_result.metrics["hr@10"]
    assert ours is not None
    assert theirs is not None
    assert line(found, "hr@10").difference == theirs - ours < 0
    paired = compared(a, run(tmp_path, "c", other))
    assert paired.unpaired == ""
    width, narrower = (np.diff(line(x, "hr@10").ci)[0] for x in (found, paired))
    assert width > narrower


def test_other_transitions_are_found(tmp_path: Path) -> None:
    one = replayed(HOUR // 4, 1)
    other = changed(one, target=(one.rows.target % 2).astype(np.int32))
    found = compared(run(tmp_path, "a", one), run(tmp_path, "b", other))
    assert found.unpaired == "their next clicks differ in the target"


def test_rows_are_known_by_their_checksum(tmp_path: Path) -> None:
    a, b = run(tmp_path, "a"), run(tmp_path, "b")
    (tmp_path / "a.parquet").rename(tmp_path / "elsewhere.parquet")
    assert "a.parquet is not there" in compared(a, b).unpaired
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    assert "a.parquet holds other rows" in compared(a, b).unpaired


def test_rows_may_be_called_anything(tmp_path: Path) -> None:
    folder = tmp_path / "of [may] *"
    folder.mkdir()
    found = compared(run(folder, "a's [1]"), run(folder, "b?"))
    assert found.unpaired == ""


def test_rows_survive_the_way_to_the_disk_and_back(tmp_path: Path) -> None:
    one = replayed(HOUR // 4, 1)
    path = tmp_path / "rows.parquet"
    write_rows(path, [one])
    ours = read_rows(path, "15m", "ymal")
    both = join_runs(ours, read_rows(path, "15m", "popular"), "15m")
    kept = one.rows.where(np.flatnonzero(one.rows.system == 2))
    n = len(kept)
    assert both.every == one.every
    for name in vars(kept):
        if name not in ("system", "source", "target", "reader"):
            np.testing.assert_array_equal(getattr(both.rows, name)[:n], getattr(kept, name))
            assert getattr(both.rows, name).dtype == getattr(kept, name).dtype
    for name in ("source", "target"):
        rows, as_given = getattr(both.rows, name)[:n], getattr(kept, name)
        assert [both.ids[row] for row in rows] == [one.ids[row] for row in as_given]
    assert set(both.rows.reason.tolist()) <= {-1, *range(len(LIST_REASONS))}


def test_a_metric_without_a_verdict_is_an_error(tmp_path: Path) -> None:
    a, b = run(tmp_path, "a"), run(tmp_path, "b")
    found = compared(a, b)
    for metric, says in {
        "hr@6": "hr@6 is not a metric; choose one of hr@1, hr@5",
        "hot": "hot is neither better nor worse",
        "coverage": "coverage is not a metric",
        "hr@5|new": f"hr@5|new has no verdict for popular at 15m: {TOO_FEW_READERS}",
    }.items():
        with pytest.raises(UsageError, match=says.replace("|", r"\|")):
            worse_in(found, metric)
    stored = json.loads(b.read_text())
    for result in stored["results"]:
        del result["metrics"]["hr@5"]
    del stored["rows"]
    b.write_text(json.dumps(stored))
    with pytest.raises(UsageError, match=f"hr@5 has no verdict for popular at 15m: {MISSING}"):
        worse_in(compared(a, b), "hr@5")


def test_systems_and_intervals_must_be_in_both(tmp_path: Path) -> None:
    a, b = run(tmp_path, "a"), run(tmp_path, "b")
    assert {x.system for x in compared(a, b, "ymal").lines} == {"ymal"}
    with pytest.raises(UsageError, match="newest is not in both files at the same interval; "):
        compared(a, b, "ymal", "newest")
    hourly = run(tmp_path, "c", replayed(HOUR, 1))
    with pytest.raises(UsageError, match=r"a.json has .*ymal at 15m, .*c.json has .*ymal at 1h"):
        compared(a, hourly)


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"results": 7}', '{"data": null', "\x00"])
def test_what_is_no_report_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"a.json: is not a report of ymal evaluate --json \("):
        read_report(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_report(tmp_path)


def test_two_intervals_are_put_together_as_of_independent_figures() -> None:
    # √(0.03² + 0.04²) = 0.05 and √(0.06² + 0.08²) = 0.1
    low, high = square_and_add(0.5, (0.42, 0.54), 0.7, (0.67, 0.76))
    assert (low, high) == (pytest.approx(0.2 - 0.05), pytest.approx(0.2 + 0.1))


def alike(readers: int, seed: int) -> ReplayResult:
    """Give two equally good systems: a few readers read much, and each has its own hit rate."""
    rng = np.random.default_rng(seed)
    each = np.minimum(rng.zipf(1.8, readers), 60)
    reader = np.repeat(np.arange(readers), each)
    n = len(reader)
    luck = rng.beta(1, 3, readers)[reader]
    rank = np.where(rng.random(2 * n) < np.tile(luck, 2), 1, 0).astype(np.int8)
    of_transition = {
        name: np.tile(column, 2)
        for name, column in {
            "reader": reader,
            "source_time": np.arange(n) * 1_000_000,
            "target_time": np.arange(n) * 1_000_000 + 1,
            "cut": np.zeros(n, np.int64),
        }.items()
    }
    few = {f.name: np.zeros(2 * n, np.int8) for f in ReplayRows.__dataclass_fields__.values()}
    flags = {name: np.zeros(2 * n, np.bool_) for name in ("eligible", "hot", "new", "cold")}
    rows = ReplayRows(
        **{
            **few,
            **of_transition,
            **flags,
            "system": np.repeat([0, 1], n).astype(np.int16),
            "source": np.zeros(2 * n, np.int32),
            "target": np.ones(2 * n, np.int32),
            "rank": rank,
            "page_rank": rank,
            "slots_reason": np.zeros((2 * n, len(LIST_REASONS)), np.int8),
        }
    )
    return ReplayResult(HOUR, ["A", "B"], rows, ["a", "b"], [], [])


def swapped(both: ReplayResult, draw: np.random.Generator, _folder: Path) -> list[ComparisonLine]:
    """Compare two runs for each reader of which a coin decides which run is A."""
    coin = draw.random(int(both.rows.reader.max()) + 1) < 0.5
    system = (both.rows.system == 0) == coin[both.rows.reader]
    rows = replace(both.rows, system=system.astype(np.int16))
    return compare_paired(align(replace(both, rows=rows))[0], "ymal")


def halved(both: ReplayResult, draw: np.random.Generator, folder: Path) -> list[ComparisonLine]:
    """Compare the first system for a random half of its readers with that for the rest."""
    half = draw.permutation(int(both.rows.reader.max()) + 1) % 2
    sides = []
    for side in (0, 1):
        rows = both.rows.where((both.rows.system == 0) & (half[both.rows.reader] == side))
        alone = replace(both, systems=["ymal"], rows=rows, coverage=[0.0], seconds=[0.0])
        sides.append(run(folder, "ab"[side], alone, rows=False))
    return compared(*sides).lines


@pytest.mark.parametrize("pair", [swapped, halved])
def test_of_a_hundred_runs_that_are_no_worse_at_most_five_are_called_so(
    pair: Callable[[ReplayResult, np.random.Generator, Path], list[ComparisonLine]], tmp_path: Path
) -> None:
    both, draw = alike(120, seed=1), np.random.default_rng(0)
    lines = [line for _ in range(100) for line in pair(both, draw, tmp_path)]
    verdicts = Counter(line.verdict for line in lines if line.metric == "hr@5")
    assert verdicts.total() == 100
    assert verdicts[WORSE] <= 5
    assert verdicts[BETTER] <= 5


def test_a_run_that_misses_a_tenth_of_the_hits_is_called_worse(tmp_path: Path) -> None:
    both = alike(300, seed=1)
    of_first = both.rows.where(np.flatnonzero(both.rows.system == 0))
    kept = np.arange(len(of_first)) % 10 > 0
    ranks = {"rank": of_first.rank * kept, "page_rank": of_first.page_rank * kept}
    a, b = (
        ReplayResult(
            HOUR, ["ymal"], ReplayRows(**{**vars(of_first), **more}), both.ids, [0.0], [0.0]
        )
        for more in ({}, ranks)
    )
    found = compared(run(tmp_path, "a", a), run(tmp_path, "b", b))
    assert [x.system for x in worse_in(found, "hr@5")] == ["ymal"]
