"""The findings of a check: a table of rules, each with its condition and what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.checking import conditions
from training.checking.facts import Facts
from training.checking.view_stats import MAX_PERSON_VIEWS, MIN_ROBOT_REPEATS
from training.config import Config
from training.data import TooManyBadRows
from training.errors import DataError
from training.records import QuarantinedRow

Level = Literal["stops", "harms", "note"]


@dataclass(frozen=True)
class Finding:
    """A problem found by a rule.

    Attributes
    ----------
    key : key of the rule.
    level : `stops`, training would fail; `harms`, lists will be worse or empty; `note`, good to
        know.
    found : the problem, with numbers.
    advice : the remedy.
    """

    key: str
    level: Level
    found: str
    advice: str


@dataclass(frozen=True)
class Rule:
    """A rule: `meaning` is its condition; `found` returns the problem with numbers, or `""`."""

    key: str
    level: Level
    meaning: str
    advice: str
    found: Callable[[Facts, Config], str]


def find(facts: Facts, config: Config) -> list[Finding]:
    """Return the findings of a site in the order of the rules, the most serious first."""
    found = ((rule, rule.found(facts, config)) for rule in RULES)
    return [Finding(rule.key, rule.level, text, rule.advice) for rule, text in found if text]


def refused(error: DataError) -> Finding:
    """Return the finding for files that cannot be read for training."""
    rule = TOO_MANY if isinstance(error, TooManyBadRows) else UNREADABLE
    return Finding(rule.key, rule.level, str(error), rule.advice)


def quarantined(error: DataError) -> Sequence[QuarantinedRow]:
    """Return the bad rows of an error."""
    return error.quarantine if isinstance(error, TooManyBadRows) else ()


TOO_MANY: Final = Rule(
    "too-many-bad-rows",
    "stops",
    "more rows of an input cannot be used than `data.max_bad_share`",
    "mend the rows, or name the right columns; if they may go, raise data.max_bad_share",
    conditions.found_by_reading,
)
UNREADABLE: Final = Rule(
    "unreadable",
    "stops",
    "a file cannot be read, lacks a column, or holds nothing",
    "do what the line says, and check again",
    conditions.found_by_reading,
)

RULES: Final = (
    UNREADABLE,
    TOO_MANY,
    Rule(
        "nothing-known",
        "stops",
        "no article is known before `now`",
        "check --now, articles.published_at, articles.time_unit and articles.time_zone",
        conditions.nothing_known,
    ),
    Rule(
        "nothing-eligible",
        "harms",
        "no article may be recommended",
        "check the times; raise lists.max_age, or set lists.undated = true",
        conditions.nothing_eligible,
    ),
    Rule(
        "unknown-articles",
        "harms",
        f"a share of {conditions.MAX_UNKNOWN_SHARE:.0%} or more of the last week's views is of no "
        "article",
        "export these articles as well; name the column with their ids in views.article, or set "
        'views.article_by = "url" where it holds addresses',
        conditions.unknown_articles,
    ),
    Rule(
        "early-views",
        "harms",
        f"a share of {conditions.MAX_EARLY_SHARE:.0%} or more of the views came before their "
        "article's publication",
        "set articles.time_zone and views.time_zone; take the time of the first publication for "
        "articles.published_at, not that of the last change",
        conditions.early_views,
    ),
    Rule(
        "old-views",
        "harms",
        "the newest view is older than `gate.max_view_age` at `now`",
        "add the latest logs to paths.views; check --now, views.time_zone and views.time_unit",
        conditions.old_views,
    ),
    Rule(
        "few-lately",
        "harms",
        f"a share of less than {conditions.MIN_LAST_WEEK_SHARE:.0%} of the views lies in the "
        "seven days before `now`",
        "give the time at which the log really ends by --now; check views.time_unit",
        conditions.few_views_lately,
    ),
    Rule(
        "one-reader",
        "harms",
        f"one reader has a share of {conditions.MAX_ONE_READER_SHARE:.0%} or more of the views",
        "name the column that tells readers apart in views.user, or leave a robot out of the log",
        conditions.one_reader,
    ),
    Rule(
        "single-views",
        "harms",
        f"a share of {conditions.MAX_SINGLE_VIEW_SHARE:.0%} or more of the sessions has a single "
        "view",
        "name a column in views.user that stays the same from view to view, and none in "
        "views.session that does not",
        conditions.single_views,
    ),
    Rule(
        "robots",
        "harms",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the views is of readers with more "
        "than "
        f"{MAX_PERSON_VIEWS} on a day, or {MIN_ROBOT_REPEATS} of one article",
        "leave robots, monitors and the newsroom's own screens out of the log; else lower "
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
        f"a share of more than {1 - conditions.MIN_TEXT_SHARE:.0%} of the last week's views is on "
        "articles without "
        "text",
        "export title and body of all that is read, and name them in articles.title and "
        "articles.body",
        conditions.views_without_text,
    ),
    Rule(
        "no-text",
        "harms",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the articles has neither title nor "
        "body",
        "name the columns that hold them in articles.title and articles.body",
        conditions.articles_lacking(
            "without_text", "have neither title nor body", conditions.NOTABLE_SHARE
        ),
    ),
    Rule(
        "no-title",
        "harms",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the articles has no title: lists "
        "show their ids",
        "name the column with the headline in articles.title",
        conditions.articles_lacking("without_title", "have no title", conditions.NOTABLE_SHARE),
    ),
    Rule(
        "same-body",
        "harms",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the articles has a body that "
        "another has too",
        "export the story alone, without notices and menus; name its column in articles.body",
        conditions.same_body,
    ),
    Rule(
        "rules-section",
        "harms",
        "`[rules]` names a section that no article stands in",
        "write the section in [rules] as it stands in the articles file",
        conditions.unknown_sections,
    ),
    Rule(
        "bad-rows",
        "note",
        "rows cannot be used, and are left out",
        "see the examples; mend them, or name the right columns in [articles] and [views]",
        conditions.bad_rows,
    ),
    Rule(
        "ignored-views",
        "note",
        "there are views at `now` or later, which training passes over",
        "unless --now is meant to leave them out, check views.time_zone and views.time_unit",
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
        "there is no article file, so that lists go by readers alone",
        "name the articles in paths.articles, or with --articles",
        conditions.no_articles,
    ),
    Rule(
        "no-body",
        "note",
        f"a share of {conditions.MAJORITY_SHARE:.0%} or more of the articles has no body",
        "name the column with the text, or with an abstract, in articles.body",
        conditions.articles_lacking("without_body", "have no body", conditions.MAJORITY_SHARE),
    ),
    Rule(
        "no-section",
        "note",
        f"a share of {conditions.MAJORITY_SHARE:.0%} or more of the articles stands in no section",
        "name its column in articles.section",
        conditions.articles_lacking(
            "without_section", "stand in no section", conditions.MAJORITY_SHARE
        ),
    ),
    Rule(
        "no-time",
        "note",
        f"a share of {conditions.MAJORITY_SHARE:.0%} or more of the articles has no time: the "
        "first view counts for it",
        "name the column with the time of publication in articles.published_at",
        conditions.articles_lacking(
            "without_time", "have no time of publication", conditions.MAJORITY_SHARE
        ),
    ),
    Rule(
        "future-articles",
        "note",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the articles is of `now` or later",
        "they come in when they are published; if they are out, check articles.time_zone, "
        "articles.time_unit and --now",
        conditions.articles_lacking(
            "future", "are published later than now", conditions.NOTABLE_SHARE
        ),
    ),
    Rule(
        "duplicate-ids",
        "note",
        "article ids stand twice: the last row holds",
        'export each article once, or set articles.duplicates = "error" to stop at one',
        conditions.duplicate_ids,
    ),
    Rule(
        "duplicate-views",
        "note",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the views stands twice: each "
        "counts once",
        "see whether paths.views names a file and its copy",
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
        "ids hold spaces or control characters, or are very long",
        "check articles.id; they work, if views have the very same",
        conditions.odd_ids,
    ),
    Rule(
        "few-eligible",
        "note",
        f"a share of less than {conditions.MIN_ELIGIBLE_SHARE:.0%} of the articles may stand in a "
        "list",
        "for lists from an archive raise lists.max_age; else check articles.published_at and --now",
        conditions.few_eligible,
    ),
    Rule(
        "never-viewed",
        "note",
        f"a share of {conditions.MAJORITY_SHARE:.0%} or more of the articles has no view: their "
        "lists go by text",
        "nothing, if it is an archive; else add logs to paths.views",
        conditions.never_viewed,
    ),
    Rule(
        "limited-views",
        "note",
        f"a share of {conditions.NOTABLE_SHARE:.0%} or more of the views comes too late in its "
        "session or day to count",
        "raise sessions.max_views or sessions.max_day_views, if these are people",
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
        f"days of the last thirty have no view, where others have {conditions.MIN_MEAN_DAY_VIEWS} "
        "or more in the mean",
        "see whether a file of paths.views is missing",
        conditions.missing_days,
    ),
    Rule(
        "thin-blocks",
        "note",
        "a block of the page has fewer stories than slots",
        "more articles or days of views fill it; or lower its slots or min_views in [[page]]",
        conditions.thin_blocks,
    ),
)
"""The rules, the most serious first; the advice names configuration keys or options."""
