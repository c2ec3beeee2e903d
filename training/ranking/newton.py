"""Newton's method for the penalised likelihood of choice sets, which is convex."""

from typing import Final

import numpy as np

from training.ranking.choice_sets import ChoiceSets
from training.records import Float32, Float64

MIN_STEP_SHARE: Final = 1e-4
"""A step that does not help is halved down to this share of itself."""

CURVATURE_GAIN: Final = 3e-3
"""Nats per choice: after a step that gained less, the curvature of the last step is used again."""

CURVATURE_CHOICES: Final = 1500
"""Choices, at least, from which the curvature is estimated."""

CHUNK_CHOICES: Final = 500
"""Choices whose second derivatives are summed at a time; fixed, so that the result is the same."""


def maximise_likelihood(
    choices: ChoiceSets,
    design: Float32,
    penalty: Float64,
    start: Float64,
    max_steps: int,
    tolerance: float,
) -> tuple[Float64, int]:
    """Return the parameters of the largest penalised likelihood, float64[p], and the steps.

    Parameters
    ----------
    choices : ChoiceSets
        t choices among a alternatives.
    design : float32[t · a, p]
        The utilities are `design @ parameters`.
    penalty : float64[p, p]
        Half of parameters · penalty · parameters is added to the loss.
    start : float64[p]
        Where the steps begin.
    max_steps : int
        Steps at most.
    tolerance : float
        The steps end when one gains less than this per choice, in nats.
    """
    count, width = choices.weight.shape
    at = start

    def evaluate(parameters: Float64) -> tuple[float, Float64]:
        utility = (design @ parameters.astype(np.float32)).astype(np.float64)
        loss, probability = choices.losses(utility.reshape(count, width))
        return float(loss.sum() + parameters @ penalty @ parameters / 2), probability

    loss, probability = evaluate(at)
    gain, curvature, steps = np.inf, penalty, 0
    for steps in range(1, max_steps + 1):  # noqa: B007 - returned
        expected = probability.astype(np.float32)
        surplus = expected.copy()
        surplus[:, 0] -= choices.found
        gradient = surplus.ravel() @ design + penalty @ at
        if gain > CURVATURE_GAIN * count:
            curvature = _curvature(design, expected) + penalty
        step = np.linalg.solve(curvature, gradient)
        share = 1.0
        while (trial := evaluate(at - share * step))[0] > loss and share > MIN_STEP_SHARE:
            share /= 2
        gain = loss - trial[0]
        if gain <= 0:
            break
        at, (loss, probability) = at - share * step, trial
        if gain < tolerance * count:
            break
    return at, steps


def _curvature(design: Float32, probability: Float32) -> Float64:
    """Return the second derivative of the loss: float64[p, p].

    Of many choices every n-th stands for all (Roosta-Khorasani, Mahoney, "Sub-sampled Newton
    methods", 2019). The gradient is exact, so the steps end at the same place.
    """
    count, width = probability.shape
    every = max(1, count // CURVATURE_CHOICES)
    curvature = np.zeros((design.shape[1], design.shape[1]))
    by_choice = design.reshape(count, width, -1)[::every]
    probability = probability[::every]
    for start in range(0, len(probability), CHUNK_CHOICES):
        part = probability[start : start + CHUNK_CHOICES, None]
        rows = by_choice[start : start + CHUNK_CHOICES]
        scaled = (rows * np.sqrt(part.swapaxes(1, 2))).reshape(-1, design.shape[1])
        expected = np.matmul(part, rows)[:, 0]
        curvature += scaled.T @ scaled
        curvature -= expected.T @ expected
    return np.asarray(curvature * (count / len(probability)))
