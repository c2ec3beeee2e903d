"""Figures of a site's input by which one sees, without an older version, whether it makes sense."""

import re
from collections.abc import Iterable
from typing import Final

import numpy as np

from training.records import BUCKET, DAY, HOUR, NEVER, Site, ViewSource, utc

MIN_MATCH_VIEWS: Final = 100
"""Minimum number of views to measure the share of them that match an article."""

MIN_VIEWS: Final = 500
"""Minimum number of views to measure who reads, robots, and the share of unknown articles."""

ROBOT_WINDOW: Final = 3 * HOUR
"""Time before the end in which to look for robots."""

MIN_ARTICLES: Final = 20
"""Minimum number of articles to measure titles, and articles that may stand in a list."""

STEADY_HALF_LIFE, STEADY_VIEWS = 72, 2000
"""Half-life in hours, and the decayed views from which hours without views mean a truncated log."""

RECENT: Final = (ROBOT_WINDOW, DAY, 7 * DAY, 30 * DAY)
"""Times before the end; the first with `MIN_WINDOW_VIEWS`, or the last, shows who reads."""

MIN_WINDOW_VIEWS: Final = 10_000
"""Number of views of which one robot's are few."""

_MARKUP: Final = re.compile(
    r"""</?[a-z][^<>]*> | &(\#\d+|\#x[0-9a-f]+|[a-z]{2,8}); | ^\s*[\[{]\s*["{\[]""", re.I | re.X
)
"""A tag, an entity, or the beginning of JSON."""


def input_figures(site: Site, end: int) -> dict[str, float]:
    """Measure how the views fit the articles, and who reads.

    Parameters
    ----------
    site : Site
    end : int
        µs UTC: later views do not count.

    Returns
    -------
    dict
        `matched`, share of the views that match an article of the files; `readers`, number of
        readers of the recent views, and `one_reader`, the largest share of one of them, or of a
        value that names nobody. A figure that too few views show is not there.
    """
    figures: dict[str, float] = {}
    unknown = int(site.traffic.unknown[site.traffic.hour < end].sum())
    matched = site.views.count_between(0, end)
    if site.read["articles"] and matched + unknown >= MIN_MATCH_VIEWS:
        figures["matched"] = round(matched / (matched + unknown), 4)
    starts = [end - span - (end - span) % BUCKET for span in RECENT]
    counts = [site.views.count_between(start, end) for start in starts]
    start = next(
        (s for s, n in zip(starts, counts, strict=True) if n >= MIN_WINDOW_VIEWS), starts[-1]
    )
    if counts[-1] >= MIN_VIEWS:
        found = site.views.read_counts(start, end)
        _, reader = np.unique(found["reader"], return_inverse=True)
        by_reader = np.bincount(reader, found["views"])
        # Where one value names nobody in nearly all views, the column is the wrong one.
        _, nobody = site.anonymous.most_frequent()
        figures["readers"] = float(len(by_reader))
        busiest = float(by_reader.max(initial=0) / max(1, by_reader.sum()))
        figures["one_reader"] = round(max(busiest, nobody / max(1, site.read["views"])), 4)
    return figures


def title_figures(titles: Iterable[str], *, has_text: bool) -> dict[str, float]:
    """Measure the titles of a site's articles.

    Parameters
    ----------
    titles : iterable of str
        The title of each article, `""` where it has none.
    has_text : bool
        Whether any article has a text; a site of ids alone has no titles either.

    Returns
    -------
    dict
        `titled`, share of the articles that have a title; `markup`, share of the titles with tags,
        entities or JSON. A figure that too few articles show is not there.
    """
    found = list(titles)
    written = [title for title in found if title.strip()]
    figures: dict[str, float] = {}
    if has_text and len(found) >= MIN_ARTICLES:
        figures["titled"] = round(len(written) / len(found), 4)
    if len(written) >= MIN_ARTICLES:
        figures["markup"] = round(sum(map(bool, map(_MARKUP.search, written))) / len(written), 4)
    return figures


def age_figures(site: Site, end: int) -> dict[str, float]:
    """Measure the age of the newest view: `view_age`, hours, where the site has enough views."""
    traffic = site.traffic
    inside = traffic.hour < end
    weight = 0.5 ** ((end - traffic.hour[inside]) / (STEADY_HALF_LIFE * HOUR))
    steady = float(((traffic.views - traffic.unknown)[inside] * weight).sum())
    return {"view_age": max(0, end - site.views.newest) / HOUR} if steady >= STEADY_VIEWS else {}


def robot_figures(views: ViewSource, end: int) -> dict[str, float]:
    """Measure the last hours: `repeated`, of `repeated_views`, where there are enough views."""
    recent, repeated = repeated_views(views, end - ROBOT_WINDOW, end)
    return {"repeated": round(repeated, 4)} if recent >= MIN_VIEWS else {}


def causes(site: Site, end: int) -> dict[str, str]:
    """Say what the files show of the cause of an odd figure, by its name."""
    found = {}
    strangers = list(site.traffic.unknown_ids)[:1]
    names = [name for name in (*site.articles.url[:1], *site.articles.id[:1]) if name][:1]
    if strangers and names:
        view, article = (name.partition("?")[0] for name in (strangers[0], names[0]))
        found["matched"] = f"a view names {view!r}, an article {article!r}"  # no query: of a reader
    published = site.articles.published
    newest = int(published[(published < end) & (published != NEVER)].max(initial=-1))
    if 0 <= site.views.newest < end:
        ends = f"the views end at {utc(site.views.newest)[:16]}"
        gap = (newest - site.views.newest) / HOUR
        more = f", {gap:,.0f} hours before the articles do" if gap >= 1 else ""
        found["view_age"] = ends + more
    return found


def repeated_views(views: ViewSource, start: int, end: int) -> tuple[int, float]:
    """Measure whether few readers open one article many times, as robots do.

    Returns
    -------
    int
        Views in [start, end), µs UTC, from the beginning of `start`'s bucket.
    float
        The largest difference between an article's share of these views and its share of the
        (article, reader) pairs. It is near 0 if readers open a story once, however many they are,
        and 0 without views.
    """
    found = views.read_counts(start - start % BUCKET, end)
    if not len(found["views"]):
        return 0, 0.0
    counts = np.bincount(found["article"], found["views"])
    readers = np.bincount(found["article"])
    return int(counts.sum()), float((counts / counts.sum() - readers / readers.sum()).max())
