"""The faults of `benchmarks/faults` that meet what reads an artifact, in small."""

import subprocess
import sys
from pathlib import Path

from benchmarks.faults import memory, mutations, swaps
from tests.thorough import scaled


def test_damaged_artifacts_are_refused_or_answer_as_sound_ones(tmp_path: Path) -> None:
    cases = scaled(18 * 18)
    counts = mutations.run(tmp_path, cases, seed=7)
    assert sum(found.total() for found in counts.values()) == cases
    assert not {(kind, o) for kind, found in counts.items() for o in found} - {
        (kind, outcome) for kind in counts for outcome in mutations.OUTCOMES
    }
    assert all(found["refused"] for found in counts.values())


def test_random_bytes_raise_nothing_but_artifact_errors() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults.fuzz", "--seconds", str(scaled(15))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 faults" in done.stdout


def test_no_answer_is_of_two_versions(tmp_path: Path) -> None:
    reads = swaps.run(tmp_path, 15)
    assert (reads.failed, reads.mixed) == ([], [])
    assert reads.answers > 100
    assert len(reads.versions) > 5


def test_an_answer_of_two_versions_would_be_seen() -> None:
    assert swaps.versions_of(["a0000002", "a0000001[v7]", "a0000003[v8]"]) == ({7, 8}, 3)


def test_memory_is_flat_from_version_to_version(tmp_path: Path) -> None:
    found = memory.memory_over_swaps(tmp_path, lookups=6000, swaps=5)
    assert len(found) == 6
    assert found[-1].own - found[1].own <= memory.MAX_GROWTH_MB
    assert found[-1].mapped <= 2 * found[0].mapped
    for forked in (True, False):
        each = memory.workers(tmp_path, 1000, 2, forked=forked)
        assert len(each) == 2
        assert max(worker.own for worker in each) <= memory.MAX_OWN_MB
