"""The pairs at midnight, against the same in plain steps."""

from typing import Any

import numpy as np
import pytest

from training.readers import pair_sums
from training.readers.pair_sums import MIN_PAIR_SUM, MIN_SUM, PairSums
from training.records import Bool, Float64

DECAY = np.array([0.01, 0.5, 0.7, 0.9, 0.9])


def pairs(generator: np.random.Generator, articles: int, count: int) -> PairSums:
    drawn = generator.integers(0, articles, (2, count))
    keys = np.unique(drawn[0] << 32 | drawn[1])
    return PairSums(keys, np.round(generator.exponential(100, (len(keys), len(DECAY))), -1))


def plain(base: PairSums, today: PairSums, decay: Float64, read: Bool, keep: int) -> dict[int, Any]:
    """Return the sums that stay by key."""
    joined = {key: row.copy() for key, row in zip(base.keys.tolist(), base.sums, strict=True)}
    for key, row in zip(today.keys.tolist(), today.sums, strict=True):
        joined[key] = joined.get(key, 0.0) + row
    faded = {key: row * decay for key, row in joined.items()}
    stays = [
        (key >> 32, -row[-2], key)
        for key, row in faded.items()
        if row[-2] >= MIN_PAIR_SUM and read[key >> 32] and read[key & 0xFFFFFFFF]
    ]
    kept: dict[int, list[int]] = {}
    for source, _, key in sorted(stays):
        kept.setdefault(source, []).append(key)
    keys = sorted(key for of in kept.values() for key in of[:keep])
    return {key: np.where(faded[key] < MIN_SUM, 0.0, faded[key]).tolist() for key in keys}


@pytest.mark.parametrize("keep", [1, 3, 250])
@pytest.mark.parametrize(
    ("articles", "before", "of_day"),
    [(30, 400, 90), (300, 300, 300), (10, 0, 20), (10, 20, 0), (10, 0, 0)],
)
def test_pairs_roll_as_in_plain_steps(articles: int, before: int, of_day: int, keep: int) -> None:
    generator = np.random.default_rng(before)
    base, today = pairs(generator, articles, before), pairs(generator, articles, of_day)
    read = generator.random(articles) < 0.9
    rolled = base.roll(today, DECAY, read, keep)
    expected = plain(base, today, DECAY, read, keep)
    assert dict(zip(rolled.keys.tolist(), rolled.sums.tolist(), strict=True)) == expected
    assert rolled.keys.tolist() == list(expected)


@pytest.mark.parametrize("many", [pair_sums._MIN_PAIRS_FOR_THREADS, 64])
def test_pairs_between_labels_and_to_some_rows_add_up_as_in_plain_steps(
    monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(pair_sums, "_MIN_PAIRS_FOR_THREADS", many)
    generator = np.random.default_rng(7)
    held, label = pairs(generator, 40, 300), generator.integers(0, 3, 40)
    rows = np.array([31, 4, 17])
    place = np.full(40, -1, np.int32)
    place[rows] = np.arange(3)
    between, towards = np.zeros((3, 3)), np.zeros((3, 3))
    for key, row in zip(held.keys.tolist(), held.sums, strict=True):
        source, target = key >> 32, key & 0xFFFFFFFF
        between[label[source], label[target]] += row[2]
        if target in rows:
            towards[place[target], label[source]] += row[2]
    assert held.flows(label, 3, 2).tolist() == between.ravel().tolist()
    found = held.inflows(label, 3, 2, place, len(rows))
    assert found.tolist() == towards.ravel().tolist()
