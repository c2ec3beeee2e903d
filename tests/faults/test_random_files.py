"""Some random files: `python -m benchmarks.faults.fuzz files` draws more."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.faults.files import NAMED, command, held, wrong
from benchmarks.faults.fuzz import faults, run, table
from tests.thorough import scaled

FILES = scaled(60)
NAMES = st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz", "a.jsonl.zst"])


def test_every_outcome_is_named_and_what_is_served_stays(tmp_path: Path) -> None:
    counts = run("files", tmp_path, FILES, seed=0)
    assert faults(counts) == []
    assert counts["check"].total() == counts["train"].total() == FILES
    assert "code 4" in counts["check"]
    assert "code 0" in counts["check"]


@settings(max_examples=scaled(100))
@given(name=NAMES, data=st.binary(max_size=200), head=st.sampled_from([b"", b"id\n", b'{"id": "']))
def test_any_bytes_end_check_in_a_named_code(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(head + data)
    code, fault = command("check", "--articles", str(path))
    assert fault == ""
    assert code in NAMED


def test_a_fault_is_reported(tmp_path: Path) -> None:
    for kind in ("versions", "states"):
        (tmp_path / kind / "1").mkdir(parents=True)
        (tmp_path / kind / "1" / "manifest.json").write_text(kind)
    (tmp_path / "current").write_text("1\n")
    before = held(tmp_path, "1")
    assert wrong(tmp_path, "1", before, 4, 4) == wrong(tmp_path, "1", before, 0, 7) == ""
    assert wrong(tmp_path, "1", before, 0, 4) == "check ended with 0, train with 4"
    (tmp_path / "current").write_text("2\n")
    assert wrong(tmp_path, "1", before, 0, 0) == ""
    assert wrong(tmp_path, "1", before, 4, 4) == "another version is served"
    (tmp_path / "states" / "1" / "manifest.json").write_text("")
    assert wrong(tmp_path, "1", before, 0, 0) == "the published version was touched"
    counts = {"check": Counter(["code 0", "fault: x (case 7)"])}
    assert faults(counts) == ["check: fault: x (case 7)"]
    assert table(counts).splitlines()[1].split() == ["check", "1", "1"]
    assert command("no-such-command") == (2, "")
