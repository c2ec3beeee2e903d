"""A version on disk: read without trust, mapped into memory, never executed.

A version is a directory of one-dimensional `.npy` arrays and a `manifest.json`. Opening checks
the manifest, and each array's header, type, length and file size, which takes about a
millisecond at any size; `verify` also reads every byte. Whatever is wrong is an `ArtifactError`.
"""

import hashlib
import json
import mmap
import os
import re
import stat
import sys
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import le
from pathlib import Path
from typing import Any, Final, NoReturn, cast

FORMAT: Final = 1
NEVER: Final = 2**63 - 1
"""Publish time of an article that has none."""

NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
"""Name of a version or state: never a path."""

RANKINGS: Final = ("section", "popular", "latest")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Final = ("version", "state")
_LARGEST_MANIFEST: Final = 64 << 20
_FILE_NAME: Final = re.compile(r"[0-9A-Za-z_]+\.npy")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_HEADER: Final = re.compile(
    rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \((\d{1,18}),\), \} *\n"
)

_CODES: Final[dict[str, Any]] = {"|u1": "B", "<i4": "i", "<u4": "I", "<i8": "q", "<f4": "f"}
_DTYPES: Final = {
    "ids": "|u1",
    "id_ends": "<i8",
    "titles": "|u1",
    "title_ends": "<i8",
    "urls": "|u1",
    "url_ends": "<i8",
    "section_names": "|u1",
    "section_name_ends": "<i8",
    "sections": "<i4",
    "published": "<i8",
    "key_hashes": "<u4",
    "key_rows": "<i4",
    "list_ends": "<i8",
    "list_items": "<i4",
    "list_scores": "<f4",
    "list_reasons": "|u1",
    "popular": "<i4",
    "latest": "<i4",
    "section_ends": "<i8",
    "section_rows": "<i4",
}


class ArtifactError(Exception):
    """An artifact is missing, damaged, or of another format; the message says which file."""


def broken(path: Path, what: str) -> NoReturn:
    """Raise the `ArtifactError` of a damaged file."""
    raise ArtifactError(f"{path}: {what}; restore it from a copy, or run ymal train")


class Strings:
    """Strings by row, in one run of UTF-8 bytes.

    Parameters
    ----------
    path : Path
        File of the bytes, for messages.
    blob : memoryview of uint8, over a mapped file
        All strings, one behind the other.
    ends : memoryview of int64[n + 1]
        String r stands at ends[r] … ends[r + 1].
    """

    __slots__ = ("_data", "_ends", "_length", "_path", "_rows", "_start")

    def __init__(self, path: Path, blob: memoryview, ends: memoryview) -> None:
        check_ends(path, ends, len(blob))
        self._path, self._ends, self._rows, self._length = path, ends, len(ends) - 1, len(blob)
        # Slices of the map itself are bytes, which decode twice as fast as those of a view.
        self._data = cast(mmap.mmap, blob.obj)
        self._start = len(self._data) - len(blob)

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, row: int) -> str:
        if not 0 <= row < self._rows:
            broken(self._path, f"row {row} is not among its {self._rows}")
        begin, end = self._ends[row], self._ends[row + 1]
        if not 0 <= begin <= end <= self._length:
            broken(self._path, f"the offsets of row {row} point outside")
        try:
            return self._data[self._start + begin : self._start + end].decode()
        except UnicodeDecodeError:
            broken(self._path, f"row {row} is not UTF-8")


@dataclass(frozen=True, slots=True)
class Version:
    """An open version: n articles, m sections, k known articles; a row indexes the first.

    Attributes
    ----------
    directory : where it lies; its last part is the version's name.
    now : aware, UTC: what happened before it is in.
    reasons : codes that `list_reasons` indexes.
    fallback : rankings that follow a source's own items, in this order.
    ids, titles, urls, section_names : strings; n, n, n and m.
    sections : int32[n], index into `section_names`, -1 where there is none.
    published : int64[n], µs UTC, `NEVER` where absent.
    key_hashes, key_rows : uint32[k] and int32[k], CRC-32 of the known ids, ascending, and their
        rows.
    list_ends : int64[n + 1]; the items of row r stand at list_ends[r] … list_ends[r + 1].
    list_items, list_scores, list_reasons : int32, float32 and uint8, best first.
    popular, latest : int32, rows, best first.
    section_ends, section_rows : int64[m + 1] and int32, the ranking of each section.
    """

    directory: Path
    now: datetime
    reasons: tuple[str, ...]
    fallback: tuple[str, ...]
    ids: Strings
    titles: Strings
    urls: Strings
    section_names: Strings
    sections: memoryview
    published: memoryview
    key_hashes: memoryview
    key_rows: memoryview
    list_ends: memoryview
    list_items: memoryview
    list_scores: "memoryview[float]"
    list_reasons: memoryview
    popular: memoryview
    latest: memoryview
    section_ends: memoryview
    section_rows: memoryview

    def file(self, name: str) -> Path:
        """Give the file of an array."""
        return self.directory / f"{name}.npy"

    def section(self, row: int) -> str:
        """Give the section of a row, `""` where it has none."""
        section = self.sections[row]
        return "" if section == -1 else self.section_names[section]

    def published_at(self, row: int) -> datetime | None:
        """Give the publish time of a row, aware, UTC; None where it has none."""
        time = self.published[row]
        if time == NEVER:
            return None
        try:
            return moment(time)
        except OverflowError:
            broken(self.file("published"), f"{time} is no time in µs since 1970")

    def span(self, name: str, ends: memoryview, row: int, length: int) -> range:
        """Give the places in array `name`, of some length, that belong to a row."""
        start, end = ends[row], ends[row + 1]
        if not 0 <= start <= end <= length:
            broken(self.file(name), f"the offsets of row {row} point outside")
        return range(start, end)


def read_pointer(artifacts: Path) -> str:
    """Give the name of the version that an artifacts directory serves.

    Raises
    ------
    ArtifactError
        If there is none, or the pointer holds no name.
    """
    path = artifacts / "current"
    try:
        path.lstat()
    except OSError as error:
        raise ArtifactError(
            f"{path}: no version is served here ({_said(error)}); run ymal train"
        ) from None
    name = _read_small(path).decode("latin-1").removesuffix("\n")
    if not NAME.fullmatch(name):
        broken(path, f"it holds {name[:40]!r}, which is no version's name")
    return name


def read_manifest(directory: Path, *kinds: str) -> dict[str, Any]:
    """Read the manifest of a version or state, and check what it says of itself and its files.

    Parameters
    ----------
    directory : Path
        The version or state.
    *kinds : str
        Of which kind it may be: `version`, `state`; any where none is given.

    Returns
    -------
    dict
        The manifest. `files` maps plain file names to `bytes`, `sha256`, `dtype` and `shape`.

    Raises
    ------
    ArtifactError
        If it cannot be read, is no manifest, or is of a format that this release does not know.
    """
    path = directory / "manifest.json"
    try:
        manifest = json.loads(_read_small(path), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        broken(path, "it is not JSON")
    if not isinstance(manifest, dict):
        broken(path, "it is not a JSON object")
    _check_format(path, manifest)
    if manifest.get("kind") not in (allowed := kinds or _KINDS):
        broken(path, f"its kind is {manifest.get('kind')!r} instead of {' or '.join(allowed)}")
    if manifest.get("name") != directory.absolute().name:
        broken(path, f"its name is {manifest.get('name')!r}, not that of its directory")
    files = manifest.get("files")
    if not isinstance(files, dict):
        broken(path, "it lists no files")
    for name, entry in files.items():
        if not _FILE_NAME.fullmatch(name):
            broken(path, f"{name[:40]!r} is not a plain file name")
        if not _is_entry(entry):
            broken(path, f"its entry of {name} is not bytes, sha256, dtype and shape")
    return manifest


def open_version(directory: Path) -> Version:
    """Map a version into memory; every check that costs the same at any size is made.

    Parameters
    ----------
    directory : Path
        `versions/NAME` of an artifacts directory.

    Returns
    -------
    Version

    Raises
    ------
    ArtifactError
        With one line: which file, what is wrong, what to do.
    """
    if sys.byteorder != "little":
        raise ArtifactError(f"{directory}: its arrays need a little-endian processor")
    manifest = read_manifest(directory, "version")
    views: dict[str, Any] = {
        name: _mapped(directory / f"{name}.npy", manifest["files"].get(f"{name}.npy"), dtype)
        for name, dtype in _DTYPES.items()
    }
    for name, ends in (
        ("ids", "id_ends"),
        ("titles", "title_ends"),
        ("urls", "url_ends"),
        ("section_names", "section_name_ends"),
    ):
        views[name] = Strings(directory / f"{name}.npy", views[name], views.pop(ends))
    version = Version(
        directory=directory,
        **_settings(directory / "manifest.json", manifest),
        **views,
    )
    _check_lengths(version)
    return version


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


def moment(time: int) -> datetime:
    """Give a time in µs since 1970 as datetime, aware, UTC."""
    return _EPOCH + timedelta(0, 0, time)  # faster than by keyword


def check_ends(path: Path, ends: memoryview, length: int) -> None:
    """Check that offsets begin at 0 and end where what they divide ends."""
    if not len(ends) or ends[0] != 0 or ends[-1] != length:
        broken(path, f"its offsets do not run from 0 to {length}")


def _read_small(path: Path) -> bytes:
    _check_regular(path, _LARGEST_MANIFEST)
    try:
        return path.read_bytes()
    except OSError as error:
        broken(path, _said(error))


def _check_regular(path: Path, most: int) -> None:
    """Refuse links, pipes and directories, whatever stands at the end of a link, and too much."""
    try:
        found = path.lstat()
    except OSError as error:
        broken(path, _said(error))
    if not stat.S_ISREG(found.st_mode):
        broken(path, "it is not a regular file")
    if found.st_size > most:
        broken(path, f"it holds {found.st_size} bytes instead of {most} at most")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _check_format(path: Path, manifest: dict[str, Any]) -> None:
    version, requires = manifest.get("format"), manifest.get("requires")
    if type(version) is not int or version != FORMAT:
        raise ArtifactError(
            f"{path}: its format is {version!r}, this release of ymal reads {FORMAT}; run ymal "
            "train with this release, or install the release that wrote it"
        )
    if requires != []:
        raise ArtifactError(
            f"{path}: it requires {requires!r}, which this release of ymal does not know; run ymal "
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


def _mapped(path: Path, entry: dict[str, Any] | None, dtype: str) -> "memoryview[Any]":
    """Map an array's file, header checked, and give its values."""
    if entry is None:
        broken(path, "the manifest does not list it")
    _check_regular(path, entry["bytes"])
    try:
        with path.open("rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        broken(path, f"it cannot be mapped ({error})")
    start, count = _header(path, mapped, dtype)
    code = _CODES[dtype]
    values = mapped[start:]
    if not len(mapped) == entry["bytes"] == start + count * array(code).itemsize:
        broken(path, f"it holds {len(mapped)} bytes, which is not what its header or manifest says")
    if entry["dtype"] != dtype or entry["shape"] != [count]:
        broken(path, f"its manifest says {entry['dtype']} {entry['shape']}, its header {[count]}")
    if code == "B":
        return values
    # A view of no bytes cannot be cast.
    return values.cast(code) if count else memoryview(array(code))


def _header(path: Path, mapped: memoryview, dtype: str) -> tuple[int, int]:
    """Give where the values of a `.npy` file start, and how many there are (NumPy, NEP 1)."""
    lead = bytes(mapped[:12])
    width = {b"\x93NUMPY\x01\x00": 2, b"\x93NUMPY\x02\x00": 4}.get(lead[:8], 0)
    start = 8 + width + int.from_bytes(lead[8 : 8 + width], "little")
    found = _HEADER.fullmatch(mapped[8 + width : start]) if width else None
    if found is None or found[1].decode() != dtype:
        broken(path, f"its header is not that of a one-dimensional array of {dtype}")
    return start, int(found[2])


def _settings(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Give what a lookup needs of the manifest's fields."""
    now, reasons, fallback = (manifest.get(name) for name in ("now", "reasons", "fallback"))
    if type(now) is not int:
        broken(path, f"its now is {now!r} instead of µs since 1970")
    if not isinstance(reasons, list) or not all(isinstance(code, str) for code in reasons):
        broken(path, "its reasons are not a list of codes")
    if not isinstance(fallback, list) or not all(name in RANKINGS for name in fallback):
        broken(path, f"its fallback is not a list of {', '.join(RANKINGS)}")
    try:
        time = moment(now)
    except OverflowError:
        broken(path, f"its now is {now}, which is no time in µs since 1970")
    return {"now": time, "reasons": tuple(reasons), "fallback": tuple(fallback)}


def _check_lengths(version: Version) -> None:
    articles, sections = len(version.ids), len(version.section_names)
    items, known = len(version.list_items), len(version.key_hashes)
    for name, found, right in (
        ("titles", len(version.titles), articles),
        ("urls", len(version.urls), articles),
        ("sections", len(version.sections), articles),
        ("published", len(version.published), articles),
        ("list_ends", len(version.list_ends), articles + 1),
        ("list_scores", len(version.list_scores), items),
        ("list_reasons", len(version.list_reasons), items),
        ("section_ends", len(version.section_ends), sections + 1),
        ("key_rows", len(version.key_rows), known),
        ("key_hashes", known, min(known, articles)),
    ):
        if found != right:
            broken(version.file(name), f"it holds {found} values instead of {right}")
    check_ends(version.file("list_ends"), version.list_ends, items)
    check_ends(version.file("section_ends"), version.section_ends, len(version.section_rows))


def _check_bytes(path: Path, entry: dict[str, Any]) -> None:
    _check_regular(path, entry["bytes"])
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        broken(path, _said(error))
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
    for name in ("list_items", "popular", "latest", "section_rows", "key_rows"):
        _check_range(version, name, 0, articles - 1)
    _check_range(version, "sections", -1, sections - 1)
    _check_range(version, "list_reasons", 0, len(version.reasons) - 1)
    _check_range(version, "list_scores", 0, 1)
    for name in ("list_ends", "section_ends"):
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
