"""Reading a site's files for a command."""

from collections.abc import Sequence
from pathlib import Path

from training import release
from training.config import Settings
from training.data import TooManyBadRows, read_forgotten, read_key, read_site, write_quarantine
from training.errors import DataError
from training.records import Site


def read(
    settings: Settings,
    articles: Sequence[str] | None,
    views: Sequence[str] | None,
    directory: Path,
    known: Sequence[str] = (),
    known_urls: Sequence[str] = (),
) -> Site:
    """Read a site's files; whatever is wrong with rows ends up in the quarantine file."""
    quarantine = directory / "quarantine.jsonl"
    with release.locked(directory):
        key = read_key(directory)
    try:
        site = read_site(
            settings.config,
            settings.articles(articles or ()),
            settings.views(views or ()),
            key=key,
            known=known,
            known_urls=known_urls,
            forgotten=read_forgotten(directory),
        )
    except TooManyBadRows as error:
        with release.locked(directory):
            write_quarantine(quarantine, error.quarantine)
        raise DataError(f"{error}; all of them: {quarantine}") from None
    with release.locked(directory):
        write_quarantine(quarantine, site.quarantine)
    return site


def read_past(
    settings: Settings, articles: Sequence[str] | None, views: Sequence[str] | None
) -> Site:
    """Read a site's files for a replay: nothing is written, and readers need no key."""
    files = settings.articles(articles or ()), settings.views(views or ())
    return read_site(settings.config, *files, key=b"")
