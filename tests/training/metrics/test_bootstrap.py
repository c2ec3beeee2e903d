"""Figures and intervals: on toy rows, against a naive bootstrap, and where the truth is known."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from training.metrics.bootstrap import RESAMPLES, compare, match, measure, percentiles, resample
from training.metrics.definitions import HITS, METRICS
from training.recommendations import LIST_REASONS
from training.records import HOUR, Float64
from training.replay.results import ReplayResult, ReplayRows

NAN = float("nan")
TYPES = {
    "system": np.int16,
    "rank": np.int8,
    "page_rank": np.int8,
    "reason": np.int8,
    "source": np.int32,
    "target": np.int32,
    "age": np.float32,
    "similarity": np.float32,
    "overlap": np.float32,
}
TIMES = ("cut", "source_time", "target_time", "reader")


def replay(systems: int, transitions: int, **columns: Any) -> ReplayResult:
    """Lay rows out system after system; columns that are not given are 0."""
    n = systems * transitions
    given: dict[str, Any] = {
        "system": np.repeat(np.arange(systems), transitions),
        "source_time": np.tile(np.arange(transitions), systems),
        "slots_reason": np.zeros((n, len(LIST_REASONS)), np.int8),
        **columns,
    }
    flags = ("eligible", "hot", "new", "cold")
    made = {
        f.name: np.asarray(given.get(f.name, np.zeros(n))).astype(
            np.int64
            if f.name in TIMES
            else np.bool_
            if f.name in flags
            else TYPES.get(f.name, "i1")
        )
        for f in fields(ReplayRows)
    }
    names = [f"s{i}" for i in range(systems)]
    return ReplayResult(
        HOUR, names, ReplayRows(**made), ["a", "b"], [0.5] * systems, [1.0] * systems
    )


def means(replayed: ReplayResult, name: str) -> list[float]:
    (trial,) = match([replayed])
    weights = resample([trial], np.random.default_rng(0))
    figures: list[float] = measure(METRICS[name], trial, weights).mean.tolist()
    return figures


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hr@1", 1 / 6),
        ("hr@5", 3 / 6),
        ("hr@10", 4 / 6),
        ("mrr@10", (1 / 1 + 1 / 2 + 1 / 5 + 1 / 10) / 6),
        ("ndcg@10", (1 + 1 / np.log2(3) + 1 / np.log2(6) + 1 / np.log2(11)) / 6),
        ("hr@5|page", 2 / 6),
        ("hr@5|page-tail", 1 / 4),
        ("hr@5|new", 1 / 2),
        ("hr@5|cold", 2 / 3),
    ],
)
def test_hits(name: str, expected: float) -> None:
    toy = replay(
        1,
        6,
        rank=[1, 2, 5, 10, 11, 0],
        page_rank=[0, 1, 5, 6, 7, 0],
        hot=[1, 1, 0, 0, 0, 0],
        new=[1, 0, 0, 1, 0, 0],
        cold=[1, 1, 0, 0, 0, 1],
    )
    assert means(toy, name) == pytest.approx([expected])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hot", (5 + 2) / (2 * 5)),
        ("same-section", (1 + 0) / (2 * 5)),
        ("related", (4 + 3) / (2 * 5)),
        ("reason:readers", (3 + 0) / (2 * 5)),
        ("reason:latest", (0 + 2) / (2 * 5)),
        ("age", (2.0 + 5.0) / 2),
        ("overlap", 1.5),
        ("ils", (0.25 + 0.5) / 2),
    ],
)
def test_slots(name: str, expected: float) -> None:
    toy = replay(
        1,
        2,
        slots_hot=[5, 2],
        slots_section=[1, 0],
        slots_related=[4, 3],
        slots_reason=[[3, 1, 0, 0, 0], [0, 0, 0, 0, 2]],
        age=[2.0, 5.0],
        overlap=[1.5, NAN],
        similarity=[0.25, 0.5],
    )
    assert means(toy, name) == pytest.approx([expected])


def test_a_figure_without_rows_is_nan() -> None:
    assert np.isnan(means(replay(2, 3), "hr@5|new")).all()
    assert np.isnan(means(replay(2, 0), "hr@5")).all()


def world(systems: int = 3, transitions: int = 200, readers: int = 40) -> ReplayResult:
    """Give systems whose ranks are drawn at random, on readers with keyed hashes."""
    rng = np.random.default_rng(7)
    n = systems * transitions
    hashes = rng.integers(-(2**62), 2**62, readers)
    return replay(
        systems,
        transitions,
        reader=np.tile(hashes[rng.integers(readers, size=transitions)], systems),
        source=np.tile(rng.integers(9, size=transitions), systems),
        hot=np.tile(rng.integers(2, size=transitions), systems),
        new=np.tile(rng.integers(2, size=transitions), systems),
        rank=rng.integers(0, 21, n),
        page_rank=rng.integers(0, 21, n),
        age=rng.random(n),
        overlap=np.where(rng.random(n) < 0.1, NAN, rng.random(n)),
    )


@pytest.mark.parametrize("name", ["hr@5", "hr@5|page-tail", "ndcg@10", "overlap"])
def test_the_bootstrap_is_what_a_loop_would_draw(name: str) -> None:
    (trial,) = match([world()])
    weights = resample([trial], np.random.default_rng(1))
    measured = measure(METRICS[name], trial, weights)
    for draw in (0, 500, RESAMPLES - 1):
        for system in range(3):
            above = below = 0.0
            for transition, reader in enumerate(trial.reader):
                for _ in range(weights[draw, reader]):
                    above += measured.value[system, transition]
                    below += measured.counts[system, transition]
            assert measured.resampled[draw, system] == pytest.approx(above / below)


def test_each_draw_holds_as_many_readers_as_there_are() -> None:
    trials = match([world()])
    weights = resample(trials, np.random.default_rng(1))
    assert weights.shape == (RESAMPLES, len(np.unique(trials[0].reader)))
    assert (weights.sum(axis=1) == weights.shape[1]).all()
    # Binomial(n, 1/n): mean 1, variance 1 − 1/n.
    assert weights.mean() == 1
    assert weights.var() == pytest.approx(1 - 1 / weights.shape[1], rel=0.03)


def test_the_interval_is_the_spread_of_readers() -> None:
    # 50 readers with 10 transitions each, all hits or all misses: only 50 independent values.
    readers, each = 50, 10
    truth, covered, widths = 0.3, 0, []
    rng = np.random.default_rng(3)
    for _ in range(40):
        hit = np.repeat(rng.random(readers) < truth, each)
        toy = replay(1, readers * each, rank=hit, reader=np.repeat(np.arange(readers), each))
        (trial,) = match([toy])
        measured = measure(METRICS["hr@1"], trial, resample([trial], rng))
        low, high = measured.interval()[:, 0]
        covered += low <= truth <= high
        widths.append(high - low)
    assert covered >= 34  # of 40 × 0.95 = 38
    assert np.mean(widths) == pytest.approx(2 * 1.96 * np.sqrt(0.3 * 0.7 / readers), rel=0.1)


def test_percentiles_are_the_same_from_both_ends() -> None:
    drawn: Float64 = np.arange(1.0, RESAMPLES + 1)
    assert percentiles(drawn).tolist() == [25, 976]
    assert percentiles(-drawn).tolist() == [-976, -25]


def test_an_interval_needs_enough_readers() -> None:
    (trial,) = match([replay(1, 9, new=[1, *[0] * 8], reader=range(9))])
    measured = measure(METRICS["hr@5|new"], trial, resample([trial], np.random.default_rng(0)))
    assert measured.mean[0] == 0
    assert np.isnan(measured.interval()).all()


def test_a_pair_is_counted_on_the_transitions_that_count() -> None:
    ranks = [*[1, 5, 0, 6, 1], *[2, 6, 5, 0, 9]]
    toy = replay(2, 5, rank=ranks, page_rank=ranks, hot=[0, 0, 0, 0, 1] * 2)
    (trial,) = match([toy])
    weights = resample([trial], np.random.default_rng(0))
    hit = compare(measure(METRICS["hr@5"], trial, weights), 0, 1)
    assert (hit.wins, hit.ties, hit.losses) == (2, 2, 1)
    assert hit.difference == pytest.approx(3 / 5 - 2 / 5)
    assert hit.ratio == pytest.approx(3 / 2)
    tail = compare(measure(METRICS["hr@5|page-tail"], trial, weights), 0, 1)
    assert (tail.wins, tail.ties, tail.losses) == (1, 2, 1)
    reciprocal = compare(measure(METRICS["mrr@10"], trial, weights), 0, 1)
    assert (reciprocal.wins, reciprocal.ties, reciprocal.losses) == (4, 0, 1)


def test_the_difference_is_taken_within_each_draw() -> None:
    # The second system misses where the first does, and one transition in twenty besides.
    rng = np.random.default_rng(5)
    first = rng.random(400) < 0.5
    second = first & (np.arange(400) % 20 != 0)
    toy = replay(2, 400, rank=[*first, *second], reader=np.tile(np.arange(400) % 100, 2))
    (trial,) = match([toy])
    measured = measure(METRICS["hr@1"], trial, resample([trial], rng))
    (low, high), alone = compare(measured, 0, 1).ci, measured.interval()
    assert 0 < low < high
    assert high - low < (alone[1] - alone[0]).min() / 2


@pytest.mark.parametrize("name", HITS)
def test_wins_ties_and_losses_add_up(name: str) -> None:
    (trial,) = match([world()])
    measured = measure(METRICS[name], trial, resample([trial], np.random.default_rng(0)))
    pair = compare(measured, 0, 2)
    assert pair.wins + pair.ties + pair.losses == measured.counts[0].sum()


def test_neither_the_order_of_rows_nor_the_hashes_of_readers_matter() -> None:
    as_is = world()
    shuffled = as_is.rows.where(np.random.default_rng(2).permutation(len(as_is.rows)))
    rehashed = ReplayRows(**{**vars(shuffled), "reader": -3 * shuffled.reader})
    both = [match([ReplayResult(**{**vars(as_is), "rows": r})]) for r in (as_is.rows, rehashed)]
    weights = [resample(trials, np.random.default_rng(0)) for trials in both]
    np.testing.assert_array_equal(weights[0], weights[1])
    for metric in METRICS.values():
        first, second = (measure(metric, t, w) for (t,), w in zip(both, weights, strict=True))
        np.testing.assert_array_equal(first.mean, second.mean)
        np.testing.assert_array_equal(first.resampled, second.resampled)


def test_refresh_intervals_share_their_readers() -> None:
    hourly = world()
    other = ReplayRows(**{**vars(hourly.rows), "cut": hourly.rows.cut - 5})
    trials = match([hourly, ReplayResult(**{**vars(hourly), "every": 6 * HOUR, "rows": other})])
    np.testing.assert_array_equal(trials[0].reader, trials[1].reader)


@pytest.mark.parametrize("column", ["target", "cut", "hot"])
def test_systems_must_have_the_same_transitions(column: str) -> None:
    with pytest.raises(ValueError, match=f"differ in the {column}"):
        match([replay(2, 2, **{column: [0, 0, 0, 1]})])
    with pytest.raises(ValueError, match="differ in their number"):
        match([replay(2, 2, system=[0, 0, 0, 1])])
