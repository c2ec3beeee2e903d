"""The manifest of a version or state, and the pointer: validated when they are read.

Every error is an `ArtifactError` that names the file.
"""

import json
import os
import re
import stat
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, NoReturn

FORMAT: Final = 2
KNOWN_FLAGS: Final = frozenset({"languages"})
"""Flags of `requires` that this release knows; each adds the array of the same name."""
NAME_PATTERN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
"""Name of a version or state; it cannot be a path."""
ARRAY_FILE: Final = re.compile(r"[0-9A-Za-z_]+\.npy")
"""Name of an array's file; it cannot be a path."""
MAX_MANIFEST_BYTES: Final = 64 << 20
MAX_POINTER_BYTES: Final = 1 << 10
_KINDS: Final = ("version", "state")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ArtifactError(Exception):
    """An artifact is missing, damaged, or in another format; the message names the file."""


def raise_damaged(path: Path, problem: str) -> NoReturn:
    """Raise the `ArtifactError` of a damaged file, with the remedy."""
    raise ArtifactError(f"{path}: {problem}; restore it from a copy, or run ymal train")


def read_pointer(artifacts: Path) -> str:
    """Return the name of the version that an artifacts directory serves.

    Raises
    ------
    ArtifactError
        If there is none, or if the pointer contains no name.
    """
    path = artifacts / "current"
    try:
        path.lstat()
    except OSError as error:
        raise ArtifactError(
            f"{path}: no version is served here ({error_text(error)}); run ymal train"
        ) from None
    name = read_small(path, MAX_POINTER_BYTES).decode("latin-1").removesuffix("\n")
    if not NAME_PATTERN.fullmatch(name):
        raise_damaged(path, f"{name[:40]!r} is not the name of a version")
    return name


def read_manifest(directory: Path, *kinds: str) -> dict[str, Any]:
    """Read the manifest of a version or state, and check its format, name and list of files.

    Parameters
    ----------
    directory : Path
        The version or state.
    *kinds : str
        Allowed kinds: `version`, `state`; both by default.

    Returns
    -------
    dict
        The manifest. `files` maps plain file names to `bytes`, `sha256`, `dtype` and `shape`.

    Raises
    ------
    ArtifactError
        If it cannot be read, is not a manifest, or has a format that this release cannot read.
    """
    path = directory / "manifest.json"
    _check_folders(directory)
    try:
        manifest = read_json(read_small(path))
    except (ValueError, RecursionError):
        raise_damaged(path, "it is not valid JSON, or has a duplicate key")
    if not isinstance(manifest, dict):
        raise_damaged(path, "it is not a JSON object")
    _check_format(path, manifest)
    if manifest.get("kind") not in (allowed := kinds or _KINDS):
        raise_damaged(
            path, f"its kind is {manifest.get('kind')!r} instead of {' or '.join(allowed)}"
        )
    if manifest.get("name") != directory.absolute().name:
        raise_damaged(path, f"its name is {manifest.get('name')!r}, not that of its directory")
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise_damaged(path, "it lists no files")
    for name, entry in files.items():
        if not ARRAY_FILE.fullmatch(name):
            raise_damaged(path, f"{name[:40]!r} is not a plain file name")
        if not _is_entry(entry):
            raise_damaged(path, f"its entry of {name} lacks bytes, sha256, dtype or shape")
    return manifest


def open_regular(path: Path, max_bytes: int) -> BufferedReader:
    """Open a regular file for reading; do not follow links or wait for a pipe.

    Raises
    ------
    ArtifactError
        If it is a link or not a regular file, exceeds `max_bytes`, or cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        _check_regular(path, path.lstat(), max_bytes)
        file = open(os.open(path, flags), "rb")  # noqa: PTH123, SIM115 - the caller closes it
    except OSError as error:
        raise_damaged(path, error_text(error))
    try:
        _check_regular(
            path, os.fstat(file.fileno()), max_bytes
        )  # it may have been replaced meanwhile
    except BaseException:
        file.close()
        raise
    return file


def error_text(error: OSError) -> str:
    """Return the operating system's message for an error, in lower case."""
    return (error.strerror or str(error)).lower()


def read_small(path: Path, max_bytes: int = MAX_MANIFEST_BYTES) -> bytes:
    """Read a file of at most `max_bytes`, opened by `open_regular`.

    Raises
    ------
    ArtifactError
        If it cannot be opened or read.
    """
    try:
        with open_regular(path, max_bytes) as file:
            return file.read(max_bytes)
    except OSError as error:
        raise_damaged(path, error_text(error))


def read_json(data: bytes) -> Any:  # noqa: ANN401
    """Parse strict JSON: UTF-8, no NaN, no infinity, no duplicate keys in an object.

    Raises
    ------
    ValueError, RecursionError
        If the data is not strict JSON.
    """
    text = data.decode()
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key appears twice")
    return found


def _check_regular(path: Path, found: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise_damaged(path, "it is not a regular file")
    if found.st_size > max_bytes:
        raise_damaged(path, f"it has {found.st_size} bytes, the limit is {max_bytes}")


def _check_folders(directory: Path) -> None:
    """Refuse a linked folder: served files must be inside the artifacts directory."""
    for folder in (directory.parent, directory):
        try:
            found = folder.lstat()
        except OSError as error:
            raise_damaged(directory, error_text(error))
        if stat.S_ISLNK(found.st_mode):
            raise_damaged(
                folder, "it is a link, but served files must be in the artifacts directory"
            )


def _check_format(path: Path, manifest: dict[str, Any]) -> None:
    version = manifest.get("format")
    if type(version) is not int or version != FORMAT:
        raise ArtifactError(
            f"{path}: its format is {version!r}, but this release of ymal reads {FORMAT}; run ymal "
            "train with this release, or install the release that wrote it"
        )
    for field, flags in (
        ("requires", manifest.get("requires")),
        ("optional", manifest.get("optional", [])),
    ):
        if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
            raise_damaged(path, f"its {field} is not a list of names")
    unknown = ", ".join(sorted(set(manifest["requires"]) - KNOWN_FLAGS))
    if unknown:
        raise ArtifactError(
            f"{path}: it requires {unknown}, which this release of ymal does not know; run ymal "
            "train with this release, or install the release that wrote it"
        )


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and _is_count(entry.get("bytes"))
        and isinstance(entry.get("sha256"), str)
        and _SHA256.fullmatch(entry["sha256"]) is not None
        and isinstance(entry.get("dtype"), str)
        and isinstance(entry.get("shape"), list)
        and all(map(_is_count, entry["shape"]))
    )
