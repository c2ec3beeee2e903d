"""Our side of the comparisons, run as a whole process like those of the peers.

python -m benchmarks.ours newswire|headlines|globo INPUT OUTPUT

Texts to their nearest, by the trainer's own reader, vectors and neighbours, rows in ascending order
of id; clicks to the nearest by co-view, by its own reader and increments, rows in ascending order
of the article's number.
"""

from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array

from benchmarks.speed.lists import (
    NEAREST,
    Clock,
    Lists,
    Maker,
    Similarity,
    best_per_row,
    less_itself,
    main,
    product,
)
from benchmarks.speed.process import ROOT, THREADS
from training import Site, read
from training.pipeline import windows
from training.readers import OpenSessions, concatenate, count
from training.texts import learn, neighbours
from training.texts.terms import Vectors


def read_texts(config: str, path: Path) -> Site:
    """Read articles under an example's config."""
    return read(ROOT / "examples" / f"{config}.toml", articles=[str(path)])


def vectors_of(site: Site) -> Vectors:
    """Vectorize all articles, without the collapse of near-duplicates."""
    n = len(site.articles)
    config = site.config.texts.model_copy(update={"near_identical": 0.0})
    return learn(site.articles, np.arange(n, dtype=np.int32), n, config, THREADS).vectors


def nearest_texts(config: str, path: Path, clock: Clock) -> Lists:
    """Make the lists of texts."""
    with clock("read"):
        site = read_texts(config, path)
    with clock("vectors"):
        vectors = vectors_of(site)
    with clock("neighbours"):
        return less_itself(*neighbours(vectors, NEAREST + 1, jobs=THREADS))


def similarity(config: str, path: Path) -> Similarity:
    """Compare texts by the product of their vectors."""
    return product(vectors_of(read_texts(config, path)))


def nearest_clicks(path: Path, clock: Clock) -> Lists:
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


def of_texts(config: str) -> Maker:
    """Return how lists of texts are made and checked under an example's config."""
    return partial(nearest_texts, config), partial(similarity, config)


if __name__ == "__main__":
    texts = {config: of_texts(config) for config in ("newswire", "headlines")}
    main({**texts, "globo": (nearest_clicks, None)})
