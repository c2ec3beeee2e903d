"""Plain logistic regression in the place of the model: what one would try first."""

from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from training.config import Config
from training.ranking import ChoiceSets, feature_names
from training.records import Model

STRENGTH: Final = 1.0
"""Inverse of the penalty on the squared weights, scikit-learn's default."""

STEPS: Final = 500
"""Steps at most."""


def fit_logistic(choices: ChoiceSets, config: Config) -> Model:
    """Learn one weight per feature, to tell the alternative that was read from the others.

    The same next reads, alternatives and features as for the model; each feature is held within
    its 0.5 and 99.5 per cent quantiles.

    Parameters
    ----------
    choices : ChoiceSets
        At least one whose article was a candidate.
    config : Config
        What features there are.

    Returns
    -------
    Model
        Of kind `logistic`, with straight curves and no tilt.
    """
    from sklearn.linear_model import LogisticRegression  # as in `texts.terms`
    from sklearn.preprocessing import StandardScaler

    reads, width, count = choices.features.shape
    there = choices.weight.ravel() > 0
    values = choices.features.reshape(-1, count).astype(np.float64)[there]
    was_read = np.zeros((reads, width), np.bool_)
    was_read[:, 0] = choices.found
    ends = np.quantile(values, [0.005, 0.995], axis=0)
    ends[1] = np.maximum(ends[1], ends[0] + 1e-9)
    scaler = StandardScaler()
    with threadpool_limits(1):  # so that the bytes do not depend on the machine's cores
        scaled = scaler.fit_transform(np.clip(values, *ends))
        fitted = LogisticRegression(C=STRENGTH, max_iter=STEPS).fit(
            scaled, was_read.ravel()[there], sample_weight=choices.weight.ravel()[there]
        )
    weights = fitted.coef_[0] / scaler.scale_
    contexts = choices.context.shape[1]
    return Model(
        kind="logistic",
        features=feature_names(config),
        knots=ends.T,
        values=ends.T * weights[:, None],
        slopes=np.zeros((count + 1, contexts)),
        centre=np.zeros(contexts),
        spread=np.ones(contexts),
        base=float(fitted.intercept_[0] - scaler.mean_ @ weights),
        validation={},
    )
