"""The site's rules: what keeps an article out of a list, one table row each.

`ranking_inputs` applies the rules on articles, `recommendations` the others; `explain` reads the
same tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.records import NEVER, Bool, Catalogue, Flag, Float64, Int32, Int64

Mask = npt.NDArray[Any]

SPAN: Final = 5
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

    `hot` bool[m] marks targets among the hottest beside the source.
    """

    catalogue: Catalogue
    labels: Labels
    source: Int32
    target: Int32
    probability: Float64
    hot: Bool


@dataclass(frozen=True)
class ArticleRule:
    """Keeps articles out of every list: `excludes` returns bool[n]."""

    name: str
    message: str
    applies: Callable[[Config], bool]
    excludes: Callable[[EligibilityContext, Config], Mask]


@dataclass(frozen=True)
class PairRule:
    """Keeps articles out of some sources' lists: `excludes` returns bool[m]."""

    name: str
    message: str
    applies: Callable[[Config], bool]
    excludes: Callable[[CandidatePairs, Config], Mask]


@dataclass(frozen=True)
class OneOfRule:
    """Keeps all but the best article of a label out of a list: `label` returns int32[m]."""

    name: str
    message: str
    applies: Callable[[Config], bool]
    label: Callable[[CandidatePairs], Int32]


@dataclass(frozen=True)
class ShareRule:
    """Limits how many of any `SPAN` consecutive items are of a kind.

    `limit` returns the number; `marks` returns bool[m] for m rows and which of them are hot.
    """

    name: str
    message: str
    applies: Callable[[Config], bool]
    limit: Callable[[Config], int]
    marks: Callable[[Catalogue, Int32, Bool], Mask]


def _always(_config: Config) -> bool:
    return True


def _is_unknown(at: EligibilityContext, _config: Config) -> Mask:
    return np.asarray((at.known >= at.time) & (at.known != NEVER))


def _is_too_old(at: EligibilityContext, config: Config) -> Mask:
    return (at.age > config.lists.max_age) & ~at.catalogue.has(Flag.EVERGREEN)


def _is_too_old_for_section(at: EligibilityContext, config: Config) -> Mask:
    limits = [config.rules.max_age.get(name, NEVER) for name in at.catalogue.section_names]
    limit = np.array([*limits, NEVER], np.int64)[at.catalogue.section]
    return (at.age > limit) & ~at.catalogue.has(Flag.EVERGREEN)


def in_sections(catalogue: Catalogue, names: Sequence[str]) -> Bool:
    """Mark the rows (bool[n]) of some sections."""
    codes = [code for code, name in enumerate(catalogue.section_names) if name in names]
    return np.isin(catalogue.section, codes)


def are_apart(catalogue: Catalogue, source: Int32, target: Int32, config: Config) -> Bool:
    """Mark the pairs of rows (bool[m]) whose sections must not stand beside one another."""
    code = {name: number for number, name in enumerate(catalogue.section_names)}
    between = np.zeros((len(code) + 1, len(code) + 1), np.bool_)
    for left, right in config.rules.apart:
        if left in code and right in code:
            between[code[left], code[right]] = between[code[right], code[left]] = True
    return np.asarray(between[catalogue.section[source], catalogue.section[target]])


def other_language(catalogue: Catalogue, source: Int32, target: Int32) -> Bool:
    """Mark the pairs of rows (bool[m]) of two languages; no language goes with all."""
    left, right = catalogue.language[source], catalogue.language[target]
    return np.asarray((left != right) & (left >= 0) & (right >= 0))


def _flagged(flag: Flag) -> Callable[[Catalogue, Int32, Bool], Mask]:
    return lambda catalogue, rows, _: catalogue.has(flag)[rows]


ARTICLE_RULES: Final = (
    ArticleRule(
        "withdrawn",
        "it is withdrawn",
        _always,
        lambda at, _: at.catalogue.has(Flag.WITHDRAWN),
    ),
    ArticleRule("known", "it is not known yet", _always, _is_unknown),
    ArticleRule(
        "undated",
        "it has neither publish time nor view (lists.undated)",
        lambda config: not config.lists.undated,
        lambda at, _: at.known == NEVER,
    ),
    ArticleRule("max_age", "it is older than lists.max_age", _always, _is_too_old),
    ArticleRule(
        "section_max_age",
        "it is older than rules.max_age has it for its section",
        lambda config: bool(config.rules.max_age),
        _is_too_old_for_section,
    ),
    ArticleRule(
        "not_to",
        "nothing is recommended to its section (rules.not_to)",
        lambda config: bool(config.rules.not_to),
        lambda at, config: in_sections(at.catalogue, config.rules.not_to),
    ),
)

PAIR_RULES: Final = (
    PairRule(
        "near_identical",
        "its text is nearly the source's (texts.near_identical)",
        lambda config: config.texts.near_identical > 0,
        lambda pairs, _: (
            pairs.labels.near_duplicate[pairs.source] == pairs.labels.near_duplicate[pairs.target]
        ),
    ),
    PairRule(
        "language",
        "it is in another language than the source (rules.cross_languages)",
        lambda config: not config.rules.cross_languages,
        lambda pairs, _: other_language(pairs.catalogue, pairs.source, pairs.target),
    ),
    PairRule(
        "not_from",
        "nothing is recommended from the source's section (rules.not_from)",
        lambda config: bool(config.rules.not_from),
        lambda pairs, config: in_sections(pairs.catalogue, config.rules.not_from)[pairs.source],
    ),
    PairRule(
        "apart",
        "the two sections must not stand beside one another (rules.apart)",
        lambda config: bool(config.rules.apart),
        lambda pairs, config: are_apart(pairs.catalogue, pairs.source, pairs.target, config),
    ),
    PairRule(
        "min_probability",
        "its probability is below rules.min_probability",
        lambda config: config.rules.min_probability > 0,
        lambda pairs, config: pairs.probability < config.rules.min_probability,
    ),
)

ONE_OF_RULES: Final = (
    OneOfRule(
        "one_of_event",
        "of the same event there is a better one (lists.event_cosine)",
        lambda config: config.lists.event_cosine > 0,
        lambda pairs: pairs.labels.event[pairs.target],
    ),
    OneOfRule(
        "one_of_near_identical",
        "of nearly the same text there is a better one",
        lambda config: config.texts.near_identical > 0,
        lambda pairs: pairs.labels.near_duplicate[pairs.target],
    ),
)

SHARE_RULES: Final = (
    ShareRule(
        "max_hot",
        "five in a row would hold too many of the hottest (lists.max_hot)",
        lambda config: config.lists.max_hot < SPAN,
        lambda config: config.lists.max_hot,
        lambda _catalogue, _rows, hot: hot,
    ),
    ShareRule(
        "max_sponsored",
        "five in a row would hold too many sponsored ones (rules.max_sponsored)",
        lambda config: config.rules.max_sponsored < 1,
        lambda config: int(config.rules.max_sponsored * SPAN + ROUNDING),
        _flagged(Flag.SPONSORED),
    ),
    ShareRule(
        "max_paywalled",
        "five in a row would hold too many for subscribers (rules.max_paywalled)",
        lambda config: config.rules.max_paywalled < 1,
        lambda config: int(config.rules.max_paywalled * SPAN + ROUNDING),
        _flagged(Flag.PAYWALLED),
    ),
)


def eligible(at: EligibilityContext, config: Config) -> Bool:
    """Mark the articles (bool[n]) that no rule keeps out of every list."""
    kept = np.ones(len(at.known), np.bool_)
    for rule in ARTICLE_RULES:
        if rule.applies(config):
            kept &= ~rule.excludes(at, config)
    return kept


def allowed(pairs: CandidatePairs, config: Config) -> Bool:
    """Mark the pairs (bool[m]) that no rule on pairs forbids."""
    kept = np.ones(len(pairs.source), np.bool_)
    for rule in PAIR_RULES:
        if rule.applies(config):
            kept &= ~rule.excludes(pairs, config)
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
    """Return each share rule's marks (bool[m]), and how many of `SPAN` items may be marked.

    Without `hot`, nothing is hot.
    """
    hot = np.zeros(len(rows), np.bool_) if hot is None else hot
    return [
        (rule.marks(catalogue, rows, hot), rule.limit(config))
        for rule in SHARE_RULES
        if rule.applies(config)
    ]
