"""A plain self-join of sessions by pandas: pairs within ten steps, weighted 1/distance.

Sessions are the reader's clicks without a pause of more than 30 minutes, reloads left out, the
first 50 of each: what our side counts, written in another way, so that it is what ours is held to.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from benchmarks.peers.clicks import read
from benchmarks.speed.exact import Similarity
from benchmarks.speed.lists import NEAREST, Lists, best_per_row
from benchmarks.speed.side import Clock, main

PAUSE = 30 * 60 * 1000
"""Milliseconds."""

LONGEST, STEPS = 50, 10


def shares(path: Path, clock: Clock) -> csr_matrix:
    """Join each session with itself; return each pair's share of both articles' sums."""
    with clock("read"):
        clicks = read(path, "click_timestamp").drop_duplicates()
    with clock("sessions"):
        clicks = clicks.sort_values(["user_id", "click_timestamp", "click_article_id"])
        before = clicks.shift()
        starts = (clicks.user_id != before.user_id) | (
            clicks.click_timestamp - before.click_timestamp > PAUSE
        )
        clicks["session"] = starts.cumsum()
        clicks = clicks[starts | (clicks.item != before.item)]
        place = clicks.groupby("session").cumcount()
        steps = clicks[["session", "item"]].assign(place=place)[place < LONGEST]
    with clock("join"):
        pairs = steps.merge(steps, on="session", suffixes=("", "_later"))
        distance = pairs.place_later - pairs.place
        near = (distance > 0) & (distance <= STEPS) & (pairs.item != pairs.item_later)
        pairs = pairs[near].assign(weight=1 / distance[near])
        sums = pairs.groupby(["item", "item_later"]).weight.sum()
    with clock("shares"):
        n = int(clicks.item.max()) + 1
        source, target = (sums.index.get_level_values(level) for level in (0, 1))
        one_way = csr_matrix((sums.to_numpy(), (source, target)), (n, n))
        both = (one_way + one_way.T).tocoo()
        root = np.sqrt(np.asarray(both.sum(axis=1)).ravel())
        both.data = both.data / (root[both.row] * root[both.col])
        return both.tocsr()


def lists(path: Path, clock: Clock) -> Lists:
    """Make the lists."""
    share = shares(path, clock).tocoo()
    with clock("neighbours"):
        table = pd.DataFrame({"row": share.row, "column": share.col, "value": share.data})
        best = table.sort_values("value", ascending=False).groupby("row").head(NEAREST)
        columns = (best[name].to_numpy() for name in ("row", "column", "value"))
        return Lists(*best_per_row(*columns, share.shape[0], NEAREST))


def similarity(path: Path) -> Similarity:
    """Compare by shares."""
    share = shares(path, Clock())
    return lambda sources: np.asarray(share[sources].toarray())


if __name__ == "__main__":
    main(lists, similarity)
