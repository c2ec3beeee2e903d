"""V-SkNN, a session-based nearest-neighbour recommender, written from its paper.

Ludewig and Jannach, Evaluation of session-based recommendation algorithms, User Modeling and
User-Adapted Interaction 28, 2018, section 3.2.3: no maintained package has it. The visit that goes
on is a vector of weights, 1 for the article opened last and linearly less for earlier ones; past
visits are binary. Of the most recent visits that share an article with it, the k with the largest
dot product are its neighbours, and an article's score is the sum over the neighbours that hold it.
"""

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.peers.workers.session import Answer, Past, Question, Rows, Setting, main

SAMPLE = 5000
"""Most recent visits that may become neighbours."""


def vsknn(past: Past, setting: Setting) -> Answer:
    """Number the visits of the past by their last view, so that a higher number is more recent."""
    k = int(setting["k"])
    visits, rows = past.counts("visit")
    visits.data[:] = 1
    last = np.zeros(visits.shape[0], np.int64)
    np.maximum.at(last, past.who("visit"), past.time)
    visits = visits[np.argsort(last, kind="stable")].tocsr()
    holding = visits.T.tocsr()

    def answer(question: Question) -> Rows:
        if not len(rows):
            return question.nothing
        near = neighbours((weights(question.asked, rows) @ holding).tocsr(), k)
        scores = (near @ visits).sorted_indices().tocoo()  # ties go to the lower row
        return question.best(scores.row, rows[scores.col], scores.data)

    return answer


def weights(asked: Rows, rows: np.ndarray) -> csr_matrix:
    """Weight the articles of each visit, the latest first: float64[q, rows], (v − place) / v."""
    length = (asked >= 0).sum(axis=1)
    decay = 1 - np.arange(asked.shape[1])[None, :] / np.maximum(length, 1)[:, None]
    index, place = np.nonzero((asked >= 0) & np.isin(asked, rows))
    column = np.searchsorted(rows, asked[index, place])
    shape = len(asked), len(rows)
    found = csr_matrix((decay[index, place], (index, column)), shape=shape)
    found.sum_duplicates()
    return found


def neighbours(products: csr_matrix, k: int) -> csr_matrix:
    """Keep the k largest of each line's most recent products; of equal ones the more recent."""
    kept = []
    for begin, end in zip(products.indptr[:-1], products.indptr[1:], strict=True):
        visit, product = products.indices[begin:end], products.data[begin:end]
        recent = np.argsort(-visit)[:SAMPLE]
        best = np.argsort(-product[recent], kind="stable")[:k]
        kept.append(begin + recent[best])
    at = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    index = np.repeat(np.arange(len(kept)), [len(places) for places in kept])
    return csr_matrix((products.data[at], (index, products.indices[at])), shape=products.shape)


if __name__ == "__main__":
    main({"vsknn": vsknn})
