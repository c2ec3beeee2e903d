"""What an artifacts directory serves: its version and overrides, followed as they change."""

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from . import overrides
from .artifact import open_version
from .cached_version import CachedVersion
from .manifest import ArtifactError, read_pointer
from .overrides import ActiveOverrides, Override
from .snapshot import Missing, Snapshot
from .values import Page, RelatedStory

_CHECK_EVERY: Final = 1.0
"""Seconds between two looks at the pointer and the overrides."""

_FOLLOWED: Final = ("current", overrides.FILE)
_log = logging.getLogger("recommender")


class Recommender:
    """What an artifacts directory serves, followed from version to version.

    Open it once per process and share it between threads. It looks at the directory's pointer and
    overrides at most once a second, when it is asked something; what is new takes over between two
    answers. What cannot be used does not: the old one stays, and the logger `recommender` warns.

    Examples
    --------
    >>> rec = Recommender.open("artifacts")  # doctest: +SKIP
    >>> [story.title for story in rec.related("9737535", n=5)]  # doctest: +SKIP
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock, self._process = threading.Lock(), os.getpid()
        self._warned: dict[str, object] = {}
        self._marks: dict[str, object] = {name: _mark(directory / name) for name in _FOLLOWED}
        self._cached = _open(directory)
        self._overrides, complaint = overrides.load(directory)
        if complaint:  # looked at again every second, until the file is good
            self._warned[overrides.FILE] = self._marks.pop(overrides.FILE)
            _log.warning("%s", complaint)
        else:
            self._keep()
        self._apply()
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
            If no version is served there, or it is damaged or of another format; if the overrides
            cannot be used, and no last good ones are kept.
        """
        return cls(Path(directory).absolute())

    def snapshot(self) -> Snapshot:
        """Give the version served now, to be asked several things that must agree."""
        if time.monotonic() >= self._look_at:
            if self._process != os.getpid():  # a lock held in the parent is held here for good
                self._lock, self._process = threading.Lock(), os.getpid()
            if self._lock.acquire(blocking=False):
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

    def page(
        self,
        id: str,  # noqa: A002
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> Page:
        """Give all blocks of an article's page: see `Snapshot.page`."""
        return self.snapshot().page(id, exclude, missing=missing)

    def next_for(self, history: Sequence[str], n: int = 5) -> list[RelatedStory]:
        """Give what to read next on this visit: see `Snapshot.next_for`."""
        return self.snapshot().next_for(history, n)

    def _follow(self) -> None:
        """Take up a new version and new overrides, and what begins or ends by the clock."""
        if time.monotonic() < self._look_at:
            return  # another thread has just looked
        self._look_at = time.monotonic() + _CHECK_EVERY
        news = [self._take_up(name) for name in _FOLLOWED]
        if any(news) or not self._active.at <= time.time() < self._active.until:
            self._apply()

    def _take_up(self, name: str) -> bool:
        """Read one of the files that are followed, if it has changed; say if it is in use now."""
        mark = _mark(self._directory / name)
        if mark == self._marks.get(name):
            return False
        try:
            if name == overrides.FILE:
                self._overrides = _good_overrides(self._directory, expected=bool(self._overrides))
            else:
                self._cached = _open(self._directory)
        except ArtifactError as error:
            # Tried again every second, since a copy may still be on its way; said once.
            if mark != self._warned.get(name):
                what = "overrides" if name == overrides.FILE else f"version {self._cached.name}"
                _log.warning("still serving the %s of before: %s", what, error)
            self._warned[name] = mark
            return False
        self._marks[name] = mark
        if name == overrides.FILE:
            self._keep()
        return True

    def _keep(self) -> None:
        """Keep good overrides for worse days, where that is allowed."""
        try:
            overrides.keep(self._directory)
        except ArtifactError:
            pass  # replaced meanwhile: the next look says so
        except OSError as error:
            _log.warning("%s cannot be kept (%s)", self._directory / overrides.LAST_GOOD, error)

    def _apply(self) -> None:
        self._active = ActiveOverrides(self._overrides, time.time())
        self._snapshot = Snapshot(self._cached, self._active)


def _mark(path: Path) -> tuple[int, ...]:
    """Give what tells one file of a name from another; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def _good_overrides(directory: Path, *, expected: bool) -> list[Override]:
    found, complaint = overrides.load(directory, expected=expected)
    if complaint:
        raise ArtifactError(complaint)
    return found


def _open(directory: Path) -> CachedVersion:
    return CachedVersion(open_version(directory / "versions" / read_pointer(directory)))
