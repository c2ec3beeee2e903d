"""Our estimators in scikit-learn's hands: its own checks, cloning, grids, pipelines."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from training.ranking import ConditionalLogit
from training.texts import TextVectorizer

GRID = {"conditionallogit__level": [0.1, 10.0]}

with warnings.catch_warnings():
    # They do not inherit `BaseEstimator`, which would load scikit-learn; see `Estimator`.
    warnings.filterwarnings("ignore", ".*does not inherit from `sklearn.base.BaseEstimator`")
    # Its checks on arrays do not apply to a vectorizer of texts; those on the protocol do.
    warnings.simplefilter("ignore", SkipTestWarning)
    CHECKS = parametrize_with_checks([ConditionalLogit(), TextVectorizer()])


@CHECKS
def test_scikit_learn_accepts_it(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def test_the_settings_are_cloned_searched_and_changed_by_name() -> None:
    assert clone(ConditionalLogit(tilt=7.0)).get_params()["tilt"] == 7.0
    assert ConditionalLogit().set_params(level=2.0).level == 2.0
    with pytest.raises(ValueError, match="no parameter 'steepness'"):
        ConditionalLogit().set_params(steepness=1)
    generator = np.random.default_rng(1)
    x = generator.normal(size=(400, 2))
    y = x[:, 0] + generator.logistic(size=400) > 0
    search = GridSearchCV(make_pipeline(StandardScaler(), ConditionalLogit()), GRID, cv=3)
    assert search.fit(x, y).score(x, y) > 0.65


def test_alternatives_of_a_group_compete_with_each_other_and_the_outside() -> None:
    """Of three alternatives readers choose the one whose feature is largest, or none."""
    generator = np.random.default_rng(2)
    groups = np.repeat(np.arange(2000), 3)
    x = generator.normal(size=(6000, 1))
    utility = 2 * x[:, 0].reshape(2000, 3) + generator.gumbel(size=(2000, 3))
    chosen = utility == np.maximum(utility.max(axis=1), generator.gumbel(size=2000))[:, None]
    shuffled = generator.permutation(6000)
    fitted = ConditionalLogit(smoothness=0.5, validation_fraction=0.1)
    fitted.fit(x[shuffled], chosen.ravel()[shuffled], groups[shuffled])
    probability = fitted.predict_proba(x[shuffled], groups[shuffled])[:, 1]
    by_group = np.bincount(groups[shuffled], probability)
    assert (by_group < 1).all()
    assert np.mean(by_group) == pytest.approx(chosen.any(axis=1).mean(), abs=0.02)
    assert fitted.validation_loss_ < np.log(4)
    odds = np.exp(2 * x[:, 0]).reshape(2000, 3)
    expected = (odds / (1 + odds.sum(axis=1, keepdims=True))).ravel()[shuffled]
    np.testing.assert_allclose(probability, expected, atol=0.12)
    with pytest.raises(ValueError, match="at most one"):
        fitted.fit([[1.0], [2.0], [3.0]], [1, 1, 0], [0, 0, 1])
