"""Verifying: every byte of a version or state against its manifest."""

import hashlib
import os
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from operator import le, lt
from pathlib import Path
from typing import Any, Final

from .artifact import EPOCH, FREE, MICROSECOND, NEVER, Version, open_version
from .cached_version import ANY
from .manifest import broken, error_text, open_regular, read_manifest

ROWS: Final = (
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

_SIDE_BY_SIDE: Final = 2
"""Files that are read at a time."""

_RANKINGS: Final = ("popular", "latest", "weekly", "must_reads")
_OF_SECTIONS: Final = ("section", "section_latest")


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
        time out of range, keys out of order, a string that is not UTF-8, an id twice, a story
        shown that is not known or not published yet, a list with a story twice or its own source.
    """
    manifest = read_manifest(directory, *kinds)
    report = _check_files(directory, manifest["files"])
    if manifest["kind"] == "version":
        _check_values(open_version(directory))
    return report


def verify_bytes(directory: Path, *kinds: str) -> dict[str, int]:
    """Read every byte of a version or state, and check that it is as it was written.

    As `verify`, but for the values, which no change of a byte can spoil unnoticed.
    """
    return _check_files(directory, read_manifest(directory, *kinds)["files"])


def _check_files(directory: Path, files: dict[str, Any]) -> dict[str, int]:
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as side_by_side:
        paths = (directory / name for name in files)
        for _ in side_by_side.map(_check_bytes, paths, files.values()):
            pass  # the first that is wrong raises
    try:
        found = sorted(directory.iterdir())
    except OSError as error:
        broken(directory, error_text(error))
    for path in found:
        if path.name not in files and path.name != "manifest.json":
            broken(path, "the manifest does not list it")
    return {"files": len(files), "bytes": sum(entry["bytes"] for entry in files.values())}


def _check_bytes(path: Path, entry: dict[str, Any]) -> None:
    try:
        with open_regular(path, entry["bytes"]) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        broken(path, error_text(error))
    if size != entry["bytes"] or found != entry["sha256"]:
        broken(path, "its bytes are not those that the manifest lists")


def _check_values(version: Version) -> None:
    """Check every value of an open version."""
    articles, sections = len(version.ids), len(version.section_names)
    _check_strings(version)
    for row in range(articles):
        version.published_at(row)
    for name in ROWS:
        _check_range(version, name, 0, articles - 1)
    _check_range(version, "sections", -1, sections - 1)
    if version.languages is not None:
        _check_range(version, "languages", ANY, 2**31 - 1)
    for name in ("list_reasons", "must_read_reasons"):
        _check_range(version, name, 0, len(version.reasons) - 1)
    _check_range(version, "list_scores", 0, 1)
    for name in ("list_ends", "section_ends", "section_latest_ends"):
        ends = getattr(version, name)
        if not all(map(le, ends, ends[1:])):
            broken(version.file(name), "its offsets do not ascend")
    _check_keys(version)
    _check_shown(version)
    _check_lists(version)
    _check_rankings(version)


def _check_strings(version: Version) -> None:
    ids, names = version.ids, version.section_names
    for strings in (version.titles, version.urls):
        for row in range(len(strings)):
            strings[row]
    if version.extras is not None:
        for row in range(len(version.extras)):
            version.extra_at(row)
    distinct = {ids[row] for row in range(len(ids))}
    if len(distinct) < len(ids) or "" in distinct:
        broken(version.file("ids"), "an id stands twice, or is empty")
    ordered = [names[section] for section in range(len(names))]
    if not all(map(lt, ordered, ordered[1:])):
        broken(version.file("section_names"), "its names do not ascend")


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
    if version.key_slots is not None:
        _check_slots(version, version.key_slots)


def _check_slots(version: Version, slots: memoryview) -> None:
    """Check that each known row is found from its hash's slot on, and that there are no others."""
    if sum(map(FREE.__ne__, slots)) != len(version.key_rows):
        broken(version.file("key_slots"), "it does not hold as many rows as are known")
    last = len(slots) - 1
    for key, row in zip(version.key_hashes, version.key_rows, strict=True):
        place = key & last
        while slots[place] not in (row, FREE):
            place = place + 1 & last
        if slots[place] == FREE:
            broken(version.file("key_slots"), f"row {row} is not found from its hash's slot on")


def _check_shown(version: Version) -> None:
    """Check that what may be shown is known, and published before the version's time."""
    now = (version.now - EPOCH) // MICROSECOND
    showable = bytearray(len(version.ids))
    for row in version.key_rows:
        showable[row] = version.published[row] < now or version.published[row] == NEVER
    for name in ("list_items", *_RANKINGS, *(f"{name}_rows" for name in _OF_SECTIONS)):
        if not all(map(showable.__getitem__, getattr(version, name))):
            broken(version.file(name), "it shows a story that is not known, or not published yet")


def _check_lists(version: Version) -> None:
    """Check that no list holds its own source, or a story twice."""
    for row, (start, end) in enumerate(pairwise(version.list_ends)):
        if len({row, *version.list_items[start:end]}) < 1 + end - start:
            broken(
                version.file("list_items"),
                f"the list of row {row} holds its own source, or a story twice",
            )


def _check_rankings(version: Version) -> None:
    """Check that a ranking holds a story once, and that of a section only the section's."""
    for name in _RANKINGS:
        _check_once(version, name, getattr(version, name))
    for name in _OF_SECTIONS:
        rows: memoryview = getattr(version, f"{name}_rows")
        ends: memoryview = getattr(version, f"{name}_ends")
        for section, (start, end) in enumerate(pairwise(ends)):
            _check_once(version, f"{name}_rows", rows[start:end])
            if not all(version.sections[row] == section for row in rows[start:end]):
                broken(version.file(f"{name}_rows"), f"not all rows of section {section} are of it")


def _check_once(version: Version, name: str, rows: memoryview) -> None:
    if len(set(rows)) < len(rows):
        broken(version.file(name), "a ranking holds a story twice")
