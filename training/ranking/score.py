"""Scoring: candidates to log-odds, probability and reason."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking.candidates import Candidates
from training.ranking.conditional_logit import probabilities
from training.ranking.features import GROUPS, Pairing, context, features, log_share, matrix
from training.ranking.inputs import RankingInputs
from training.ranking.model import utility_parts
from training.records import NEVER, Float64, Int64, Model

READERS: Final = GROUPS.index("readers")
TEXT: Final = GROUPS.index("text")

CONNECTED_LIFT: Final = 0.0
"""Readers connect two stories whose log lift at the slowest half-life is above this …"""

CONNECTED_COSINE: Final = 0.1
"""… and words connect those whose cosine is above this."""

SAME_EVENT: Final = 0.4
"""Words of this cosine or more tell of the same event."""


@dataclass(frozen=True)
class Scored:
    """Candidates with what the model says of them.

    Attributes
    ----------
    candidates : m pairs.
    order : float64[m], log-odds after discount, penalty and follow-ups: what orders a list.
    probability : float64[m], that a reader of the source opens it next, before the three.
    group : uint8[m], index into `GROUPS` of what speaks for it most; text for a follow-up.
    """

    candidates: Candidates
    order: Float64
    probability: Float64
    group: npt.NDArray[np.uint8]


def score(inputs: RankingInputs, found: Candidates, model: Model, config: Config) -> Scored:
    """Score candidates as the model and the settings have it."""
    pairing = Pairing(inputs, found)
    added = _by_group(pairing, model, config)
    utility = added.sum(axis=1)
    group = _reason(added[:, :-1], pairing)
    return Scored(
        candidates=found,
        order=utility + sum(adjustments(pairing, config).values()),
        probability=probabilities(utility, found.starts),
        group=np.where(follows_up(pairing), TEXT, group).astype(np.uint8),
    )


def contributions(
    inputs: RankingInputs, found: Candidates, model: Model, config: Config
) -> dict[str, Float64]:
    """Take `Scored.order` apart: a float64[m] by group, then `base` and the adjustments."""
    pairing = Pairing(inputs, found)
    added = _by_group(pairing, model, config)
    return {
        **{group: added[:, column] for column, group in enumerate(GROUPS)},
        "base": added[:, -1],
        **adjustments(pairing, config),
    }


def _by_group(pairing: Pairing, model: Model, config: Config) -> Float64:
    """What the features of each group add, and the base: float64[m, len(GROUPS) + 1]."""
    group = np.array([GROUPS.index(feature.group) for feature in features(config)])
    return _added(pairing, model, config, group, len(GROUPS))


def by_feature(pairing: Pairing, model: Model, config: Config) -> dict[str, Float64]:
    """Take `Scored.order` less the base apart: a float64[m] by feature, then the adjustments."""
    every = np.arange(len(model.features))
    added = _added(pairing, model, config, every, len(every))
    columns = {name: added[:, column] for column, name in enumerate(model.features)}
    return {**columns, **adjustments(pairing, config)}


def _added(pairing: Pairing, model: Model, config: Config, label: Int64, labels: int) -> Float64:
    values, index = matrix(pairing, config), pairing.candidates.index
    return utility_parts(model, values, context(pairing), index, label, labels)


def adjustments(pairing: Pairing, config: Config) -> dict[str, Float64]:
    """Compute what is added to the model's log-odds before they order a list: float64[m] each."""
    settings, hour = config.ranking, config.readers.nearest_view_life(1.0)
    return {
        "discount": -settings.discount * log_share(pairing, hour)[pairing.place],
        "penalty": -settings.penalty * unconnected(pairing),
        "follow_up": settings.follow_up * follows_up(pairing),
    }


def unconnected(pairing: Pairing) -> npt.NDArray[Any]:
    """Mark the pairs (bool[m]) that neither readers nor words connect."""
    return (pairing.lift[:, -2] <= CONNECTED_LIFT) & (pairing.cosine <= CONNECTED_COSINE)


def follows_up(pairing: Pairing) -> npt.NDArray[Any]:
    """Mark the pairs (bool[m]) whose candidate tells of the source's event, and is newer.

    To a source that has neither time nor view, every candidate is newer that has one.
    """
    known, pair = pairing.inputs.known, pairing.candidates
    of_source = known[pair.source]
    is_newer = (known[pair.target] > of_source) | (of_source == NEVER)
    is_newer &= known[pair.target] != NEVER
    return np.asarray(is_newer & (pairing.cosine >= SAME_EVENT))


def _reason(sums: Float64, pairing: Pairing) -> npt.NDArray[np.intp]:
    """Readers or text, whichever adds more, if either adds anything; else the largest other.

    Readers must have gone from one to the other, and words connect the two: what a model makes of
    their absence is no reason.
    """
    met = pairing.forward[:, -2] + pairing.backward[:, -2] > 0
    readers = np.where(met, sums[:, READERS], 0.0)
    text = np.where(pairing.cosine > CONNECTED_COSINE, sums[:, TEXT], 0.0)
    rest = 2 + np.argmax(sums[:, 2:], axis=1)
    either = np.where(readers >= text, READERS, TEXT)
    return np.where(np.maximum(readers, text) > 0, either, rest)
