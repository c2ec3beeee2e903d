"""TF-IDF and the k largest products of sparse matrices by `sparse_dot_topn`."""

from pathlib import Path

import numpy as np
from sparse_dot_topn import sp_matmul_topn

from benchmarks.peers.texts import similarity, tfidf
from benchmarks.speed.lists import NEAREST, Lists, best_per_row, less_itself
from benchmarks.speed.process import THREADS
from benchmarks.speed.side import Clock, main


def lists(path: Path, clock: Clock) -> Lists:
    """Make the lists."""
    with clock("vectors"):
        vectors = tfidf(path)
    with clock("neighbours"):
        n = vectors.shape[0]
        found = sp_matmul_topn(vectors, vectors.T.tocsr(), top_n=NEAREST + 1, n_threads=THREADS)
        row = np.repeat(np.arange(n), np.diff(found.indptr))
        return less_itself(*best_per_row(row, found.indices, found.data, n, NEAREST + 1))


if __name__ == "__main__":
    main(lists, similarity)
