"""Clicks as a user of pandas would read them, and implicit's item-to-item lists of them."""

from pathlib import Path

import numpy as np
import pandas as pd
from implicit.nearest_neighbours import ItemItemRecommender
from scipy.sparse import coo_matrix, csr_matrix

from benchmarks.speed.lists import NEAREST, Lists, less_itself
from benchmarks.speed.side import Clock


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


def query_all(model: ItemItemRecommender, path: Path, clock: Clock) -> Lists:
    """Fit a model on the clicks, and ask it for the lists of all articles."""
    with clock("read"):
        clicks = counts(path)
    with clock("fit"):
        model.fit(clicks, show_progress=False)
    with clock("queries"):
        rows, values = model.similar_items(np.arange(clicks.shape[1]), N=NEAREST + 1)
        return less_itself(rows, values)
