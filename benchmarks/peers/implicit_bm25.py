"""The `implicit` library's product of articles weighed by BM25."""

from functools import partial
from pathlib import Path

from implicit.nearest_neighbours import BM25Recommender, bm25_weight

from benchmarks.peers.clicks import counts, query_all
from benchmarks.speed.exact import Similarity, product
from benchmarks.speed.lists import NEAREST
from benchmarks.speed.process import THREADS
from benchmarks.speed.side import main


def similarity(path: Path) -> Similarity:
    """Compare by the product of the articles' columns as the model weighs them."""
    model = BM25Recommender()
    return product(bm25_weight(counts(path).T, model.K1, model.B).tocsr())


if __name__ == "__main__":
    main(partial(query_all, BM25Recommender(K=NEAREST + 1, num_threads=THREADS)), similarity)
