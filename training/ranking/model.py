"""The ranking model: learned from choice sets, or a prior where there are too few of them."""

from typing import Final

import numpy as np

from training.config import Config
from training.ranking.choice_sets import ChoiceSets
from training.ranking.classifier import ClassifierModel
from training.ranking.conditional_logit import ConditionalLogit
from training.ranking.features import CONTEXT, feature_names, features
from training.records import Float64, Int64, Model

VALIDATION_FRACTION: Final = 0.1
"""Share of the transitions, the last ones, that validate the model."""

PRIOR_KNOTS: Final = 6
"""Knots of the prior's curves, as many as a learned model has."""


def fit(choices: ChoiceSets, config: Config) -> Model:
    """Learn a model by maximum likelihood, and validate it on the last tenth of the choices.

    Parameters
    ----------
    choices : ChoiceSets
        In time order.
    config : Config
        Which features there are.

    Returns
    -------
    Model
        Of kind `learned`. Its validation was measured before the last tenth was learned from.
    """
    fitted = ConditionalLogit(contexts=len(CONTEXT), validation_fraction=VALIDATION_FRACTION)
    fitted.fit_choice_sets(choices)
    held_out = choices.where(slice(len(choices.found) - len(choices.found) // 10, None))
    return Model(
        kind="learned",
        features=feature_names(config),
        knots=fitted.knots_,
        values=fitted.values_,
        slopes=fitted.slopes_,
        centre=fitted.centre_,
        spread=fitted.spread_,
        base=fitted.base_,
        validation={
            "reads": float(len(held_out.found)),
            "log_loss": fitted.validation_loss_,
            "log_loss_prior": log_loss(prior(config), held_out),
        },
    )


def prior(config: Config) -> Model:
    """Return the model that serves before there are readers: text, section, age.

    Log-odds: `prior_text` × cosine + `prior_section` where the section is the same −
    `prior_age` × log2 of the age in hours beyond the first; base −8.
    """
    listed = features(config)
    knots = np.tile(np.linspace(0.0, 1.0, PRIOR_KNOTS), (len(listed), 1))
    values = np.zeros_like(knots)
    settings = config.ranking
    for row, feature in enumerate(listed):
        if feature.name == "text_cosine":
            values[row] = settings.prior_text * knots[row]
        elif feature.name == "same_section":
            values[row] = settings.prior_section * knots[row]
        elif feature.name == "age":
            knots[row] = np.linspace(0.0, np.log(24 * 365.0), PRIOR_KNOTS)
            values[row] = -settings.prior_age * knots[row] / np.log(2)
    return Model(
        kind="prior",
        features=feature_names(config),
        knots=knots,
        values=values,
        slopes=np.zeros((len(listed) + 1, len(CONTEXT))),
        centre=np.zeros(len(CONTEXT)),
        spread=np.ones(len(CONTEXT)),
        base=-8.0,
        validation={},
    )


def utility_parts(
    model: Model, values: Float64, context: Float64, index: Int64, label: Int64, labels: int
) -> Float64:
    """Compute the terms of a model's utility by label; see `ConditionalLogit.utility_parts`."""
    if isinstance(model, ClassifierModel):
        return model.utility_parts(values, context, index, labels)
    fitted = ConditionalLogit.from_model(model)
    return fitted.utility_parts(values, context, index, label, labels)


def log_loss(model: Model, choices: ChoiceSets) -> float:
    """Mean negative log-likelihood of choices, in nats; sampled alternatives stand for the rest."""
    features, context, index = choices.flatten()
    label = np.zeros(features.shape[1], np.int64)
    return choices.log_loss(utility_parts(model, features, context, index, label, 1).sum(axis=1))
