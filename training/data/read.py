"""Reading a site's files into its articles and views."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from training.config import Config
from training.data.addresses import resolve
from training.data.article_rows import UnknownFlagRows, articles_of, refuse_duplicates
from training.data.columns import article_input, view_input
from training.data.database import Database, open_database, translate_errors
from training.data.encodings import advice
from training.data.files import find, format_of, unpack
from training.data.navigation import mark_navigation
from training.data.near_ids import match_ids
from training.data.publication import (
    PREVIEW,
    UnpublishedRows,
    choose_newest,
    ids_in,
    mark_undated,
    unpublished_rows,
)
from training.data.quarantine import TooManyBadRows
from training.data.scan import MAX_LINE, Wanted
from training.data.stage import NOT_UTF8, StagedRows, find_line, stage
from training.data.times import IMPOSSIBLE, UNREADABLE
from training.data.view_rows import (
    ViewFilter,
    leave_out_other_events,
    leave_out_unpublished,
    viewed_ids,
    views_of,
)
from training.errors import DataError, UsageError
from training.records import (
    NEVER,
    Articles,
    ArticlesRead,
    Int64,
    Site,
    UnknownFlag,
    quantity,
)

OnArticles = Callable[[ArticlesRead], None]
"""Takes what the article files say."""

_ADVICE = {
    UNREADABLE: (
        "write times as ISO 8601 or as numbers, or set {input}.time_order (for 11/12/2019)"
    ),
    IMPOSSIBLE: "check {input}.time_unit",
    "not valid JSON": "write one JSON object per line",
    "not a JSON object": "write one JSON object per line",
    "quote out of place": "quote whole fields, double the quotes inside them, and close each",
    "too few columns": "write all columns in every row",
    "too many columns": "quote fields that contain the separator",
    "line too long": (
        f"shorten its longest field: the limit of a line is {MAX_LINE // 1_000_000} MB"
    ),
}


def read_site(
    config: Config,
    articles: Sequence[str],
    views: Sequence[str],
    *,
    key: bytes,
    known: Sequence[str] = (),
    known_urls: Iterable[tuple[str, str]] = (),
    known_published: Int64 | None = None,
    forgotten: Sequence[int] = (),
    shared: Sequence[int] | None = None,
    viewed: Sequence[str] | None = None,
    start: int = 0,
    end: int = NEVER,
    background: Callable[[], AbstractContextManager[None]] = nullcontext,
    on_articles: OnArticles | None = None,
) -> Site:
    """Read a site's articles and page views.

    Parameters
    ----------
    config : Config
        Columns, times, and the share of rows that may be bad.
    articles, views : Sequence[str]
        Files, folders or globs: CSV, TSV, JSON Lines or Parquet, compressed or not. Without article
        files, the articles are what was viewed.
    key : bytes
        Key of the readers' hashes, the only thing kept of readers.
    known : Sequence[str]
        Row → id of the articles that already have rows; new ones follow in ascending order.
    known_urls : Iterable[tuple[str, str]]
        Ids and addresses that articles had before, the latest last, if views name articles by
        address. An address means the last article that has or had it.
    known_published : int64[len(known)], optional
        Their publish times, µs UTC, `NEVER` without one: they tell with those of the files whether
        a row without a time is published.
    forgotten : Sequence[int]
        Keyed hashes of readers whose views are left out.
    shared : Sequence[int], optional
        Keyed hashes of values that are those of many readers; by default the views are searched for
        such values.
    viewed : Sequence[str], optional
        Ids of articles whose views are counted already: without article files they are articles
        too, and no file needs to be given.
    start, end : int
        µs UTC: of partitioned paths the files that overlap [start, end) are read, and views outside
        of it are left out.
    background : callable
        Returns a context that is entered while DuckDB reads articles and Python is idle.
    on_articles : callable, optional
        Called with the articles of the files before views are read, which may fail.

    Returns
    -------
    Site
        Its views are in an in-memory DuckDB database, which spills into a temporary folder that is
        removed with the connection.

    Raises
    ------
    UsageError
        If no file is given.
    TooManyBadRows
        If a larger share of an input's rows is bad than `data.max_bad_share`.
    DataError
        If a file cannot be read, lacks a column or has no row, or if no article is left.
    ConfigError
        If a time zone does not exist.
    """
    article_files, view_files = find(articles), find(views, start, end)
    known_urls = list(known_urls)
    if not (articles or views) and viewed is None:
        raise UsageError(
            "no input: give --articles or --views, or set paths.articles or paths.views"
        )
    database = open_database(config.data)
    try:
        with translate_errors([*article_files, *view_files, "increments"][0]):
            view_filter = ViewFilter(key, forgotten, shared, start, end)
            return _read(
                database,
                config,
                article_files,
                view_files,
                view_filter,
                known,
                known_urls,
                known_published,
                viewed or (),
                background,
                on_articles,
            )
    except BaseException:
        database.close()
        raise


def default_now(site: Site) -> int:
    """Return the time to train for: newest view or publish time + 1 s, at most the wall clock.

    Returns
    -------
    int
        µs UTC; the wall clock if the site has no time at all. If views are counted already, the end
        of the counted views.
    """
    if site.views.ends:
        return site.views.ends[-1]
    return moment_after(site.views.newest, site.articles)


def moment_after(newest: int, articles: Articles) -> int:
    """Return the time after the newest view (µs UTC, -1 for none) and article: `default_now`."""
    clock = time.time_ns() // 1000
    dated = articles.published[articles.published != NEVER]
    last = max(newest, int(np.max(dated, initial=-1)))
    return clock if last < 0 else min(last + 1_000_000, clock)


def _read(
    database: Database,
    config: Config,
    article_files: Sequence[str],
    view_files: Sequence[str],
    view_filter: ViewFilter,
    known: Sequence[str],
    known_urls: Sequence[tuple[str, str]],
    known_published: Int64 | None,
    viewed: Sequence[str],
    background: Callable[[], AbstractContextManager[None]],
    on_articles: OnArticles | None,
) -> Site:
    connection = database.connection
    article_rows = stage(database, article_input(config), article_files, background)
    _check_share(database, article_rows, config.data.max_bad_share)
    if config.articles.duplicates == "error":
        refuse_duplicates(connection, article_rows)
    choose_newest(connection, article_rows, config.articles)
    if not config.lists.undated:
        times = [] if known_published is None else known_published.tolist()
        mark_undated(connection, article_rows, dict(zip(known, times, strict=False)))
    found, odd = articles_of(connection, article_rows, config.articles)
    unknown_flags = _locate_flags(database, article_rows, odd)
    unpublished = unpublished_rows(connection, article_rows)
    listed = (
        ids_in(connection, article_rows) if article_files and (known or on_articles) else set(known)
    )
    if article_files and on_articles:
        certain = not article_rows.unmapped
        on_articles(ArticlesRead(found, unknown_flags, unpublished.columns, listed, certain))
    if article_rows.unmapped:
        raise article_rows.unmapped[0]
    view_rows = stage(database, view_input(config), view_files)
    _check_share(database, view_rows, config.data.max_bad_share)
    other_events = leave_out_other_events(connection, view_rows)
    urls = _addresses(found, unpublished, known, known_urls, all_known=not article_files)
    if config.views.article_by == "url":
        resolve(connection, view_rows, urls, config.views.url_keys)
    if not article_files:
        found = Articles.with_ids(sorted({*viewed, *viewed_ids(connection, view_rows)}))
    _check_articles(found, unpublished, known, article_files or view_files)
    ids = [*known, *sorted(set(found.id).difference(known))]
    if config.views.article_by == "id":
        match_ids(connection, view_rows, {*ids, *unpublished.urls})
    previews = leave_out_unpublished(connection, view_rows, [*unpublished.urls])
    if config.views.article_by == "url" and article_files:
        addresses, sections = {url for _, url in urls}, {*found.section}
        mark_navigation(connection, view_rows, ids, addresses, sections, config.views.url_keys)
    views, traffic, anonymous, unused = views_of(
        connection, view_rows, ids, view_filter, config.views.no_reader
    )
    good = article_rows.read - article_rows.reasons.total()
    left_out = article_rows.reasons + view_rows.reasons + unpublished.reasons + Counter(unused)
    left_out += other_events
    left_out[PREVIEW] = previews
    if article_files:
        left_out["duplicate id"] = good - len(found) - len(unpublished.urls)
    return Site(
        config=config,
        ids=ids,
        articles=found,
        views=views,
        traffic=traffic,
        read={staged.kind.name: staged.read for staged in (article_rows, view_rows)},
        unpublished=[*unpublished.urls],
        missing=[article for article in known if article not in listed],
        quarantine=[*article_rows.quarantine, *view_rows.quarantine],
        left_out={reason: count for reason, count in sorted(left_out.items()) if count},
        inputs=[*article_rows.inputs, *view_rows.inputs],
        unknown_flags=unknown_flags,
        anonymous=anonymous,
        known_urls=known_urls,
    )


def _addresses(
    found: Articles,
    unpublished: UnpublishedRows,
    known: Sequence[str],
    known_urls: Sequence[tuple[str, str]],
    *,
    all_known: bool,
) -> list[tuple[str, str]]:
    """Return ids and addresses, the latest last; with `all_known` none of an unknown id before."""
    rows, listed = set(known), set(found.id)
    before = [
        (id_, url)
        for id_, url in known_urls
        if (id_ in rows or not all_known) and (url or id_ not in listed)
    ]
    named = listed.union(id_ for id_, _ in before)
    unnamed = [(id_, id_) for id_ in known if id_ not in named]
    return [*unpublished.urls.items(), *unnamed, *before, *zip(found.id, found.url, strict=True)]


def _locate_flags(
    database: Database, articles: StagedRows, found: Sequence[UnknownFlagRows]
) -> list[UnknownFlag]:
    """Say on which line each unknown flag is first."""
    return [
        UnknownFlag(row.column, row.values, *find_line(database, articles, row.place), row.articles)
        for row in found
    ]


def _check_articles(
    found: Articles, unpublished: UnpublishedRows, known: Sequence[str], files: Sequence[str]
) -> None:
    """Raise an error if files, or a site without any, have no article."""
    is_news = bool(found or (known and unpublished.urls))
    if not is_news and (files or not known):
        names = ", ".join(files or ["no input"])
        raise DataError(f"{names}: no article is left; {_why_none(unpublished)}")


def _why_none(unpublished: UnpublishedRows) -> str:
    """Say why files have no article."""
    if not unpublished.reasons:
        return "correct the rows that were left out"
    reasons = ", ".join(
        f"{why}: {quantity(count, 'row')}" for why, count in unpublished.reasons.items()
    )
    return f"{reasons}; check articles.only and articles.published_at"


def _check_share(database: Database, staged: StagedRows, max_share: float) -> None:
    """Raise an error if too large a share of an input's rows is bad."""
    bad = staged.reasons.total()
    if bad <= max_share * staged.read:
        return
    reason = max(sorted(staged.reasons), key=staged.reasons.__getitem__)
    example = next(row for row in staged.quarantine if row.reason == reason)
    rows = f"{quantity(staged.read, 'row')} of the {staged.kind.name}"
    raise TooManyBadRows(
        f"{example.file}:{example.line} {example.value!r}: {reason}; in all {bad:,} of {rows} "
        f"({bad / staged.read:.1%}) cannot be used, data.max_bad_share is {max_share:.1%}; "
        f"{_remedy(database, staged, reason, example.file)}",
        staged.quarantine,
    )


def _remedy(database: Database, staged: StagedRows, reason: str, path: str) -> str:
    """Say what to do about bad rows of a reason, of which one file is an example."""
    kind = staged.kind
    if reason == NOT_UTF8:
        wanted = Wanted(kind.name, kind.config.rows)
        format_ = format_of(path, kind.name, kind.config)
        source, _ = unpack(path, format_, database.folder, wanted)
        return advice(source.plain)
    return _ADVICE.get(reason, f"check the columns set in [{kind.name}]").format(input=kind.name)
