"""A site as it was at a time: what came later is not in it, so nothing can use it."""

from dataclasses import replace

import numpy as np

from training.data.views import ViewTable
from training.ranking import known_at
from training.records import NEVER, Int32, Site, Traffic, ViewRows


def as_of(site: Site, time: int) -> Site:
    """Return a site with the articles and views that were known before a time.

    Parameters
    ----------
    site : Site
        As read; not modified.
    time : int
        µs UTC. An article is known from its publish time, else from its first view; one with
        neither before `time` is left out with its views.

    Returns
    -------
    Site
        With new row numbers in the same order, and a table of views before `time` of its own. Its
        report on reading (counts, quarantine) is empty.
    """
    place = {article: at for at, article in enumerate(site.articles.id)}
    published = site.articles.published[[place[article] for article in site.ids]]
    known = known_at(published, site.views.first_views(len(site.ids), time))
    rows = np.flatnonzero(known < time)
    ids = [site.ids[row] for row in rows.tolist()]
    articles = site.articles.pick(sorted(place[article] for article in ids))
    views = _views(site.views.rows(), rows.astype(np.int32), time)
    return replace(
        site,
        ids=ids,
        articles=articles,
        views=views,
        traffic=Traffic.empty(),
        read={},
        quarantine=(),
        left_out={},
    )


def _views(views: ViewRows, rows: Int32, time: int) -> ViewTable:
    """Copy the views of some rows before a time, under their new row numbers."""
    connection, table = views.connection, f"views_before_{time:d}"
    connection.register("kept_rows", {"old": rows, "row": np.arange(len(rows), dtype=np.int32)})
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {views.table}.* REPLACE (row AS article) "  # noqa: S608
        f"FROM {views.table} JOIN kept_rows ON article = old WHERE time < {time:d} "
        "ORDER BY ALL"
    )
    connection.unregister("kept_rows")
    found = connection.table(table).aggregate("count(*), min(time), max(time)").fetchall()
    count, start, newest = found[0]
    if not count:
        return ViewTable(connection, table, 0, NEVER, -1)
    return ViewTable(connection, table, count, start, newest)
