"""A version on disk: read without trust, mapped into memory, never executed.

A version is a directory of one-dimensional `.npy` arrays and a `manifest.json`. Opening checks
the manifest, and each array's header, type, length and file size, which takes about a
millisecond at any size. Whatever is wrong is an `ArtifactError`.
"""

import mmap
import re
import sys
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, cast

from .manifest import ArtifactError, broken, open_regular, read_manifest
from .values import extra_of

NEVER: Final = 2**63 - 1
"""Publish time of an article that has none."""
RANKINGS: Final = ("section", "popular", "latest")
BLOCKS: Final = ("latest", "weekly", "related", "popular", "must_reads")
"""Keys of the blocks that a page may have; a later release may write others."""
REASONS: Final = 256
"""Codes of reasons that there can be: one byte."""
_BLOCK_FIELDS: Final = ("key", "title", "slots", "priority", "most")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_NPY: Final = b"\x93NUMPY\x01\x00"
_HEADER: Final = re.compile(
    rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \((\d{1,18}),\), \} *\n"
)
Code = Literal["B", "I", "Q", "f", "i", "q"]
_CODES: Final[dict[str, Code]] = {"|u1": "B", "<i4": "I", "<u4": "I", "<i8": "Q", "<f4": "f"}
"""As what an array is read: rows and offsets unsigned, since a negative one must index nothing."""
_SIGNED: Final[dict[str, Code]] = {"sections": "i", "languages": "i", "published": "q"}
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
    "events": "<i4",
    "list_ends": "<i8",
    "list_items": "<i4",
    "list_scores": "<f4",
    "list_reasons": "|u1",
    "popular": "<i4",
    "latest": "<i4",
    "weekly": "<i4",
    "must_reads": "<i4",
    "must_read_reasons": "|u1",
    "section_ends": "<i8",
    "section_rows": "<i4",
    "section_latest_ends": "<i8",
    "section_latest_rows": "<i4",
}


_EXTRAS: Final = {"extras": "|u1", "extra_ends": "<i8"}
"""Arrays that a version may lack, both of them."""

_SLOTS: Final = {"key_slots": "<i4"}
"""The array that a version of older code lacks."""

FREE: Final = 2**32 - 1
"""A slot that holds no row: -1, read as unsigned."""

_REQUIRED: Final = {"languages": "<i4"}
"""Arrays that are there where the manifest requires the flag of their name."""


class StringColumn:
    """StringColumn by row, in one run of UTF-8 bytes.

    Parameters
    ----------
    path : Path
        File of the bytes, for messages.
    blob : memoryview of uint8, over a mapped file
        All strings, one behind the other.
    ends : memoryview of uint64[n + 1]
        String r stands at ends[r] … ends[r + 1].
    """

    __slots__ = ("_data", "_ends", "_length", "_path", "_start")

    def __init__(self, path: Path, blob: memoryview, ends: memoryview) -> None:
        check_ends(path, ends, len(blob))
        self._path, self._ends, self._length = path, ends, len(blob)
        # Slices of the map itself are bytes, which decode twice as fast as those of a view.
        self._data = cast(mmap.mmap, blob.obj)
        self._start = len(self._data) - len(blob)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        """Give the string of a row, 0 or more."""
        try:
            begin, end = self._ends[row], self._ends[row + 1]
            if begin <= end <= self._length:
                return self._data[self._start + begin : self._start + end].decode()
        except (IndexError, UnicodeDecodeError):
            pass
        return self.run(row, row + 1)  # which tells what is wrong

    def has(self, row: int, string: str, encoded: bytes) -> bool:
        """Tell whether a string, given in UTF-8 as well, is that of a row, 0 or more."""
        try:
            begin, end = self._ends[row], self._ends[row + 1]
            if begin <= end <= self._length:
                return self._data[self._start + begin : self._start + end] == encoded
        except IndexError:
            pass
        return self[row] == string  # which tells what is wrong

    def run(self, row: int, stop: int) -> str:
        """Give the strings of the rows from one up to another, one behind the other."""
        try:
            begin, end = self._ends[row], self._ends[stop]
        except IndexError:
            broken(self._path, f"row {row} is not among its {len(self)}")
        if not begin <= end <= self._length:
            broken(self._path, f"the offsets of row {row} point outside")
        try:
            return self._data[self._start + begin : self._start + end].decode()
        except UnicodeDecodeError:
            broken(self._path, f"row {row} is not UTF-8")


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """How a block of the page is filled: `most` of its slots may be of one section."""

    key: str
    title: str
    slots: int
    priority: int
    most: int


@dataclass(frozen=True, slots=True)
class Version:
    """An open version: n articles, m sections, k known articles; a row indexes the first.

    Rows and offsets are read as unsigned: one that is negative on disk is out of range.

    Attributes
    ----------
    directory : where it lies; its last part is the version's name.
    now : aware, UTC: what happened before it is in.
    reasons : codes that `list_reasons` and `must_read_reasons` index.
    fallback : rankings that follow a source's own items, in this order.
    page : the blocks, in their order on the page.
    why : text for readers by reason.
    not_from : sections whose articles recommend nothing.
    apart : by section, those whose stories must not stand on its pages.
    ids, titles, urls, section_names : strings; n, n, n and m.
    extras : strings, n, JSON objects of texts, or empty; None where no article has any.
    sections : int32[n], index into `section_names`, -1 where there is none.
    languages : int32[n], those of two numbers do not go together, -1 goes with all; None where all
        go together.
    published : int64[n], µs UTC, `NEVER` where absent.
    key_hashes, key_rows : uint32[k] and int32[k], CRC-32 of the known ids, ascending, and their
        rows.
    key_slots : int32[2^b], more than k, the rows of the known ids, each at the first slot that was
        free from that of its CRC-32 mod 2^b on, `FREE` at all others; None in a version of old.
    events : int32[n], label of the event that an article tells of.
    list_ends : int64[n + 1]; the items of row r stand at list_ends[r] … list_ends[r + 1].
    list_items, list_scores, list_reasons : int32, float32 and uint8, best first.
    popular, latest, weekly, must_reads : int32, rows, best first.
    must_read_reasons : uint8, why each must-read is one.
    section_ends, section_rows : int64[m + 1] and int32, the most read of each section.
    section_latest_ends, section_latest_rows : likewise, the latest.
    """

    directory: Path
    now: datetime
    reasons: tuple[str, ...]
    fallback: tuple[str, ...]
    page: tuple[BlockPlan, ...]
    why: dict[str, str]
    not_from: frozenset[str]
    apart: dict[str, frozenset[str]]
    ids: StringColumn
    titles: StringColumn
    urls: StringColumn
    section_names: StringColumn
    extras: StringColumn | None
    sections: memoryview
    languages: memoryview | None
    published: memoryview
    key_hashes: memoryview
    key_rows: memoryview
    key_slots: memoryview | None
    events: memoryview
    list_ends: memoryview
    list_items: memoryview
    list_scores: "memoryview[float]"
    list_reasons: memoryview
    popular: memoryview
    latest: memoryview
    weekly: memoryview
    must_reads: memoryview
    must_read_reasons: memoryview
    section_ends: memoryview
    section_rows: memoryview
    section_latest_ends: memoryview
    section_latest_rows: memoryview

    def file(self, name: str) -> Path:
        """Give the file of an array."""
        return self.directory / f"{name}.npy"

    def published_at(self, row: int) -> datetime | None:
        """Give the publish time of a row, aware, UTC; None where it has none."""
        time = self.published[row]
        if time == NEVER:
            return None
        try:
            return EPOCH + time * MICROSECOND
        except OverflowError:
            broken(self.file("published"), f"{time} is no time in µs since 1970")

    def extra_at(self, row: int) -> dict[str, str]:
        """Give the further fields of a row."""
        if self.extras is None:
            return {}
        try:
            return extra_of(self.extras[row])
        except (ValueError, RecursionError):
            broken(self.file("extras"), f"row {row} is no JSON object of texts")

    def span(self, name: str, ends: memoryview, row: int, length: int) -> tuple[int, int]:
        """Give where what belongs to a row begins and ends; `name` is that of the offsets."""
        start, end = ends[row], ends[row + 1]
        if not start <= end <= length:
            broken(self.file(name), f"the offsets of row {row} point outside")
        return start, end

    def reason(self, name: str, code: int) -> str:
        """Give the reason that a code of array `name` stands for."""
        try:
            return self.reasons[code]
        except IndexError:
            broken(self.file(name), f"there is no reason {code}")


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
    extras = _EXTRAS if "extras.npy" in manifest["files"] else {}
    slots = _SLOTS if "key_slots.npy" in manifest["files"] else {}
    required = {name: dtype for name, dtype in _REQUIRED.items() if name in manifest["requires"]}
    views: dict[str, Any] = {
        name: _mapped(
            directory / f"{name}.npy",
            manifest["files"].get(f"{name}.npy"),
            dtype,
            _SIGNED.get(name, _CODES[dtype]),
        )
        for name, dtype in {**_DTYPES, **slots, **extras, **required}.items()
    }
    for name in ("ids", "titles", "urls", "section_names", "extras"):
        ends = views.pop(f"{name[:-1]}_ends", None)
        if ends is not None:
            views[name] = StringColumn(directory / f"{name}.npy", views[name], ends)
    version = Version(
        directory=directory,
        **_settings(directory / "manifest.json", manifest),
        **{"extras": None, "languages": None, "key_slots": None, **views},
    )
    _check_lengths(version)
    return version


def check_ends(path: Path, ends: memoryview, length: int) -> None:
    """Check that offsets begin at 0 and end where what they divide ends."""
    if not len(ends) or ends[0] != 0 or ends[-1] != length:
        broken(path, f"its offsets do not run from 0 to {length}")


def _mapped(path: Path, entry: dict[str, Any] | None, dtype: str, code: Code) -> "memoryview[Any]":
    """Map an array's file, header checked, and give its values, read as `code`."""
    if entry is None:
        broken(path, "the manifest does not list it")
    try:
        with open_regular(path, entry["bytes"]) as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        broken(path, f"it cannot be mapped ({error})")
    start, count = _header(path, mapped, dtype)
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
    lead = bytes(mapped[:10])
    start = 10 + int.from_bytes(lead[8:], "little")
    found = _HEADER.fullmatch(mapped[10:start]) if lead[:8] == _NPY else None
    if found is None or found[1].decode() != dtype:
        broken(path, f"its header is not that of a one-dimensional array of {dtype}")
    return start, int(found[2])


def _settings(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Give what a lookup needs of the manifest's fields."""
    now, reasons, fallback = (manifest.get(name) for name in ("now", "reasons", "fallback"))
    if type(now) is not int:
        broken(path, f"its now is {now!r} instead of µs since 1970")
    if not isinstance(reasons, list) or not all(map(_is_text, reasons)) or len(reasons) > REASONS:
        broken(path, f"its reasons are not a list of {REASONS} codes at most")
    if not isinstance(fallback, list) or not all(map(_is_text, fallback)):
        broken(path, "its fallback is not a list of rankings")
    try:
        time = EPOCH + now * MICROSECOND
    except OverflowError:
        broken(path, f"its now is {now}, which is no time in µs since 1970")
    return {
        "now": time,
        "reasons": tuple(reasons),
        "fallback": tuple(name for name in fallback if name in RANKINGS),
        **_page_settings(path, manifest),
    }


def _page_settings(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Give what a page needs of the manifest's fields."""
    page, why, not_from, apart = (manifest.get(n) for n in ("page", "why", "not_from", "apart"))
    if not isinstance(page, list) or not all(map(_is_block, page)):
        broken(path, "its page is not a list of blocks")
    if len({block["key"] for block in page}) < len(page):
        broken(path, "its page has a block twice")
    if not isinstance(why, dict) or not all(map(_is_text, why.values())):
        broken(path, "its why is not a text by reason")
    if not isinstance(not_from, list) or not all(map(_is_name, not_from)):
        broken(path, "its not_from is not a list of sections")
    if not isinstance(apart, list) or not all(map(_is_pair, apart)):
        broken(path, "its apart is not a list of pairs of sections")
    beside: dict[str, frozenset[str]] = {}
    for left, right in [*apart, *((right, left) for left, right in apart)]:
        beside[left] = beside.get(left, frozenset()) | {right}
    return {
        "page": tuple(
            BlockPlan(**{field: block[field] for field in _BLOCK_FIELDS})
            for block in page
            if block["key"] in BLOCKS
        ),
        "why": why,
        "not_from": frozenset(not_from),
        "apart": beside,
    }


def _is_block(block: object) -> bool:
    return (
        isinstance(block, dict)
        and set(block) >= {*_BLOCK_FIELDS}
        and _is_text(block["key"])
        and _is_text(block["title"])
        and all(type(block[name]) is int for name in ("slots", "priority", "most"))
        and 1 <= block["most"] <= block["slots"] <= 100
    )


def _is_text(value: object) -> bool:
    """Tell a text, which half of a surrogate pair is not, since it has no UTF-8."""
    return isinstance(value, str) and _SURROGATE.search(value) is None


def _is_name(value: object) -> bool:
    return value != "" and _is_text(value)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(map(_is_name, pair))


def _check_lengths(version: Version) -> None:
    articles, sections = len(version.ids), len(version.section_names)
    items, known = len(version.list_items), len(version.key_hashes)
    for name, found, right in (
        ("titles", len(version.titles), articles),
        ("urls", len(version.urls), articles),
        ("sections", len(version.sections), articles),
        ("published", len(version.published), articles),
        ("events", len(version.events), articles),
        ("list_ends", len(version.list_ends), articles + 1),
        ("list_scores", len(version.list_scores), items),
        ("list_reasons", len(version.list_reasons), items),
        ("must_read_reasons", len(version.must_read_reasons), len(version.must_reads)),
        ("section_ends", len(version.section_ends), sections + 1),
        ("section_latest_ends", len(version.section_latest_ends), sections + 1),
        ("key_rows", len(version.key_rows), known),
        ("key_hashes", known, min(known, articles)),
        ("languages", articles if version.languages is None else len(version.languages), articles),
        ("extras", articles if version.extras is None else len(version.extras), articles),
    ):
        if found != right:
            broken(version.file(name), f"it holds {found} values instead of {right}")
    if version.key_slots is not None:
        slots = len(version.key_slots)
        if slots <= known or slots.bit_count() != 1:
            broken(version.file("key_slots"), f"{slots} slots are too few, or no power of two")
    check_ends(version.file("list_ends"), version.list_ends, items)
    for ends, rows in (
        ("section_ends", version.section_rows),
        ("section_latest_ends", version.section_latest_rows),
    ):
        check_ends(version.file(ends), getattr(version, ends), len(rows))
