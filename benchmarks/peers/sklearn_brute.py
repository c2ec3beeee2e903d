"""TF-IDF and scikit-learn's `NearestNeighbors` by brute force."""

from pathlib import Path

import numpy as np
from sklearn.neighbors import NearestNeighbors

from benchmarks.peers.texts import similarity, tfidf
from benchmarks.speed.lists import NEAREST, Lists
from benchmarks.speed.process import THREADS
from benchmarks.speed.side import Clock, main


def lists(path: Path, clock: Clock) -> Lists:
    """Make the lists."""
    with clock("vectors"):
        vectors = tfidf(path)
    with clock("neighbours"):
        index = NearestNeighbors(metric="cosine", algorithm="brute", n_jobs=THREADS).fit(vectors)
        distance, rows = index.kneighbors(n_neighbors=NEAREST)
        return Lists(rows.astype(np.int32), (1 - distance).astype(np.float32))


if __name__ == "__main__":
    main(lists, similarity)
