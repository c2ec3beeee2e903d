"""Classifiers of scikit-learn in the place of the model, in the replay and the notebook only.

They are trained on sampled alternatives, as the model is: which of them was chosen. Their log-odds
are the utility. A state refuses them: nothing is pickled, and `explain` needs parts that add up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from training.config import Config
from training.ranking.choice_sets import ChoiceSets
from training.ranking.features import CONTEXT, feature_names
from training.records import Float64, Int64, Model

MIN_PROBABILITY: Final = 1e-9
"""Probabilities are clipped to this, so that log-odds are finite."""


@dataclass(frozen=True)
class ClassifierModel(Model):
    """A fitted classifier over the features, then the context of the source.

    Its arrays as a `Model` are empty curves; `kind` is the classifier's class name.
    """

    classifier: Any

    def utility_parts(
        self, features: Float64, context: Float64, index: Int64, labels: int
    ) -> Float64:
        """Return the log-odds as the last of `labels` + 1 columns, the others 0: float64[m, …]."""
        parts = np.zeros((len(features), labels + 1))
        if len(features):
            table = np.hstack([features, context[index]])
            chosen = self.classifier.predict_proba(table)[:, 1]
            chosen = np.clip(chosen, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
            parts[:, -1] = np.log(chosen / (1 - chosen))
        return parts


def fit_classifier(classifier: object) -> Callable[[ChoiceSets, Config], Model]:
    """Return a function that fits a clone of a classifier to choice sets, in the place of `fit`.

    Parameters
    ----------
    classifier
        Of scikit-learn's protocol, with `predict_proba`. Where its `fit` takes `sample_weight`,
        each alternative counts as many times as it stands for candidates.
    """
    from sklearn.base import clone
    from sklearn.utils.validation import has_fit_parameter

    def fitting(choices: ChoiceSets, config: Config) -> Model:
        count, width, columns = choices.features.shape
        present = choices.weight.ravel() > 0
        context = np.repeat(choices.context, width, axis=0)
        table = np.hstack([choices.features.reshape(-1, columns), context])[present]
        chosen = np.zeros((count, width), np.bool_)
        chosen[:, 0] = choices.found
        fitted = clone(classifier)
        weighted = has_fit_parameter(fitted, "sample_weight")
        weight = {"sample_weight": choices.weight.ravel()[present]} if weighted else {}
        fitted.fit(table.astype(np.float64), chosen.ravel()[present], **weight)
        return ClassifierModel(
            kind=type(fitted).__name__,
            features=feature_names(config),
            knots=np.tile([0.0, 1.0], (columns, 1)),
            values=np.zeros((columns, 2)),
            slopes=np.zeros((columns + 1, len(CONTEXT))),
            centre=np.zeros(len(CONTEXT)),
            spread=np.ones(len(CONTEXT)),
            base=0.0,
            validation={},
            classifier=fitted,
        )

    return fitting
