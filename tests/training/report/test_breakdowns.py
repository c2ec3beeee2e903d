"""Hit rates by group: as arithmetic, and their intervals held to the bootstrap."""

import numpy as np
import pytest

from tests.training.metrics.test_bootstrap import replay
from training.metrics.bootstrap import match, measure, resample
from training.metrics.definitions import HITS
from training.report.breakdowns import breakdown
from training.report.report import Report
from training.report.scope import Scope


def scope_of(**columns: object) -> Scope:
    """Two systems, `s0` and `s1`, over the same transitions."""
    count = len(columns["rank"]) // 2
    return Scope.of(Report.of([replay(2, count, **columns)], {}, {}))


def test_rates_are_shares_of_the_transitions_of_a_group() -> None:
    scope = scope_of(rank=[1, 0, 5, 6, 2, 0, 0, 0, 0, 3], reader=[1, 1, 2, 3, 3] * 2)
    found = breakdown(scope, np.array([0, 0, 2, 2, 2]), ["a", "b", "c"])
    assert found.labels == ["a", "c"], "b has no transitions"
    assert found.systems == ["s0", "s1"]
    assert found.reads.tolist() == [2, 3]
    np.testing.assert_allclose(found.rate, [[1 / 2, 2 / 3], [0, 1 / 3]])
    # One reader has both reads of a: their surpluses over the rate, 1/2 and -1/2, cancel out.
    assert found.half[0, 0] == pytest.approx(0)
    # In c reader 2 is 1/3 over the rate; reader 3 has one hit of two reads, 1/3 below it.
    assert found.half[0, 1] == pytest.approx(1.96 * np.sqrt((1 / 3) ** 2 + (1 / 3) ** 2) / 3)


def test_intervals_are_those_of_the_bootstrap_where_readers_are_many() -> None:
    rng = np.random.default_rng(4)
    reads = 4000
    reader = rng.integers(500, size=reads)
    likes = rng.random(500)[reader]
    rank = (rng.random(2 * reads) < np.tile(likes, 2)).astype(int)
    columns = {"rank": rank, "reader": np.tile(reader, 2)}
    found = breakdown(scope_of(**columns), np.zeros(reads, int), ["all"])
    (trial,) = match([replay(2, reads, **columns)])
    drawn = measure(HITS["hr@5"], trial, resample([trial], np.random.default_rng(0)))
    np.testing.assert_allclose(found.rate[:, 0], drawn.mean)
    np.testing.assert_allclose(found.half[:, 0], 1.96 * drawn.resampled.std(axis=0), rtol=0.1)
    naive = 1.96 * np.sqrt(drawn.mean * (1 - drawn.mean) / reads)
    assert (found.half[:, 0] > 1.2 * naive).all(), "the reads of one reader go together"
