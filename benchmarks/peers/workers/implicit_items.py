"""The package `implicit`: three item-to-item models by common readers, and ALS's item factors."""

import warnings

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import (
    BM25Recommender,
    CosineRecommender,
    ItemItemRecommender,
    TFIDFRecommender,
)
from implicit.recommender_base import RecommenderBase
from threadpoolctl import threadpool_limits

from benchmarks.peers.workers.session import Answer, Fit, Past, Question, Rows, Setting, main

THREADS = 1
"""More threads wait for each other if other programs use the cores too."""

OVERFETCH = 200
"""Neighbours to keep, so that n are left after the eligibility filter."""


def neighbours(make: type[ItemItemRecommender]) -> Fit:
    """Return how an item-to-item model is fitted."""

    def fit(past: Past, setting: Setting) -> Answer:
        given = {"K1": setting["K1"]} if "K1" in setting else {}
        return fitted(make(K=OVERFETCH, num_threads=THREADS, **given), past, setting)

    return fit


def als(past: Past, setting: Setting) -> Answer:
    """Fit alternating least squares; near is the cosine between factors of articles."""
    with threadpool_limits(1, "blas"):  # it warns of more, and has its own threads
        model = AlternatingLeastSquares(setting["factors"], num_threads=THREADS, random_state=0)
        return fitted(model, past, setting)


def fitted(model: RecommenderBase, past: Past, setting: Setting) -> Answer:
    """Fit a model on who read what, and ask it for the articles most like each source."""
    counts, rows = past.counts(setting["unit"])
    if not len(rows):
        return lambda question: question.nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the layout in which it passes arrays to itself
        model.fit(counts.astype(np.float32), show_progress=False)

    def answer(question: Question) -> Rows:
        there, places = question.places(rows)
        if not len(there):
            return question.nothing
        found, value = model.similar_items(places, N=min(OVERFETCH, len(rows)))
        index = np.repeat(there, found.shape[1])
        return question.best(index, rows[found.ravel()], value.ravel())

    return answer


if __name__ == "__main__":
    main(
        {
            "cosine": neighbours(CosineRecommender),
            "bm25": neighbours(BM25Recommender),
            "tfidf": neighbours(TFIDFRecommender),
            "als": als,
        }
    )
