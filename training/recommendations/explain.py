"""Why an article is in another's list, or what kept it out."""

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
    allowed_pairs,
    is_never_allowed,
)
from training.readers import pair_columns
from training.recommendations import known_sources
from training.recommendations.lists import candidate_pairs, choose
from training.records import Int32
from training.state import State

MAX_TERMS: Final = 10
"""How many shared terms are named, the heaviest."""


@dataclass(frozen=True)
class Explanation:
    """Why a target is in the list of a source, or not, at the state's time.

    Attributes
    ----------
    source, target : ids.
    stage : `listed`, or what kept the target out: the name of a rule; `source` where the source
        has no list; `candidate` where it is not a candidate; `outranked`.
    message : the same as a sentence.
    rank : place in the list as it would be now, from 1; None where it is not in it.
    probability : that a reader of the source opens it next, by the model.
    order : log-odds that the list is sorted by: the sum of `parts`.
    parts : the summands: `readers`, `text`, `section`, `popular`, `latest` (freshness), `base`,
        `discount`, `penalty`, `follow_up`.
    behind : where it is outranked, the difference to the log-odds of the list's last item.
    cosine : of the two texts; the sum of the weights of all terms that they share.
    terms : the terms that add most to it, and how much each adds.
    pairs : decayed transitions from the source to the target, and back, by half-life, in
        equivalent direct transitions.
    rules : names of the rules that exclude it.
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
        """Return the explanation as a JSON object."""
        return asdict(self)


def explain(state: State, events: Int32, source: int, target: int, config: Config) -> Explanation:
    """Explain a pair of rows, by the rules and the model of `fill`.

    Parameters
    ----------
    state : State
        Not modified.
    events : int32[n]
        Events of its recommendations.
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
        If they are the same row.
    """
    if source == target:
        raise ValueError("an article is never in its own list")
    inputs = ranking_inputs(state, config)
    found = find(inputs, np.array([source], np.int32), config)
    is_candidate = target in found.target
    if not is_candidate:
        rows = np.sort(np.append(found.target, np.int32(target)))
        found = Candidates(found.sources, np.zeros(len(rows), np.int64), rows)
    at = int(np.searchsorted(found.target, target))
    scored = score(inputs, found, state.model, config)
    parts = contributions(inputs, found, state.model, config)
    labels = Labels(state.texts.near_duplicate, events)
    hotness = inputs.hotness(config.readers.nearest_view_life(1.0))
    case = _Case(
        inputs, scored, candidate_pairs(inputs, scored, labels, hotness), at, is_candidate, config
    )
    is_source = known_sources(inputs, state)[source]
    chosen = case.chosen() if is_source else []
    exclusions = list(case.exclusions(chosen))
    if not is_source:
        exclusions.insert(
            0, ("source", "the source has no list: it is withdrawn, or not known yet")
        )
    rank = chosen.index(at) + 1 if at in chosen and not exclusions else None
    behind = None
    if rank is None and not exclusions:
        behind = float(scored.order[chosen].min() - scored.order[at])
    stage, message = _outcome(rank, behind, exclusions)
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
        terms=dict(list(terms.items())[:MAX_TERMS]),
        pairs=_pair_sums(inputs, source, target, config),
        rules=[name for name, _ in exclusions],
    )


@dataclass(frozen=True)
class _Case:
    """A candidate among those of its source, at position `at`."""

    inputs: RankingInputs
    scored: Scored
    pairs: CandidatePairs
    at: int
    is_candidate: bool
    config: Config

    def chosen(self) -> list[int]:
        """Return the positions of the list's items; what is not a candidate is left out."""
        order = self.scored.order.copy()
        if not self.is_candidate:
            order[self.at] = -np.inf
        scored = replace(self.scored, order=order)
        positions = choose(scored, self.pairs, self.inputs.precedence, self.config).tolist()
        return [place for place in positions if self.is_candidate or place != self.at]

    def exclusions(self, chosen: list[int]) -> Iterator[tuple[str, str]]:
        """Yield the name and message of each rule that excludes the candidate, in order."""
        inputs, config, target = self.inputs, self.config, self.pairs.target[self.at]
        context = EligibilityContext(inputs.time, inputs.catalogue, inputs.known)
        for rule in ARTICLE_RULES:
            if rule.applies(config) and rule.excludes(context, config)[target]:
                yield rule.name, rule.message
        if not self.is_candidate and inputs.eligible[target]:
            yield (
                "candidate",
                "it is not a candidate: neither readers nor text, section or traffic propose it",
            )
        for pair_rule in PAIR_RULES:
            if pair_rule.applies(config) and pair_rule.excludes(self.pairs, config)[self.at]:
                yield pair_rule.name, pair_rule.message
        if self.at not in chosen:
            yield from self._competition(chosen)

    def _competition(self, chosen: list[int]) -> Iterator[tuple[str, str]]:
        """Yield the rules by which the list's other items exclude it."""
        config, at, order = self.config, self.at, self.scored.order
        catalogue, target = self.inputs.catalogue, self.pairs.target
        full = len(chosen) == config.lists.max_items
        outranked = full and order[at] <= order[chosen].min()
        allowed_rows = np.flatnonzero(
            allowed_pairs(self.pairs, config) & ~is_never_allowed(self.pairs, config)
        )
        allowed_rows = allowed_rows[
            np.lexsort((self.inputs.precedence[target[allowed_rows]], -order[allowed_rows]))
        ]
        for one_of in ONE_OF_RULES:
            if one_of.applies(config):
                label = one_of.label(self.pairs)
                best = allowed_rows[label[allowed_rows] == label[at]][:1].tolist()
                if best and best != [at] and (best[0] in chosen or not outranked):
                    yield one_of.name, f"{one_of.message}: {catalogue.ids[target[best[0]]]}"
        for share in () if outranked else SHARE_RULES:
            if share.applies(config) and share.marks(catalogue, target, self.pairs.hot)[at]:
                yield share.name, share.message


def _outcome(
    rank: int | None, behind: float | None, exclusions: list[tuple[str, str]]
) -> tuple[str, str]:
    if exclusions:
        return exclusions[0]
    if behind is None:
        return "listed", f"it is item {rank} of the list"
    return "outranked", f"the last item of the list has {behind:.3f} more log-odds"


def _shared_terms(state: State, source: int, target: int) -> dict[str, float]:
    """Return what each shared term adds to the cosine, the heaviest first."""
    vectors = state.texts.vectors
    shared = vectors[[source]].multiply(vectors[[target]]).tocsr()
    order = np.argsort(-shared.data, kind="stable")
    vocabulary = list(state.texts.vocabulary)
    return {vocabulary[shared.indices[place]]: float(shared.data[place]) for place in order}


def _pair_sums(
    inputs: RankingInputs, source: int, target: int, config: Config
) -> dict[str, tuple[float, float]]:
    forth, back = inputs.readers.lookup(np.array([source, target]), np.array([target, source]))
    columns = zip(pair_columns(config.readers), forth, back, strict=True)
    return {name: (float(to), float(fro)) for name, to, fro in columns}
