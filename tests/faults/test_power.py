"""Power that goes while something is written, and whether the layer that shows it sees anything."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.faults.crash import Disk, Tree, write_tree
from benchmarks.faults.power import SCENARIOS, Scenario, cut_power, may_break, table
from recommender.files import replace, sync_directory
from tests.thorough import THOROUGH
from training import storage
from training.release import pointer

OLD, NEW = b"old content", b"new content"
DRAWS = 1 if THOROUGH else 0
"""Trees drawn at random after each operation, beside those that lose or keep all."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_and_nothing_is_broken(tmp_path: Path, name: str) -> None:
    found = cut_power(SCENARIOS[name], tmp_path, seed=3, draws=DRAWS)
    assert found.safe, table({name: found})
    assert found.old
    assert found.new


def trees(folder: Path, write: Callable[[Path], object]) -> tuple[list[Tree], list[Tree]]:
    """What a writer's power loss may leave: at any moment, and after it has returned."""
    (folder / "file").write_bytes(OLD)
    disk = Disk(folder, seed=1, draws=20)
    with disk.followed():
        write(folder / "file")
    return [dict(t) for t in disk.trees], [
        dict(t) for t, returned in disk.trees.items() if returned
    ]


def aside(path: Path, *, flush: bool, flush_names: bool) -> None:
    """Replace a file by a rename, with or without what makes that safe."""
    with (path.parent / "aside").open("wb") as file:
        file.write(NEW)
        file.flush()
        if flush:
            os.fsync(file.fileno())
    (path.parent / "aside").rename(path)
    if flush_names:
        sync_directory(path.parent)


def test_a_good_writer_is_found_good(tmp_path: Path) -> None:
    found, returned = trees(tmp_path, lambda path: replace(path, NEW))
    assert {tree["file"] for tree in found} == {OLD, NEW}
    assert returned == [{"file": NEW}]


def test_a_rename_without_a_flush_of_the_file_is_found(tmp_path: Path) -> None:
    found, returned = trees(tmp_path, lambda path: aside(path, flush=False, flush_names=True))
    held = {tree["file"] for tree in found}
    assert {OLD, NEW, b"", bytes(len(NEW))} < held
    assert any(NEW.startswith(content or b"x") and content != NEW for content in held)
    assert {tree["file"] for tree in returned} > {b"", NEW}


def test_a_rename_without_a_flush_of_the_names_is_found(tmp_path: Path) -> None:
    found, returned = trees(tmp_path, lambda path: aside(path, flush=True, flush_names=False))
    assert {tree["file"] for tree in found} == {OLD, NEW}
    assert {tree["file"] for tree in returned} == {OLD, NEW}
    assert {"file": NEW, "aside": NEW} in returned  # the new name is there, the old not yet gone


def test_a_file_written_in_place_is_found(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(NEW)
            file.flush()
            os.fsync(file.fileno())

    found, returned = trees(tmp_path, write)
    assert returned == [{"file": NEW}]
    assert any(tree["file"] not in (OLD, NEW) for tree in found)


def test_a_new_directory_is_lost_with_all_that_is_in_it(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        (path.parent / "new").mkdir()
        replace(path.parent / "new/inside", NEW)

    found, returned = trees(tmp_path, write)
    assert {"file": OLD} in returned
    assert {"file": OLD, "new": None, "new/inside": NEW} in returned
    assert {"file": OLD, "new": None} in found


def test_a_directory_whose_names_are_safe_may_hold_files_that_are_not(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        (path.parent / "more").write_bytes(NEW)
        sync_directory(path.parent)

    _, returned = trees(tmp_path, write)
    assert {"file": OLD, "more": b""} in returned
    assert {"file": OLD, "more": NEW} in returned


def test_an_inode_that_is_used_again_is_another_file(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        for _ in range(5):
            replace(path, NEW)
            path.unlink()
            path.write_bytes(b"")

    found, _ = trees(tmp_path, write)
    assert {tree.get("file") for tree in found} == {OLD, NEW, b"", None}


def test_the_real_functions_are_back(tmp_path: Path) -> None:
    before = os.fsync, os.rename, os.mkdir
    disk = Disk(tmp_path, seed=1, draws=1)
    with disk.followed():
        (tmp_path / "a").mkdir()
    assert (os.fsync, os.rename, os.mkdir) == before
    assert disk.operations == 1


def test_a_tree_is_laid_as_it_is(tmp_path: Path) -> None:
    write_tree((("a", None), ("a/b", b"x")), tmp_path)
    assert (tmp_path / "a/b").read_bytes() == b"x"


def naive(path: Path, data: bytes) -> None:
    (path.parent / ".aside").write_bytes(data)
    (path.parent / ".aside").rename(path)


def flushed_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish a pointer before the names of the version are safe."""
    monkeypatch.setattr(storage, "sync_directory", lambda _path: None)


def pointer_unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish by a pointer that is not flushed."""
    monkeypatch.setattr(pointer, "replace_file", naive)


def arrays_unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish arrays that are not flushed, and a pointer that is."""
    real = storage._write_array

    def unflushed(*arguments: object) -> object:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _handle: None)
            return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "_write_array", unflushed)


@pytest.mark.parametrize("breaks", [flushed_late, pointer_unflushed, arrays_unflushed])
def test_a_publish_that_flushes_too_little_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[pytest.MonkeyPatch], None]
) -> None:
    whole = SCENARIOS["next publish"]

    def act(artifacts: Path) -> None:
        with monkeypatch.context() as patch:
            breaks(patch)
            whole.act(artifacts)

    scenario = Scenario(whole.prepare, act, whole.again, whole.shows)
    assert may_break(scenario, tmp_path, seed=3, draws=DRAWS)
