"""Read a site's files for a command."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recommender.manifest import ArtifactError
from training import release
from training.cli import output
from training.config import Settings
from training.data import (
    MIN_SHARED_SHARE,
    OnArticles,
    TooManyBadRows,
    advise_on_unknown,
    default_now,
    describe_unknown,
    find,
    read_forgotten,
    read_key,
    read_shared,
    read_site,
    write_quarantine,
    write_shared,
)
from training.errors import DataError, UnknownWithdrawalError, UsageError
from training.readers import IncrementStore, counting_settings, stored_ids, use_increments
from training.records import ArticlesRead, Catalogue, Flag, Site, quantity, utc
from training.state import State
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
    known: Catalogue | None = None,
    since: int = 0,
    forced: str | None = None,
) -> Site:
    """Read a site's files, and write rejected rows to the quarantine file.

    Withdrawals are in force as soon as the articles are read, whatever happens then. `forced` is
    the reason for serving the version despite the gate: stories may then be gone in any number.

    Raises
    ------
    UnknownWithdrawalError
        As `check_flags`.
    """
    with release.directory_lock(directory):
        key = read_key(directory)

    def take_down(read: ArticlesRead) -> None:
        withdrawn, live = withdrawals(read)
        config = settings.config
        most = config.gate.max_gone if forced is None else 1.0
        gone = release.gone_stories(directory, read, config.articles.complete, most)
        release.set_withdrawals(directory, withdrawn | gone, live if read.is_certain else set())

    forgotten = read_forgotten(directory)
    shared = None if known is None else read_shared(directory)
    known_urls = known_addresses(settings, directory) if known is None else known.known_urls
    with save_rejected_rows(directory):
        site = _read(settings, inputs, key, known, known_urls, forgotten, shared, since, take_down)
    with release.directory_lock(directory):
        write_quarantine(directory / "quarantine.jsonl", site.quarantine)
        if known is None and site.views.ends is None:
            write_shared(directory, site.anonymous.shared)
    check_flags(site)
    value, views = site.anonymous.most_frequent()
    if known is None and views and views >= MIN_SHARED_SHARE * site.read["views"]:
        output.warn(
            f"{views:,} of {quantity(site.read['views'], 'view')} have {value!r} as their reader, "
            "which names nobody: they count, and connect no articles; ymal check says more"
        )
    return site


def known_addresses(settings: Settings, directory: Path) -> list[tuple[str, str]]:
    """Return ids and addresses that the served version's state knows, the latest last.

    Empty if views name articles by id, or if there is no state that this release can read.
    """
    if settings.config.views.article_by != "url":
        return []
    try:
        state = State.load(*release.read_state(directory, release.served_name(directory)))
    except ArtifactError:
        return []
    return state.catalogue.known_urls


def withdrawals(read: ArticlesRead) -> tuple[set[str], set[str]]:
    """Return the ids that the articles say are withdrawn, and those that they say are not.

    In neither are the articles of which it is not known.
    """
    articles, unknown = read.articles, read.unknown_flags
    odd = {name for flag in unknown if flag.column == "withdrawn" for name in flag.articles}
    gone = (articles.flags & Flag.WITHDRAWN > 0).tolist()
    withdrawn = {name for name, is_gone in zip(articles.id, gone, strict=True) if is_gone}
    return withdrawn - odd, set(articles.id) - withdrawn


def check_flags(site: Site) -> None:
    """Warn of flags that are not understood.

    Raises
    ------
    UnknownWithdrawalError
        If it is not known of an article whether it is withdrawn.
    """
    unknown = {flag.column: flag for flag in site.unknown_flags}
    withdrawn = unknown.pop("withdrawn", None)
    for flag in unknown.values():
        meaning = "no" if flag.column == "evergreen" else "yes"
        output.warn(f"{describe_unknown(flag)}: it counts as {meaning}; {advise_on_unknown(flag)}")
    if withdrawn is not None:
        raise UnknownWithdrawalError(
            f"{describe_unknown(withdrawn)}: nothing new is published; "
            f"{advise_on_unknown(withdrawn)}"
        )


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
    known: Catalogue | None = None,
    known_urls: Sequence[tuple[str, str]] = (),
    forgotten: Sequence[int] = (),
    shared: Sequence[int] | None = None,
    since: int = 0,
    on_articles: OnArticles | None = None,
) -> Site:
    """Read articles and views, or increments instead of views.

    If folders partition the views by time, only those that can have views after `since` (µs UTC)
    are read.
    """
    if inputs.views and inputs.increments:
        raise UsageError("--views and --increments exclude each other; leave one out")
    known_ids = () if known is None else known.ids
    path = None if inputs.views else settings.increments(inputs.increments)
    given = settings.views(inputs.views or ()) if path is None else []
    views = find(given, since)
    store: IncrementStore | None = None
    viewed: Sequence[str] | None = () if given else None
    if path is not None:
        store = IncrementStore.open(path)
        store.check_settings(counting_settings(settings.config, key or None))
        rows = set(known_ids)
        viewed = [article for article in stored_ids(store) if article not in rows]
    site = read_site(
        settings.config,
        settings.articles(inputs.articles or ()),
        views,
        key=key,
        known=known_ids,
        known_urls=known_urls,
        known_published=None if known is None else known.published,
        forgotten=forgotten,
        shared=shared,
        viewed=viewed,
        background=preload,
        on_articles=on_articles,
    )
    return site if store is None else use_increments(site, store)
