"""The model: a sum of curves under a softmax over a source's candidates (conditional logit).

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; alternatives are
drawn uniformly and corrected for, as in McFadden, "Modelling the choice of residential location",
1978. Each feature has a piecewise linear curve that tilts with what is known of the source, a
varying coefficient (Hastie, Tibshirani, "Varying-coefficient models", 1993), so that the log-odds
of any source's candidates are exactly additive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import block_diag
from threadpoolctl import threadpool_limits

from training import kernels
from training.config import Config
from training.ranking.candidates import Candidates, by_source
from training.ranking.features import CONTEXT, feature_names, features
from training.records import Float32, Float64, Int64, Model

KNOTS: Final = 6
"""Knots of a curve, at the quantiles of its feature among the alternatives."""

SMOOTHNESS: Final = 40.0
"""Penalty on the squared steps of a curve between two knots."""

LEVEL: Final = 0.1
"""Penalty on the squared values of a curve at its knots, which its constant needs to be settled."""

TILT: Final = 100.0
"""Penalty on the squared slopes, of features and contexts of variance 1."""

RIDGE: Final = 1e-3
"""Penalty on the squared base and its slopes, which settles them where no read was found."""

CONTEXT_REACH: Final = 2.5
"""Standard deviations beyond which a context counts as no further from its mean."""

STEPS: Final = 30
"""Newton steps at most."""

SMALLEST: Final = 1e-4
"""A step is halved down to this share of itself until it helps."""

ENOUGH: Final = 1e-6
"""Steps end when one gains less than this per read, in nats."""

LITTLE: Final = 3e-3
"""A step that gains less than this per read leaves the curvature as it was."""

CURVED: Final = 1500
"""Reads, at least, that the curvature is taken from."""

BLOCK: Final = 500
"""Reads whose second derivatives are added up at a time; fixed, so that the result is too."""

ALTERNATIVES: Final = 40
"""Candidates drawn beside the one that was read, for each next read."""


@dataclass(frozen=True)
class ChoiceSets:
    """Next reads to learn from: t reads, a alternatives each.

    Attributes
    ----------
    features : float32[t, a, f]; the first alternative is the article that was read, where
        `found`, else a candidate like the others.
    context : float32[t, c], what is known of the sources.
    weight : float64[t, a], candidates that an alternative stands for; 0 where there is none.
    found : bool[t], whether the article that was read was a candidate at all.
    """

    features: Float32
    context: Float32
    weight: Float64
    found: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def where(self, rows: slice) -> "ChoiceSets":
        """Give a part of the reads."""
        return ChoiceSets(*(getattr(self, name)[rows] for name in _COLUMNS))

    @classmethod
    def concatenate(cls, parts: Sequence["ChoiceSets"]) -> "ChoiceSets":
        """Concatenate the choice sets of several snapshots."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in _COLUMNS))


_COLUMNS: Final = tuple(column.name for column in fields(ChoiceSets))


class ObservedChoices(NamedTuple):
    """What could have been read next after a cut, and what was; s sources, m candidates, t reads.

    Attributes
    ----------
    candidates : of the sources read.
    features : float64[m, f].
    context : float64[s, c], what is known of the sources.
    read : (int64[t], int64[t]), for each next read the position of its source, and the row of the
        article that was read.
    """

    candidates: Candidates
    features: Float64
    context: Float64
    read: tuple[Int64, Int64]


def sample_alternatives(observed: ObservedChoices, generator: np.random.Generator) -> ChoiceSets:
    """Draw the alternatives of next reads."""
    candidates, values, context, (index, target) = observed
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
    blank = np.zeros((len(index), width, values.shape[1]))
    drawn_values = (values[chosen] if len(values) else blank).astype(np.float32)
    return ChoiceSets(drawn_values, context[index].astype(np.float32), weight, found)


def fit(choices: ChoiceSets, config: Config) -> Model:
    """Learn the curves by maximum likelihood, and validate on the last tenth of the reads.

    Parameters
    ----------
    choices : ChoiceSets
        In time order.
    config : Config
        What features there are.

    Returns
    -------
    Model
        Of kind `learned`; its validation was measured before the last tenth joined.
    """
    last = len(choices.found) - len(choices.found) // 10
    earlier, held_out = choices.where(slice(last)), choices.where(slice(last, None))
    frame = _frame(earlier)
    basis = _basis(choices, frame)
    with threadpool_limits(1):  # so that the bytes do not depend on the machine's cores
        start = np.zeros(basis.shape[1])
        settled = _maximise(earlier, basis[: last * choices.features.shape[1]], frame, start)
        trial = _model(settled, frame, config)
        final = _model(_maximise(choices, basis, frame, settled), frame, config)
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


def parts(
    model: Model, values: Float64, context: Float64, index: Int64, label: Int64, labels: int
) -> Float64:
    """Evaluate the parts of the utility, added up by label.

    Parameters
    ----------
    model : Model
    values : float64[m, f]
        Features of candidates.
    context : float64[s, c]
        What is known of the sources.
    index : int64[m]
        Source of each candidate.
    label : int64[f]
        Which sum a feature's part goes into.
    labels : int
        How many there are.

    Returns
    -------
    float64[m, labels + 1]
        What the features of each label add; the base, for the source, is the last.
    """
    tilts = model.slopes @ _within(context, model.centre, model.spread).T
    tilts[-1] += model.base
    rises = np.diff(model.values) / np.diff(model.knots)
    curves = model.knots, model.values, rises
    return kernels.ranking.utility_parts(values, index, *curves, tilts, label, labels)


def _within(context: Float64 | Float32, centre: Float64, spread: Float64) -> Float64:
    return np.clip((context - centre) / spread, -CONTEXT_REACH, CONTEXT_REACH)


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


def log_loss(model: Model, choices: ChoiceSets) -> float:
    """Mean negative log-likelihood of the next reads, drawn alternatives standing for the rest."""
    reads, width, count = choices.features.shape
    flat = choices.features.reshape(-1, count).astype(np.float64, order="F")
    index, label = np.repeat(np.arange(reads), width), np.zeros(count, np.int64)
    added = parts(model, flat, choices.context.astype(np.float64), index, label, 1)
    utility = added.sum(axis=1).reshape(reads, width)
    return float(np.mean(_losses(utility, choices)[0]))


def _losses(utility: Float64, choices: ChoiceSets) -> tuple[Float64, Float64]:
    """Negative log-likelihood of each read, and the probability of each alternative."""
    with np.errstate(divide="ignore"):
        weighted = utility + np.log(choices.weight)
    best = np.maximum(weighted.max(axis=1), 0.0)
    odds = np.exp(weighted - best[:, None])
    total = odds.sum(axis=1) + np.exp(-best)
    chosen = np.where(choices.found, weighted[:, 0], 0.0)
    return best + np.log(total) - chosen, odds / total[:, None]


class _Frame(NamedTuple):
    """How features and contexts are laid out; f features, c contexts.

    `knots` float64[f, KNOTS]; `scale` float64[f], standard deviation of a feature within them;
    `centre`, `spread` float64[c], mean and standard deviation of a context.
    """

    knots: Float64
    scale: Float64
    centre: Float64
    spread: Float64


def _frame(choices: ChoiceSets) -> _Frame:
    knots = _knots(choices)
    held = np.clip(choices.features, *knots[:, [0, -1]].T.astype(np.float32))
    centre = choices.context.mean(axis=0, dtype=np.float64)
    return _Frame(knots, _deviation(held, (0, 1)), centre, _deviation(choices.context, 0))


def _maximise(choices: ChoiceSets, basis: Float32, frame: _Frame, start: Float64) -> Float64:
    """Find the parameters by Newton's method, which a convex likelihood of few of them suits.

    Where steps gain little, the curvature hardly changes any more: the last one goes on to serve.
    """
    reads, width, count = choices.features.shape
    penalty = _penalty(count, len(frame.centre))
    at = start

    def losses(parameters: Float64) -> tuple[float, Float64]:
        utility = (basis @ parameters.astype(np.float32)).astype(np.float64)
        loss, share = _losses(utility.reshape(reads, width), choices)
        return float(loss.sum() + parameters @ penalty @ parameters / 2), share

    loss, share = losses(at)
    gain, curvature = np.inf, penalty
    for _ in range(STEPS):
        weight = share.astype(np.float32)
        surplus = weight.copy()
        surplus[:, 0] -= choices.found
        slope = surplus.ravel() @ basis + penalty @ at
        if gain > LITTLE * reads:
            curvature = _curvature(basis, weight) + penalty
        step = np.linalg.solve(curvature, slope)
        shorter = 1.0
        while (trial := losses(at - shorter * step))[0] > loss and shorter > SMALLEST:
            shorter /= 2
        gain = loss - trial[0]
        if gain <= 0:
            break
        at, (loss, share) = at - shorter * step, trial
        if gain < ENOUGH * reads:
            break
    return at


def _model(parameters: Float64, frame: _Frame, config: Config) -> Model:
    """Make the model of parameters as `_basis` orders them, its curves 0 at 0."""
    count, contexts = len(frame.knots), len(frame.centre)
    curves, tilts, base = np.split(parameters, [count * KNOTS, count * (KNOTS + contexts)])
    values = curves.reshape(count, KNOTS)
    neutral = np.array([np.interp(0.0, frame.knots[j], values[j]) for j in range(count)])
    return Model(
        kind="learned",
        features=feature_names(config),
        knots=frame.knots,
        values=values - neutral[:, None],
        slopes=np.vstack([tilts.reshape(count, -1) / frame.scale[:, None], base[1:]]),
        centre=frame.centre,
        spread=frame.spread,
        base=float(base[0] + neutral.sum()),
        validation={},
    )


def _deviation(values: Float32, axis: int | tuple[int, int]) -> Float64:
    """Give the standard deviation along axes; 1 where nothing varies."""
    deviation = values.std(axis=axis, dtype=np.float64)
    return np.asarray(np.where(deviation > SMALLEST, deviation, 1.0))


def _basis(choices: ChoiceSets, frame: _Frame) -> Float32:
    """Lay out what the utility is linear in: float32[t · a, p].

    Curves at the knots of each feature, tilts of each scaled feature by each context, the base, and
    its slopes by context.
    """
    reads, width, count = choices.features.shape
    flat = choices.features.reshape(-1, count)
    contexts = _within(choices.context, frame.centre, frame.spread)
    context = np.repeat(contexts.astype(np.float32), width, axis=0)
    first = count * KNOTS
    basis = np.empty((reads * width, first + (count + 1) * context.shape[1] + 1), np.float32)
    for column, knots in enumerate(frame.knots):
        held = np.clip(flat[:, column], *knots[[0, -1]].astype(np.float32))
        scaled = (held / frame.scale[column]).astype(np.float32)
        curve = slice(column * KNOTS, (column + 1) * KNOTS)
        tilt = slice(first + column * context.shape[1], first + (column + 1) * context.shape[1])
        basis[:, curve] = _hats(flat[:, column], knots)
        basis[:, tilt] = scaled[:, None] * context
    basis[:, -1 - context.shape[1]] = 1
    basis[:, -context.shape[1] :] = context
    return basis


def _curvature(basis: Float32, share: Float32) -> Float64:
    """Second derivative of the loss: float64[p, p], from the alternatives' probabilities [t, a].

    Of many reads every so many'th stands for all (Roosta-Khorasani, Mahoney, "Sub-sampled Newton
    methods", 2019): the slope is exact, so the steps end at the same place.
    """
    reads, width = share.shape
    apart = max(1, reads // CURVED)
    bend = np.zeros((basis.shape[1], basis.shape[1]))
    by_read = basis.reshape(reads, width, -1)[::apart]
    share = share[::apart]
    for start in range(0, len(share), BLOCK):
        part = share[start : start + BLOCK, None]
        rows = by_read[start : start + BLOCK]
        spread = (rows * np.sqrt(part.swapaxes(1, 2))).reshape(-1, basis.shape[1])
        expected = np.matmul(part, rows)[:, 0]
        bend += spread.T @ spread
        bend -= expected.T @ expected
    return np.asarray(bend * (reads / len(share)))


def _penalty(count: int, contexts: int) -> Float64:
    """Quadratic form that keeps a curve's steps and tilts small, and its level near 0."""
    steps = np.diff(np.eye(KNOTS), axis=0)
    one = 2 * SMOOTHNESS * steps.T @ steps + LEVEL * np.eye(KNOTS)
    curves = np.kron(np.eye(count), one)
    return np.asarray(
        block_diag(curves, TILT * np.eye(count * contexts), RIDGE * np.eye(1 + contexts))
    )


def _knots(choices: ChoiceSets) -> Float64:
    """Knots at the quantiles of each feature's distinct values and 0, ascending strictly."""
    present = choices.features[choices.weight > 0].astype(np.float64)
    knots = np.empty((present.shape[1], KNOTS))
    for column in range(present.shape[1]):
        distinct = np.unique(np.append(present[:, column], 0.0))
        if len(distinct) < 2:
            distinct = np.array([0.0, 1.0])
        knots[column] = np.quantile(distinct, np.linspace(0.005, 0.995, KNOTS))
        knots[column, 0] = min(knots[column, 0], 0.0)
        knots[column, -1] = max(knots[column, -1], 0.0)
    return knots


def _hats(values: Float32, knots: Float64) -> Float32:
    """Piecewise linear basis: float32[m, k], at most two entries of a row are not 0."""
    place = np.interp(values, knots, np.arange(KNOTS)).astype(np.float32)
    distance = np.abs(place[:, None] - np.arange(KNOTS, dtype=np.float32))
    return np.asarray(np.maximum(1 - distance, 0))
