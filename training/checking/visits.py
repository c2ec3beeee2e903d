"""What a site's views are made of: sessions, next reads, robots, by a few aggregates in DuckDB.

Sessions are those of `training/readers/sql`, which a test holds this to. There they are cut window
by window and every view is numbered; here all at once, and only sums are asked for, which takes
less than half the time.
"""

# The SQL here is put together from our own names and numbers.
# ruff: noqa: S608

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np

from training.config import SessionsConfig
from training.records import DAY, HOUR, NEVER, Int64, Site, view_table

PERSON: Final = 200
"""Views on a UTC day that no person exceeds: of 320,000 readers of Globo the busiest has 154."""

AGAIN: Final = 50
"""Views of one article by one reader on one day that no person makes: there the most are 8."""

_OPENED: Final = """
CREATE TEMP TABLE opened AS
WITH cut AS (
    SELECT reader, article, time, read_time, lag(article) OVER reads AS before,
           CASE WHEN time - lag(time) OVER reads <= {gap} AND session = lag(session) OVER reads
                THEN 0 ELSE 1 END AS starts
    FROM {views} WHERE time < {now}
    WINDOW reads AS (PARTITION BY reader ORDER BY time, article)
)
SELECT reader, article, time, read_time,
       sum(starts) OVER reads AS number,
       row_number() OVER reads AS place,
       CASE WHEN starts = 0 THEN lag(article) OVER reads END AS source,
       lag(time) OVER reads AS source_time
FROM cut WHERE starts = 1 OR article <> before
WINDOW reads AS (PARTITION BY reader ORDER BY time, article)
"""
"""Views without reloads: the session's `number`, the `place` among all of the reader's views, and
what was read before it in the session."""

_PARTS: Final = """
CREATE TEMP TABLE sessions AS
SELECT reader, number, min(place) AS first, count(*) AS views FROM opened GROUP BY reader, number;
CREATE TEMP TABLE days AS
SELECT reader, time // {day} AS day, min(place) AS first, count(*) AS views
FROM opened GROUP BY ALL HAVING count(*) > {max_day_views};
CREATE TEMP VIEW counted AS
SELECT opened.* FROM opened
LEFT JOIN (FROM sessions WHERE views > {max_views}) AS long USING (reader, number)
LEFT JOIN days ON days.reader = opened.reader AND days.day = time // {day}
WHERE place - coalesce(long.first, place) < {max_views}
  AND place - coalesce(days.first, place) < {max_day_views}
"""
"""The limits are causal: only the first views of a session, and of a reader's day, count."""

_READERS: Final = """
WITH each AS (
    SELECT reader, time // {day} AS day, count(*) AS views
    FROM {views} WHERE time < {now} GROUP BY ALL
), again AS (
    SELECT reader, max(views) AS most FROM (
        SELECT reader, count(*) AS views
        FROM {views} JOIN (FROM each WHERE views >= {again}) AS busy USING (reader)
        WHERE time < {now} AND time // {day} = busy.day GROUP BY reader, busy.day, article
    ) GROUP BY reader
), readers AS (
    SELECT reader, sum(views) AS views, max(each.views) AS in_a_day,
           coalesce(max(most), 0) AS of_one
    FROM each LEFT JOIN again USING (reader) GROUP BY reader
), marked AS (
    SELECT *, in_a_day > {person} OR of_one >= {again} AS robot FROM readers
)
SELECT count(*), max(views), count(*) FILTER (robot), sum(views) FILTER (robot), max(in_a_day),
       max(of_one) FROM marked
"""


@dataclass(frozen=True)
class AudienceStats:
    """Who reads.

    Attributes
    ----------
    count : readers.
    busiest : views of the reader with the most of them.
    robots, robots_views : readers with more views on a day than a `PERSON` has, or `AGAIN` and more
        of one article, and all of their views.
    most_in_a_day : views of one reader on one UTC day.
    most_of_one : views of one article by one reader on one day; 0 where it is less than `AGAIN`.
    """

    count: int
    busiest: int
    robots: int
    robots_views: int
    most_in_a_day: int
    most_of_one: int


@dataclass(frozen=True)
class SessionLengths:
    """What was read in one go, reloads aside.

    Attributes
    ----------
    lengths : int64[k, 2], ascending: views, and how many sessions have so many.
    over_session, over_day : views that come too late in their session, or in their reader's day, to
        count (`sessions.max_views`, `sessions.max_day_views`); some may do both.
    """

    lengths: Int64
    over_session: int
    over_day: int


@dataclass(frozen=True)
class ArticleStats:
    """What counts, by article.

    Attributes
    ----------
    views, week : int64[n], all, and those of the last seven days.
    first : int64[n], µs UTC, the first of them, -1 where there is none.
    timed : int64[n], those that tell how long the reader stayed.
    next_reads, lately : int64[n], what was read next after it: all, and where it was itself read
        within the days that the model is learned from.
    """

    views: Int64
    week: Int64
    first: Int64
    timed: Int64
    next_reads: Int64
    lately: Int64


@dataclass(frozen=True)
class ViewStats:
    """All that is counted of views."""

    sessions: SessionLengths
    reads: ArticleStats
    readers: AudienceStats
    early: int
    """Views of an article before its publication."""
    lead: float
    """By how many hours, in the median of those."""


def view_stats(site: Site, now: int) -> ViewStats:
    """Count a site's views before a moment, µs UTC."""
    config = site.config.sessions
    with _laid_out(site, now, config) as connection:
        bounds = {"person": PERSON, "again": AGAIN}
        readers = connection.execute(
            _READERS.format(views=view_table(site.views).table, now=now, day=DAY, **bounds)
        ).fetchall()[0]
        early, lead = _early(connection, site)
        return ViewStats(
            sessions=_sessions(connection, config),
            reads=_reads(connection, len(site.ids), now, site.config.ranking.learn_days),
            readers=AudienceStats(*(int(value or 0) for value in readers)),
            early=early,
            lead=lead,
        )


@contextmanager
def _laid_out(site: Site, now: int, config: SessionsConfig) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lay out the tables `opened`, `sessions`, `days` and `counted`."""
    limits = {"max_views": config.max_views, "max_day_views": config.max_day_views}
    connection = view_table(site.views).connection.cursor()
    try:
        connection.execute(
            _OPENED.format(gap=config.gap, views=view_table(site.views).table, now=now)
        )
        connection.execute(_PARTS.format(day=DAY, **limits))
        yield connection
    finally:
        connection.close()


def _sessions(connection: duckdb.DuckDBPyConnection, config: SessionsConfig) -> SessionLengths:
    lengths = connection.sql(
        "SELECT views, count(*) FROM sessions GROUP BY views ORDER BY views"
    ).fetchall()
    over = "SELECT coalesce(sum(views - {0}), 0) FROM {1} WHERE views > {0}"
    late = [
        int(connection.sql(over.format(limit, table)).fetchall()[0][0])
        for limit, table in ((config.max_views, "sessions"), (config.max_day_views, "days"))
    ]
    return SessionLengths(np.array(lengths, np.int64).reshape(-1, 2), *late)


def _reads(
    connection: duckdb.DuckDBPyConnection, n: int, now: int, learn_days: int
) -> ArticleStats:
    absent = {"views": 0, "week": 0, "first": -1, "timed": 0, "next_reads": 0, "lately": 0}
    found = {name: np.full(n, value, np.int64) for name, value in absent.items()}
    for query in (
        f"SELECT article, count(*) AS views, count(*) FILTER (time >= {now - 7 * DAY}) AS week, "
        "min(time) AS first, count(*) FILTER (read_time >= 0) AS timed FROM counted GROUP BY 1",
        "SELECT source AS article, count(*) AS next_reads, count(*) FILTER "
        f"(source_time >= {now - learn_days * DAY}) AS lately FROM counted "
        "WHERE source IS NOT NULL GROUP BY 1",
    ):
        columns = connection.sql(query).fetchnumpy()
        for name in columns.keys() - {"article"}:
            found[name][columns["article"]] = columns[name]
    return ArticleStats(**found)


def _early(connection: duckdb.DuckDBPyConnection, site: Site) -> tuple[int, float]:
    """Count the views that came before their article, and give the hours of their median."""
    # Rows are those of the articles: nothing was known before.
    published = site.articles.published
    connection.register(
        "published", {"article": np.arange(len(published), dtype=np.int32), "out": published}
    )
    early, lead = connection.sql(
        f"SELECT count(*), coalesce(median(out - time), 0) / {HOUR}.0 "
        f"FROM counted JOIN published USING (article) WHERE out < {NEVER} AND time < out"
    ).fetchall()[0]
    return int(early), float(lead)
