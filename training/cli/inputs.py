"""Read a site's files for a command."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from training import release
from training.config import Settings
from training.data import (
    TooManyBadRows,
    default_now,
    find,
    read_forgotten,
    read_key,
    read_site,
    write_quarantine,
)
from training.errors import DataError, UsageError
from training.readers import IncrementStore, counting_settings, stored_ids, use_increments
from training.records import Site, utc
from training.texts import preload


@dataclass(frozen=True)
class InputPaths:
    """The files named on the command line; None means those of the config."""

    articles: Sequence[str] | None
    views: Sequence[str] | None
    increments: Path | None = None


def read(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    known: Sequence[str] = (),
    known_urls: Iterable[str] | None = None,
    since: int = 0,
) -> Site:
    """Read a site's files, and write rejected rows to the quarantine file."""
    with release.directory_lock(directory):
        key = read_key(directory)
    with save_rejected_rows(directory):
        site = _read(settings, inputs, key, known, known_urls, read_forgotten(directory), since)
    with release.directory_lock(directory):
        write_quarantine(directory / "quarantine.jsonl", site.quarantine)
    return site


@contextmanager
def save_rejected_rows(directory: Path) -> Iterator[None]:
    """Write the rejected rows to the quarantine file if too many of them end the run."""
    try:
        yield
    except TooManyBadRows as error:
        quarantine = directory / "quarantine.jsonl"
        with release.directory_lock(directory):
            write_quarantine(quarantine, error.quarantine)
        raise DataError(f"{error}; {quarantine} lists them") from None


def read_past(settings: Settings, inputs: InputPaths) -> Site:
    """Read a site's files for a replay, which writes nothing and therefore needs no key."""
    return _read(settings, inputs, b"")


def moment_of(site: Site, now: int | None) -> int:
    """Return the cutoff of the training, in µs UTC: `now` if given, else that of the data.

    Raises
    ------
    UsageError
        If the views are increments and none ends at `now`: the open sessions are then unknown.
    """
    if now is None:
        return default_now(site)
    if site.views.ends is not None and now not in site.views.ends:
        raise UsageError(
            f"--now {utc(now)}: the increments end at {utc(site.views.ends[-1])}; leave --now out, "
            "or count up to that time (ymal count --now)"
        )
    return now


def _read(
    settings: Settings,
    inputs: InputPaths,
    key: bytes,
    known: Sequence[str] = (),
    known_urls: Iterable[str] | None = None,
    forgotten: Sequence[int] = (),
    since: int = 0,
) -> Site:
    """Read articles and views, or increments instead of views.

    If folders partition the views by time, only those that can have views after `since` (µs UTC)
    are read.
    """
    if inputs.views and inputs.increments:
        raise UsageError("--views and --increments exclude each other: name what is to count")
    path = None if inputs.views else settings.increments(inputs.increments)
    given = settings.views(inputs.views or ()) if path is None else []
    views = find(given, since)
    store: IncrementStore | None = None
    viewed: Sequence[str] | None = () if given else None
    if path is not None:
        store = IncrementStore.open(path)
        store.check_settings(counting_settings(settings.config, key or None))
        rows = set(known)
        viewed = [article for article in stored_ids(store) if article not in rows]
    site = read_site(
        settings.config,
        settings.articles(inputs.articles or ()),
        views,
        key=key,
        known=known,
        known_urls=known_urls,
        forgotten=forgotten,
        viewed=viewed,
        beside=preload,
    )
    return site if store is None else use_increments(site, store)
