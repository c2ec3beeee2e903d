"""Traffic figures of a run, which the gate compares with those of the served version."""

from typing import Final

import numpy as np

from training.readers import reader_stats
from training.records import BUCKET, DAY, HOUR, Site, ViewSource
from training.run import Run

MIN_VIEWS: Final = 500
"""Minimum number of views to measure the shares of robots and of unknown articles."""

ROBOT_WINDOW: Final = 3 * HOUR
"""Time before `now` in which to look for robots."""

STEADY_HALF_LIFE, STEADY_VIEWS = 72, 2000
"""Half-life in hours, and the decayed views from which hours without views mean a truncated log."""


def traffic_of(run: Run, site: Site) -> dict[str, float | int | None]:
    """Measure the views of a run.

    Returns
    -------
    dict
        `newest_view`, µs UTC, None if the site has too few views; `repeated`, the difference of
        shares from `repeated_views` over the last hours, 0 if there are few views; `unknown`, the
        share of the last day's views of unknown articles, None if there are few views.
    """
    readers = reader_stats(run.state.sums, run.config.readers)
    newest = int(readers.last_view.max(initial=-1))
    steady = readers.views[:, run.config.readers.nearest_view_life(STEADY_HALF_LIFE)].sum()
    end = run.state.time
    recent, repeated = repeated_views(site.views, end - ROBOT_WINDOW, end)
    unknown = site.traffic.unknown_share(end - DAY, end, MIN_VIEWS)
    return {
        "newest_view": newest if steady >= STEADY_VIEWS else None,
        "repeated": round(repeated, 4) if recent >= MIN_VIEWS else 0.0,
        "unknown": None if unknown is None else round(unknown, 4),
    }


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
