"""The report: its layout, its table, its pairs, and the rows on disk."""

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from training.errors import OutputError
from training.metrics.definitions import HITS, METRICS, Metric
from training.recommendations import LIST_REASONS
from training.records import HOUR
from training.replay.results import MISSES, ReplayResult, ReplayRows
from training.report.formatting import format_duration
from training.report.parquet import write_rows
from training.report.report import Report

SYSTEMS = ["ymal-unfilled", "popular", "ymal"]
TRANSITIONS = 60


def replayed(every: int, seed: int) -> ReplayResult:
    """Return the same transitions at any interval: `popular` never hits, `ymal` always does."""
    rng = np.random.default_rng(seed)
    n = len(SYSTEMS) * TRANSITIONS
    at = np.tile(np.arange(TRANSITIONS), len(SYSTEMS))
    rank = np.repeat([1, 0, 2], TRANSITIONS)
    slots = {f"slots_{name}": rng.integers(0, 6, n).astype(np.int8) for name in ("hot", "section")}
    never = np.zeros(n, np.bool_)
    rows = ReplayRows(
        system=np.repeat(np.arange(len(SYSTEMS)), TRANSITIONS).astype(np.int16),
        cut=at * HOUR // every * every,
        source_time=at * HOUR,
        target_time=at * HOUR + 1,
        source=(at % 3).astype(np.int32),
        target=(at % 3 + 1).astype(np.int32),
        reader=2**60 + at // 3 * 17,
        rank=rank.astype(np.int8),
        page_rank=rank.astype(np.int8),
        reason=rng.integers(-1, len(LIST_REASONS), n).astype(np.int8),
        miss=np.where(rank > 0, -1, 2).astype(np.int8),
        eligible=~never,
        hot=at % 2 == 0,
        new=never,
        cold=at % 3 == 0,
        visited=(1 + at % 10).astype(np.int8),
        **slots,
        slots_related=np.full(n, 4, np.int8),
        slots_reason=rng.integers(0, 2, (n, len(LIST_REASONS))).astype(np.int8),
        age=rng.random(n).astype(np.float32),
        similarity=rng.random(n).astype(np.float32),
        overlap=np.where(at % 5 == 0, np.nan, 1.25).astype(np.float32),
    )
    return ReplayResult(every, SYSTEMS, rows, ["007", "b", "ç", "d"], [0.1, 0.2, 0.3], [1, 2, 3.25])


@pytest.fixture(scope="module")
def replays() -> list[ReplayResult]:
    return [replayed(HOUR // 4, 1), replayed(24 * HOUR, 2)]


@pytest.fixture(scope="module")
def report(replays: list[ReplayResult]) -> Report:
    return Report.of(replays, {"views": 9, "share": np.nan}, {"last": "7d"})


def test_json_has_the_layout_of_the_docs_and_survives_a_round_trip(report: Report) -> None:
    found = report.as_json()
    assert list(found) == ["data", "protocol", "results", "pairs"]
    assert found["data"] == {"views": 9, "share": None}
    assert [(r["every"], r["system"], r["n"]) for r in found["results"]] == [
        (every, system, TRANSITIONS) for every in ("15m", "24h") for system in SYSTEMS
    ]
    for result in found["results"]:
        assert set(result["metrics"]) == {*METRICS, "coverage"}
        assert set(result["ci"]) == set(METRICS)
    last = found["results"][-1]
    assert last["metrics"]["hr@5"] == 1
    assert last["ci"]["hr@5"] == [1, 1]
    assert last["metrics"]["coverage"] == 0.3
    assert last["metrics"]["hr@5|new"] is None
    assert last["ci"]["hr@5|new"] == [None, None]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_pairs_leave_out_unfilled_lists(report: Report) -> None:
    found = report.as_json()["pairs"]
    assert [(p["every"], p["metric"], p["a"], p["b"]) for p in found] == [
        (every, metric, "popular", "ymal") for every in ("15m", "24h") for metric in HITS
    ]
    assert found[1] == {
        "every": "15m",
        "a": "popular",
        "b": "ymal",
        "metric": "hr@5",
        "difference": -1,
        "ci": [-1, -1],
        "ratio": 0,
        "ratio_ci": [0, 0],
        "wins": 0,
        "ties": 0,
        "losses": TRANSITIONS,
    }


def test_compare_turns_a_pair_round(report: Report) -> None:
    found = report.compare("ymal", "popular", every="15m")
    assert list(found) == list(HITS)
    assert found.hr5 is found["hr@5"]
    assert found.mrr10.difference == 1 / 2
    assert (found.hr5.wins, found.hr5.ties, found.hr5.losses) == (TRANSITIONS, 0, 0)
    assert found.hr5pagetail.wins == TRANSITIONS / 2
    assert found.hr5.ratio == np.inf
    back = report.compare("popular", "ymal")
    assert back.hr5.ci == (-1, -1)
    assert back.hr5.ratio_ci == (0, 0)


def test_a_turned_pair_is_the_one_that_the_other_order_gives(replays: list[ReplayResult]) -> None:
    ranks = np.random.default_rng(0).integers(0, 8, len(replays[0].rows)).astype(np.int8)
    rows = ReplayRows(**{**vars(replays[0].rows), "rank": ranks})
    one = ReplayResult(**{**vars(replays[0]), "rows": rows, "systems": ["x", "a", "b"]})
    other = ReplayResult(**{**vars(one), "systems": ["x", "b", "a"]})
    forth = Report.of([one], {}, {}).compare("b", "a")
    swapped = Report.of([other], {}, {}).compare("a", "b")
    for metric in ("hr@1", "hr@5", "mrr@10"):
        assert forth[metric].ci == swapped[metric].ci
        assert forth[metric].ratio_ci == pytest.approx(swapped[metric].ratio_ci)
        assert forth[metric].wins == swapped[metric].wins


def test_an_own_metric_has_intervals_and_pairs(replays: list[ReplayResult]) -> None:
    """One that is `hr@5` under another name has its figures, and comes behind the others."""
    own = {"mine": HITS["hr@5"], "first": Metric(lambda rows: rows.rank == 1)}
    with_own, without = Report.of(replays, {}, {}, own), Report.of(replays, {}, {})
    for result, plain in zip(with_own.results, without.results, strict=True):
        assert list(result["metrics"]) == [*plain["metrics"], *own]
        for name, like in (("mine", "hr@5"), ("first", "hr@1")):
            assert result["metrics"][name] == plain["metrics"][like]
            assert result["ci"][name] == plain["ci"][like]
    compared = with_own.compare("ymal", "popular")
    assert compared.mine == compared["hr@5"] == without.compare("ymal", "popular")["hr@5"]


def test_compare_says_what_there_is(report: Report) -> None:
    with pytest.raises(ValueError, match="no pair ymal and newest at 15m; there are popular and"):
        report.compare("ymal", "newest")
    with pytest.raises(ValueError, match="no pair ymal and popular at 6h"):
        report.compare("ymal", "popular", every="6h")
    with pytest.raises(AttributeError, match="no metric 'hr7'"):
        _ = report.compare("ymal", "popular").hr7


def test_a_day_is_24_hours(report: Report) -> None:
    assert report.compare("ymal", "popular", every="1d").hr5.wins == TRANSITIONS
    assert [format_duration(t) for t in (HOUR // 4, HOUR, 6 * HOUR, HOUR // 3600)] == [
        "15m",
        "1h",
        "6h",
        "1s",
    ]


def test_the_table_has_a_part_per_interval_and_unfilled_lists_last(report: Report) -> None:
    lines = report.table()
    assert [line[0] for line in lines] == [
        "every 15m",
        "ymal",
        "popular",
        "ymal-unfilled",
        "every 24h",
        "ymal",
        "popular",
        "ymal-unfilled",
    ]
    assert len({len(line) for line in lines}) == 1
    ymal = dict(zip(lines[0], lines[1], strict=True))
    assert ymal["hr@5"] == "1.000 [1.000, 1.000]"
    assert ymal["mrr@10"] == "0.500"
    assert ymal["related"] == "0.800"
    assert ymal["overlap"] == "1.25"
    assert ymal["seconds"] == "3.2"


def test_rows_are_written_as_they_are(replays: list[ReplayResult], tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_text("an old file")
    digest = write_rows(path, replays)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == write_rows(path, replays)
    assert [file.name for file in tmp_path.iterdir()] == ["rows.parquet"]
    read: dict[str, Any] = duckdb.read_parquet(str(path)).fetchnumpy()
    tables = [r.rows for r in replays]
    n = len(tables[0])
    assert read["every"].tolist() == ["15m"] * n + ["24h"] * n

    def joined(column: str) -> Any:
        return np.concatenate([getattr(rows, column) for rows in tables])

    for column in ("cut", "source_time", "target_time", "rank", "hot", "slots_section", "age"):
        np.testing.assert_array_equal(read[column], joined(column))
        assert read[column].dtype == joined(column).dtype
    np.testing.assert_array_equal(np.ma.filled(read["overlap"], np.nan), joined("overlap"))
    assert read["system"].tolist() == [SYSTEMS[i] for i in joined("system")]
    assert read["source"].tolist() == [replays[0].ids[i] for i in joined("source")]
    assert read["target"].tolist() == [replays[0].ids[i] for i in joined("target")]
    assert np.ma.filled(read["reason"], "none").tolist() == [
        "none" if i < 0 else LIST_REASONS[i] for i in joined("reason")
    ]
    assert np.ma.filled(read["miss"], "none").tolist() == [
        "none" if i < 0 else list(MISSES)[i] for i in joined("miss")
    ]
    spread = np.stack([read[f"slots_reason_{code}"] for code in LIST_REASONS], axis=1)
    np.testing.assert_array_equal(spread, joined("slots_reason"))
    # Readers are numbered by their first transition, never written as hashed.
    np.testing.assert_array_equal(read["reader"], (joined("reader") - 2**60) // 17)
    assert "slots_reason" not in read


def test_rows_that_cannot_be_written_leave_nothing(
    replays: list[ReplayResult], tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_rows(tmp_path / "absent" / "rows.parquet", replays)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_rows(tmp_path / "folder", replays)
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
