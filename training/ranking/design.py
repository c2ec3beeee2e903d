"""The design matrix of the conditional logit: what its utility is linear in."""

from typing import Final, NamedTuple

import numpy as np

from training.ranking.choice_sets import ChoiceSets
from training.records import Float32, Float64

CONTEXT_REACH: Final = 2.5
"""Standard deviations from its mean at which a context is clipped."""

MIN_DEVIATION: Final = 1e-4
"""A feature or context with a smaller standard deviation counts as constant."""


class Scale(NamedTuple):
    """How features and contexts are scaled; f features, c contexts.

    `knots` float64[f, k]; `deviation` float64[f], standard deviation of a feature clipped to its
    knots; `centre`, `spread` float64[c], mean and standard deviation of a context.
    """

    knots: Float64
    deviation: Float64
    centre: Float64
    spread: Float64


def fit_scale(choices: ChoiceSets, size: int) -> Scale:
    """Scale features and contexts as these choice sets have them, with `size` knots a feature."""
    knots = place_knots(choices, size)
    clipped = np.clip(choices.features, *knots[:, [0, -1]].T.astype(np.float32))
    centre = choices.context.mean(axis=0, dtype=np.float64)
    return Scale(knots, deviation_of(clipped, (0, 1)), centre, deviation_of(choices.context, 0))


def deviation_of(values: Float32, axis: int | tuple[int, int]) -> Float64:
    """Return the standard deviation along axes; 1 where nothing varies."""
    deviation = values.std(axis=axis, dtype=np.float64)
    return np.asarray(np.where(deviation > MIN_DEVIATION, deviation, 1.0))


def standardise(context: Float64 | Float32, centre: Float64, spread: Float64) -> Float64:
    """Scale contexts to mean 0 and variance 1, clipped to ± `CONTEXT_REACH`."""
    return np.clip((context - centre) / spread, -CONTEXT_REACH, CONTEXT_REACH)


def place_knots(choices: ChoiceSets, size: int) -> Float64:
    """Put knots at the quantiles of each feature's distinct values and 0, strictly ascending."""
    present = choices.features[choices.weight > 0].astype(np.float64)
    knots = np.empty((present.shape[1], size))
    for column in range(present.shape[1]):
        distinct = np.unique(np.append(present[:, column], 0.0))
        if len(distinct) < 2:
            distinct = np.array([0.0, 1.0])
        knots[column] = np.quantile(distinct, np.linspace(0.005, 0.995, size))
        knots[column, 0] = min(knots[column, 0], 0.0)
        knots[column, -1] = max(knots[column, -1], 0.0)
    return knots


def design_matrix(choices: ChoiceSets, scale: Scale) -> Float32:
    """Return what the utility is linear in: float32[t · a, p].

    Hat functions at the knots of each feature, products of each scaled feature with each context,
    1 for the base, and the contexts.
    """
    count, width, features = choices.features.shape
    flatten = choices.features.reshape(-1, features)
    standard = standardise(choices.context, scale.centre, scale.spread)
    context = np.repeat(standard.astype(np.float32), width, axis=0)
    size, contexts = scale.knots.shape[1], context.shape[1]
    first = features * size
    base = first + features * contexts
    design = np.empty((count * width, base + 1 + contexts), np.float32)
    for column, knots in enumerate(scale.knots):
        clipped = np.clip(flatten[:, column], *knots[[0, -1]].astype(np.float32))
        scaled = (clipped / scale.deviation[column]).astype(np.float32)
        design[:, column * size : (column + 1) * size] = hat_functions(flatten[:, column], knots)
        tilt = slice(first + column * contexts, first + (column + 1) * contexts)
        design[:, tilt] = scaled[:, None] * context
    design[:, base] = 1
    design[:, base + 1 :] = context
    return design


def hat_functions(values: Float32, knots: Float64) -> Float32:
    """Piecewise linear basis: float32[m, k], at most two entries of a row are not 0."""
    place = np.interp(values, knots, np.arange(len(knots))).astype(np.float32)
    distance = np.abs(place[:, None] - np.arange(len(knots), dtype=np.float32))
    return np.asarray(np.maximum(1 - distance, 0))
