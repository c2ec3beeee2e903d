"""Clicks to the nearest of each article, as a user of `implicit` or of pandas would find them.

python -m benchmarks.peers.clicks cosine|bm25|join INPUT OUTPUT

`join` is a plain self-join of sessions: pairs within ten steps, weighted 1 / distance. Sessions are
the reader's clicks without a pause of more than 30 minutes, reloads left out, the first 50 of each:
what our side counts, written in another way, so that it is what ours is held to.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix

from benchmarks.speed.lists import (
    NEAREST,
    Clock,
    Lists,
    Similarity,
    best_per_row,
    less_itself,
    main,
    product,
)
from benchmarks.speed.process import THREADS

PAUSE = 30 * 60 * 1000
"""Milliseconds."""

LONGEST, STEPS = 50, 10


def read(path: Path, *more: str) -> pd.DataFrame:
    """Read users and articles, and further columns; `item` numbers articles in ascending order."""
    clicks = pd.read_parquet(path, columns=["user_id", "click_article_id", *more])
    clicks["item"], _ = pd.factorize(clicks["click_article_id"], sort=True)
    return clicks


def counts(path: Path) -> csr_matrix:
    """Count the clicks of each user (rows) on each article (columns)."""
    clicks = read(path)
    user, users = pd.factorize(clicks["user_id"])
    once = np.ones(len(clicks), np.float64)
    shape = len(users), clicks["item"].max() + 1
    return coo_matrix((once, (user, clicks["item"])), shape).tocsr()


def implicit(kind: str, path: Path, clock: Clock) -> Lists:
    """Fit a model of `implicit` on the clicks, and ask it for the lists of all articles."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    kinds = {"cosine": CosineRecommender, "bm25": BM25Recommender}
    model = kinds[kind](K=NEAREST + 1, num_threads=THREADS)
    with clock("read"):
        clicks = counts(path)
    with clock("fit"):
        model.fit(clicks, show_progress=False)
    with clock("queries"):
        rows, values = model.similar_items(np.arange(clicks.shape[1]), N=NEAREST + 1)
        return less_itself(rows, values)


def implicit_similarity(kind: str, path: Path) -> Similarity:
    """Compare by the product of the articles' columns as a model of `implicit` weighs them."""
    from implicit.nearest_neighbours import BM25Recommender, bm25_weight, normalize

    columns = counts(path).T
    if kind == "cosine":
        return product(normalize(columns).tocsr())
    model = BM25Recommender()
    return product(bm25_weight(columns, model.K1, model.B).tocsr())


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


def join(path: Path, clock: Clock) -> Lists:
    """Make the lists of the self-join."""
    share = shares(path, clock).tocoo()
    with clock("neighbours"):
        table = pd.DataFrame({"row": share.row, "column": share.col, "value": share.data})
        best = table.sort_values("value", ascending=False).groupby("row").head(NEAREST)
        columns = (best[name].to_numpy() for name in ("row", "column", "value"))
        return Lists(*best_per_row(*columns, share.shape[0], NEAREST))


def join_similarity(path: Path) -> Similarity:
    """Compare by shares."""
    share = shares(path, Clock())
    return lambda sources: np.asarray(share[sources].toarray())


if __name__ == "__main__":
    models = {
        kind: (partial(implicit, kind), partial(implicit_similarity, kind))
        for kind in ("cosine", "bm25")
    }
    main({**models, "join": (join, join_similarity)})
