"""Try parts of scikit-learn in the place of ours: `python -m benchmarks.sklearn_parts SITE`.

Prints the median processor seconds of five runs of each in turn, and whether the results are equal
byte by byte. SITE is the name of a configuration in `examples`.
"""

# ruff: noqa: SLF001 - the parts that are raced are private

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import SplineTransformer, StandardScaler, normalize

from training import read, train
from training.config import TextsConfig
from training.ranking import ChoiceSets, ConditionalLogit, design
from training.records import Articles, Site
from training.texts import terms_of, vectorizer
from training.texts.terms import count_terms

ROUNDS = 5
MAX_BODIES = 20_000


def race(part: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Print a row of the table: the part, the seconds of each, and how the results differ."""
    seconds: tuple[list[float], list[float]] = ([], [])
    results: list[Any] = [None, None]
    for _ in range(ROUNDS):
        for number, function in enumerate((ours, theirs)):
            begun = time.process_time()
            results[number] = function()
            seconds[number].append(time.process_time() - begun)
    one, other = (getattr(result, "data", result) for result in results)
    one, other = np.asarray(one).ravel(), np.asarray(other).ravel()
    if one.shape != other.shape:
        equal = f"{len(one):,} and {len(other):,} values"
    elif (one == other).all():
        equal = "equal"
    else:
        equal = f"differ by up to {np.abs(one - other).max():.1g}"
    medians = " | ".join(f"{statistics.median(runs):.3f}" for runs in seconds)
    print(f"| {part} | {medians} | {equal} |", flush=True)


def texts(articles: Articles, config: TextsConfig) -> None:
    """Race counting, weighting and normalising."""
    weights = config.model_dump(include={"title", "body", "section", "tags"})
    vocabulary, counts = count_terms(articles, weights, 1)
    ours = vectorizer.TextVectorizer(max_terms=len(vocabulary))
    frequencies = np.bincount(counts.indices, minlength=len(vocabulary))
    idf = vectorizer._idf(frequencies, len(articles))[counts.indices]
    theirs = TfidfTransformer(sublinear_tf=True)
    race(
        "TF-IDF weights",
        lambda: ours._weigh(counts.copy(), idf),
        lambda: theirs.fit_transform(counts),
    )
    vectors = counts.copy()
    vectors.data = counts.data * idf
    race("length 1", lambda: vectorizer.normalise(vectors.copy()), lambda: normalize(vectors))
    some = articles.pick(range(min(len(articles), MAX_BODIES)))
    only = {**dict.fromkeys(weights, 0.0), "body": 1.0}
    counter = CountVectorizer(analyzer=terms_of, dtype=np.float32)
    if any(some.body):
        race(
            "counting terms",
            lambda: count_terms(some, only, 1)[1],
            lambda: counter.fit_transform(some.body),
        )


def model(site: Site) -> None:
    """Race scaling, the basis of the curves, and the hold-out split, on a training's choices."""
    seen: list[ChoiceSets] = []
    fit_choice_sets = ConditionalLogit.fit_choice_sets

    def record(self: ConditionalLogit, choices: ChoiceSets) -> ConditionalLogit:
        seen.append(choices)
        return fit_choice_sets(self, choices)

    ConditionalLogit.fit_choice_sets = record  # type: ignore[assignment, method-assign]
    train(site)
    (choices,) = seen
    flat = choices.features.reshape(-1, choices.features.shape[2])
    knots = design.fit_scale(choices, ConditionalLogit().knots).knots
    scaler = StandardScaler(with_mean=False)
    race(
        "standard deviation of features",
        lambda: design.deviation_of(choices.features, (0, 1)),
        lambda: scaler.fit(flat).scale_,
    )
    hats = design.hat_functions
    spline = SplineTransformer(degree=1, knots=knots.T, extrapolation="constant")
    race(
        "basis of the curves",
        lambda: np.hstack([hats(flat[:, column], own) for column, own in enumerate(knots)]),
        lambda: spline.fit_transform(flat),
    )
    rows = np.arange(len(choices.found))
    race(
        "hold-out split",
        lambda: rows[: len(rows) - int(0.1 * len(rows))],
        lambda: train_test_split(rows, test_size=0.1, shuffle=False)[0],
    )


if __name__ == "__main__":
    read_site = read(f"examples/{sys.argv[1]}.toml")
    texts(read_site.articles, read_site.config.texts)
    if read_site.views.count:
        model(read_site)
