"""The `implicit` library's cosine between articles."""

from functools import partial
from pathlib import Path

from implicit.nearest_neighbours import CosineRecommender, normalize

from benchmarks.peers.clicks import counts, query_all
from benchmarks.speed.exact import Similarity, product
from benchmarks.speed.lists import NEAREST
from benchmarks.speed.process import THREADS
from benchmarks.speed.side import main


def similarity(path: Path) -> Similarity:
    """Compare by the product of the articles' columns, of length 1 each."""
    return product(normalize(counts(path).T).tocsr())


if __name__ == "__main__":
    main(partial(query_all, CosineRecommender(K=NEAREST + 1, num_threads=THREADS)), similarity)
