"""The pages that production served: their slots, from the versions that are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from recommender import ArtifactError, Snapshot
from recommender.artifact import open_version
from recommender.blocks import BLOCKS
from recommender.cached_version import CachedVersion
from training import release
from training.records import Int64

_BLOCK: Final = {key: place for place, key in enumerate(BLOCKS)}

NONE: Final = -1
"""Marks a version that is unknown or not kept, and what depends on it."""


@dataclass(frozen=True)
class ServedTimeline:
    """Which version was served when.

    Attributes
    ----------
    names : of all versions.
    since : int64[k] µs UTC, ascending, when each was first served.
    served : int64[k], index into `names`.
    logged : int64, the index of each version that views name, and `NONE` at its end.
    """

    names: list[str]
    since: Int64
    served: Int64
    logged: Int64

    @classmethod
    def of(cls, artifacts: Path, logged: Sequence[str]) -> "ServedTimeline":
        """Read the timeline from the audit."""
        events = release.serving_history(artifacts)
        names = sorted({*logged, *(name for _, name in events)})
        place = {name: at for at, name in enumerate(names)}
        return cls(
            names,
            np.array([when for when, _ in events], np.int64),
            np.array([place[name] for _, name in events], np.int64),
            np.array([*(place[name] for name in logged), NONE], np.int64),
        )

    def at(self, time: Int64) -> Int64:
        """Return the version that was served at some times; `NONE` before the first."""
        return np.append(self.served, NONE)[np.searchsorted(self.since, time, "right") - 1]

    def version_of(self, logged: Int64, default: Int64) -> Int64:
        """Return the version that views name; the default where they name none."""
        named = self.logged[logged]
        return np.where(named == NONE, default, named)


@dataclass(frozen=True)
class ServedPages:
    """Pages, and the stories in their slots.

    Attributes
    ----------
    version, article : int64[p], index into `versions` and row, of each page; ascending together.
    page : int64[s], index of the page that a slot is on, ascending.
    block : int64[s], place in `BLOCKS`.
    number : int64[s], the slot's number in its block, from 1.
    target : int64[s], row of the story there; -1 for one that is not in the site's files.
    reason : int64[s], index into `reasons`.
    versions, reasons : names.
    """

    version: Int64
    article: Int64
    page: Int64
    block: Int64
    number: Int64
    target: Int64
    reason: Int64
    versions: Sequence[str]
    reasons: Sequence[str]

    def find(self, version: Int64, article: Int64) -> Int64:
        """Return the pages of some versions and articles; -1 where there is none."""
        return _find(_key(self.version, self.article), _key(version, article))

    def slots(self, page: Int64, block: Int64, target: Int64) -> Int64:
        """Return the slot of a story in a block of a page; -1 where it is not in it."""
        held = _key(self.page * len(BLOCKS) + self.block, self.target)
        order = np.argsort(held, kind="stable")
        at = _find(held[order], _key(page * len(BLOCKS) + block, target))
        return np.append(order, NONE)[at]


def build_pages(
    artifacts: Path,
    versions: Sequence[str],
    wanted: tuple[Int64, Int64],
    ids: Sequence[str],
    note: Callable[[str], None] = lambda _line: None,
) -> ServedPages:
    """Build pages from their versions, without the overrides of editors.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    versions : sequence of str
        Names; a version that is gone or damaged has no pages.
    wanted : int64[w], int64[w]
        Index into `versions` and row of the article, of each page.
    ids : sequence of str
        Row → id.
    note : callable
        Receives the version that is read.
    """
    rows = {article: row for row, article in enumerate(ids)}
    reasons: dict[str, int] = {}
    keys = np.unique(_key(*wanted))
    keys = keys[keys >= 0]
    version, article = keys >> 32, keys & 0xFFFFFFFF
    kept = np.zeros(len(keys), np.bool_)
    slots: list[tuple[int, int, int, int, int]] = []
    for number in np.unique(version).tolist():
        note(versions[number])
        snapshot = _open_snapshot(artifacts, versions[number])
        if snapshot is None:
            continue
        of_version = np.flatnonzero(version == number)
        kept[of_version] = True
        for page in of_version.tolist():
            slots += _slots(snapshot, page, ids[article[page]], rows, reasons)
    places = np.cumsum(kept) - 1
    on, block, number, target, reason = np.array(slots, np.int64).reshape(-1, 5).T
    pages = version[kept], article[kept]
    return ServedPages(*pages, places[on], block, number, target, reason, versions, list(reasons))


def _open_snapshot(artifacts: Path, name: str) -> Snapshot | None:
    try:
        return Snapshot(CachedVersion(open_version(artifacts / "versions" / name)))
    except ArtifactError:
        return None


def _slots(
    snapshot: Snapshot, page: int, article: str, rows: Mapping[str, int], reasons: dict[str, int]
) -> list[tuple[int, int, int, int, int]]:
    """Return a page's slots: page, block, place, target, reason; number new reasons."""
    return [
        (
            page,
            _BLOCK[block.key],
            story.rank,
            rows.get(story.id, NONE),
            reasons.setdefault(story.reason, len(reasons)),
        )
        for block in snapshot.page(article).blocks
        if block.key in _BLOCK
        for story in block.items
    ]


def _key(high: Int64, low: Int64) -> Int64:
    """Join two numbers; negative where the higher is. A lower of -1 equals no other."""
    return high << 32 | low & 0xFFFFFFFF


def _find(keys: Int64, wanted: Int64) -> Int64:
    """Return the place of each among ascending keys; -1 where it is missing."""
    at = np.searchsorted(keys, wanted)
    there = np.append(keys, NONE)[at] == wanted
    return np.where(there & (wanted >= 0), at, NONE)
