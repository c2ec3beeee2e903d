"""Scoring: candidates to log-odds, probability and reason."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking.candidates import Candidates
from training.ranking.cut import Cut
from training.ranking.features import GROUPS, Pairing, features, log_share, matrix
from training.ranking.model import curves, group_sums, probabilities
from training.records import Float64, Model

CONNECTED_LIFT: Final = 0.0
"""Readers connect two stories whose log lift at the slowest half-life is above this …"""

CONNECTED_COSINE: Final = 0.1
"""… and words connect those whose cosine is above this."""


@dataclass(frozen=True)
class Scored:
    """Candidates with what the model says of them.

    Attributes
    ----------
    candidates : m pairs.
    order : float64[m], log-odds after discount and penalty: what a list is ordered by.
    probability : float64[m], that a reader of the source opens it next, before the two.
    group : uint8[m], index into `GROUPS` of what speaks for it most.
    """

    candidates: Candidates
    order: Float64
    probability: Float64
    group: npt.NDArray[np.uint8]


def score(cut: Cut, found: Candidates, model: Model, config: Config) -> Scored:
    """Score candidates as the model and the settings have it."""
    pairing = Pairing(cut, found)
    parts = curves(model, matrix(pairing, config))
    utility = parts.sum(axis=1) + model.base
    adjusted = utility - config.ranking.discount * log_share(
        pairing, config.readers.nearest_view_life(1.0)
    )
    adjusted -= config.ranking.penalty * unconnected(pairing)
    return Scored(
        candidates=found,
        order=adjusted,
        probability=probabilities(utility, found.starts),
        group=_reason(group_sums(parts, features(config))),
    )


def unconnected(pairing: Pairing) -> npt.NDArray[Any]:
    """Mark the pairs (bool[m]) that neither readers nor words connect."""
    return (pairing.lift[:, -2] <= CONNECTED_LIFT) & (pairing.cosine <= CONNECTED_COSINE)


def _reason(sums: Float64) -> npt.NDArray[np.uint8]:
    """Readers or text, whichever adds more, if either adds anything; else the largest other."""
    readers, text = GROUPS.index("readers"), GROUPS.index("text")
    connected = np.maximum(sums[:, readers], sums[:, text]) > 0
    either = np.where(sums[:, readers] >= sums[:, text], readers, text)
    rest = 2 + np.argmax(sums[:, 2:], axis=1)
    return np.where(connected, either, rest).astype(np.uint8)
