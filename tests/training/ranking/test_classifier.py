"""A classifier of scikit-learn can be the ranking model of a replay, but cannot be saved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier

from tests.training.ranking.test_model import CONFIG, choices
from tests.training.worlds import STORM, World
from training.errors import OutputError
from training.ranking import fit_classifier, log_loss


@pytest.mark.parametrize(
    "classifier",
    [HistGradientBoostingClassifier(max_iter=20, random_state=0), KNeighborsClassifier(50)],
)
def test_it_learns_the_readers_preference(classifier: object) -> None:
    drawn = choices(np.random.default_rng(3), "text_cosine").where(slice(600))
    model = fit_classifier(classifier)(drawn, CONFIG)
    assert model.kind == type(classifier).__name__
    assert log_loss(model, drawn) < 2.5
    assert not hasattr(classifier, "classes_"), "a clone is fitted"


def test_a_state_with_it_cannot_be_saved(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a", STORM)
    state = world.train().state
    drawn = choices(np.random.default_rng(3), "text_cosine").where(slice(200))
    model = fit_classifier(HistGradientBoostingClassifier(max_iter=2))(drawn, CONFIG)
    with pytest.raises(
        OutputError,
        match="the model is a HistGradientBoostingClassifier, which a version cannot store",
    ):
        replace(state, model=model).save()
