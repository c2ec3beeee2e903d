"""Publishing: names, order, the lock, and that a failure leaves what was served."""

import errno
import hashlib
import json
import os
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import example, given
from hypothesis import strategies as st

from recommender import ArtifactError
from tests.training.release.worlds import FIELDS, NOW, publish, titles, version_arrays
from training import release
from training.errors import BusyError, OutputError
from training.records import NEVER
from training.release import locks
from training.storage import Contents, read_directory
from training.strings import StringArray


def test_what_is_published_is_served(tmp_path: Path) -> None:
    artifacts = tmp_path / "deep/artifacts"
    published = publish(artifacts)
    assert published.name == release.served_name(artifacts) == "20230601T070000Z-001"
    assert published.version_dir == artifacts / "versions" / published.name
    assert published.state_dir == artifacts / "states" / published.name
    assert (artifacts / "current").read_text() == "20230601T070000Z-001\n"
    assert titles(artifacts) == ["first", "first"]
    fields, arrays = read_directory(published.state_dir, "state")
    assert fields == {"time": NOW}
    assert arrays["sums"].tolist() == [[1.5, 2.5]]
    manifest = json.loads((published.version_dir / "manifest.json").read_text())
    state = (published.state_dir / "manifest.json").read_bytes()
    assert manifest["state"] == {
        "name": published.name,
        "sha256": hashlib.sha256(state).hexdigest(),
    }
    assert manifest["now"] == NOW
    assert manifest["created"].endswith("Z")


def test_names_sort_by_time_and_are_never_used_twice(tmp_path: Path) -> None:
    names = [publish(tmp_path, now=now).name for now in (NOW, NOW, NOW + 1_000_000)]
    assert names == ["20230601T070000Z-001", "20230601T070000Z-002", "20230601T070001Z-001"]
    shutil.rmtree(tmp_path / "versions" / names[1])
    shutil.rmtree(tmp_path / "states" / names[1])
    assert publish(tmp_path).name == "20230601T070000Z-003"


def test_the_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = publish(tmp_path), publish(tmp_path)
    for first, second in ((one.version_dir, two.version_dir), (one.state_dir, two.state_dir)):
        names = {path.name for path in first.iterdir()}
        assert names == {path.name for path in second.iterdir()}
        for name in names - {"manifest.json"}:
            assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    published = publish(tmp_path)
    umask = os.umask(0)
    os.umask(umask)
    for path in (tmp_path / "current", published.version_dir, published.version_dir / "ids.npy"):
        allowed = 0o777 if path.is_dir() else 0o666
        assert stat.S_IMODE(path.stat().st_mode) == allowed & ~umask


def steps(monkeypatch: pytest.MonkeyPatch, fail_at: int) -> Iterator[int]:
    """Count what touches the disk for good, and fail at one of them."""
    calls = count(1)

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any) -> Any:
            if next(calls) == fail_at:
                raise OSError(errno.EIO, "Input/output error")
            return real(*arguments)

        return step

    monkeypatch.setattr(os, "fsync", guarded(os.fsync))
    monkeypatch.setattr(Path, "rename", guarded(Path.rename))
    monkeypatch.setattr(Path, "replace", guarded(Path.replace))
    return calls


def test_a_failure_at_any_step_leaves_the_old_version_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        calls = steps(patch, fail_at=0)
        publish(tmp_path)
        last = next(calls) - 1
    came = []
    for fail_at in range(1, last + 1):
        before = titles(tmp_path)
        with monkeypatch.context() as patch:
            steps(patch, fail_at)
            with pytest.raises(OutputError, match=r"cannot be .* \(Input/output error\)"):
                publish(tmp_path, f"try {fail_at}")
        assert titles(tmp_path) in (before, [f"try {fail_at}"] * 2)
        came.append(titles(tmp_path) != before)
        release.verify(tmp_path)
        assert not list(tmp_path.rglob("*.partial"))
    # What fails behind the pointer's rename, such as the audit, finds the new version served.
    assert came == sorted(came)
    assert 1 <= sum(came) < last / 2
    publish(tmp_path, "second")
    assert titles(tmp_path) == ["second", "second"]


def test_a_version_that_cannot_be_opened_is_not_served(tmp_path: Path) -> None:
    publish(tmp_path)
    arrays = version_arrays("second") | {"popular": np.zeros(1)}
    with pytest.raises(ArtifactError, match=r"popular\.npy"):
        release.publish(
            tmp_path,
            release.Publication(
                command="train",
                now=NOW,
                version=Contents(FIELDS, arrays),
                state=Contents({}, {}),
            ),
        )
    assert titles(tmp_path) == ["first", "first"]


def test_one_run_publishes_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_TIMEOUT_SECONDS", 0.1)
    publish(tmp_path)
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(BusyError, match=r"\.lock: another run has been publishing"),
    ):
        publish(tmp_path, "second")
    assert titles(tmp_path) == ["first", "first"]
    publish(tmp_path, "second")


def test_a_lock_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / ".lock").mkdir()
    with pytest.raises(OutputError, match=r"\.lock: cannot be locked"):
        publish(tmp_path)


@pytest.mark.parametrize("blocked", ["", "versions", "states"])
def test_a_directory_that_cannot_be_written(tmp_path: Path, blocked: str) -> None:
    artifacts = tmp_path / "artifacts"
    if blocked:
        artifacts.mkdir()
    (artifacts / blocked).touch()
    for call in (release.check_writable, publish):
        with pytest.raises(OutputError, match=f"{artifacts / blocked}: cannot be written"):
            call(artifacts)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        release.check_writable(tmp_path / "artifacts")


def test_writable_leaves_nothing_but_directories(tmp_path: Path) -> None:
    release.check_writable(tmp_path / "artifacts")
    found = sorted(path.name for path in tmp_path.rglob("*"))
    assert found == ["artifacts", "states", "versions"]


def test_nothing_is_served_before_the_first_training(tmp_path: Path) -> None:
    for call in (release.served_name, release.verify):
        with pytest.raises(ArtifactError, match="run ymal train"):
            call(tmp_path / "artifacts")


def test_verify_counts_what_it_read(tmp_path: Path) -> None:
    published = publish(tmp_path)
    files = [*published.version_dir.glob("*.npy"), *published.state_dir.glob("*.npy")]
    assert release.verify(tmp_path) == {
        "version": published.name,
        "state": published.name,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }


def test_verify_finds_damage_in_version_and_state(tmp_path: Path) -> None:
    published = publish(tmp_path)
    for path in (published.version_dir / "titles.npy", published.state_dir / "sums.npy"):
        data = path.read_bytes()
        path.write_bytes(data[:-1] + b"\1")
        with pytest.raises(ArtifactError, match=f"{path}: its size or SHA-256"):
            release.verify(tmp_path)
        path.write_bytes(data)
    release.verify(tmp_path)


def test_verify_wants_the_state_that_the_version_names(tmp_path: Path) -> None:
    published = publish(tmp_path)
    manifest = published.state_dir / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"time": {NOW}', '"time": 1'))
    with pytest.raises(ArtifactError, match="it is not the one that"):
        release.verify(tmp_path)
    with pytest.raises(ArtifactError, match="it is not the one that"):
        release.read_state(tmp_path, published.name)
    shutil.rmtree(published.state_dir)
    with pytest.raises(ArtifactError, match=r"states/.*: no such file"):
        release.verify(tmp_path)


@pytest.mark.parametrize(
    "state", [None, {}, {"name": "../x", "sha256": ""}, {"name": "", "sha256": ""}, {"name": 1}]
)
def test_verify_wants_a_state(tmp_path: Path, state: object) -> None:
    manifest = publish(tmp_path).version_dir / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "state": state}))
    with pytest.raises(ArtifactError, match="it names no state"):
        release.verify(tmp_path)


@example(["plumless", "", "x", "buckeroo"])  # the first and the last have one CRC-32
@given(st.lists(st.text(), unique=True))
def test_keys_are_sorted_hashes_of_known_ids(ids: list[str]) -> None:
    known = [row % 4 != 1 for row in range(len(ids))]
    nothing = StringArray.of([""] * len(ids))
    arrays = release.lookup_arrays(
        ids=StringArray.of(ids),
        titles=nothing,
        urls=nothing,
        section_names=StringArray.of([]),
        sections=np.full(len(ids), -1, np.int32),
        published=np.full(len(ids), NEVER),
        known=np.array(known, np.bool_),
    )
    rows = [row for row, found in enumerate(known) if found]
    expected = sorted((zlib.crc32(ids[row].encode()), row) for row in rows)
    keys = zip(arrays["key_hashes"].tolist(), arrays["key_rows"].tolist(), strict=True)
    assert list(keys) == expected
    assert arrays["key_hashes"].dtype == np.uint32
    assert arrays["key_rows"].dtype == np.int32
    slots = arrays["key_slots"]
    assert slots.dtype == np.int32
    assert sorted(slots[slots >= 0].tolist()) == rows
    assert len(slots) > 3 * len(rows)
    assert len(slots).bit_count() == 1
    for key, row in expected:
        place = key % len(slots)
        while slots[place] not in (row, -1):
            place = (place + 1) % len(slots)
        assert slots[place] == row


def test_a_version_is_carried_on_only_while_it_is_served(tmp_path: Path) -> None:
    base = publish(tmp_path).name
    other = publish(tmp_path, "second").name
    with pytest.raises(
        BusyError, match=f"another run published {other} while this one worked on {base}"
    ):
        release.publish(
            tmp_path,
            release.Publication(
                command="refresh",
                now=NOW,
                base=release.BaseVersion(base),
                version=Contents({}, {}),
                state=Contents({}, {}),
            ),
        )
    assert release.served_name(tmp_path) == other


def test_no_name_is_used_twice(tmp_path: Path) -> None:
    """Servers tell versions by their names, also where all else is gone."""
    first = publish(tmp_path)
    shutil.rmtree(first.version_dir)
    shutil.rmtree(first.state_dir)
    (tmp_path / "audit.jsonl").unlink()
    assert publish(tmp_path, "second").name > first.name
    assert titles(tmp_path) == ["second", "second"]


def test_versions_that_cannot_be_listed(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "versions").rename(tmp_path / "aside")
    (tmp_path / "versions").touch()
    with pytest.raises(ArtifactError, match="versions: not a directory"):
        release.list_versions(tmp_path)
