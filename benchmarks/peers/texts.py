"""Texts to their nearest, as a user of scikit-learn or of a search engine would find them.

python -m benchmarks.peers.texts brute|dot|tantivy INPUT OUTPUT

A process loads only the package that it is to show.
"""

import csv
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

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

if TYPE_CHECKING:
    import tantivy

HEAP = 256_000_000
"""Bytes that the search engine's writer may fill before it writes a segment."""


def texts(path: Path) -> list[str]:
    """Read titles and bodies from JSON Lines, or titles from a table, in the file's order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            articles = map(json.loads, lines)
            return [f"{article['title']}\n{article['body']}" for article in articles]
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["slug_words"] for row in table]


def tfidf(path: Path) -> csr_matrix:
    """Weight all terms by scikit-learn's default TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return csr_matrix(TfidfVectorizer(dtype=np.float32).fit_transform(texts(path)))


def similarity(path: Path) -> Similarity:
    """Compare by cosine over all terms."""
    return product(tfidf(path))


def brute(path: Path, clock: Clock) -> Lists:
    """Make the lists by scikit-learn's `NearestNeighbors` by brute force."""
    from sklearn.neighbors import NearestNeighbors

    with clock("vectors"):
        vectors = tfidf(path)
    with clock("neighbours"):
        index = NearestNeighbors(metric="cosine", algorithm="brute", n_jobs=THREADS).fit(vectors)
        distance, rows = index.kneighbors(n_neighbors=NEAREST)
        return Lists(rows.astype(np.int32), (1 - distance).astype(np.float32))


def dot(path: Path, clock: Clock) -> Lists:
    """Make the lists by the k largest products of sparse matrices, by `sparse_dot_topn`."""
    from sparse_dot_topn import sp_matmul_topn

    with clock("vectors"):
        vectors = tfidf(path)
    with clock("neighbours"):
        n = vectors.shape[0]
        found = sp_matmul_topn(vectors, vectors.T.tocsr(), top_n=NEAREST + 1, n_threads=THREADS)
        row = np.repeat(np.arange(n), np.diff(found.indptr))
        return less_itself(*best_per_row(row, found.indices, found.data, n, NEAREST + 1))


def more_like_this(path: Path, clock: Clock) -> Lists:
    """Make the lists by `tantivy`, a search engine in the process: each text is a query.

    A term counts from its first occurrence, if two texts hold it.
    """
    import tantivy

    with clock("read"):
        given = texts(path)
    with clock("index"):
        searcher = build_index(given)
    with clock("queries"):
        found = searcher.search(tantivy.Query.all_query(), limit=len(given), count=False).hits
        addresses = [address for _, address in found]
        rows = np.full((len(given), NEAREST + 1), -1, np.int32)
        scores = np.zeros(rows.shape, np.float32)

        def ask(address: tantivy.DocAddress) -> None:
            query = tantivy.Query.more_like_this_query(
                address, min_doc_frequency=2, min_term_frequency=1
            )
            hits = searcher.search(query, limit=NEAREST + 1, count=False).hits
            near = [hit for _, hit in hits]
            own, *others = searcher.fast_field_values("row", [address, *near])
            rows[own, : len(hits)] = others
            scores[own, : len(hits)] = [score for score, _ in hits]

        with ThreadPoolExecutor(THREADS) as pool:
            for _ in pool.map(ask, addresses):
                pass
        return less_itself(rows, scores)


def build_index(given: list[str]) -> "tantivy.Searcher":
    """Index the texts in memory; more-like-this reads them back, so they are stored."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=True)
    schema.add_integer_field("row", fast=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(HEAP, THREADS)
    for row, text in enumerate(given):
        writer.add_document(tantivy.Document(text=text, row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher()


if __name__ == "__main__":
    main(
        {"brute": (brute, similarity), "dot": (dot, similarity), "tantivy": (more_like_this, None)}
    )
