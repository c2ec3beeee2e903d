"""LensKit: item-kNN on implicit feedback, with the source as the whole history."""

import logging

import numpy as np
import pandas as pd
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import ItemKNNScorer

from benchmarks.peers.workers.session import Answer, Past, Question, Rows, Setting, main


def knn(past: Past, setting: Setting) -> Answer:
    """Fit the scorer, and let it score all eligible articles for each source."""
    if not len(past.article):
        return lambda question: question.nothing
    read = pd.DataFrame({"user_id": past.who(setting["unit"]), "item_id": past.article})
    scorer = ItemKNNScorer(feedback="implicit")
    scorer.train(from_interactions_df(read.drop_duplicates()))
    rows = np.unique(past.article)

    def answer(question: Question) -> Rows:
        there, places = question.places(rows)
        allowed = rows[question.eligible[rows]]
        items = ItemList(item_ids=allowed)
        index, target, value = [], [], []
        for number, place in zip(there.tolist(), places.tolist(), strict=True):
            query = RecQuery(user_items=ItemList(item_ids=rows[place : place + 1]))
            scores = scorer(query, items).scores()
            found = np.flatnonzero(scores > 0)
            index.append(np.full(len(found), number))
            target.append(allowed[found])
            value.append(scores[found])
        none = np.zeros(0, np.int64)
        return question.best(*(np.concatenate([none, *part]) for part in (index, target, value)))

    return answer


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main({"knn": knn})
