"""Why a story stands in an article's list, or where it fell."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from training.config import Config
from training.ranking import (
    Candidates,
    RankingInputs,
    Scored,
    contributions,
    find,
    ranking_inputs,
    score,
)
from training.ranking.rules import (
    ARTICLE_RULES,
    ONE_OF_RULES,
    PAIR_RULES,
    SHARE_RULES,
    CandidatePairs,
    EligibilityContext,
    Labels,
    allowed,
    never,
)
from training.recommendations import known_sources
from training.recommendations.lists import choose, judged
from training.records import Int32
from training.state import State

TERMS: Final = 10
"""Shared terms that are named, the heaviest."""


@dataclass(frozen=True)
class Explanation:
    """What is known of a pair of a source and a target at the state's time.

    Attributes
    ----------
    source, target : ids.
    stage : `listed`, or where the target fell: the name of a rule; `source` where the source has
        no list; `candidate` where nothing proposed it; `outranked`.
    message : the same in words.
    rank : place in the list as it is made now, from 1; None where it is not in it.
    probability : that a reader of the source opens it next, by the model.
    order : log-odds that the list is ordered by: the sum of `parts`.
    parts : what each adds: `readers`, `text`, `section`, `popular`, `latest` (freshness), `base`,
        `discount`, `penalty`, `follow_up`.
    behind : where it is outranked, the log-odds that the last item of the list has more.
    cosine : of the two texts; the sum of the weights of all terms that they share.
    terms : the terms that add most to it, and how much each adds.
    pairs : direct reads' worth of readers who went from the source to the target, and back, by
        half-life.
    rules : names of the rules that speak against it.
    """

    source: str
    target: str
    stage: str
    message: str
    rank: int | None
    probability: float
    order: float
    parts: dict[str, float]
    behind: float | None
    cosine: float
    terms: dict[str, float]
    pairs: dict[str, tuple[float, float]]
    rules: list[str]

    def as_dict(self) -> dict[str, object]:
        """Give the explanation as JSON has it."""
        return asdict(self)


def explain(state: State, events: Int32, source: int, target: int, config: Config) -> Explanation:
    """Explain a pair of rows, by the same tables that `fill` goes by.

    Parameters
    ----------
    state : State
        Not modified.
    events : int32[n]
        Labels of the recommendations made from it.
    source, target : int
        Two different rows.
    config : Config
        As for `fill`.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        If the two are one.
    """
    if source == target:
        raise ValueError("an article never stands in its own list")
    inputs = ranking_inputs(state, config)
    found = find(inputs, np.array([source], np.int32), config)
    proposed = target in found.target
    if not proposed:
        rows = np.sort(np.append(found.target, np.int32(target)))
        found = Candidates(found.sources, np.zeros(len(rows), np.int64), rows)
    at = int(np.searchsorted(found.target, target))
    scored = score(inputs, found, state.model, config)
    parts = contributions(inputs, found, state.model, config)
    labels = Labels(state.texts.near_duplicate, events)
    hotness = inputs.hotness(config.readers.nearest_view_life(1.0))
    case = _Case(inputs, scored, judged(inputs, scored, labels, hotness), at, proposed, config)
    is_source = known_sources(inputs, state)[source]
    chosen = case.chosen() if is_source else []
    against = list(case.against(chosen))
    if not is_source:
        against.insert(0, ("source", "the source has no list: it is withdrawn, or not known yet"))
    rank = chosen.index(at) + 1 if at in chosen and not against else None
    behind = None
    if rank is None and not against:
        behind = float(scored.order[chosen].min() - scored.order[at])
    stage, message = _outcome(rank, behind, against)
    terms = _shared_terms(state, source, target)
    ids = state.catalogue.ids
    return Explanation(
        source=ids[source],
        target=ids[target],
        stage=stage,
        message=message,
        rank=rank,
        probability=float(scored.probability[at]),
        order=float(scored.order[at]),
        parts={name: float(added[at]) for name, added in parts.items()},
        behind=behind,
        cosine=sum(terms.values()),
        terms=dict(list(terms.items())[:TERMS]),
        pairs=_pair_sums(inputs, source, target, config),
        rules=[name for name, _ in against],
    )


@dataclass(frozen=True)
class _Case:
    """A candidate among those of its source, at position `at`."""

    inputs: RankingInputs
    scored: Scored
    pairs: CandidatePairs
    at: int
    proposed: bool
    config: Config

    def chosen(self) -> list[int]:
        """Give the positions that make the list; one that nothing proposed is in none."""
        order = self.scored.order.copy()
        if not self.proposed:
            order[self.at] = -np.inf
        scored = replace(self.scored, order=order)
        positions = choose(scored, self.pairs, self.inputs.precedence, self.config).tolist()
        return [place for place in positions if self.proposed or place != self.at]

    def against(self, chosen: list[int]) -> Iterator[tuple[str, str]]:
        """Go through what speaks against the candidate: names and messages, in order."""
        inputs, config, target = self.inputs, self.config, self.pairs.target[self.at]
        context = EligibilityContext(inputs.time, inputs.catalogue, inputs.known)
        for rule in ARTICLE_RULES:
            if rule.applies(config) and rule.excludes(context, config)[target]:
                yield rule.name, rule.message
        if not self.proposed and inputs.eligible[target]:
            yield "candidate", "nothing proposed it: neither readers nor words, section or traffic"
        for pair_rule in PAIR_RULES:
            if pair_rule.applies(config) and pair_rule.excludes(self.pairs, config)[self.at]:
                yield pair_rule.name, pair_rule.message
        if self.at not in chosen:
            yield from self._crowded_out(chosen)

    def _crowded_out(self, chosen: list[int]) -> Iterator[tuple[str, str]]:
        """Go through what the list's other items have against it."""
        config, at, order = self.config, self.at, self.scored.order
        catalogue, target = self.inputs.catalogue, self.pairs.target
        full = len(chosen) == config.lists.max_items
        outranked = full and order[at] <= order[chosen].min()
        standing = np.flatnonzero(allowed(self.pairs, config) & ~never(self.pairs, config))
        standing = standing[
            np.lexsort((self.inputs.precedence[target[standing]], -order[standing]))
        ]
        for one_of in ONE_OF_RULES:
            if one_of.applies(config):
                label = one_of.label(self.pairs)
                best = standing[label[standing] == label[at]][:1].tolist()
                if best and best != [at] and (best[0] in chosen or not outranked):
                    yield one_of.name, f"{one_of.message}: {catalogue.ids[target[best[0]]]}"
        for share in () if outranked else SHARE_RULES:
            if share.applies(config) and share.marks(catalogue, target, self.pairs.hot)[at]:
                yield share.name, share.message


def _outcome(
    rank: int | None, behind: float | None, against: list[tuple[str, str]]
) -> tuple[str, str]:
    if against:
        return against[0]
    if behind is None:
        return "listed", f"it is item {rank} of the list"
    return "outranked", f"the last item of the list has {behind:.3f} more log-odds"


def _shared_terms(state: State, source: int, target: int) -> dict[str, float]:
    """Give what each shared term adds to the cosine, the heaviest first."""
    vectors = state.texts.vectors
    shared = vectors[[source]].multiply(vectors[[target]]).tocsr()
    order = np.argsort(-shared.data, kind="stable")
    vocabulary = list(state.texts.vocabulary)
    return {vocabulary[shared.indices[place]]: float(shared.data[place]) for place in order}


def _pair_sums(
    inputs: RankingInputs, source: int, target: int, config: Config
) -> dict[str, tuple[float, float]]:
    forth, back = inputs.readers.lookup(np.array([source, target]), np.array([target, source]))
    names = [*(f"{life:g}h" for life in config.readers.pair_half_lives), "direct"]
    return {name: (float(to), float(fro)) for name, to, fro in zip(names, forth, back, strict=True)}
