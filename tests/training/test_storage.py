"""Arrays on disk: round trips, the same bytes, whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ArtifactError
from recommender.verify import verify
from training.errors import OutputError
from training.storage import (
    StoredArrays,
    make_directory,
    read_directory,
    replace_file,
    write_directory,
)

FIELDS = {"time": 7, "model": {"kind": "prior", "features": ["ä", "b"]}, "path": "caf\udce9.csv"}
ARRAYS: dict[str, np.ndarray[Any, Any]] = {
    "counts": np.array([3, 1, 2], np.int32),
    "curves": np.arange(6, dtype=np.float64).reshape(2, 3),
    "flags": np.array([True, False]),
    "nothing": np.zeros(0, np.uint8),
}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    target = tmp_path / "a"
    digest = write_directory(target, "state", FIELDS, ARRAYS)
    assert digest == hashlib.sha256((target / "manifest.json").read_bytes()).hexdigest()
    fields, arrays = read_directory(target, "state")
    assert fields == FIELDS
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_arrays_that_are_as_they_were_read_are_linked(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    write_directory(one, "state", FIELDS, ARRAYS)
    stored = StoredArrays(one, read_directory(one, "state")[1])
    again = {**stored.arrays, "counts": stored.arrays["counts"] + 1}
    again["lines"] = again.pop("curves")
    write_directory(two, "state", FIELDS, again, stored)
    assert (two / "lines.npy").samefile(one / "curves.npy")
    assert not (two / "counts.npy").samefile(one / "counts.npy")
    verify(one, "state")
    shutil.rmtree(one)
    write_directory(three, "version", FIELDS, again, StoredArrays(two, again))
    assert (three / "counts.npy").samefile(two / "counts.npy")
    assert read_directory(three, "version")[1]["counts"].tolist() == [4, 2, 3]


def test_what_is_written_to_an_array_that_was_read_reaches_no_file(tmp_path: Path) -> None:
    write_directory(tmp_path / "a", "state", FIELDS, ARRAYS)
    _, arrays = read_directory(tmp_path / "a", "state")
    arrays["counts"][:] = 0
    verify(tmp_path / "a", "state")
    assert read_directory(tmp_path / "a", "state")[1]["counts"].tolist() == [3, 1, 2]


def test_where_no_link_can_be_made_arrays_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    write_directory(tmp_path / "one", "state", FIELDS, ARRAYS)
    stored = StoredArrays(tmp_path / "one", read_directory(tmp_path / "one", "state")[1])
    monkeypatch.setattr(os, "link", refuse)
    write_directory(tmp_path / "two", "state", FIELDS, stored.arrays, stored)
    assert not (tmp_path / "two/curves.npy").samefile(tmp_path / "one/curves.npy")
    verify(tmp_path / "two", "state")


def test_the_manifest_lists_every_file(tmp_path: Path) -> None:
    write_directory(tmp_path / "a", "state", FIELDS, ARRAYS)
    text = (tmp_path / "a/manifest.json").read_text("utf-8")
    manifest = json.loads(text)
    assert list(manifest) == sorted(manifest)
    assert {
        name: manifest[name] for name in ("format", "kind", "name", "requires", "optional")
    } == {
        "format": 2,
        "kind": "state",
        "name": "a",
        "requires": [],
        "optional": [],
    }
    data = (tmp_path / "a/counts.npy").read_bytes()
    assert manifest["files"]["counts.npy"] == {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "dtype": "<i4",
        "shape": [3],
    }
    assert manifest["files"]["curves.npy"]["shape"] == [2, 3]
    assert '"ä"' in text


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("1", "2"):
        (tmp_path / folder).mkdir()
    write_directory(tmp_path / "1/a", "state", FIELDS, ARRAYS)
    turned = dict(reversed(ARRAYS.items()))
    turned["counts"] = np.array([3, 9, 1, 9, 2], ">i4")[::2]
    turned["curves"] = np.asfortranarray(ARRAYS["curves"])
    write_directory(tmp_path / "2/a", "state", dict(reversed(FIELDS.items())), turned)
    for path in (tmp_path / "1/a").iterdir():
        assert path.read_bytes() == (tmp_path / "2/a" / path.name).read_bytes(), path.name


def test_arrays_are_not_modified(tmp_path: Path) -> None:
    array = np.array([1, 2, 3], ">i4")[::-1]
    before = array.copy()
    write_directory(tmp_path / "a", "state", {}, {"x": array})
    np.testing.assert_array_equal(array, before)
    assert array.dtype == ">i4"


@pytest.mark.parametrize(
    ("fields", "arrays"),
    [
        ({"files": {}}, {}),
        ({"name": "b"}, {}),
        ({"figure": float("nan")}, {}),
        ({}, {"x": np.array([object()])}),
    ],
)
def test_what_cannot_be_stored(
    tmp_path: Path, fields: dict[str, object], arrays: dict[str, np.ndarray[Any, Any]]
) -> None:
    with pytest.raises(ValueError, match=r"own|JSON|[Oo]bject"):
        write_directory(tmp_path / "a", "state", fields, arrays)
    assert list(tmp_path.iterdir()) == []


def change_manifest(path: Path, **fields: object) -> None:
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, **fields}))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: change_manifest(path, format=1), "run ymal train"),
        (lambda path: change_manifest(path, format=3), "run ymal train"),
        (lambda path: change_manifest(path, requires=["x"]), "run ymal train"),
        (lambda path: change_manifest(path, kind="version"), "its kind is 'version'"),
        (lambda path: (path / "counts.npy").unlink(), "counts.npy: no such file"),
        (lambda path: (path / "counts.npy").write_bytes(b""), "counts.npy: its size"),
        (lambda path: (path / "more.npy").touch(), "more.npy: the manifest does not list it"),
        (lambda path: (path / "manifest.json").unlink(), "manifest.json: no such file"),
    ],
)
def test_a_damaged_directory(tmp_path: Path, damage: Callable[[Path], object], says: str) -> None:
    write_directory(tmp_path / "a", "state", FIELDS, ARRAYS)
    damage(tmp_path / "a")
    with pytest.raises(ArtifactError, match=says):
        read_directory(tmp_path / "a", "state")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04",
        b"\x93NUMPY\x01\x00\x46\x00"
        + b"{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999,), }\n".rjust(70),
        b"\x93NUMPY\x01\x00\x46\x00"
        + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(69)
        + b"\n",
        b"\x93NUMPY\x01\x00\x46\x00" + b"{{{".ljust(69) + b"\n",
    ],
)
def test_a_sealed_file_that_is_no_array(tmp_path: Path, data: bytes) -> None:
    write_directory(tmp_path / "a", "state", {}, {"x": ARRAYS["counts"]})
    (tmp_path / "a/x.npy").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    entry = {"bytes": len(data), "sha256": digest, "dtype": "<i4", "shape": [3]}
    change_manifest(tmp_path / "a", files={"x.npy": entry})
    verify(tmp_path / "a")  # the bytes are those listed; only reading them tells
    with pytest.raises(ArtifactError, match=r"x\.npy: .*run ymal train"):
        read_directory(tmp_path / "a", "state")


def test_a_sealed_array_of_another_shape(tmp_path: Path) -> None:
    write_directory(tmp_path / "a", "state", {}, {"x": ARRAYS["counts"]})
    files = json.loads((tmp_path / "a/manifest.json").read_text())["files"]
    files["x.npy"]["shape"] = [4]
    change_manifest(tmp_path / "a", files=files)
    with pytest.raises(ArtifactError, match=r"x\.npy: it holds <i4 \[3\], the manifest says"):
        read_directory(tmp_path / "a", "state")


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("target", ["fsync", "rename"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(os if target == "fsync" else Path, target, no_room)
    with pytest.raises(OutputError, match=r"a: cannot be written \(No space left on device\)"):
        write_directory(tmp_path / "a", "state", FIELDS, ARRAYS)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".a.partial").mkdir()
    (tmp_path / ".a.partial/old.npy").touch()
    write_directory(tmp_path / "a", "state", FIELDS, ARRAYS)
    read_directory(tmp_path / "a", "state")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_no_room_for_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file/a: cannot be written"):
        write_directory(tmp_path / "file/a", "state", {}, {})


def test_a_file_is_replaced_at_one_stroke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "current"
    replace_file(path, b"old\n")
    replace_file(path, b"new\n")
    assert path.read_bytes() == b"new\n"
    for owner, name in ((os, "fsync"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, no_room)
            with pytest.raises(OutputError, match="current: cannot be written"):
                replace_file(path, b"newer\n")
        assert path.read_bytes() == b"new\n"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OutputError, match="nowhere"):
        replace_file(tmp_path / "nowhere/current", b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(OutputError, match=f"{name}: cannot be written .*not a regular file"):
            replace_file(tmp_path / name, b"")


def test_a_new_directory_is_flushed_into_the_one_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    make_directory(tmp_path / "a/b")
    assert flushed == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]
    make_directory(tmp_path / "a/b")
    assert len(flushed) == 2
    (tmp_path / "file").touch()
    for blocked in ("file", "file/a"):
        with pytest.raises(OSError, match="file"):
            make_directory(tmp_path / blocked)
