"""Arrays and manifests on disk, each directory and file written atomically.

A directory is written under another name, flushed to disk and renamed; its manifest lists every
file with its size and SHA-256. The same arrays and fields give the same bytes.
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
        The directory to make; its last part is the name in the manifest.
    kind : {"version", "state"}
        What it is.
    fields : mapping
        Further fields of the manifest: JSON values under names that the manifest does not use.
    arrays : mapping of arrays
        Each is written as `NAME.npy`, little-endian and in C order. An array named like a feature
        flag sets the flag.
    before : StoredArrays, optional
        An existing directory. An array that is the same object as one stored there, under any
        name, is hard-linked instead of written, if the file system can.

    Returns
    -------
    str
        SHA-256 of the manifest, in hex.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind.
    ValueError
        If a field has a name of the manifest's own or is not JSON, or an array holds objects.
    """
    if taken := _OWN_FIELDS & fields.keys():
        raise ValueError(f"the manifest's own fields cannot be set: {', '.join(sorted(taken))}")
    partial = target.with_name(f".{target.name}.partial")
    with _writing(target):
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
    """The fields of a directory's manifest, and its arrays by name."""

    fields: Mapping[str, Any]
    arrays: Arrays


class StoredArrays(NamedTuple):
    """A directory and its arrays as they were read or written; they must not be changed."""

    path: Path
    arrays: Mapping[str, npt.NDArray[Any]]

    def same(
        self, arrays: Mapping[str, npt.NDArray[Any]]
    ) -> dict[str, tuple[Path, dict[str, object]]]:
        """Return file and manifest entry of each array that is identical to one stored here."""
        held = {id(array): f"{name}.npy" for name, array in self.arrays.items()}
        same = {name: held[id(array)] for name, array in arrays.items() if id(array) in held}
        files = read_manifest(self.path)["files"] if same else {}
        return {name: (self.path / file, files[file]) for name, file in same.items()}


def read_directory(path: Path, kind: str) -> Contents:
    """Read what `write_directory` wrote, and check every byte.

    Parameters
    ----------
    path : Path
        The directory.
    kind : {"version", "state"}
        What it must be.

    Returns
    -------
    Contents
        The caller's fields, and the arrays mapped into memory: writing to one never changes its
        file.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, of another kind or of another format.
    """
    manifest = read_manifest(path, kind)
    verify_bytes(path, kind)
    arrays = {
        name.removesuffix(".npy"): _map_array(path / name, entry)
        for name, entry in manifest["files"].items()
    }
    return Contents({name: manifest[name] for name in manifest.keys() - _OWN_FIELDS}, arrays)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file atomically: a reader sees the old or the new one, whole.

    Raises
    ------
    OutputError
        If it cannot be written; the old one stays.
    """
    with replacing_file(path) as file:
        file.write(data)


@contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces another atomically, once all is written.

    See `recommender.files.atomic_writer`.

    Raises
    ------
    OutputError
        If it cannot be written; the old one stays.
    """
    with _writing(path), atomic_writer(path) as file:
        yield file


def check_folder(path: Path) -> None:
    """Check, before any work, that a file's folder exists.

    Raises
    ------
    OutputError
        If there is none.
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
def removing(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the `with` block into an `OutputError` that names the path."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be removed ({error.strerror}); remove it by hand"
        ) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
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
        except Exception as error:  # NumPy raises many types for a damaged header
            raise ArtifactError(f"{path}: it is not an array ({error}); run ymal train") from error
    if array.dtype.str != entry["dtype"] or list(array.shape) != entry["shape"]:
        raise ArtifactError(
            f"{path}: it holds {array.dtype.str} {list(array.shape)}, the manifest says "
            f"{entry['dtype']} {entry['shape']}; run ymal train"
        )
    return array


def _as_json(manifest: Mapping[str, object]) -> bytes:
    """Encode a manifest as UTF-8; a lone surrogate, as in a file's name, is escaped."""
    text = json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    return f"{text}\n".encode("utf-8", "backslashreplace")
