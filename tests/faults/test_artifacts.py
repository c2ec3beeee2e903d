"""The faults of `benchmarks/faults` that meet what reads an artifact, in small."""

from pathlib import Path

from benchmarks.faults import damage, fuzz, swaps
from benchmarks.faults.worker import versions_of
from tests.thorough import scaled


def test_damaged_artifacts_are_refused_or_answer_as_sound_ones(tmp_path: Path) -> None:
    cases = scaled(12 * len(damage.KINDS))
    counts = fuzz.run("artifacts", tmp_path, cases, seed=7)
    assert fuzz.faults(counts) == []
    assert sum(found.total() for found in counts.values()) == cases
    assert {*counts} == {*damage.KINDS}
    assert [kind for kind, found in counts.items() if not found["refused"]] == []
    assert {outcome for found in counts.values() for outcome in found} <= {
        *("refused", "unchanged", "known ids")
    }


def test_no_answer_is_of_two_versions_and_memory_is_flat(tmp_path: Path) -> None:
    reads = swaps.run(tmp_path, 15)
    assert (reads.failed, reads.mixed) == ([], [])
    assert reads.answers > 100
    assert len(reads.versions) > 5
    assert swaps.growth(reads) <= swaps.MAX_GROWTH_MB, reads.own


def test_an_answer_of_two_versions_would_be_seen() -> None:
    assert versions_of(["a0000002", "a0000001[v7]", "a0000003[v8]"]) == ({7, 8}, 3)
