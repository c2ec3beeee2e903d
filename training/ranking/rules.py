"""The site's rules: what keeps an article out of a list, one table row each.

`ranking_inputs` applies the rules on articles, `recommendations` applies the others, and `explain`
reads the same tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from recommender.sections import section_key
from training.config import Config
from training.records import NEVER, Bool, Catalogue, Flag, Float64, Int32, Int64

Mask = npt.NDArray[Any]
Subject = TypeVar("Subject")

SPAN_ITEMS: Final = 5
"""Consecutive items of a list in which share rules count."""

ROUNDING: Final = 1e-9
"""Added before a share times a count is rounded down."""


class EligibilityContext(NamedTuple):
    """What rules on articles read: `time` µs UTC, the catalogue, `known` int64[n] µs UTC."""

    time: int
    catalogue: Catalogue
    known: Int64

    @property
    def age(self) -> Int64:
        """int64[n] µs; negative where an article is not known yet."""
        return np.where(self.known < self.time, self.time - self.known, -1)


class Labels(NamedTuple):
    """Labels that related articles share: int32[n] each.

    `near_duplicate`: of near-identical texts; `event`: of articles on the same event.
    """

    near_duplicate: Int32
    event: Int32


class CandidatePairs(NamedTuple):
    """Scored pairs, as rules read them: `source`, `target` int32[m]; `probability` float64[m].

    `hot` bool[m] marks targets among the hottest, the source not counted.
    """

    catalogue: Catalogue
    labels: Labels
    source: Int32
    target: Int32
    probability: Float64
    hot: Bool


@dataclass(frozen=True)
class ListRule:
    """A rule on lists: its name, why it excludes an article, and whether a site has it."""

    name: str
    message: str
    applies: Callable[[Config], bool]


@dataclass(frozen=True)
class ExclusionRule(ListRule, Generic[Subject]):
    """Excludes articles from every list, or from some sources' lists.

    `excludes` returns bool[n] for articles, bool[m] for pairs.
    """

    excludes: Callable[[Subject, Config], Mask]


@dataclass(frozen=True)
class OneOfRule(ListRule):
    """Excludes all but the best article of a label from a list: `label` returns int32[m]."""

    label: Callable[[CandidatePairs], Int32]


@dataclass(frozen=True)
class ShareRule(ListRule):
    """Limits how many of any `SPAN_ITEMS` consecutive items are of a kind.

    `limit` returns the number; `marks` returns bool[m] for m rows and which of them are hot.
    """

    limit: Callable[[Config], int]
    marks: Callable[[Catalogue, Int32, Bool], Mask]


def _always(_config: Config) -> bool:
    return True


def _is_unknown(at: EligibilityContext, _config: Config) -> Mask:
    return np.asarray((at.known >= at.time) & (at.known != NEVER))


def _is_too_old(at: EligibilityContext, config: Config) -> Mask:
    return (at.age > config.lists.max_age) & ~at.catalogue.has(Flag.EVERGREEN)


def _is_too_old_for_section(at: EligibilityContext, config: Config) -> Mask:
    by_key = {section_key(name): age for name, age in config.rules.max_age.items()}
    limits = [by_key.get(section_key(name), NEVER) for name in at.catalogue.section_names]
    limit = np.array([*limits, NEVER], np.int64)[at.catalogue.section]
    return (at.age > limit) & ~at.catalogue.has(Flag.EVERGREEN)


def in_sections(catalogue: Catalogue, names: Sequence[str]) -> Bool:
    """Mark the rows (bool[n]) of some sections, however these are spelled."""
    return np.isin(catalogue.section, [c for name in names for c in _codes(catalogue, name)])


def _codes(catalogue: Catalogue, name: str) -> list[int]:
    """Return the codes of a section: several if a state of older code has several spellings."""
    key = section_key(name)
    return [at for at, known in enumerate(catalogue.section_names) if section_key(known) == key]


def are_apart(catalogue: Catalogue, source: Int32, target: Int32, config: Config) -> Bool:
    """Mark the pairs of rows (bool[m]) whose sections must not stand beside one another."""
    sections = len(catalogue.section_names)
    between = np.zeros((sections + 1, sections + 1), np.bool_)
    for left, right in config.rules.apart:
        one, other = _codes(catalogue, left), _codes(catalogue, right)
        between[np.ix_(one, other)] = between[np.ix_(other, one)] = True
    return np.asarray(between[catalogue.section[source], catalogue.section[target]])


def other_language(catalogue: Catalogue, source: Int32, target: Int32) -> Bool:
    """Mark the pairs of rows (bool[m]) of two languages; no language goes with all."""
    left, right = catalogue.language[source], catalogue.language[target]
    return np.asarray((left != right) & (left >= 0) & (right >= 0))


def _has_flag(flag: Flag) -> Callable[[Catalogue, Int32, Bool], Mask]:
    return lambda catalogue, rows, _: catalogue.has(flag)[rows]


ARTICLE_RULES: Final[Sequence[ExclusionRule[EligibilityContext]]] = (
    ExclusionRule(
        "withdrawn",
        "it is withdrawn",
        _always,
        lambda at, _: at.catalogue.has(Flag.WITHDRAWN),
    ),
    ExclusionRule("known", "it is not known yet", _always, _is_unknown),
    ExclusionRule(
        "undated",
        "it has neither publish time nor view (lists.undated)",
        lambda config: not config.lists.undated,
        lambda at, _: at.known == NEVER,
    ),
    ExclusionRule("max_age", "it is older than lists.max_age", _always, _is_too_old),
    ExclusionRule(
        "section_max_age",
        "it is older than rules.max_age allows for its section",
        lambda config: bool(config.rules.max_age),
        _is_too_old_for_section,
    ),
    ExclusionRule(
        "not_to",
        "nothing is recommended to its section (rules.not_to)",
        lambda config: bool(config.rules.not_to),
        lambda at, config: in_sections(at.catalogue, config.rules.not_to),
    ),
)

PAIR_RULES: Final[Sequence[ExclusionRule[CandidatePairs]]] = (
    ExclusionRule(
        "near_identical",
        "its text is nearly identical to the source's (texts.near_identical)",
        lambda config: config.texts.near_identical > 0,
        lambda pairs, _: (
            pairs.labels.near_duplicate[pairs.source] == pairs.labels.near_duplicate[pairs.target]
        ),
    ),
    ExclusionRule(
        "language",
        "it is in another language than the source (rules.cross_languages)",
        lambda config: not config.rules.cross_languages,
        lambda pairs, _: other_language(pairs.catalogue, pairs.source, pairs.target),
    ),
    ExclusionRule(
        "not_from",
        "nothing is recommended from the source's section (rules.not_from)",
        lambda config: bool(config.rules.not_from),
        lambda pairs, config: in_sections(pairs.catalogue, config.rules.not_from)[pairs.source],
    ),
    ExclusionRule(
        "apart",
        "their sections are kept apart (rules.apart)",
        lambda config: bool(config.rules.apart),
        lambda pairs, config: are_apart(pairs.catalogue, pairs.source, pairs.target, config),
    ),
    ExclusionRule(
        "min_probability",
        "its probability is below rules.min_probability",
        lambda config: config.rules.min_probability > 0,
        lambda pairs, config: pairs.probability < config.rules.min_probability,
    ),
)

ONE_OF_RULES: Final = (
    OneOfRule(
        "one_of_event",
        "a better story of the same event is in the list (lists.event_cosine)",
        lambda config: config.lists.event_cosine > 0,
        lambda pairs: pairs.labels.event[pairs.target],
    ),
    OneOfRule(
        "one_of_near_identical",
        "a better story with nearly the same text is in the list",
        lambda config: config.texts.near_identical > 0,
        lambda pairs: pairs.labels.near_duplicate[pairs.target],
    ),
)

SHARE_RULES: Final = (
    ShareRule(
        "max_hot",
        "five items in a row would include too many of the hottest (lists.max_hot)",
        lambda config: config.lists.max_hot < SPAN_ITEMS,
        lambda config: config.lists.max_hot,
        lambda _catalogue, _rows, hot: hot,
    ),
    ShareRule(
        "max_sponsored",
        "five items in a row would include too many sponsored stories (rules.max_sponsored)",
        lambda config: config.rules.max_sponsored < 1,
        lambda config: int(config.rules.max_sponsored * SPAN_ITEMS + ROUNDING),
        _has_flag(Flag.SPONSORED),
    ),
    ShareRule(
        "max_paywalled",
        "five items in a row would include too many paywalled stories (rules.max_paywalled)",
        lambda config: config.rules.max_paywalled < 1,
        lambda config: int(config.rules.max_paywalled * SPAN_ITEMS + ROUNDING),
        _has_flag(Flag.PAYWALLED),
    ),
)


def eligible(at: EligibilityContext, config: Config) -> Bool:
    """Mark the articles (bool[n]) that no rule keeps out of every list."""
    return _keep(ARTICLE_RULES, at, len(at.known), config)


def allowed_pairs(pairs: CandidatePairs, config: Config) -> Bool:
    """Mark the pairs (bool[m]) that no rule on pairs forbids."""
    return _keep(PAIR_RULES, pairs, len(pairs.source), config)


def _keep(
    rules: Sequence[ExclusionRule[Subject]], subject: Subject, count: int, config: Config
) -> Bool:
    kept = np.ones(count, np.bool_)
    for rule in rules:
        if rule.applies(config):
            kept &= ~rule.excludes(subject, config)
    return kept


def is_never_allowed(pairs: CandidatePairs, config: Config) -> Bool:
    """Mark the pairs (bool[m]) of a kind whose limit is 0: they keep no other out."""
    ruled_out = np.zeros(len(pairs.source), np.bool_)
    for marked, limit in share_marks(pairs.catalogue, pairs.target, config, pairs.hot):
        if not limit:
            ruled_out |= marked
    return ruled_out


def share_marks(
    catalogue: Catalogue, rows: Int32, config: Config, hot: Bool | None = None
) -> list[tuple[Bool, int]]:
    """Return each share rule's marks (bool[m]), and how many of `SPAN_ITEMS` items may be marked.

    Without `hot`, nothing is hot.
    """
    hot = np.zeros(len(rows), np.bool_) if hot is None else hot
    return [
        (rule.marks(catalogue, rows, hot), rule.limit(config))
        for rule in SHARE_RULES
        if rule.applies(config)
    ]
