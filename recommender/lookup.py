"""The served version and the overrides of an artifacts directory, reloaded when they change."""

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from . import overrides
from .active_overrides import ActiveOverrides
from .artifact import open_version
from .cached_version import CachedVersion
from .manifest import ArtifactError, read_pointer
from .overrides import FILES, Override, OverridesFile
from .snapshot import Missing, Snapshot
from .values import Page, RelatedStory

CHECK_SECONDS: Final = 1.0
"""Seconds between two checks of the pointer and the overrides for changes."""

_OVERRIDES: Final = {file.name: file for file in FILES}
_WATCHED_FILES: Final = ("current", *_OVERRIDES)
_log = logging.getLogger("recommender")


class Recommender:
    """The lookup on an artifacts directory; it loads new versions and overrides by itself.

    Open it once per process and share it between threads. During a call, at most once a
    second, it checks the directory's pointer and overrides, and uses new ones from the next answer
    on. If a new version or file cannot be read, the old one stays in use and the logger
    `recommender` warns.

    Examples
    --------
    >>> rec = Recommender.open("artifacts")  # doctest: +SKIP
    >>> [story.title for story in rec.related("9737535", n=5)]  # doctest: +SKIP
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock, self._process = threading.Lock(), os.getpid()
        self._warned: dict[str, object] = {}
        self._signatures: dict[str, object] = {
            name: _signature(directory / name) for name in _WATCHED_FILES
        }
        self._cached = _open(directory)
        self._overrides: dict[str, list[Override]] = {}
        for file in FILES:
            self._overrides[file.name], complaint = overrides.load(directory, file)
            if complaint:  # the file is read again every second, until it is valid
                self._warned[file.name] = self._signatures.pop(file.name)
                _log.warning("%s", complaint)
            else:
                self._save_last_good(file)
        self._make_snapshot()
        self._next_check = time.monotonic() + CHECK_SECONDS

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
            If no version is served there, or if it is damaged or in another format; if the
            overrides cannot be used and there is no last good file.
        """
        return cls(Path(directory).absolute())

    def snapshot(self) -> Snapshot:
        """Return the version served now, for several calls whose answers must agree."""
        if time.monotonic() >= self._next_check:
            if (
                self._process != os.getpid()
            ):  # a lock held in the parent is never released in a child
                self._lock, self._process = threading.Lock(), os.getpid()
            if self._lock.acquire(blocking=False):
                try:
                    self._check_for_changes()
                finally:
                    self._lock.release()
        return self._snapshot

    @property
    def version(self) -> str:
        """Name of the version served now."""
        return self.snapshot().version

    @property
    def age(self) -> timedelta:
        """Time since the snapshot time, up to which the data was read."""
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
        """Return the related stories of an article, best first: see `Snapshot.related`."""
        return self.snapshot().related(id, n, exclude, missing=missing)

    def related_ids(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> list[str]:
        """Return only the ids of the stories that `related` returns; several times faster."""
        return self.snapshot().related_ids(id, n, exclude, missing=missing)

    def page(
        self,
        id: str,  # noqa: A002
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> Page:
        """Return all blocks of an article's page: see `Snapshot.page`."""
        return self.snapshot().page(id, exclude, missing=missing)

    def next_for(self, history: Sequence[str], n: int = 5) -> list[RelatedStory]:
        """Return the stories to read next on this visit: see `Snapshot.next_for`."""
        return self.snapshot().next_for(history, n)

    def _check_for_changes(self) -> None:
        """Reload changed files; apply overrides that have begun or ended since the last check."""
        if time.monotonic() < self._next_check:
            return  # another thread has just checked
        self._next_check = time.monotonic() + CHECK_SECONDS
        changed = [self._reload(name) for name in _WATCHED_FILES]
        if any(changed) or not self._active.at <= time.time() < self._active.until:
            self._make_snapshot()

    def _reload(self, name: str) -> bool:
        """Reload a watched file if it has changed; return whether it was reloaded."""
        signature = _signature(self._directory / name)
        if signature == self._signatures.get(name):
            return False
        file = _OVERRIDES.get(name)
        try:
            if file:
                expected = bool(self._overrides[name])
                self._overrides[name] = _load_overrides(self._directory, file, expected=expected)
            else:
                self._cached = _open(self._directory)
        except ArtifactError as error:
            # A copy may be under way, so every second tries again; the warning is logged once.
            if signature != self._warned.get(name):
                what = "the previous overrides" if file else f"version {self._cached.name}"
                _log.warning("still serving %s: %s", what, error)
            self._warned[name] = signature
            return False
        self._signatures[name] = signature
        if file:
            self._save_last_good(file)
        return True

    def _save_last_good(self, file: OverridesFile) -> None:
        """Save valid overrides as the last good ones, if the directory is writable."""
        try:
            overrides.save_last_good(self._directory, file)
        except ArtifactError:
            pass  # the file was replaced meanwhile: the next check reports it
        except OSError as error:
            _log.warning("%s cannot be saved (%s)", self._directory / file.last_good, error)

    def _make_snapshot(self) -> None:
        found = chain.from_iterable(self._overrides.values())
        self._active = ActiveOverrides(found, time.time())
        self._snapshot = Snapshot(self._cached, self._active)


def _signature(path: Path) -> tuple[int, ...]:
    """Return times, inode and size, which reveal a changed file; `()` if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def _load_overrides(directory: Path, file: OverridesFile, *, expected: bool) -> list[Override]:
    found, complaint = overrides.load(directory, file, expected=expected)
    if complaint:
        raise ArtifactError(complaint)
    return found


def _open(directory: Path) -> CachedVersion:
    return CachedVersion(open_version(directory / "versions" / read_pointer(directory)))
