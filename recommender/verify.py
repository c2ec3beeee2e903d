"""Verify every byte of a version or state against its manifest."""

import hashlib
import os
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from operator import le, lt
from pathlib import Path
from typing import Any, Final

from .artifact import FREE_SLOT, NEVER, Version, open_version
from .cached_version import ANY_LANGUAGE
from .manifest import error_text, open_regular, raise_damaged, read_manifest
from .settings import EPOCH, MICROSECOND

_FILES_AT_A_TIME: Final = 2


def verify(directory: Path, *kinds: str) -> dict[str, int]:
    """Read every byte of a version or state, and check it against its manifest.

    Parameters
    ----------
    directory : Path
        `versions/NAME` or `states/NAME` of an artifacts directory.
    *kinds : str
        Allowed kinds, as in `read_manifest`.

    Returns
    -------
    dict
        `files`, the number of arrays, and `bytes`, their total size.

    Raises
    ------
    ArtifactError
        At the first error: a missing, changed or unlisted file; an offset, row, code or time out of
        range; keys out of order; a string that is not UTF-8; a duplicate id; an unknown or not yet
        published story in a list or ranking; a list with its own source or a duplicate story.
    """
    manifest = read_manifest(directory, *kinds)
    report = _check_files(directory, manifest["files"])
    if manifest["kind"] == "version":
        _check_values(open_version(directory))
    return report


def verify_bytes(directory: Path, *kinds: str) -> dict[str, int]:
    """Read every byte of a version or state, and check its checksums.

    As `verify`, but without checking values: a checksum reveals every changed byte.
    """
    return _check_files(directory, read_manifest(directory, *kinds)["files"])


def _check_files(directory: Path, files: dict[str, Any]) -> dict[str, int]:
    with ThreadPoolExecutor(_FILES_AT_A_TIME) as pool:
        paths = (directory / name for name in files)
        for _ in pool.map(_check_bytes, paths, files.values()):
            pass  # raises at the first error
    try:
        found = sorted(directory.iterdir())
    except OSError as error:
        raise_damaged(directory, error_text(error))
    for path in found:
        if path.name not in files and path.name != "manifest.json":
            raise_damaged(path, "the manifest does not list it")
    return {"files": len(files), "bytes": sum(entry["bytes"] for entry in files.values())}


def _check_bytes(path: Path, entry: dict[str, Any]) -> None:
    try:
        with open_regular(path, entry["bytes"]) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise_damaged(path, error_text(error))
    if size != entry["bytes"] or found != entry["sha256"]:
        raise_damaged(path, "its size or SHA-256 is not that of the manifest")


def _check_values(version: Version) -> None:
    """Check every value of an open version."""
    articles, sections = len(version.ids), len(version.section_names)
    _check_strings(version)
    for row in range(articles):
        version.published_at(row)
    for name, rows in version.row_arrays():
        _check_range(version, name, rows, 0, articles - 1)
    _check_range(version, "sections", version.sections, -1, sections - 1)
    if version.languages is not None:
        _check_range(version, "languages", version.languages, ANY_LANGUAGE, 2**31 - 1)
    last_reason = len(version.reasons) - 1
    _check_range(version, "list_reasons", version.list_reasons, 0, last_reason)
    _check_range(version, "list_scores", version.list_scores, 0, 1)
    _check_ascending(version, "list_ends", version.list_ends)
    for ranking in version.rankings.values():
        if ranking.reasons is not None:
            _check_range(version, ranking.spec.reasons, ranking.reasons, 0, last_reason)
        if ranking.ends is not None:
            _check_ascending(version, ranking.spec.ends, ranking.ends)
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
        raise_damaged(version.file("ids"), "an id is empty, or appears twice")
    ordered = [names[section] for section in range(len(names))]
    if not all(map(lt, ordered, ordered[1:])):
        raise_damaged(version.file("section_names"), "its names do not ascend")


def _check_range(version: Version, name: str, values: Iterable[float], low: int, high: int) -> None:
    if not all(low <= value <= high for value in values):
        raise_damaged(version.file(name), f"it has values outside {low} … {high}")


def _check_ascending(version: Version, name: str, ends: memoryview) -> None:
    if not all(map(le, ends, ends[1:])):
        raise_damaged(version.file(name), "its offsets do not ascend")


def _check_keys(version: Version) -> None:
    keys = zip(version.key_hashes, version.key_rows, strict=True)
    if not all(before < after for before, after in pairwise(keys)):
        raise_damaged(version.file("key_hashes"), "its keys do not ascend")
    for key, row in zip(version.key_hashes, version.key_rows, strict=True):
        if zlib.crc32(version.ids[row].encode()) != key:
            raise_damaged(version.file("key_hashes"), f"the key of row {row} is not that of its id")
    if version.key_slots is not None:
        _check_slots(version, version.key_slots)


def _check_slots(version: Version, slots: memoryview) -> None:
    """Check that each known row is found from its hash's slot on, and that no other is stored."""
    if sum(map(FREE_SLOT.__ne__, slots)) != len(version.key_rows):
        raise_damaged(
            version.file("key_slots"), "it does not have as many rows as there are known articles"
        )
    last = len(slots) - 1
    for key, row in zip(version.key_hashes, version.key_rows, strict=True):
        slot = key & last
        while slots[slot] not in (row, FREE_SLOT):
            slot = slot + 1 & last
        if slots[slot] == FREE_SLOT:
            raise_damaged(
                version.file("key_slots"), f"row {row} is not found from its hash's slot on"
            )


def _check_shown(version: Version) -> None:
    """Check that lists and rankings contain known articles, published before the version's time."""
    now = (version.now - EPOCH) // MICROSECOND
    showable = bytearray(len(version.ids))
    for row in version.key_rows:
        showable[row] = version.published[row] < now or version.published[row] == NEVER
    for name, rows in version.row_arrays():
        if name not in ("events", "key_rows") and not all(map(showable.__getitem__, rows)):
            raise_damaged(
                version.file(name), "it contains a story that is unknown, or not published yet"
            )


def _check_lists(version: Version) -> None:
    """Check that no list contains its own source, or a story twice."""
    for row, (start, end) in enumerate(pairwise(version.list_ends)):
        if len({row, *version.list_items[start:end]}) < 1 + end - start:
            raise_damaged(
                version.file("list_items"),
                f"the list of row {row} contains its own source, or a story twice",
            )


def _check_rankings(version: Version) -> None:
    """Check that rankings have no story twice, and section rankings only stories of the section."""
    for ranking in version.rankings.values():
        file, rows = version.file(ranking.spec.rows), ranking.rows
        if ranking.ends is None:
            _check_distinct(file, rows)
            continue
        for section, (start, end) in enumerate(pairwise(ranking.ends)):
            _check_distinct(file, rows[start:end])
            if not all(version.sections[row] == section for row in rows[start:end]):
                raise_damaged(
                    file, f"the part of section {section} contains a story of another section"
                )


def _check_distinct(file: Path, rows: memoryview) -> None:
    if len(set(rows)) < len(rows):
        raise_damaged(file, "it contains a story twice")
