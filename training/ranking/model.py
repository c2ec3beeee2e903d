"""The model: a sum of curves under a softmax over a source's candidates (conditional logit).

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; alternatives are
drawn uniformly and corrected for, as in McFadden, "Modelling the choice of residential location",
1978. Each feature has a piecewise linear curve, so that the log-odds are exactly additive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.linalg import block_diag
from threadpoolctl import threadpool_limits

from training.config import Config
from training.ranking.candidates import Candidates, by_source
from training.ranking.features import GROUPS, Feature, feature_names, features
from training.records import Float32, Float64, Int64, Model

KNOTS: Final = 6
"""Knots of a curve, at the quantiles of its feature among the alternatives."""

SMOOTHNESS: Final = 10.0
"""Penalty on the squared steps of a curve between two knots."""

LEVEL: Final = 0.1
"""Penalty on the squared values of a curve at its knots, which its constant needs to be settled."""

RIDGE: Final = 1e-3
"""Penalty on the squared base, which settles it where no read was found."""

STEPS: Final = 30
"""Newton steps at most."""

SMALLEST: Final = 1e-4
"""A step is halved down to this share of itself until it helps."""

ENOUGH: Final = 1e-6
"""Steps end when one gains less than this per read, in nats."""

ALTERNATIVES: Final = 40
"""Candidates drawn beside the one that was read, for each next read."""


@dataclass(frozen=True)
class Choices:
    """Next reads to learn from: t reads, a alternatives each.

    Attributes
    ----------
    features : float32[t, a, f]; the first alternative is the article that was read, where
        `found`, else a candidate like the others.
    weight : float64[t, a], candidates that an alternative stands for; 0 where there is none.
    found : bool[t], whether the article that was read was a candidate at all.
    """

    features: Float32
    weight: Float64
    found: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def where(self, rows: slice) -> "Choices":
        """Give a part of the reads."""
        return Choices(self.features[rows], self.weight[rows], self.found[rows])


def join(parts: Sequence[Choices]) -> Choices:
    """Put choices of several cuts behind one another."""
    return Choices(
        np.concatenate([p.features for p in parts]),
        np.concatenate([p.weight for p in parts]),
        np.concatenate([p.found for p in parts]),
    )


def draw(
    candidates: Candidates,
    values: Float64,
    read: tuple[Int64, Int64],
    generator: np.random.Generator,
) -> Choices:
    """Draw the alternatives of next reads.

    Parameters
    ----------
    candidates : Candidates
        Of the sources read.
    values : float64[m, f]
        Their features.
    read : (int64[t], int64[t])
        For each next read the position of its source, and the row of the article that was read.
    generator : numpy.random.Generator
        Whence the draw comes.

    Returns
    -------
    Choices
    """
    index, target = read
    keys = candidates.index << 32 | candidates.target
    wanted = index << 32 | target
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    found = keys[at] == wanted if len(keys) else np.zeros(len(index), np.bool_)
    width = ALTERNATIVES + 1
    chosen = np.zeros((len(index), width), np.int64)
    weight = np.zeros((len(index), width))
    starts = candidates.starts
    for row, source in enumerate(index):
        pool = np.arange(starts[source], starts[source + 1])
        if found[row]:
            pool = pool[pool != at[row]]
        drawn = generator.permutation(pool)[:ALTERNATIVES]
        chosen[row, 0], weight[row, 0] = at[row], found[row]
        chosen[row, 1 : len(drawn) + 1] = drawn
        weight[row, 1 : len(drawn) + 1] = len(pool) / max(len(drawn), 1)
    if not len(values):
        return Choices(np.zeros((len(index), width, values.shape[1]), np.float32), weight, found)
    return Choices(values[chosen].astype(np.float32), weight, found)


def fit(choices: Choices, config: Config) -> Model:
    """Learn the curves by maximum likelihood, and validate on the last tenth of the reads.

    Parameters
    ----------
    choices : Choices
        In time order.
    config : Config
        What features there are.

    Returns
    -------
    Model
        Of kind `learned`; its validation was measured before the last tenth joined.
    """
    last = len(choices.found) - len(choices.found) // 10
    held_out = choices.where(slice(last, None))
    with threadpool_limits(1):  # so that the bytes do not depend on the machine's cores
        trial = _maximise(choices.where(slice(last)), config)
        final = _maximise(choices, config, trial)
    return replace(
        final,
        validation={
            "reads": float(len(held_out.found)),
            "log_loss": log_loss(trial, held_out),
            "log_loss_prior": log_loss(prior(config), held_out),
        },
    )


def prior(config: Config) -> Model:
    """Give the model that serves before there are readers: text, section, age.

    Log-odds: `prior_text` × cosine + `prior_section` where the section is the same −
    `prior_age` × log2 of the age in hours beyond the first; base −8.
    """
    listed = features(config)
    knots = np.tile(np.linspace(0.0, 1.0, KNOTS), (len(listed), 1))
    values = np.zeros_like(knots)
    settings = config.ranking
    for row, feature in enumerate(listed):
        if feature.name == "text_cosine":
            values[row] = settings.prior_text * knots[row]
        elif feature.name == "same_section":
            values[row] = settings.prior_section * knots[row]
        elif feature.name == "age":
            knots[row] = np.linspace(0.0, np.log(24 * 365.0), KNOTS)
            values[row] = -settings.prior_age * knots[row] / np.log(2)
    return Model("prior", feature_names(config), knots, values, -8.0, {})


def curves(model: Model, values: Float64) -> Float64:
    """Evaluate every curve: float64[m, f] → float64[m, f], the parts of the utility."""
    parts = np.empty_like(values, dtype=np.float64)
    for column in range(values.shape[1]):
        parts[:, column] = np.interp(values[:, column], model.knots[column], model.values[column])
    return parts


def group_sums(parts: Float64, listed: Sequence[Feature]) -> Float64:
    """Add up the parts of each group: float64[m, len(GROUPS)]."""
    member = np.array([[f.group == group for group in GROUPS] for f in listed], np.float64)
    return np.asarray(parts @ member)


def probabilities(utility: Float64, starts: Int64) -> Float64:
    """Softmax over each source's candidates and the outside.

    Parameters
    ----------
    utility : float64[m]
    starts : int64[s + 1]
        Where each source's candidates begin.

    Returns
    -------
    float64[m]
    """
    length = np.diff(starts)
    best = np.maximum(by_source(np.maximum, utility, starts), 0.0)
    odds = np.exp(utility - np.repeat(best, length))
    total = np.exp(-best) + by_source(np.add, odds, starts)
    return np.asarray(odds / np.repeat(total, length))


def log_loss(model: Model, choices: Choices) -> float:
    """Mean negative log-likelihood of the next reads, drawn alternatives standing for the rest."""
    reads, width, count = choices.features.shape
    flat = choices.features.reshape(-1, count).astype(np.float64)
    utility = curves(model, flat).sum(axis=1).reshape(reads, width) + model.base
    return float(np.mean(_losses(utility, choices)[0]))


def _losses(utility: Float64, choices: Choices) -> tuple[Float64, Float64]:
    """Negative log-likelihood of each read, and the probability of each alternative."""
    with np.errstate(divide="ignore"):
        weighted = utility + np.log(choices.weight)
    best = np.maximum(weighted.max(axis=1), 0.0)
    odds = np.exp(weighted - best[:, None])
    total = odds.sum(axis=1) + np.exp(-best)
    chosen = np.where(choices.found, weighted[:, 0], 0.0)
    return best + np.log(total) - chosen, odds / total[:, None]


def _maximise(choices: Choices, config: Config, start: Model | None = None) -> Model:
    """Fit the curves by Newton's method, which a convex likelihood of few parameters suits."""
    reads, width, count = choices.features.shape
    knots = start.knots if start else _knots(choices)
    flat = choices.features.reshape(-1, count)
    hats = [_hats(flat[:, j], knots[j]) for j in range(count)]
    basis = np.concatenate([*hats, np.ones((len(flat), 1), np.float32)], axis=1)
    penalty = _penalty(count)
    at = np.append(start.values.ravel(), start.base) if start else np.zeros(len(penalty))

    def losses(parameters: Float64) -> tuple[float, Float64]:
        utility = (basis @ parameters.astype(np.float32)).astype(np.float64)
        loss, share = _losses(utility.reshape(reads, width), choices)
        return float(loss.sum() + parameters @ penalty @ parameters / 2), share

    loss, share = losses(at)
    for _ in range(STEPS):
        weight = share.astype(np.float32)
        surplus = weight.copy()
        surplus[:, 0] -= choices.found
        slope = surplus.ravel() @ basis + penalty @ at
        expected = np.einsum("ta,tab->tb", weight, basis.reshape(reads, width, -1))
        bend = basis.T @ (basis * weight.reshape(-1, 1)) - expected.T @ expected + penalty
        step = np.linalg.solve(bend, slope)
        scale = 1.0
        while (trial := losses(at - scale * step))[0] > loss and scale > SMALLEST:
            scale /= 2
        gain = loss - trial[0]
        if gain <= 0:
            break
        at, (loss, share) = at - scale * step, trial
        if gain < ENOUGH * reads:
            break
    values = at[:-1].reshape(count, KNOTS)
    neutral = np.array([np.interp(0.0, knots[j], values[j]) for j in range(count)])
    return Model(
        kind="learned",
        features=feature_names(config),
        knots=knots,
        values=values - neutral[:, None],
        base=float(at[-1] + neutral.sum()),
        validation={},
    )


def _penalty(count: int) -> Float64:
    """Quadratic form that keeps a curve's steps small, and its level near 0: float64[p, p]."""
    steps = np.diff(np.eye(KNOTS), axis=0)
    one = 2 * SMOOTHNESS * steps.T @ steps + LEVEL * np.eye(KNOTS)
    return np.asarray(block_diag(np.kron(np.eye(count), one), np.full((1, 1), RIDGE)))


def _knots(choices: Choices) -> Float64:
    """Knots at the quantiles of each feature's distinct values, ascending strictly."""
    present = choices.features[choices.weight > 0].astype(np.float64)
    knots = np.empty((present.shape[1], KNOTS))
    for column in range(present.shape[1]):
        distinct = np.unique(present[:, column])
        if len(distinct) < 2:
            distinct = np.array([0.0, 1.0]) + (distinct[0] if len(distinct) else 0.0)
        knots[column] = np.quantile(distinct, np.linspace(0.005, 0.995, KNOTS))
    return knots


def _hats(values: Float32, knots: Float64) -> Float32:
    """Piecewise linear basis: float32[m, k], at most two entries of a row are not 0."""
    place = np.interp(values, knots, np.arange(KNOTS))
    distance = np.abs(place[:, None] - np.arange(KNOTS))
    return np.maximum(1.0 - distance, 0.0).astype(np.float32)
