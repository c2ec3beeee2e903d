"""A version on disk: validated when it is opened, mapped into memory, never executed.

A version is a directory of one-dimensional `.npy` arrays and a `manifest.json`. Opening checks the
manifest and each array's header, which takes about a millisecond at any size. Every error is an
`ArtifactError`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from .arrays import StringColumn, check_ends, map_array
from .blocks import RankingSpec
from .manifest import ArtifactError, raise_damaged, read_manifest
from .settings import EPOCH, MICROSECOND, PageBlock, read_settings
from .values import extra_of

NEVER: Final = 2**63 - 1
"""Publish time of an article without one."""
FREE_SLOT: Final = 2**32 - 1
"""Value of an empty slot of `key_slots`: -1, read as unsigned."""
_SIGNED: Final = frozenset({"sections", "languages", "published"})
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
}
_OPTIONAL: Final = {
    "extras.npy": {"extras": "|u1", "extra_ends": "<i8"},
    "key_slots.npy": {"key_slots": "<i4"},
}
"""Optional arrays of a version, by the file whose presence marks them."""

_FLAGGED: Final = {"languages": "<i4"}
"""Arrays that a version has if its manifest requires the flag of the same name."""


@dataclass(frozen=True, slots=True)
class StoredRanking:
    """A ranking of a version: uint32 rows, best first.

    Attributes
    ----------
    spec : names of its arrays, and its reason.
    rows : uint32, rows of articles.
    ends : uint64[m + 1], offsets of the rows of each section; None for a ranking of the whole site.
    reasons : uint8, index into the version's reasons; None if `spec.reason` applies to all.
    """

    spec: RankingSpec
    rows: memoryview
    ends: memoryview | None
    reasons: memoryview | None


@dataclass(frozen=True, slots=True)
class Version:
    """An open version: n articles, m sections, k known articles; a row is the index of an article.

    Rows and offsets are read as unsigned: a negative value on disk is out of range.

    Attributes
    ----------
    directory : its directory, whose last part is the version's name.
    now : aware, UTC; the version includes all data before this time.
    reasons : reason codes, indexed by `list_reasons` and the rankings' `reasons`.
    fallback : rankings that follow the items of a list, in this order.
    page : the blocks, in their order on the page.
    why : text for readers by reason.
    why_without_section : the same for stories without a section, where it differs.
    not_from : sections whose articles have no recommendations.
    apart : by section, the sections whose stories are not shown on its pages.
    ids, titles, urls, section_names : strings; n, n, n and m.
    extras : strings, n, JSON objects of strings, or empty; None if no article has any.
    sections : int32[n], index into `section_names`, -1 for none.
    languages : int32[n], language number; lists do not mix languages, and -1 matches every
        language; None if the version does not separate languages.
    published : int64[n], µs UTC, `NEVER` if absent.
    key_hashes, key_rows : uint32[k] and int32[k], CRC-32 of the known ids, ascending, and their
        rows.
    key_slots : int32[2^b], 2^b > k, a hash table of the known ids' rows with linear probing: each
        row is in the first free slot from CRC-32 mod 2^b on; `FREE_SLOT` in empty slots; None in
        a version of an older release.
    events : int32[n], event label of each article.
    list_ends : int64[n + 1]; row r has the items list_ends[r] … list_ends[r + 1].
    list_items, list_scores, list_reasons : int32, float32 and uint8, best first.
    rankings : by name.
    """

    directory: Path
    now: datetime
    reasons: tuple[str, ...]
    fallback: tuple[str, ...]
    page: tuple[PageBlock, ...]
    why: dict[str, str]
    why_without_section: dict[str, str]
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
    rankings: dict[str, StoredRanking]

    def file(self, name: str) -> Path:
        """Return the file of an array."""
        return self.directory / f"{name}.npy"

    def row_arrays(self) -> Iterator[tuple[str, memoryview]]:
        """Iterate over the names and values of the arrays that hold rows."""
        yield "events", self.events
        yield "key_rows", self.key_rows
        yield "list_items", self.list_items
        for ranking in self.rankings.values():
            yield ranking.spec.rows, ranking.rows

    def published_at(self, row: int) -> datetime | None:
        """Return the publish time of a row, aware, UTC; None if it has none."""
        time = self.published[row]
        if time == NEVER:
            return None
        try:
            return EPOCH + time * MICROSECOND
        except OverflowError:
            raise_damaged(self.file("published"), f"{time} is not a valid time in µs since 1970")

    def extra_at(self, row: int) -> dict[str, str]:
        """Return the further fields of a row."""
        if self.extras is None:
            return {}
        try:
            return extra_of(self.extras[row])
        except (ValueError, RecursionError):
            raise_damaged(self.file("extras"), f"row {row} is not a JSON object of strings")

    def span(self, name: str, ends: memoryview, row: int, length: int) -> tuple[int, int]:
        """Return the offsets of a row's part, [begin, end); `name` is the array of the offsets."""
        start, end = ends[row], ends[row + 1]
        if not start <= end <= length:
            raise_damaged(self.file(name), f"the offsets of row {row} are out of range")
        return start, end

    def reason(self, name: str, code: int) -> str:
        """Return the reason of a code in array `name`."""
        try:
            return self.reasons[code]
        except IndexError:
            raise_damaged(self.file(name), f"there is no reason {code}")


def open_version(directory: Path) -> Version:
    """Map a version into memory, and make all checks that take constant time.

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
        With one line: the file, the problem, and the remedy.
    """
    if sys.byteorder != "little":
        raise ArtifactError(f"{directory}: its arrays need a little-endian processor")
    manifest = read_manifest(directory, "version")
    settings = read_settings(directory / "manifest.json", manifest)
    rankings: dict[str, RankingSpec] = settings.pop("rankings")

    def mapped(name: str, dtype: str) -> "memoryview[Any]":
        file = f"{name}.npy"
        entry = manifest["files"].get(file)
        return map_array(directory / file, entry, dtype, signed=name in _SIGNED)

    dtypes = {
        **_DTYPES,
        **{name: dtype for name, dtype in _FLAGGED.items() if name in manifest["requires"]},
    }
    for file, optional in _OPTIONAL.items():
        if file in manifest["files"]:
            dtypes.update(optional)
    views: dict[str, Any] = {name: mapped(name, dtype) for name, dtype in dtypes.items()}
    for name in ("ids", "titles", "urls", "section_names", "extras"):
        ends = views.pop(f"{name[:-1]}_ends", None)
        if ends is not None:
            views[name] = StringColumn(directory / f"{name}.npy", views[name], ends)
    stored = {
        name: StoredRanking(
            spec,
            rows=mapped(spec.rows, "<i4"),
            ends=mapped(spec.ends, "<i8") if spec.ends else None,
            reasons=mapped(spec.reasons, "|u1") if spec.reasons else None,
        )
        for name, spec in rankings.items()
    }
    version = Version(
        directory=directory,
        rankings=stored,
        **settings,
        **{"extras": None, "languages": None, "key_slots": None, **views},
    )
    _check_lengths(version)
    return version


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
        ("key_rows", len(version.key_rows), known),
        ("key_hashes", known, min(known, articles)),
        ("languages", articles if version.languages is None else len(version.languages), articles),
        ("extras", articles if version.extras is None else len(version.extras), articles),
    ):
        _check_length(version, name, found, right)
    if version.key_slots is not None:
        slots = len(version.key_slots)
        if slots <= known or slots.bit_count() != 1:
            raise_damaged(
                version.file("key_slots"), f"{slots} slots are too few, or not a power of two"
            )
    check_ends(version.file("list_ends"), version.list_ends, items)
    for ranking in version.rankings.values():
        spec, rows = ranking.spec, len(ranking.rows)
        if ranking.reasons is not None:
            _check_length(version, spec.reasons, len(ranking.reasons), rows)
        if ranking.ends is not None:
            _check_length(version, spec.ends, len(ranking.ends), sections + 1)
            check_ends(version.file(spec.ends), ranking.ends, rows)


def _check_length(version: Version, name: str, found: int, right: int) -> None:
    if found != right:
        raise_damaged(version.file(name), f"it has {found} values instead of {right}")
