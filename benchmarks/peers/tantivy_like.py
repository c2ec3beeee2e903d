"""A search engine in the process: `tantivy`, each text as a more-like-this query."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tantivy

from benchmarks.peers.texts import texts
from benchmarks.speed.lists import NEAREST, Lists, less_itself
from benchmarks.speed.process import THREADS
from benchmarks.speed.side import Clock, main

HEAP = 256_000_000
"""Bytes that the writer may fill before it writes a segment."""


def lists(path: Path, clock: Clock) -> Lists:
    """Make the lists; a term counts from its first occurrence, of two texts that hold it."""
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


def build_index(given: list[str]) -> tantivy.Searcher:
    """Index the texts in memory; more-like-this reads them back, so they are stored."""
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
    main(lists)
