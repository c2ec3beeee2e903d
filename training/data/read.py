"""Reading a site's files into its articles and views."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from training.config import Config
from training.data.addresses import resolve
from training.data.columns import article_input, view_input
from training.data.database import Database, open_database, translate_errors
from training.data.encodings import advice
from training.data.files import find, format_of, unpack
from training.data.quarantine import TooManyBadRows
from training.data.scan import MAX_LINE
from training.data.stage import NOT_UTF8, StagedRows, stage
from training.data.tables import ViewFilter, articles_of, viewed_ids, views_of
from training.data.times import IMPOSSIBLE, UNREADABLE
from training.errors import DataError, UsageError
from training.records import NEVER, Articles, Site

_ADVICE = {
    UNREADABLE: "write times as ISO 8601 or as numbers",
    IMPOSSIBLE: "check {input}.time_unit",
    "not valid JSON": "write one JSON object per line",
    "not a JSON object": "write one JSON object per line",
    "quote out of place": "quote whole fields, write quotes inside them twice, close each",
    "too few columns": "write all columns in every row",
    "too many columns": "quote fields that hold the separator",
    "line too long": f"cut its longest field: a line has {MAX_LINE // 1_000_000} MB at most",
}


def read_site(
    config: Config,
    articles: Sequence[str],
    views: Sequence[str],
    *,
    key: bytes,
    known: Sequence[str] = (),
    known_urls: Iterable[str] | None = None,
    forgotten: Sequence[int] = (),
    viewed: Sequence[str] | None = None,
    start: int = 0,
    end: int = NEVER,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
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
    known_urls : Iterable[str], optional
        Row → address of those, if views name articles by address.
    forgotten : Sequence[int]
        Keyed hashes of readers whose views are left out.
    viewed : Sequence[str], optional
        Ids of articles whose views are counted already: without article files they are articles
        too, and no file needs to be given.
    start, end : int
        µs UTC: of partitioned paths the files that overlap [start, end) are read, and views outside
        of it are left out.
    beside : callable
        Returns a context that is entered while DuckDB reads articles and Python is idle.

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
        If a file cannot be read, lacks a column or holds no row, or if no article is left.
    ConfigError
        If a time zone does not exist.
    """
    article_files, view_files = find(articles), find(views, start, end)
    if not (articles or views) and viewed is None:
        raise UsageError(
            "no input: give --articles or --views, or set paths.articles or paths.views"
        )
    database = open_database(config.data)
    try:
        with translate_errors([*article_files, *view_files, "increments"][0]):
            view_filter = ViewFilter(key, forgotten, start, end)
            return _read(
                database,
                config,
                article_files,
                view_files,
                view_filter,
                known,
                known_urls,
                viewed or (),
                beside,
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
        of what is counted.
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
    known_urls: Iterable[str] | None,
    viewed: Sequence[str],
    beside: Callable[[], AbstractContextManager[None]],
) -> Site:
    connection = database.connection
    texts = stage(database, article_input(config), article_files, beside)
    _check_share(database, texts, config.data.max_bad_share)
    found = articles_of(connection, texts, config.articles)
    clicks = stage(database, view_input(config), view_files)
    _check_share(database, clicks, config.data.max_bad_share)
    if config.views.article_by == "url":
        urls = dict(zip(known, known_urls or known, strict=True))
        urls.update(zip(found.id, found.url, strict=True))
        resolve(connection, clicks, urls, config.views.url_keys)
    if not article_files:
        found = Articles.with_ids(sorted({*viewed, *viewed_ids(connection, clicks)}))
    if not found and (article_files or view_files or not known):
        files = ", ".join(article_files or view_files or ["no input"])
        raise DataError(f"{files}: no article left; see which rows were left out and mend them")
    ids = [*known, *sorted(set(found.id).difference(known))]
    views, traffic, unused = views_of(connection, clicks, ids, view_filter)
    good = texts.read - texts.reasons.total()
    left_out = texts.reasons + clicks.reasons + Counter(unused)
    if article_files:
        left_out["duplicate id"] = good - len(found)
    return Site(
        config=config,
        ids=ids,
        articles=found,
        views=views,
        traffic=traffic,
        read={staged.kind.name: staged.read for staged in (texts, clicks)},
        quarantine=[*texts.quarantine, *clicks.quarantine],
        left_out={reason: count for reason, count in sorted(left_out.items()) if count},
        inputs=[*texts.inputs, *clicks.inputs],
    )


def _check_share(database: Database, staged: StagedRows, most: float) -> None:
    """Raise an error if too large a share of an input's rows is bad."""
    bad = staged.reasons.total()
    if bad <= most * staged.read:
        return
    reason = max(sorted(staged.reasons), key=staged.reasons.__getitem__)
    example = next(row for row in staged.quarantine if row.reason == reason)
    raise TooManyBadRows(
        f"{example.file}:{example.line} {example.value!r}: {reason}; in all {bad:,} of "
        f"{staged.read:,} rows of the {staged.kind.name} ({bad / staged.read:.1%}) cannot be used, "
        f"data.max_bad_share is {most:.1%}; {_remedy(database, staged, reason, example.file)}",
        staged.quarantine,
    )


def _remedy(database: Database, staged: StagedRows, reason: str, path: str) -> str:
    """Say what to do about bad rows of a reason, of which one file is an example."""
    kind = staged.kind
    if reason == NOT_UTF8:
        source, _ = unpack(path, format_of(path, kind.name, kind.config), database.folder)
        return advice(source.plain)
    return _ADVICE.get(reason, f"check the columns set in [{kind.name}]").format(input=kind.name)
