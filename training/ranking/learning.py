"""Learning: next reads after a cut, with the features that stood at it."""

import numpy as np

from training.config import Config
from training.ranking import candidates as sought
from training.ranking.features import Pairing, context, matrix
from training.ranking.inputs import RankingInputs
from training.ranking.model import ObservedChoices
from training.readers import Transitions
from training.records import HOUR


def downsample(transitions: Transitions, config: Config) -> Transitions:
    """Draw at most `max_transitions` next reads, and order them by the source's time.

    Each hour is as likely as another, however much was read in it, and half as likely as the same
    hour a day later: when the traffic changes, the model follows. Of those that a block of ours led
    to, the share `block_discount` is left out by chance.
    """
    transitions = transitions.where(np.argsort(transitions.source_time, kind="stable"))
    chance = np.random.default_rng([config.ranking.seed, 1]).random(len(transitions.own))
    own = transitions.own == 1
    transitions = transitions.where(~own | (chance >= config.readers.block_discount))
    most = config.ranking.max_transitions
    if len(transitions.source) <= most:
        return transitions
    hour = (transitions.source_time[-1] - transitions.source_time) // HOUR
    weight = 2.0 ** (-hour / 24) / np.bincount(hour)[hour]
    generator = np.random.default_rng(config.ranking.seed)
    drawn = generator.choice(len(hour), most, replace=False, p=weight / weight.sum(), shuffle=False)
    return transitions.where(np.sort(drawn))


def observe_choices(
    inputs: RankingInputs, transitions: Transitions, config: Config
) -> ObservedChoices:
    """Lay out the candidates at the next reads whose source was opened after a cut.

    Parameters
    ----------
    inputs : RankingInputs
        The last one at or before the sources' views.
    transitions : Transitions
        Rows must be rows of the cut; a source that had no list at it is passed over.
    config : Config
        Candidates and features.

    Returns
    -------
    ObservedChoices
    """
    transitions = transitions.where(inputs.sources[transitions.source])
    sources, index = np.unique(transitions.source, return_inverse=True)
    found = sought.find(inputs, sources, config)
    pairing = Pairing(inputs, found)
    read = index, transitions.target.astype(np.int64)
    return ObservedChoices(found, matrix(pairing, config), context(pairing), read)
