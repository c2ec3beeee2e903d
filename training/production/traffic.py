"""What the views of a run look like; the gate compares it with the served version's."""

from typing import Final

import numpy as np

from training.readers import reader_stats
from training.records import BUCKET, DAY, HOUR, Site, ViewSource
from training.run import Run

MIN_VIEWS: Final = 500
"""Views below which the shares of robots and of unknown articles are not measured."""

ROBOT_WINDOW: Final = 3 * HOUR
"""Time before now in which robots are looked for."""

STEADY_HALF_LIFE, STEADY_VIEWS = 72, 2000
"""Half-life in hours, and decayed views, from which hours without a view mean a cut-off log."""


def traffic_of(run: Run, site: Site) -> dict[str, float | int | None]:
    """Measure the views of a run.

    Returns
    -------
    dict
        `newest_view`, µs UTC, None for a site with too few views to judge by; `repeated`, as
        `repeated_views` gives it, over the last hours, 0 if there are few; `unknown`, the share of
        the last day's views that name an unknown article, None if there are few.
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
    """Measure whether few readers open one article again and again, as robots do.

    Returns
    -------
    int
        Views in [start, end), µs UTC, from the beginning of the bucket that `start` lies in.
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
