"""RecTools: item-kNN (TF-IDF weights), EASE, and the most popular of the source's section."""

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd
from implicit.nearest_neighbours import TFIDFRecommender
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import EASEModel, ImplicitItemKNNWrapperModel, PopularModel
from rectools.models.base import ModelBase

from benchmarks.peers.workers.session import Answer, Past, Question, Rows, Setting, main

THREADS = 1
"""More threads wait for each other if other programs use the cores too."""

NEIGHBOURS = 200
"""Neighbours to keep of each article, so that enough are left after the eligibility filter."""

MAX_ARTICLES = 1500
"""Articles that EASE is fitted on, the most viewed: it inverts a matrix with a row for each."""


def knn(past: Past, setting: Setting) -> Answer:
    """Fit the library's nearest neighbours, as in its documentation."""
    model = ImplicitItemKNNWrapperModel(TFIDFRecommender(K=NEIGHBOURS, num_threads=THREADS))
    return item_to_item(model, interactions(past, setting["unit"]))


def ease(past: Past, setting: Setting) -> Answer:
    """Fit the shallow autoencoder; similarity is the weight between two articles."""
    rows, views = np.unique(past.article, return_counts=True)
    most = rows[np.argsort(-views, kind="stable")[:MAX_ARTICLES]]
    given = interactions(past, setting["unit"])
    model = EASEModel(regularization=setting["regularization"], recommend_n_threads=THREADS)
    return item_to_item(model, given[given[Columns.Item].isin(most)])


def popular(past: Past, setting: Setting) -> Answer:
    """Fit popularity within the source's section."""
    given = interactions(past, "reader")
    section = np.load(past.site / "section.npy")
    if given.empty:
        return lambda question: question.nothing
    dataset = Dataset.construct(given)
    model = PopularModel(popularity=setting["popularity"]).fit(dataset)
    seen = np.unique(past.article)
    reader = given[Columns.User].iloc[:1].to_numpy()

    def answer(question: Question) -> Rows:
        lists = question.nothing
        allowed = seen[question.eligible[seen]]
        of = section[question.sources]
        for code in np.unique(of[of >= 0]):
            among = allowed[section[allowed] == code]
            asking = np.flatnonzero(of == code)
            if not len(among):
                continue
            found = model.recommend(
                reader, dataset, question.n + 1, filter_viewed=False, items_to_recommend=among
            )[Columns.Item].to_numpy()
            worth = np.arange(len(found), 0, -1)
            index = np.repeat(np.arange(len(asking)), len(found))
            part = Question(question.asked[asking], question.eligible, question.n)
            lists[asking] = part.best(
                index, np.tile(found, len(asking)), np.tile(worth, len(asking))
            )
        return lists

    return answer


def item_to_item(model: ModelBase, given: pd.DataFrame) -> Answer:
    """Fit a model, and ask it for the articles most like each source, among the eligible ones."""
    if given.empty:
        return lambda question: question.nothing
    dataset = Dataset.construct(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(dataset)
    rows = np.unique(given[Columns.Item].to_numpy()).astype(np.int64)

    def answer(question: Question) -> Rows:
        there, places = question.places(rows)
        allowed = rows[question.eligible[rows]]
        if not len(there) or not len(allowed):
            return question.nothing
        found = model.recommend_to_items(
            np.unique(rows[places]), dataset, question.n, items_to_recommend=allowed
        )
        source, target, score = (
            found[name].to_numpy() for name in (Columns.TargetItem, Columns.Item, Columns.Score)
        )
        return spread(question, there, source, target, score)

    return answer


def spread(
    question: Question,
    there: npt.NDArray[np.int64],
    source: npt.NDArray[np.int64],
    target: npt.NDArray[np.int64],
    score: npt.NDArray[np.float64],
) -> Rows:
    """Return each question what was found for its source: lines of (source, target, score)."""
    order = np.argsort(source, kind="stable")
    begin = np.searchsorted(source[order], question.sources[there])
    length = np.searchsorted(source[order], question.sources[there], "right") - begin
    index = np.repeat(there, length)
    offset = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length)
    at = order[np.repeat(begin, length) + offset]
    return question.best(index, target[at].astype(np.int64), score[at])


def interactions(past: Past, unit: str) -> pd.DataFrame:
    """Return the views as the library wants them, those of one article by one reader added up."""
    views = pd.DataFrame(
        {
            Columns.User: past.who(unit),
            Columns.Item: past.article,
            Columns.Weight: 1.0,
            Columns.Datetime: past.time.astype("datetime64[us]"),
        }
    )
    keys = [Columns.User, Columns.Item]
    return views.groupby(keys, as_index=False).agg({Columns.Weight: "sum", Columns.Datetime: "max"})


if __name__ == "__main__":
    main({"knn": knn, "ease": ease, "popular": popular})
