"""Statistics of a site's views: sessions, transitions, robots.

Sessions and counted views are those of training, whose SQL creates the table `collapsed`.
"""

# The SQL is built only from our own names and numbers.
# ruff: noqa: S608

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np

from training.config import ReadersConfig, SessionsConfig
from training.readers import OpenSessions, query, session_tables
from training.records import DAY, HOUR, NEVER, Int64, Site, Window

MAX_PERSON_VIEWS: Final = 200
"""Maximum views of a person on a UTC day: the busiest of 320,000 Globo readers has 154."""

MIN_ROBOT_REPEATS: Final = 50
"""Views of one article by one reader on a UTC day that indicate a robot: the maximum in Globo is 8.
"""

_AUDIENCE: Final = """
WITH reader_days AS (
    SELECT reader, time // {day} AS day, count(*) AS views FROM window_views
    WHERE reader IS NOT NULL GROUP BY ALL
), repeats AS (
    SELECT reader, max(views) AS most FROM (
        SELECT reader, count(*) AS views
        FROM window_views JOIN (FROM reader_days WHERE views >= {repeats}) AS busy USING (reader)
        WHERE time // {day} = busy.day GROUP BY reader, busy.day, article
    ) GROUP BY reader
), readers AS (
    SELECT reader, sum(views) AS views, max(reader_days.views) AS in_a_day,
           coalesce(max(most), 0) AS of_one
    FROM reader_days LEFT JOIN repeats USING (reader) GROUP BY reader
), marked AS (
    SELECT *, in_a_day > {person} OR of_one >= {repeats} AS robot FROM readers
)
SELECT count(*), max(views), count(*) FILTER (robot), sum(views) FILTER (robot), max(in_a_day),
       max(of_one) FROM marked
"""


@dataclass(frozen=True)
class AudienceStats:
    """The readers.

    Attributes
    ----------
    count : number of readers.
    busiest : largest number of views of one reader.
    robots, robots_views : number of readers with more than `MAX_PERSON_VIEWS` views on a day, or at
        least `MIN_ROBOT_REPEATS` of one article, and the number of all their views.
    most_in_a_day : largest number of views of one reader on a UTC day.
    most_of_one : largest number of views of one article by one reader on a UTC day; 0 if below
        `MIN_ROBOT_REPEATS`.
    """

    count: int
    busiest: int
    robots: int
    robots_views: int
    most_in_a_day: int
    most_of_one: int


@dataclass(frozen=True)
class SessionLengths:
    """Sessions by length, without reloads.

    Attributes
    ----------
    lengths : int64[k, 2], ascending: a number of views, and the number of sessions with it.
    over_session, over_day : views beyond the limit of their session (`sessions.max_views`) or of
        their reader's day (`sessions.max_day_views`), which do not count; some exceed both.
    """

    lengths: Int64
    over_session: int
    over_day: int


@dataclass(frozen=True)
class ArticleStats:
    """Counted views, by article.

    Attributes
    ----------
    views, week : int64[n], all views, and those of the last seven days.
    first : int64[n], time of the first view, µs UTC; -1 if there is none.
    timed : int64[n], views with a read time.
    next_reads, lately : int64[n], transitions from the article: all, and those whose view of the
        article is within the model's training days.
    """

    views: Int64
    week: Int64
    first: Int64
    timed: Int64
    next_reads: Int64
    lately: Int64


@dataclass(frozen=True)
class ViewStats:
    """All statistics of the views."""

    sessions: SessionLengths
    reads: ArticleStats
    readers: AudienceStats
    early: int
    """Views of an article before its publication."""
    lead: float
    """Median lead of those views, in hours."""


def view_stats(site: Site, now: int) -> ViewStats:
    """Return statistics of a site's views before a time, µs UTC."""
    config = site.config
    window = Window(0, now, site.views)
    with session_tables(
        window, OpenSessions.empty(), config.sessions, ReadersConfig()
    ) as connection:
        early, lead = _early_views(connection, site)
        return ViewStats(
            sessions=_session_lengths(connection, config.sessions),
            reads=_article_stats(connection, len(site.ids), now, config.ranking.learn_days),
            readers=_audience(connection),
            early=early,
            lead=lead,
        )


def _audience(connection: duckdb.DuckDBPyConnection) -> AudienceStats:
    bounds = {"person": MAX_PERSON_VIEWS, "repeats": MIN_ROBOT_REPEATS}
    found = connection.execute(_AUDIENCE.format(day=DAY, **bounds)).fetchall()[0]
    return AudienceStats(*(int(value or 0) for value in found))


def _session_lengths(
    connection: duckdb.DuckDBPyConnection, config: SessionsConfig
) -> SessionLengths:
    # The number of sessions with at least k views is the number of views at position k.
    at_least = np.array(
        connection.sql(
            "SELECT position, count(*) FROM collapsed WHERE reader IS NOT NULL "
            "GROUP BY position ORDER BY position"
        ).fetchall(),
        np.int64,
    ).reshape(-1, 2)
    position, sessions = at_least.T
    lengths = np.column_stack([position, sessions - np.append(sessions[1:], 0)])
    ((over_day,),) = connection.sql(
        f"SELECT coalesce(sum(views - {config.max_day_views}), 0) FROM (SELECT count(*) AS views "
        f"FROM collapsed WHERE reader IS NOT NULL GROUP BY reader, time // {DAY}) "
        f"WHERE views > {config.max_day_views}"
    ).fetchall()
    return SessionLengths(
        lengths[lengths[:, 1] > 0], int(sessions[position > config.max_views].sum()), int(over_day)
    )


def _article_stats(
    connection: duckdb.DuckDBPyConnection, n: int, now: int, learn_days: int
) -> ArticleStats:
    absent = {"views": 0, "week": 0, "first": -1, "timed": 0, "next_reads": 0, "lately": 0}
    stats = {name: np.full(n, value, np.int64) for name, value in absent.items()}
    for select in (
        f"SELECT article, count(*) AS views, count(*) FILTER (time >= {now - 7 * DAY}) AS week, "
        "min(time) AS first, count(*) FILTER (read_time >= 0) AS timed FROM collapsed "
        "WHERE counted = 1 GROUP BY 1",
        "SELECT source AS article, count(*) AS next_reads, count(*) FILTER "
        f"(source_time >= {now - learn_days * DAY}) AS lately FROM ({query('transitions')}) "
        "GROUP BY 1",
    ):
        columns = connection.sql(select).fetchnumpy()
        for name in columns.keys() - {"article"}:
            stats[name][columns["article"]] = columns[name]
    return ArticleStats(**stats)


def _early_views(connection: duckdb.DuckDBPyConnection, site: Site) -> tuple[int, float]:
    """Return the number of views before publication, and their median lead in hours."""
    # A site read without a state has one row per article, in this order.
    published = site.articles.published
    connection.register(
        "published", {"article": np.arange(len(published), dtype=np.int32), "out": published}
    )
    early, lead = connection.sql(
        f"SELECT count(*), coalesce(median(out - time), 0) / {HOUR}.0 FROM collapsed "
        f"JOIN published USING (article) WHERE counted = 1 AND out < {NEVER} AND time < out"
    ).fetchall()[0]
    return int(early), float(lead)
