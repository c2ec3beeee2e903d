"""Clicks to the nearest by co-view, by the trainer's own reader and increments.

Rows are in ascending order of the article's number.
"""

from pathlib import Path

import numpy as np
from scipy.sparse import coo_array

from benchmarks.speed.lists import NEAREST, Lists, best_per_row
from benchmarks.speed.process import ROOT
from benchmarks.speed.side import Clock, main
from training import read
from training.pipeline import windows
from training.readers import OpenSessions, concatenate, count


def lists(path: Path, clock: Clock) -> Lists:
    """Sum each pair's weights in both directions; similarity is the share of both sums."""
    with clock("read"):
        site = read(ROOT / "examples" / "globo.toml", views=[str(path)])
    n = len(site.ids)
    with clock("pairs"):
        parts, still_open = [], OpenSessions.empty()
        sessions, readers = site.config.sessions, site.config.readers
        for window in windows(site, site.views.start, site.views.newest + 1):
            increments, still_open = count(window, still_open, sessions, readers)
            parts.append(increments)
        pairs = concatenate(parts).pairs
        one_way = coo_array((pairs.weight, (pairs.source, pairs.target)), (n, n)).tocsr()
        both = (one_way + one_way.T).tocoo()
    with clock("neighbours"):
        root = np.sqrt(both.sum(axis=1))
        share = both.data / (root[both.row] * root[both.col])
        found = Lists(*best_per_row(both.row, both.col, share, n, NEAREST))
        numbers = np.array(site.ids).astype(np.int64)
        return found.renumber(np.argsort(np.argsort(numbers)))


if __name__ == "__main__":
    main(lists)
