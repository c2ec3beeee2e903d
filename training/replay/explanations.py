"""Explanations of lists: why a story is missing, and what each feature adds for those in it."""

from typing import Final

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking import RankingInputs, find
from training.ranking.features import Pairing
from training.ranking.rules import (
    ONE_OF_RULES,
    CandidatePairs,
    Labels,
    allowed_pairs,
    is_never_allowed,
)
from training.ranking.score import by_feature
from training.recommendations.lists import HOT_ARTICLES
from training.records import Float64, Int32, Model
from training.replay.results import MISSES, SLOTS

_CANDIDATE, _RULED_OUT, _OUTRANKED = map(
    list(MISSES).index, ("candidate", "ruled_out", "outranked")
)

_PROBABILITY: Final = 1.0
"""Passes `rules.min_probability`: candidates that fail it leave the list short."""


def miss_reasons(
    inputs: RankingInputs,
    lists: list[Int32],
    source: Int32,
    target: Int32,
    labels: Labels,
    config: Config,
) -> npt.NDArray[np.int8]:
    """Return why targets are in none of the lists made at a cutoff, without scoring them again.

    Parameters
    ----------
    inputs : RankingInputs
        Those that the lists were made from.
    lists : list of int32
        The list of each pair's source.
    source, target : int32[k]
        Pairs of a source and an eligible row that is not in its list.
    labels : Labels
        Of which a list holds one story each.
    config : Config
        The rules; `lists.max_items`.

    Returns
    -------
    int8[k]
        Index into `MISSES`. A candidate that no rule excludes, and that shares no event or text
        with the list, was outranked where the list is full; else a rule excluded it.
    """
    sources, index = np.unique(source, return_inverse=True)
    found = find(inputs, sources, config)
    proposed = np.isin(index << 32 | target, found.index << 32 | found.target)
    hotness = inputs.hotness(config.readers.nearest_view_life(1.0))
    hot = hotness[target] - (hotness[source] < hotness[target]) < HOT_ARTICLES
    pairs = CandidatePairs(
        inputs.catalogue, labels, source, target, np.full(len(source), _PROBABILITY), hot
    )
    excluded = ~allowed_pairs(pairs, config) | is_never_allowed(pairs, config)
    for one_of in ONE_OF_RULES:
        if one_of.applies(config):
            label = one_of.label(pairs)
            listed = (
                pairs._replace(source=np.full_like(own, row), target=own)
                for row, own in zip(source.tolist(), lists, strict=True)
            )
            excluded |= [of in one_of.label(each) for of, each in zip(label, listed, strict=True)]
    short = np.array([len(own) < config.lists.max_items for own in lists], np.bool_)
    reason = np.where(excluded | short, _RULED_OUT, _OUTRANKED)
    return np.where(proposed, reason, _CANDIDATE).astype(np.int8)


def feature_effects(
    inputs: RankingInputs, lists: list[Int32], sources: Int32, model: Model, config: Config
) -> dict[str, Float64]:
    """Return what each feature adds for the first five items.

    Parameters
    ----------
    inputs : RankingInputs
        Those that the lists were made from.
    lists : list of int32
        The list of each source.
    sources : int32[s]
        Rows, distinct.
    model : Model
    config : Config
        Those that the lists were made with.

    Returns
    -------
    dict of str to float64[k]
        By feature, and by discount, penalty and follow-up: what it adds to the log-odds of each of
        k items, beyond its mean over the candidates of the same source.
    """
    order = np.argsort(sources)
    found = find(inputs, sources[order], config)
    added = by_feature(Pairing(inputs, found), model, config)
    listed = [lists[at][:SLOTS] for at in order]
    index = np.repeat(np.arange(len(listed)), [len(own) for own in listed])
    items = index << 32 | np.concatenate(listed)
    chosen = np.isin(found.index << 32 | found.target, items)
    count = np.bincount(found.index)[found.index]
    means = {
        name: np.bincount(found.index, part)[found.index] / count for name, part in added.items()
    }
    return {name: (part - means[name])[chosen] for name, part in added.items()}
