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
from training.readers import SLOWEST
from training.records import NEVER, Float64, Int64, Model

READERS: Final = GROUPS.index("readers")
TEXT: Final = GROUPS.index("text")

CONNECTED_LIFT: Final = 0.0
"""Readers connect two articles whose log lift at the slowest half-life is above this."""

CONNECTED_COSINE: Final = 0.1
"""Texts connect two articles whose cosine is above this."""

SAME_EVENT: Final = 0.4
"""Texts of this cosine or more are on the same event."""


@dataclass(frozen=True)
class Scored:
    """Scored candidates.

    Attributes
    ----------
    candidates : m pairs.
    order : float64[m], log-odds that a list is sorted by: after discount, penalty and follow-ups.
    probability : float64[m], that a reader of the source opens it next, before these three.
    group : uint8[m], index into `GROUPS` of what adds most; text for a follow-up.
    """

    candidates: Candidates
    order: Float64
    probability: Float64
    group: npt.NDArray[np.uint8]


def score(inputs: RankingInputs, found: Candidates, model: Model, config: Config) -> Scored:
    """Score candidates by the model, then apply discount, penalty and follow-ups."""
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
    """Split `Scored.order` into its summands: a float64[m] by group, `base`, the adjustments."""
    pairing = Pairing(inputs, found)
    added = _by_group(pairing, model, config)
    return {
        **{group: added[:, column] for column, group in enumerate(GROUPS)},
        "base": added[:, -1],
        **adjustments(pairing, config),
    }


def _by_group(pairing: Pairing, model: Model, config: Config) -> Float64:
    """Return what the features of each group add, then the base: float64[m, len(GROUPS) + 1]."""
    group = np.array([GROUPS.index(feature.group) for feature in features(config)])
    return _utility_parts(pairing, model, config, group, len(GROUPS))


def by_feature(pairing: Pairing, model: Model, config: Config) -> dict[str, Float64]:
    """Split `Scored.order` without the base: a float64[m] by feature, then the adjustments."""
    every = np.arange(len(model.features))
    added = _utility_parts(pairing, model, config, every, len(every))
    columns = {name: added[:, column] for column, name in enumerate(model.features)}
    return {**columns, **adjustments(pairing, config)}


def _utility_parts(
    pairing: Pairing, model: Model, config: Config, label: Int64, labels: int
) -> Float64:
    values, index = matrix(pairing, config), pairing.candidates.index
    return utility_parts(model, values, context(pairing), index, label, labels)


def adjustments(pairing: Pairing, config: Config) -> dict[str, Float64]:
    """Compute what is added to the model's log-odds to sort a list: float64[m] each."""
    settings, hour = config.ranking, config.readers.nearest_view_life(1.0)
    return {
        "discount": -settings.discount * log_share(pairing, hour)[pairing.place],
        "penalty": -settings.penalty * unconnected(pairing),
        "follow_up": settings.follow_up * follows_up(pairing),
    }


def unconnected(pairing: Pairing) -> npt.NDArray[Any]:
    """Mark the pairs (bool[m]) that neither readers nor texts connect."""
    return (pairing.lift[:, SLOWEST] <= CONNECTED_LIFT) & (pairing.cosine <= CONNECTED_COSINE)


def follows_up(pairing: Pairing) -> npt.NDArray[Any]:
    """Mark the pairs (bool[m]) whose candidate is newer than the source, and on the same event.

    Every candidate that has a time or a view is newer than a source that has neither.
    """
    known, pair = pairing.inputs.known, pairing.candidates
    of_source = known[pair.source]
    is_newer = (known[pair.target] > of_source) | (of_source == NEVER)
    is_newer &= known[pair.target] != NEVER
    return np.asarray(is_newer & (pairing.cosine >= SAME_EVENT))


def _reason(sums: Float64, pairing: Pairing) -> npt.NDArray[np.intp]:
    """Return the group that is the reason: readers or text, whichever adds more, else another.

    Readers count only with transitions between the two, and text only where it connects them: what
    the model adds for their absence is not a reason.
    """
    has_transitions = pairing.forward[:, SLOWEST] + pairing.backward[:, SLOWEST] > 0
    readers = np.where(has_transitions, sums[:, READERS], 0.0)
    text = np.where(pairing.cosine > CONNECTED_COSINE, sums[:, TEXT], 0.0)
    rest = 2 + np.argmax(sums[:, 2:], axis=1)
    either = np.where(readers >= text, READERS, TEXT)
    return np.where(np.maximum(readers, text) > 0, either, rest)
