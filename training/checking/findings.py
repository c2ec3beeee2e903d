"""The findings of a check: a table of rules, each with its condition and what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.checking import conditions
from training.checking.facts import Facts
from training.checking.view_stats import MAX_PERSON_VIEWS, MIN_ROBOT_REPEATS
from training.config import Config
from training.data import TooManyBadRows, UnmappedStateError
from training.errors import DataError
from training.records import QuarantinedRow
from training.release.gate import BOUNDS, GateBound

Level = Literal["stops", "harms", "note"]


@dataclass(frozen=True)
class Finding:
    """A problem found by a rule.

    Attributes
    ----------
    key : key of the rule.
    level : `stops`, training would fail or its version be refused; `harms`, lists will be worse or
        empty; `note`, good to know.
    found : the problem, with numbers.
    advice : the remedy.
    """

    key: str
    level: Level
    found: str
    advice: str


@dataclass(frozen=True)
class Rule:
    """A rule: `meaning` describes it; `condition` returns the problem with numbers, or `""`.

    `unless` names a figure of the gate: where the gate would refuse for it, this rule is silent.
    """

    key: str
    level: Level
    meaning: str
    advice: str
    condition: Callable[[Facts, Config], str]
    unless: str = ""


def find(facts: Facts, config: Config) -> list[Finding]:
    """Return the findings of a site in the order of the rules, the most serious first."""
    refused = {b.figure for b in BOUNDS if b.is_violated(facts.figures, config.gate)}
    rules = (rule for rule in RULES if rule.unless not in refused)
    found = ((rule, rule.condition(facts, config)) for rule in rules)
    return [Finding(rule.key, rule.level, text, rule.advice) for rule, text in found if text]


def refusal_finding(error: DataError) -> Finding:
    """Return the finding for files that cannot be read for training."""
    rule = next((rule for kind, rule in _OF_ERRORS.items() if isinstance(error, kind)), UNREADABLE)
    return Finding(rule.key, rule.level, str(error), rule.advice)


def quarantine_of(error: DataError) -> Sequence[QuarantinedRow]:
    """Return the bad rows of an error."""
    return error.quarantine if isinstance(error, TooManyBadRows) else ()


TOO_MANY_BAD_ROWS: Final = Rule(
    "too-many-bad-rows",
    "stops",
    "more rows of an input cannot be used than `data.max_bad_share`",
    "correct the rows, or name the right columns; raise data.max_bad_share to train without them",
    conditions.found_by_reading,
)
UNMAPPED: Final = Rule(
    "unmapped-state",
    "stops",
    "a column tells published rows from others, and is neither in `articles.only` nor ignored",
    "write the line that it names into [articles], and check again",
    conditions.found_by_reading,
)
UNREADABLE: Final = Rule(
    "unreadable",
    "stops",
    "a file cannot be read, lacks a column, or is empty",
    "follow the advice in the message, then check again",
    conditions.found_by_reading,
)

UNKNOWN_WITHDRAWAL: Final = Rule(
    "unknown-withdrawals",
    "stops",
    "a value in `withdrawn` means neither yes nor no",
    "add it to articles.true_values or to articles.false_values",
    conditions.unknown_withdrawals,
)

_OF_ERRORS: Final = {TooManyBadRows: TOO_MANY_BAD_ROWS, UnmappedStateError: UNMAPPED}
"""The rule of each error; all others are `UNREADABLE`."""


def _gate_rule(bound: GateBound) -> Rule:
    """Return the rule that says beforehand what the gate would refuse."""

    def condition(facts: Facts, config: Config) -> str:
        if not bound.is_violated(facts.figures, config.gate):
            return ""
        return bound.describe_figure(facts.figures, facts.causes)

    than = "more than" if bound.is_maximum else "less than"
    return Rule(
        f"gate-{bound.figure.replace('_', '-')}",
        "stops",
        f"{than} `gate.{bound.key}` {bound.message}",
        bound.remedy,
        condition,
    )


GATE_RULES: Final = tuple(_gate_rule(bound) for bound in BOUNDS if bound.seen_in == "input")
"""What the input alone shows; what the lists show is known only after a training."""

RULES: Final = (
    UNREADABLE,
    TOO_MANY_BAD_ROWS,
    UNKNOWN_WITHDRAWAL,
    UNMAPPED,
    Rule(
        "nothing-known",
        "stops",
        "no article is known before `now`",
        "check --now, articles.published_at, articles.time_unit and articles.time_zone",
        conditions.nothing_known,
    ),
    *GATE_RULES,
    Rule(
        "nothing-eligible",
        "harms",
        "no article may be recommended",
        "check the times; raise lists.max_age, or set lists.undated = true",
        conditions.nothing_eligible,
        unless="eligible",
    ),
    Rule(
        "unknown-articles",
        "harms",
        f"{conditions.MAX_UNKNOWN_SHARE:.0%} or more of the last week's views are of "
        "articles that are not in the articles file",
        "export these articles as well; name the column with their ids in views.article, or set "
        'views.article_by = "url" if it has URLs',
        conditions.unknown_articles,
        unless="matched",
    ),
    Rule(
        "early-views",
        "harms",
        f"{conditions.MAX_EARLY_SHARE:.0%} or more of the views came before their "
        "article's publication",
        "set articles.time_zone and views.time_zone; name the time of the first publication in "
        "articles.published_at, not that of the last change",
        conditions.early_views,
    ),
    Rule(
        "old-views",
        "harms",
        "the newest view is older than `gate.max_view_age` at `now`",
        "add the latest logs to paths.views; check --now, views.time_zone and views.time_unit",
        conditions.old_views,
        unless="view_age",
    ),
    Rule(
        "few-lately",
        "harms",
        f"less than {conditions.MIN_LAST_WEEK_SHARE:.0%} of the views are in the "
        "seven days before `now`",
        "set --now to the time at which the log really ends; check views.time_unit",
        conditions.few_views_lately,
    ),
    Rule(
        "one-reader",
        "harms",
        f"one reader has {conditions.MAX_ONE_READER_SHARE:.0%} or more of the views",
        "name the column that identifies readers in views.user, or remove a robot from the log",
        conditions.one_reader,
        unless="one_reader",
    ),
    Rule(
        "no-reader",
        "harms",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the views are without a reader: they count, "
        "and connect no articles",
        "nothing, if these readers refused consent; else name in views.user the column that "
        "identifies readers. Name other values without a reader in views.no_reader",
        conditions.no_reader,
    ),
    Rule(
        "single-views",
        "harms",
        f"{conditions.MAX_SINGLE_VIEW_SHARE:.0%} or more of the sessions have a single view",
        "name columns in views.user and views.session that keep their value from view to view",
        conditions.single_views,
    ),
    Rule(
        "robots",
        "harms",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the views are by readers with more "
        f"than {MAX_PERSON_VIEWS} on a day, or {MIN_ROBOT_REPEATS} of one article",
        "remove robots, monitors and the newsroom's own screens from the log, or lower "
        "sessions.max_day_views",
        conditions.robots,
    ),
    Rule(
        "few-next-reads",
        "harms",
        "fewer next clicks than `ranking.min_transitions` in the last `ranking.learn_days`",
        "add more days to paths.views; for a small site raise ranking.learn_days",
        conditions.few_transitions,
    ),
    Rule(
        "uncovered-views",
        "harms",
        f"more than {1 - conditions.MIN_TEXT_SHARE:.0%} of the last week's views are on "
        "articles without text",
        "export title and body of every article, and name their columns in articles.title and "
        "articles.body",
        conditions.views_without_text,
    ),
    Rule(
        "no-text",
        "harms",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the articles have neither title nor body",
        "name their columns in articles.title and articles.body",
        conditions.articles_lacking(
            "without_text", "have neither title nor body", conditions.NOTABLE_SHARE
        ),
    ),
    Rule(
        "no-title",
        "harms",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the articles have no title: lists "
        "show their ids",
        "name the column of the headline in articles.title",
        conditions.articles_lacking("without_title", "have no title", conditions.NOTABLE_SHARE),
        unless="titled",
    ),
    Rule(
        "same-body",
        "harms",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the articles have the same body as another",
        "export the text of the story only, without notices and menus; name its column in "
        "articles.body",
        conditions.same_body,
    ),
    Rule(
        "rules-section",
        "harms",
        "`[rules]` names a section that no article has",
        "write the section in [rules] as the articles file does",
        conditions.unknown_sections,
    ),
    Rule(
        "unknown-flags",
        "harms",
        "a value in `sponsored`, `paywalled` or `evergreen` means neither yes nor no: it counts as "
        "yes, yes and no",
        "add it to articles.true_values or to articles.false_values",
        conditions.unknown_flags,
    ),
    Rule(
        "bad-rows",
        "note",
        "some rows cannot be used, and are left out",
        "see the examples; correct the rows, or name the right columns in [articles] and [views]",
        conditions.bad_rows,
    ),
    Rule(
        "unpublished",
        "note",
        "rows of the articles are not published, by `articles.only` or for lack of a publish time",
        "see whether these are the drafts; else correct articles.only, or set lists.undated = true "
        "where articles without a time are published too",
        conditions.unpublished,
    ),
    Rule(
        "ignored-views",
        "note",
        "there are views at `now` or later, which training ignores",
        "unless --now leaves them out on purpose, check views.time_zone and views.time_unit",
        conditions.ignored_views,
    ),
    Rule(
        "no-views",
        "note",
        "there is no view file",
        "name the page views in paths.views, or with --views",
        conditions.no_views,
    ),
    Rule(
        "no-articles",
        "note",
        "there is no article file, so lists depend on readers alone",
        "name the articles in paths.articles, or with --articles",
        conditions.no_articles,
    ),
    Rule(
        "no-body",
        "note",
        f"{conditions.MAJORITY_SHARE:.0%} or more of the articles have no body",
        "name the column of the text, or of an abstract, in articles.body",
        conditions.articles_lacking("without_body", "have no body", conditions.MAJORITY_SHARE),
    ),
    Rule(
        "no-section",
        "note",
        f"{conditions.MAJORITY_SHARE:.0%} or more of the articles have no section",
        "name its column in articles.section",
        conditions.articles_lacking(
            "without_section", "have no section", conditions.MAJORITY_SHARE
        ),
    ),
    Rule(
        "no-time",
        "note",
        f"{conditions.MAJORITY_SHARE:.0%} or more of the articles have no publish time: "
        "their first view is used instead",
        "name the column of the publish time in articles.published_at",
        conditions.articles_lacking(
            "without_time", "have no publish time", conditions.MAJORITY_SHARE
        ),
    ),
    Rule(
        "future-articles",
        "note",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the articles are published at `now` or later",
        "a refresh after their publish time adds them; if they are published already, check "
        "articles.time_zone, articles.time_unit and --now",
        conditions.articles_lacking(
            "future", "are published at now or later", conditions.NOTABLE_SHARE
        ),
    ),
    Rule(
        "duplicate-ids",
        "note",
        "several rows have the same article id: the last one is used",
        'export each article once, or set articles.duplicates = "error" to stop at one',
        conditions.duplicate_ids,
    ),
    Rule(
        "duplicate-views",
        "note",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the views appear twice: each counts once",
        "check whether paths.views names a file and a copy of it",
        conditions.duplicate_views,
    ),
    Rule(
        "languages",
        "note",
        "articles are in two languages or more",
        "check articles.language; set rules.cross_languages = true if readers read all of them",
        conditions.languages,
    ),
    Rule(
        "odd-ids",
        "note",
        "ids contain spaces or control characters, or are very long",
        "check articles.id; such ids work if views have exactly the same ids",
        conditions.odd_ids,
    ),
    Rule(
        "few-eligible",
        "note",
        f"less than {conditions.MIN_ELIGIBLE_SHARE:.0%} of the articles may be recommended",
        "raise lists.max_age to recommend an archive; else check articles.published_at and --now",
        conditions.few_eligible,
        unless="eligible",
    ),
    Rule(
        "never-viewed",
        "note",
        f"{conditions.MAJORITY_SHARE:.0%} or more of the articles have no view: their "
        "lists depend on text",
        "add logs to paths.views, unless it is an archive",
        conditions.never_viewed,
    ),
    Rule(
        "limited-views",
        "note",
        f"{conditions.NOTABLE_SHARE:.0%} or more of the views are beyond the limits of "
        "their session or day, and do not count",
        "raise sessions.max_views or sessions.max_day_views, if these readers are people",
        conditions.limited_views,
    ),
    Rule(
        "short-history",
        "note",
        "views span less time than `ranking.learn_days`",
        "add more days to paths.views",
        conditions.short_history,
    ),
    Rule(
        "missing-days",
        "note",
        "some of the last thirty days have no view; the others have "
        f"{conditions.MIN_MEAN_DAY_VIEWS} or more on average",
        "check whether a file is missing from paths.views",
        conditions.missing_days,
    ),
    Rule(
        "thin-blocks",
        "note",
        "a block of the page has fewer stories than slots",
        "add articles or days of views, or lower its slots or min_views in [[page]]",
        conditions.thin_blocks,
    ),
)
"""The rules, the most serious first; the advice names configuration keys or options."""
