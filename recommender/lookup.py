"""The lookup: an article's id in, its related stories out, in a few microseconds."""

import logging
import os
import threading
import time
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, NoReturn

from .artifact import Version, open_version
from .manifest import ArtifactError, broken, read_pointer
from .values import RelatedStory

Missing = Literal["fallback", "empty", "error"]

_MISSING: Final = ("fallback", "empty", "error")
_UNKNOWN: Final = -1
"""Row of an article that has no list."""

_CHECK_EVERY: Final = 1.0
"""Seconds between two looks at the pointer."""

_log = logging.getLogger("recommender")


class UnknownArticle(KeyError):  # noqa: N818 - it says what is wrong
    """No article of the version has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True, repr=False)
class Snapshot:
    """One version: it answers the same for as long as it is held, whatever is published meanwhile.

    Take one with `Recommender.snapshot()` and keep it for a whole request. Safe for any number of
    threads; processes that open the same version share its memory.
    """

    _version: Version

    @property
    def version(self) -> str:
        """Name of the version."""
        return self._version.directory.name

    @property
    def now(self) -> datetime:
        """Time up to which the data was read, aware, UTC."""
        return self._version.now

    @property
    def age(self) -> timedelta:
        """Time passed since `now`."""
        return datetime.now(UTC) - self._version.now

    def __len__(self) -> int:
        return len(self._version.key_rows)

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return isinstance(id, str) and self._row(id) != _UNKNOWN

    def ids(self) -> Iterator[str]:
        """Go through the ids of all known articles, in an order that means nothing."""
        ids = self._version.ids
        return (ids[row] for row in self._version.key_rows)

    def related(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> list[RelatedStory]:
        """Give the related stories of an article, best first.

        First the article's own items; where they end, the site-wide rankings follow, as many as
        the site configured: the article's section, the popular, the latest. Never the article
        itself, never an excluded one, never one twice.

        Parameters
        ----------
        id : str
            The article whose page is shown.
        n : int
            How many stories at most.
        exclude : iterable of str
            Ids not to give, such as those that the reader has seen; unknown ones do no harm.
        missing : {"fallback", "empty", "error"}
            What to do for an article that the version does not know, as one just published: give
            the popular and the latest, give an empty list, or raise `UnknownArticle`.

        Returns
        -------
        list of RelatedStory
            Fewer than `n` only where there are no more.

        Raises
        ------
        UnknownArticle
            A `KeyError`, where `missing="error"` asks for it.
        TypeError, ValueError
            If an argument is not of the kind above.
        ArtifactError
            If the version is damaged where it was read.
        """
        version, stories = self._version, []
        for rank, (story, row, origin) in enumerate(self._chosen(id, n, exclude, missing), 1):
            score, reason = (None, origin) if isinstance(origin, str) else self._judged(origin)
            title, url, section = version.titles[row], version.urls[row], version.section(row)
            published = version.published_at(row)
            stories.append(RelatedStory(story, title, url, section, published, rank, score, reason))
        return stories

    def related_ids(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> list[str]:
        """Give the ids of what `related` gives; several times faster."""
        return [chosen[0] for chosen in self._chosen(id, n, exclude, missing)]

    def _chosen(
        self, source: str, n: int, exclude: Iterable[str], missing: Missing
    ) -> list[tuple[str, int, int | str]]:
        """Choose up to n stories: id, row and origin of each, as `_ordered` has it."""
        if not isinstance(source, str) or not isinstance(n, int) or isinstance(exclude, str):
            _refuse_types(source, n)
        if n < 0 or missing not in _MISSING:
            _refuse_values(n, missing)
        row = self._row(source)
        if row == _UNKNOWN and missing != "fallback":
            if missing == "error":
                raise UnknownArticle(f"version {self.version} has no article {source!r}")
            return []
        chosen: list[tuple[str, int, int | str]] = []
        if not n:
            return chosen
        ids, taken = self._version.ids, {source, *exclude}
        for target, origin in self._ordered(row):
            story = ids[target]
            if story not in taken:
                chosen.append((story, target, origin))
                if len(chosen) == n:
                    break
                taken.add(story)
        return chosen

    def _row(self, source: str) -> int:
        """Find the row of a known article; `_UNKNOWN` for any other."""
        version = self._version
        hashes = version.key_hashes
        # Half of a surrogate pair is no valid text, so that such an id equals none.
        key = zlib.crc32(source.encode("utf-8", "surrogatepass"))
        place, count = bisect_left(hashes, key), len(hashes)
        while place < count and hashes[place] == key:
            row = version.key_rows[place]
            if version.ids[row] == source:
                return row
            place += 1
        return _UNKNOWN

    def _ordered(self, source: int) -> Iterator[tuple[int, int | str]]:
        """Go through own items, then rankings: row, and place in the lists or ranking's name."""
        version = self._version
        if source != _UNKNOWN:
            items = version.list_items
            for place in version.span("list_ends", version.list_ends, source, len(items)):
                yield items[place], place
        for name in version.fallback:
            for row in self._ranking(name, source):
                yield row, name

    def _judged(self, place: int) -> tuple[float, str]:
        """Give score and reason of an own item."""
        version = self._version
        score, code = version.list_scores[place], version.list_reasons[place]
        if code >= len(version.reasons):
            broken(version.file("list_reasons"), f"there is no reason {code}")
        if not 0.0 <= score <= 1.0:
            broken(version.file("list_scores"), f"{score} is no probability")
        return score, version.reasons[code]

    def _ranking(self, name: str, source: int) -> memoryview:
        """Give the rows of a ranking, best first; none where the source has no section."""
        version = self._version
        if name != "section":
            return version.popular if name == "popular" else version.latest
        section = _UNKNOWN if source == _UNKNOWN else version.sections[source]
        if section == _UNKNOWN:
            return version.section_rows[:0]
        if not 0 <= section < len(version.section_names):
            broken(version.file("sections"), f"there is no section {section}")
        rows = version.section_rows
        places = version.span("section_ends", version.section_ends, section, len(rows))
        return rows[places.start : places.stop]


class Recommender:
    """What an artifacts directory serves, followed from version to version.

    Open it once per process and share it between threads. It looks at the directory's pointer at
    most once a second, when it is asked something; a new version takes over between two answers.
    One that cannot be opened does not: the old one stays, and the logger `recommender` warns.

    Examples
    --------
    >>> rec = Recommender.open("artifacts")  # doctest: +SKIP
    >>> [story.title for story in rec.related("9737535", n=5)]  # doctest: +SKIP
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._warned: object = None
        self._mark = _mark(directory)
        self._snapshot = _open(directory)
        self._look_at = time.monotonic() + _CHECK_EVERY

    @classmethod
    def open(cls, directory: str | os.PathLike[str]) -> "Recommender":
        """Open the artifacts directory that `ymal train` writes.

        Parameters
        ----------
        directory : path
            The directory that holds `versions` and `current`.

        Returns
        -------
        Recommender

        Raises
        ------
        ArtifactError
            If no version is served there, or it is damaged or of another format.
        """
        return cls(Path(directory).absolute())

    def snapshot(self) -> Snapshot:
        """Give the version served now, to be asked several things that must agree."""
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._lock.release()
        return self._snapshot

    @property
    def version(self) -> str:
        """Name of the version served now."""
        return self.snapshot().version

    @property
    def age(self) -> timedelta:
        """Time passed since the moment up to which the data was read."""
        return self.snapshot().age

    def __len__(self) -> int:
        return len(self.snapshot())

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return id in self.snapshot()

    def related(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> list[RelatedStory]:
        """Give the related stories of an article, best first: see `Snapshot.related`."""
        return self.snapshot().related(id, n, exclude, missing=missing)

    def related_ids(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> list[str]:
        """Give the ids of what `related` gives; several times faster."""
        return self.snapshot().related_ids(id, n, exclude, missing=missing)

    def _follow(self) -> None:
        """Take up the version that the pointer names, if it is a new pointer."""
        if time.monotonic() < self._look_at:
            return  # another thread has just looked
        self._look_at = time.monotonic() + _CHECK_EVERY
        mark = _mark(self._directory)
        if mark == self._mark:
            return
        try:
            self._snapshot = _open(self._directory)
        except ArtifactError as error:
            # Tried again every second, since a copy may still be on its way; said once.
            if mark != self._warned:
                _log.warning("still serving version %s: %s", self._snapshot.version, error)
            self._warned = mark
        else:
            self._mark = mark


def _mark(directory: Path) -> tuple[int, ...]:
    """Give what tells one pointer file from another; nothing where there is none."""
    try:
        found = (directory / "current").stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _open(directory: Path) -> Snapshot:
    return Snapshot(open_version(directory / "versions" / read_pointer(directory)))


def _refuse_types(source: object, n: object) -> NoReturn:
    if not isinstance(source, str):
        raise TypeError(f"id must be a str, not {type(source).__name__}: {source!r}")
    if not isinstance(n, int):
        raise TypeError(f"n must be an int, not {type(n).__name__}: {n!r}")
    raise TypeError("exclude must be ids in a list or set, not one str")


def _refuse_values(n: int, missing: str) -> NoReturn:
    if n < 0:
        raise ValueError(f"n must not be negative: {n}")
    raise ValueError(f"missing must be one of {', '.join(_MISSING)}: {missing!r}")
