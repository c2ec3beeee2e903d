"""Verifying: every byte of a version or state against its manifest."""

import hashlib
import os
import zlib
from collections.abc import Iterable
from itertools import pairwise
from operator import le
from pathlib import Path
from typing import Any, Final

from .artifact import Version, open_version
from .manifest import broken, check_regular, read_manifest, said

_ROWS: Final = (
    "events",
    "list_items",
    "popular",
    "latest",
    "weekly",
    "must_reads",
    "section_rows",
    "section_latest_rows",
    "key_rows",
)
"""Arrays that hold rows."""


def verify(directory: Path, *kinds: str) -> dict[str, int]:
    """Read every byte of a version or state, and check it against its manifest.

    Parameters
    ----------
    directory : Path
        `versions/NAME` or `states/NAME` of an artifacts directory.
    *kinds : str
        Of which kind it may be, as in `read_manifest`.

    Returns
    -------
    dict
        `files`, the number of arrays, and `bytes`, their size.

    Raises
    ------
    ArtifactError
        At the first thing wrong: a file missing, changed or not listed, an offset, row, code or
        time out of range, keys out of order, a string that is not UTF-8.
    """
    manifest = read_manifest(directory, *kinds)
    files = manifest["files"]
    for name, entry in files.items():
        _check_bytes(directory / name, entry)
    for path in sorted(directory.iterdir()):
        if path.name not in files and path.name != "manifest.json":
            broken(path, "the manifest does not list it")
    if manifest["kind"] == "version":
        _check_values(open_version(directory))
    return {"files": len(files), "bytes": sum(entry["bytes"] for entry in files.values())}


def _check_bytes(path: Path, entry: dict[str, Any]) -> None:
    check_regular(path, entry["bytes"])
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        broken(path, said(error))
    if size != entry["bytes"] or found != entry["sha256"]:
        broken(path, "its bytes are not those that the manifest lists")


def _check_values(version: Version) -> None:
    """Check every value of an open version."""
    articles, sections = len(version.ids), len(version.section_names)
    for strings in (version.ids, version.titles, version.urls, version.section_names):
        for row in range(len(strings)):
            strings[row]
    for row in range(articles):
        version.published_at(row)
    for name in _ROWS:
        _check_range(version, name, 0, articles - 1)
    _check_range(version, "sections", -1, sections - 1)
    for name in ("list_reasons", "must_read_reasons"):
        _check_range(version, name, 0, len(version.reasons) - 1)
    _check_range(version, "list_scores", 0, 1)
    for name in ("list_ends", "section_ends", "section_latest_ends"):
        ends = getattr(version, name)
        if not all(map(le, ends, ends[1:])):
            broken(version.file(name), "its offsets do not ascend")
    _check_keys(version)


def _check_range(version: Version, name: str, low: int, high: int) -> None:
    values: Iterable[float] = getattr(version, name)
    if not all(low <= value <= high for value in values):
        broken(version.file(name), f"it holds values outside {low} … {high}")


def _check_keys(version: Version) -> None:
    keys = zip(version.key_hashes, version.key_rows, strict=True)
    if not all(before < after for before, after in pairwise(keys)):
        broken(version.file("key_hashes"), "its keys do not ascend")
    for key, row in zip(version.key_hashes, version.key_rows, strict=True):
        if zlib.crc32(version.ids[row].encode()) != key:
            broken(version.file("key_hashes"), f"the key of row {row} is not that of its id")
