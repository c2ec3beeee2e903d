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
from sklearn.calibration import calibration_curve
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, TimeSeriesSplit, train_test_split
from sklearn.preprocessing import SplineTransformer, StandardScaler, normalize

from training import read, train
from training.config import TextsConfig
from training.ranking import ChoiceSets, ConditionalLogit, design
from training.records import Articles, Site
from training.replay.results import EDGES
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
    """Race the parts of the model on the choice sets of a training."""
    seen: list[ChoiceSets] = []
    fit_choice_sets = ConditionalLogit.fit_choice_sets

    def record(self: ConditionalLogit, choices: ChoiceSets) -> ConditionalLogit:
        seen.append(choices)
        return fit_choice_sets(self, choices)

    ConditionalLogit.fit_choice_sets = record  # type: ignore[assignment, method-assign]
    train(site)
    (choices,) = seen
    scaling(choices)
    splits(choices)
    calibration(choices)


def scaling(choices: ChoiceSets) -> None:
    """Race deviations, standardised contexts, and the basis of the curves."""
    flat = choices.features.reshape(-1, choices.features.shape[2])
    knots = design.fit_scale(choices, ConditionalLogit().knots).knots
    clipped = np.clip(choices.features, *knots[:, [0, -1]].T.astype(np.float32))
    scaler = StandardScaler(with_mean=False)
    race(
        "standard deviation of features: `StandardScaler`",
        lambda: design.deviation_of(clipped, (0, 1)),
        lambda: scaler.fit(clipped.reshape(flat.shape)).scale_,
    )

    def standardised() -> Any:  # noqa: ANN401
        centre = choices.context.mean(axis=0, dtype=np.float64)
        spread = design.deviation_of(choices.context, 0)
        return design.standardise(choices.context, centre, spread)

    reach = design.CONTEXT_REACH
    race(
        "standardised contexts: `StandardScaler`",
        standardised,
        lambda: np.clip(StandardScaler().fit_transform(choices.context), -reach, reach),
    )
    hats = design.hat_functions
    spline = SplineTransformer(degree=1, knots=knots.T, extrapolation="constant")
    race(
        "basis of the curves: `SplineTransformer`",
        lambda: np.hstack([hats(flat[:, column], own) for column, own in enumerate(knots)]),
        lambda: spline.fit_transform(flat),
    )


def splits(choices: ChoiceSets) -> None:
    """Race the split that holds out the latest tenth of the choice sets."""
    count, width = choices.weight.shape
    rows, held = np.arange(count), count // 10
    group = np.repeat(rows, width)

    def earlier() -> Any:  # noqa: ANN401
        return rows[: count - held]

    def last_of(splitter: Any, *arguments: Any) -> Any:  # noqa: ANN401
        *_, (training, _held_out) = splitter.split(*arguments)
        return training

    race(
        "hold-out: `train_test_split`",
        earlier,
        lambda: train_test_split(rows, test_size=held, shuffle=False)[0],
    )
    race(
        "hold-out: `TimeSeriesSplit`",
        earlier,
        lambda: last_of(TimeSeriesSplit(2, test_size=held), rows),
    )
    race(
        "hold-out: `GroupKFold`",
        earlier,
        lambda: np.unique(group[last_of(GroupKFold(10), group, None, group)]),
    )


def calibration(choices: ChoiceSets) -> None:
    """Race the table of calibration, and print what calibrating on half of the hold-out brings."""
    start = len(choices.found) - len(choices.found) // 10
    held_out = choices.where(slice(start, None))
    logit = ConditionalLogit(contexts=choices.context.shape[1])
    logit.fit_choice_sets(choices.where(slice(start)))
    features, context, index = held_out.flatten()
    label = np.zeros(features.shape[1], np.int64)
    utility = logit.utility_parts(features, context, index, label, 1).sum(axis=1)
    given = held_out.losses(utility.reshape(held_out.weight.shape))[1]
    clicked = np.zeros_like(given)
    clicked[:, 0] = held_out.found
    count = len(EDGES)

    def table() -> Any:  # noqa: ANN401
        bins = np.maximum(np.searchsorted(EDGES, given.ravel(), "right") - 1, 0)
        items, clicks = (np.bincount(bins, w, count) for w in (None, clicked.ravel()))
        return clicks[items > 0] / items[items > 0]

    race(
        "shares by probability: `calibration_curve`",
        table,
        lambda: calibration_curve(clicked.ravel(), given.ravel(), n_bins=count - 1)[0],
    )
    half = len(given) // 2
    isotonic = IsotonicRegression(y_min=1e-9, y_max=1 - 1e-9, out_of_bounds="clip")
    isotonic.fit(given[:half].ravel(), clicked[:half].ravel())
    later, true = given[half:].ravel(), clicked[half:].ravel()
    as_is, calibrated = (log_loss(true, p) for p in (later, isotonic.predict(later)))
    print(f"log loss of an alternative: {as_is:.5f}; after `IsotonicRegression` {calibrated:.5f}")


if __name__ == "__main__":
    read_site = read(f"examples/{sys.argv[1]}.toml")
    texts(read_site.articles, read_site.config.texts)
    if read_site.views.count:
        model(read_site)
