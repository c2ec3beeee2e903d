"""`tantivy`, a search engine in the process: more-like-this among the stories of some hours."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import tantivy

from benchmarks.peers.workers.session import Answer, Past, Question, Rows, Setting, main

HOUR = 3_600_000_000
HEAP = 50_000_000
"""Bytes that the writer may fill before it writes a segment."""

OVERFETCH = 60
"""Texts to fetch, so that n are left after the eligibility filter."""


@cache
def texts(site: Path) -> list[str]:
    """Read the text of each row."""
    with (site / "texts.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def more_like_this(past: Past, setting: Setting) -> Answer:
    """Index the stories that became known in the last hours; a source's text is the query."""
    given = texts(past.site)
    young = (past.known < past.now) & (past.known >= past.now - setting["hours"] * HOUR)
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("text")
    fields.add_integer_field("row", fast=True)
    schema = fields.build()
    index = tantivy.Index(schema)
    writer = index.writer(HEAP, 1)
    for row in np.flatnonzero(young).tolist():
        writer.add_document(tantivy.Document(text=given[row], row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def answer(question: Question) -> Rows:
        found: list[tuple[int, int, float]] = []
        for number, source in enumerate(question.sources.tolist()):
            query = tantivy.Query.more_like_this_document_fields_query(
                schema,
                {"text": [given[source]]},
                min_doc_frequency=1,
                min_term_frequency=1,
                max_query_terms=setting["terms"],
            )
            hits = searcher.search(query, limit=OVERFETCH, count=False).hits
            rows = searcher.fast_field_values("row", [address for _, address in hits])
            found += [(number, row, hit) for row, (hit, _) in zip(rows, hits, strict=True)]
        columns = np.array(found, np.float64).reshape(-1, 3)
        return question.best(columns[:, 0].astype(int), columns[:, 1].astype(int), columns[:, 2])

    return answer


if __name__ == "__main__":
    main({"tantivy": more_like_this})
