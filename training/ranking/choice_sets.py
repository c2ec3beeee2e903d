"""Choice sets: the transitions after a snapshot, with what readers could have chosen there.

Alternatives are sampled uniformly, and each stands for as many candidates as were not sampled:
McFadden, "Modelling the choice of residential location", 1978.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np

from training.config import Config
from training.ranking.candidates import Candidates, find
from training.ranking.features import Pairing, context, matrix
from training.ranking.inputs import RankingInputs
from training.readers import Transitions
from training.records import HOUR, Bool, Float32, Float64, Int64

SAMPLED_ALTERNATIVES: Final = 40
"""Candidates sampled for each transition, beside its target."""


@dataclass(frozen=True)
class ChoiceSets:
    """The choice sets of t transitions, a alternatives each.

    Attributes
    ----------
    features : float32[t, a, f]; the first alternative is the transition's target where `found`,
        else a candidate like the others.
    context : float32[t, c], context of the sources.
    weight : float64[t, a], candidates that an alternative stands for; 0 where there is none.
    found : bool[t], whether the target was among the candidates; else the reader chose the outside
        alternative, whose utility is 0.
    """

    features: Float32
    context: Float32
    weight: Float64
    found: Bool

    def where(self, rows: slice) -> "ChoiceSets":
        """Return some of the choice sets."""
        return ChoiceSets(*(getattr(self, name)[rows] for name in _COLUMNS))

    @classmethod
    def concatenate(cls, parts: Sequence["ChoiceSets"]) -> "ChoiceSets":
        """Concatenate the choice sets of several snapshots."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in _COLUMNS))

    def flatten(self) -> tuple[Float64, Float64, Int64]:
        """Return the alternatives one per row: float64[t · a, f], contexts, choice set of each."""
        count, width, features = self.features.shape
        flatten = self.features.reshape(-1, features).astype(np.float64, order="F")
        return flatten, self.context.astype(np.float64), np.repeat(np.arange(count), width)

    def log_loss(self, utility: Float64) -> float:
        """Mean negative log-likelihood of the choices, in nats; utilities as from `flatten`."""
        return float(np.mean(self.losses(utility.reshape(self.weight.shape))[0]))

    def losses(self, utility: Float64) -> tuple[Float64, Float64]:
        """Return the negative log-likelihood of each choice, and each alternative's probability.

        Parameters
        ----------
        utility : float64[t, a]

        Returns
        -------
        float64[t]
            In nats.
        float64[t, a]
        """
        with np.errstate(divide="ignore"):
            weighted = utility + np.log(self.weight)
        best = np.maximum(weighted.max(axis=1), 0.0)
        odds = np.exp(weighted - best[:, None])
        total = odds.sum(axis=1) + np.exp(-best)
        chosen = np.where(self.found, weighted[:, 0], 0.0)
        return best + np.log(total) - chosen, odds / total[:, None]


_COLUMNS: Final = tuple(column.name for column in fields(ChoiceSets))


class ObservedChoices(NamedTuple):
    """All candidates after a snapshot and the transitions; s sources, m candidates, t transitions.

    Attributes
    ----------
    candidates : of the transitions' sources.
    features : float64[m, f].
    context : float64[s, c], context of the sources.
    transitions : (int64[t], int64[t]), position of the source among the sources, row of the target.
    """

    candidates: Candidates
    features: Float64
    context: Float64
    transitions: tuple[Int64, Int64]


def downsample(transitions: Transitions, config: Config) -> Transitions:
    """Sample at most `ranking.max_transitions` transitions, and sort them by the source's time.

    Each hour has the same weight, however much was read in it, and half the weight of the same hour
    a day later, so that the model follows changes of the traffic. The share
    `readers.block_discount` of those that came by one of our own blocks is left out at random.
    """
    transitions = transitions.where(np.argsort(transitions.source_time, kind="stable"))
    chance = np.random.default_rng([config.ranking.seed, 1]).random(len(transitions.own))
    own = transitions.own == 1
    transitions = transitions.where(~own | (chance >= config.readers.block_discount))
    size = config.ranking.max_transitions
    if len(transitions.source) <= size:
        return transitions
    hour = (transitions.source_time[-1] - transitions.source_time) // HOUR
    weight = 2.0 ** (-hour / 24) / np.bincount(hour)[hour]
    generator = np.random.default_rng(config.ranking.seed)
    sample = generator.choice(
        len(hour), size, replace=False, p=weight / weight.sum(), shuffle=False
    )
    return transitions.where(np.sort(sample))


def observe_choices(
    inputs: RankingInputs, transitions: Transitions, config: Config
) -> ObservedChoices:
    """Find the candidates and features of the transitions that follow a snapshot.

    Parameters
    ----------
    inputs : RankingInputs
        At the last refresh at or before the sources' views.
    transitions : Transitions
        Between rows of `inputs`. Those whose source had no list at the time are left out.
    config : Config
        Candidates and features.

    Returns
    -------
    ObservedChoices
    """
    transitions = transitions.where(inputs.sources[transitions.source])
    sources, index = np.unique(transitions.source, return_inverse=True)
    candidates = find(inputs, sources, config)
    pairing = Pairing(inputs, candidates)
    return ObservedChoices(
        candidates,
        matrix(pairing, config),
        context(pairing),
        (index, transitions.target.astype(np.int64)),
    )


def sample_alternatives(observed: ObservedChoices, generator: np.random.Generator) -> ChoiceSets:
    """Sample the alternatives of each transition."""
    candidates, features, context, (index, target) = observed
    keys = candidates.index << 32 | candidates.target
    wanted = index << 32 | target
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    found = keys[at] == wanted if len(keys) else np.zeros(len(index), np.bool_)
    width = SAMPLED_ALTERNATIVES + 1
    chosen = np.zeros((len(index), width), np.int64)
    weight = np.zeros((len(index), width))
    starts = candidates.starts
    for row, source in enumerate(index):
        pool = np.arange(starts[source], starts[source + 1])
        if found[row]:
            pool = pool[pool != at[row]]
        sample = generator.permutation(pool)[:SAMPLED_ALTERNATIVES]
        chosen[row, 0], weight[row, 0] = at[row], found[row]
        chosen[row, 1 : len(sample) + 1] = sample
        weight[row, 1 : len(sample) + 1] = len(pool) / max(len(sample), 1)
    blank = np.zeros((len(index), width, features.shape[1]))
    sampled = (features[chosen] if len(features) else blank).astype(np.float32)
    return ChoiceSets(sampled, context[index].astype(np.float32), weight, found)
