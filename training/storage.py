"""Read and write directories of arrays with a manifest; all writes are atomic.

A directory is written under a temporary name, flushed to disk and renamed. Its manifest lists
every file with its size and SHA-256. The same arrays and fields give the same bytes.
"""

import hashlib
import json
import math
import mmap
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from recommender.files import atomic_writer, sync_directory
from recommender.manifest import FORMAT, KNOWN_FLAGS, ArtifactError, open_regular, read_manifest
from recommender.verify import verify_bytes
from training.errors import OutputError

Arrays = dict[str, npt.NDArray[Any]]

_OWN_FIELDS: Final = frozenset({"format", "kind", "name", "requires", "optional", "files"})


def write_directory(
    target: Path,
    kind: str,
    fields: Mapping[str, object],
    arrays: Mapping[str, npt.NDArray[Any]],
    before: "StoredArrays | None" = None,
) -> str:
    """Write a directory of arrays and a manifest atomically.

    Parameters
    ----------
    target : Path
        The directory to create; its last part is the name in the manifest.
    kind : {"version", "state"}
        The kind of the directory.
    fields : mapping
        Additional fields of the manifest, JSON values; names that it reserves are not allowed.
    arrays : mapping of arrays
        Each is written as `NAME.npy`, little-endian and in C order. An array with the name of a
        feature flag sets that flag.
    before : StoredArrays, optional
        An existing directory. If an array is the same object as one stored there, under any name,
        its file is hard-linked instead of written, where the file system supports it.

    Returns
    -------
    str
        SHA-256 of the manifest, in hex.

    Raises
    ------
    OutputError
        If the directory cannot be written; no partial directory is left.
    ValueError
        If a field has a reserved name or is not JSON, or an array contains objects.
    """
    if taken := _OWN_FIELDS & fields.keys():
        raise ValueError(f"the manifest's own fields cannot be set: {', '.join(sorted(taken))}")
    partial = target.with_name(f".{target.name}.partial")
    with _write_errors(target):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir()
            same = {} if before is None else before.same(arrays)
            manifest = {
                **fields,
                "format": FORMAT,
                "kind": kind,
                "name": target.name,
                "requires": sorted(KNOWN_FLAGS & arrays.keys()),
                "optional": [],
                "files": _write_arrays(partial, arrays, same),
            }
            data = _as_json(manifest)
            _write(partial / "manifest.json", data)
            sync_directory(partial)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync_directory(target.parent)
    return hashlib.sha256(data).hexdigest()


class Contents(NamedTuple):
    """The caller's fields of a directory's manifest, and its arrays by name."""

    fields: Mapping[str, Any]
    arrays: Arrays


class StoredArrays(NamedTuple):
    """A directory and its arrays, as read or written. The arrays must not be modified."""

    path: Path
    arrays: Mapping[str, npt.NDArray[Any]]

    def same(
        self, arrays: Mapping[str, npt.NDArray[Any]]
    ) -> dict[str, tuple[Path, dict[str, object]]]:
        """Return file and manifest entry of each array that is the same object as a stored one."""
        held = {id(array): f"{name}.npy" for name, array in self.arrays.items()}
        same = {name: held[id(array)] for name, array in arrays.items() if id(array) in held}
        files = read_manifest(self.path)["files"] if same else {}
        return {name: (self.path / file, files[file]) for name, file in same.items()}


def read_directory(path: Path, kind: str) -> Contents:
    """Read a directory of `write_directory`, and check the size and SHA-256 of every file.

    Parameters
    ----------
    path : Path
        The directory.
    kind : {"version", "state"}
        The expected kind.

    Returns
    -------
    Contents
        The caller's fields, and the memory-mapped arrays. Writing to an array does not change its
        file.

    Raises
    ------
    ArtifactError
        If the directory is missing, damaged, or of another kind or format.
    """
    manifest = read_manifest(path, kind)
    verify_bytes(path, kind)
    arrays = {
        name.removesuffix(".npy"): _map_array(path / name, entry)
        for name, entry in manifest["files"].items()
    }
    return Contents({name: manifest[name] for name in manifest.keys() - _OWN_FIELDS}, arrays)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file atomically: a reader sees either the complete old or the complete new file.

    Raises
    ------
    OutputError
        If it cannot be written; the old one stays.
    """
    with open_replacement(path) as file:
        file.write(data)


@contextmanager
def open_replacement(path: Path) -> Iterator[BinaryIO]:
    """Open a binary file that replaces `path` atomically when the block ends.

    See `recommender.files.atomic_writer`.

    Raises
    ------
    OutputError
        If it cannot be written; the old one stays.
    """
    with _write_errors(path), atomic_writer(path) as file:
        yield file


def check_folder(path: Path) -> None:
    """Check that the folder of a file exists, before any work is done.

    Raises
    ------
    OutputError
        If the folder does not exist.
    """
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist; create it first")


def make_directory(path: Path) -> None:
    """Create a directory and its parents, and flush them to disk.

    Raises
    ------
    OSError
        If one cannot be created.
    """
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        sync_directory(path.parent)


@contextmanager
def removal_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the `with` block into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be removed ({error.strerror}); remove it by hand"
        ) from error


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}); name a place that exists, has "
            "room and may be written"
        ) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write_arrays(
    path: Path,
    arrays: Mapping[str, npt.NDArray[Any]],
    same: Mapping[str, tuple[Path, dict[str, object]]],
) -> dict[str, dict[str, object]]:
    """Link or write arrays, two at a time, and return their entries of the manifest."""

    def place(name: str) -> dict[str, object]:
        file = path / f"{name}.npy"
        return _link_array(file, same.get(name)) or _write_array(file, arrays[name])

    with ThreadPoolExecutor(2) as pool:
        entries = list(pool.map(place, arrays))
    return {f"{name}.npy": entry for name, entry in zip(arrays, entries, strict=True)}


def _link_array(
    path: Path, same: tuple[Path, dict[str, object]] | None
) -> dict[str, object] | None:
    """Link the stored file of an array, and return its entry; None if it cannot be linked."""
    if same is None:
        return None
    stored, entry = same
    try:
        os.link(stored, path, follow_symlinks=False)
    except OSError:
        return None
    return entry


def _write_array(path: Path, array: npt.NDArray[Any]) -> dict[str, object]:
    """Write an array, and return its entry of the manifest."""
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    with path.open("w+b") as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "bytes": size,
        "sha256": digest,
        "dtype": array.dtype.str,
        "shape": list(array.shape),
    }


def _map_array(path: Path, entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    with open_regular(path, entry["bytes"]) as file:
        try:
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            values = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            count, start = math.prod(shape), file.tell()
            array: npt.NDArray[Any] = np.frombuffer(values, dtype, count, start).reshape(shape)
        except Exception as error:  # a damaged header raises many types
            raise ArtifactError(f"{path}: it is not an array ({error}); run ymal train") from error
    if array.dtype.str != entry["dtype"] or list(array.shape) != entry["shape"]:
        raise ArtifactError(
            f"{path}: it holds {array.dtype.str} {list(array.shape)}, the manifest says "
            f"{entry['dtype']} {entry['shape']}; run ymal train"
        )
    return array


def _as_json(manifest: Mapping[str, object]) -> bytes:
    """Encode a manifest as UTF-8. A lone surrogate, as in some file names, is escaped."""
    text = json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    return f"{text}\n".encode("utf-8", "backslashreplace")
