"""The ranking model: its probabilities against a naive softmax, and preferences it must learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config import Config, ReadersConfig
from training.ranking import (
    ChoiceSets,
    ObservedChoices,
    fit,
    log_loss,
    prior,
    sample_alternatives,
)
from training.ranking.candidates import Candidates
from training.ranking.conditional_logit import probabilities
from training.ranking.features import CONTEXT, features
from training.ranking.model import utility_parts
from training.records import Model

CONFIG = Config()
NAMES = [feature.name for feature in features(CONFIG)]


def curve(knots: np.ndarray, values: np.ndarray, x: float) -> float:
    """A piecewise linear function, flat beyond its ends, by hand."""
    if x <= knots[0]:
        return float(values[0])
    for left, right, low, high in zip(knots, knots[1:], values, values[1:], strict=False):
        if x <= right:
            return float(low + (high - low) * (x - left) / (right - left))
    return float(values[-1])


def test_probabilities_equal_a_naive_softmax() -> None:
    generator = np.random.default_rng(1)
    model = Model(
        kind="learned",
        features=["a", "b", "c"],
        knots=np.sort(generator.normal(size=(3, 5)), axis=1),
        values=generator.normal(size=(3, 5)),
        slopes=generator.normal(size=(4, 2)),
        centre=np.array([1.0, -2.0]),
        spread=np.array([0.5, 2.0]),
        base=0.3,
        validation={},
    )
    values = generator.normal(scale=2, size=(7, 3))
    context = generator.normal(scale=3, size=(3, 2))
    starts = np.array([0, 4, 4, 7])
    index = np.array([0, 0, 0, 0, 2, 2, 2])
    apart = utility_parts(model, values, context, index, np.arange(3), 3)
    utility = apart.sum(axis=1)
    by_hand = []
    for row, of_source in zip(values, context[index], strict=True):
        z = [
            min(max((of_source[c] - model.centre[c]) / model.spread[c], -2.5), 2.5) for c in (0, 1)
        ]
        total = 0.3 + sum(model.slopes[3, c] * z[c] for c in (0, 1))
        for j in range(3):
            held = min(max(row[j], model.knots[j, 0]), model.knots[j, -1])
            total += curve(model.knots[j], model.values[j], row[j])
            total += held * sum(model.slopes[j, c] * z[c] for c in (0, 1))
        by_hand.append(total)
    np.testing.assert_allclose(utility, by_hand, atol=1e-12)
    joined = utility_parts(model, values, context, index, np.array([1, 0, 1]), 2)
    np.testing.assert_allclose(joined[:, 0], apart[:, 1])
    np.testing.assert_allclose(joined[:, 1], apart[:, 0] + apart[:, 2])
    expected = []
    for start, end in ((0, 4), (4, 7)):
        odds = [math.exp(u) for u in by_hand[start:end]]
        expected += [o / (1 + sum(odds)) for o in odds]
    np.testing.assert_allclose(probabilities(utility, starts), expected, atol=1e-12)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=20))
def test_probabilities_are_probabilities(utility: list[float]) -> None:
    found = probabilities(np.array(utility), np.array([0, len(utility)]))
    assert (found >= 0).all()
    assert found.sum() <= 1 + 1e-9


def test_probabilities_of_nothing() -> None:
    assert probabilities(np.zeros(0), np.zeros(3, np.int64)).tolist() == []


def choices(generator: np.random.Generator, feature: str, sign: str = "") -> ChoiceSets:
    """6,000 transitions of readers who prefer one feature, or avoid it by a context's sign."""
    values = generator.normal(size=(6000, 9, len(NAMES))).astype(np.float32)
    context = generator.normal(size=(6000, len(CONTEXT))).astype(np.float32)
    weight = 2 * (np.sign(context[:, CONTEXT.index(sign)]) if sign else np.ones(6000))
    drawn = weight[:, None] * values[:, :, NAMES.index(feature)]
    drawn += generator.gumbel(size=(6000, 9))
    first = drawn.argmax(axis=1)
    rows = np.arange(6000)
    values[rows, 0], values[rows, first] = values[rows, first], values[rows, 0].copy()
    return ChoiceSets(values, context, np.ones((6000, 9)), np.ones(6000, np.bool_))


def test_fit_learns_the_readers_preference() -> None:
    generator = np.random.default_rng(2)
    model = fit(choices(generator, "text_cosine"), CONFIG)
    reach = np.ptp(model.values, axis=1)
    assert reach[NAMES.index("text_cosine")] > 5
    assert np.delete(reach, NAMES.index("text_cosine")).max() < 1
    again = choices(generator, "text_cosine")
    assert log_loss(model, again) < 0.6 * math.log(9)
    assert model.validation["log_loss"] == pytest.approx(log_loss(model, again), abs=0.15)


def test_fit_learns_a_preference_that_depends_on_the_source() -> None:
    model = fit(choices(np.random.default_rng(5), "text_cosine", sign="views"), CONFIG)
    tilt = np.abs(model.slopes[:-1])
    assert np.unravel_index(tilt.argmax(), tilt.shape) == (
        NAMES.index("text_cosine"),
        CONTEXT.index("views"),
    )
    again = choices(np.random.default_rng(6), "text_cosine", sign="views")
    assert log_loss(model, again) < 0.8 * math.log(9)


def test_a_feature_that_is_zero_adds_nothing_whatever_the_source() -> None:
    model = fit(choices(np.random.default_rng(3), "age", sign="age"), CONFIG)
    context = np.random.default_rng(4).normal(size=(5, len(CONTEXT)))
    every = np.arange(len(NAMES))
    added = utility_parts(
        model, np.zeros((5, len(NAMES))), context, np.arange(5), every, len(every)
    )
    np.testing.assert_allclose(added[:, :-1], 0, atol=1e-9)
    assert np.ptp(added[:, -1]) > 0


def test_a_constant_feature_adds_the_same_to_all() -> None:
    """One section, and sources all alike: nothing to learn from either, and no harm done."""
    drawn = choices(np.random.default_rng(7), "text_cosine")
    drawn.features[:, :, NAMES.index("same_section")] = 1
    drawn.context[:] = [3.0, 5.0]
    model = fit(drawn, CONFIG)
    assert np.isfinite(model.values).all()
    assert np.abs(model.slopes).max() < 1e-6
    assert model.validation["log_loss"] < 0.7 * math.log(9)


def test_fit_is_deterministic() -> None:
    one, two = (fit(choices(np.random.default_rng(4), "age"), CONFIG) for _ in range(2))
    assert one.values.tobytes() == two.values.tobytes()
    assert one.base == two.base


def test_sampled_alternatives_have_the_target_first_and_once() -> None:
    candidates = Candidates(
        np.array([7, 8], np.int32),
        np.repeat([0, 1], 50),
        np.tile(np.arange(50), 2).astype(np.int32),
    )
    values = np.arange(100.0)[:, None]
    read = np.array([1, 0]), np.array([3, 99])
    observed = ObservedChoices(candidates, values, np.array([[5.0], [6.0]]), read)
    drawn = sample_alternatives(observed, np.random.default_rng(0))
    assert drawn.context.tolist() == [[6.0], [5.0]]
    assert drawn.found.tolist() == [True, False]
    first = drawn.features[0, :, 0]
    assert first[0] == 50 + 3
    assert len(set(first.tolist())) == 41
    assert ((first >= 50) & (first < 100)).all()
    assert drawn.weight[0].tolist() == [1.0, *[49 / 40] * 40]
    assert drawn.weight[1].tolist() == [0.0, *[50 / 40] * 40]


def test_the_prior_is_text_section_and_age() -> None:
    model = prior(CONFIG)
    values = np.zeros((4, len(NAMES)))
    values[0, NAMES.index("text_cosine")] = 0.5
    values[1, NAMES.index("same_section")] = 1
    values[2, NAMES.index("age")] = math.log(8.0)
    settings = CONFIG.ranking
    source, together = np.zeros((1, len(CONTEXT))), np.zeros(len(NAMES), np.int64)
    added = utility_parts(model, values, source, np.zeros(4, np.int64), together, 1)
    np.testing.assert_allclose(
        added.sum(axis=1) - model.base,
        [settings.prior_text * 0.5, settings.prior_section, -settings.prior_age * 3, 0],
    )


def test_features_follow_the_half_lives() -> None:
    config = Config(
        readers=ReadersConfig(pair_half_lives=[2], view_half_lives=[1, 6]),
        ranking={"pair_candidates": [10]},
    )
    names = [feature.name for feature in features(config)]
    assert [n for n in names if n.startswith("lift")] == [
        "lift_2h", "lift_direct", "lift_back_2h", "lift_back_direct",
    ]  # fmt: skip
