"""Findings: what is odd about a site, and what to do; one row of one table for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from training.checking.facts import Facts
from training.checking.view_stats import MAX_PERSON_VIEWS, MIN_ROBOT_REPEATS
from training.config import Config, duration
from training.data import TooManyBadRows
from training.errors import DataError
from training.records import QuarantinedRow

Level = Literal["stops", "harms", "note"]

SOME: Final = 0.05
"""Share from which something is no accident: of a good export a row in twenty is never bad."""

MANY: Final = 0.5
"""Share from which something is the rule, so that whole blocks or features are without content."""

UNKNOWN: Final = 0.1
"""Share of the last week's views of unknown articles. A few are front pages, galleries and what was
taken down since; a tenth is an articles file that lacks something."""

COVERED: Final = 0.9
"""Share of the last week's views on articles with text: for the rest a list has no words to go by
when the article is new, and that is when it is read most."""

EARLY: Final = 0.01
"""Share of views before their article's publication. Readers cannot open what is not out, so that
only the newsroom's own looks at drafts are left."""

SINGLE: Final = 0.95
"""Share of sessions of one view. Of EB-NeRD's 31 % are; nearly all are where the user column holds
something that is new for each view."""

ONE_READER: Final = 0.5
"""Share of views of one reader from which the user column holds the same for everybody."""

LATELY: Final = 0.01
"""Share of views in the seven days before `now` below which it is not the time of the log's end, as
after a few views whose clock was wrong. `ymal train` warns of it too."""

FEW: Final = 0.1
"""Share of the articles that may stand in a list below which the others are an archive, which their
age rules out."""

QUIET: Final = 50
"""Views on a day, in the mean of the days that have any, from which a day without is a gap."""


@dataclass(frozen=True)
class Finding:
    """Something found.

    Attributes
    ----------
    key : the rule's.
    level : `stops`, training would end with an error; `harms`, lists will be worse than they could
        be, or empty; `note`, good to know.
    found : with its numbers.
    advice : what to do.
    """

    key: str
    level: Level
    found: str
    advice: str


@dataclass(frozen=True)
class Rule:
    """What may be found: `meaning` says when, `found` says it with numbers, "" where it is not."""

    key: str
    level: Level
    meaning: str
    advice: str
    found: Callable[[Facts, Config], str]


def find(facts: Facts, config: Config) -> list[Finding]:
    """Give what is found in a site, in the order of the rules: the gravest first."""
    said = ((rule, rule.found(facts, config)) for rule in RULES)
    return [Finding(rule.key, rule.level, found, rule.advice) for rule, found in said if found]


def refused(error: DataError) -> Finding:
    """Give what is found where a site's files cannot be read for training."""
    rule = TOO_MANY if isinstance(error, TooManyBadRows) else UNREADABLE
    return Finding(rule.key, rule.level, str(error), rule.advice)


def quarantined(error: DataError) -> Sequence[QuarantinedRow]:
    """Give the bad rows that an error tells of."""
    return error.quarantine if isinstance(error, TooManyBadRows) else ()


def _by_reading(_facts: Facts, _config: Config) -> str:
    """Say nothing: it is found when the files are read, by their error."""
    return ""


def _share(part: int, whole: int, least: float) -> bool:
    return whole > 0 and part > 0 and part >= least * whole


def _of(part: int, whole: int, what: str) -> str:
    return f"{part:,} of {whole:,} {what} ({part / whole:.1%})"


def _nothing_known(facts: Facts, _config: Config) -> str:
    if facts.learning.sources:
        return ""
    return f"none of {facts.catalog.count:,} articles is known before {facts.times.now}"


def _no_views(facts: Facts, _config: Config) -> str:
    return "" if facts.views.read else "there are no views: lists go by text, section and age"


def _no_articles(facts: Facts, _config: Config) -> str:
    return "" if facts.articles.read else "there is no article file: articles are what was viewed"


def _bad_rows(facts: Facts, _config: Config) -> str:
    bad = facts.articles.quarantined + facts.views.quarantined
    return _of(bad, facts.articles.read + facts.views.read, "rows are left out") if bad else ""


def _unknown(facts: Facts, _config: Config) -> str:
    week = facts.times.days[-7:]
    views, unknown = sum(day.views for day in week), sum(day.unknown for day in week)
    if not facts.articles.read or not _share(unknown, views, UNKNOWN):
        return ""
    most = ", ".join(map(repr, list(facts.strangers)[:3]))
    return _of(unknown, views, f"views of the last days are of no article, such as {most}")


def _ignored(facts: Facts, _config: Config) -> str:
    ignored = facts.times.ignored
    return f"{ignored:,} views are of {facts.times.now} or later" if ignored else ""


def _few_lately(facts: Facts, _config: Config) -> str:
    week, kept = facts.learning.week, facts.views.kept
    if not kept or week >= LATELY * kept:
        return ""
    return _of(week, kept, f"views lie in the seven days before {facts.times.now}")


def _old_views(facts: Facts, config: Config) -> str:
    most, age = config.gate.max_view_age / duration("1h"), facts.times.age_hours
    if age is None or age <= most:
        return ""
    return f"the newest view, of {facts.times.newest}, is {age:,.0f} hours older than now"


def _missing_days(facts: Facts, _config: Config) -> str:
    days, missing = facts.times.days, facts.times.missing_days
    if not missing or sum(day.views for day in days) < QUIET * len(days):
        return ""
    return f"{missing} of the last days have no view, though others have hundreds"


def _early(facts: Facts, _config: Config) -> str:
    early, kept = facts.times.before_publication, facts.views.kept
    if not _share(early, kept, EARLY):
        return ""
    told = _of(early, kept, "views came before their article's publication")
    return f"{told}, half of them {facts.times.lead_hours:g} hours or more"


def _robots(facts: Facts, _config: Config) -> str:
    readers, kept = facts.readers, facts.views.kept
    if not _share(readers.robots_views, kept, SOME):
        return ""
    told = _of(readers.robots_views, kept, "views are of robots")
    again = (
        f", {readers.most_of_one:,} of one article"
        if readers.most_of_one >= MIN_ROBOT_REPEATS
        else ""
    )
    return f"{told}: {readers.robots:,}, with up to {readers.most_in_a_day:,} views a day{again}"


def _limits(facts: Facts, _config: Config) -> str:
    late = max(facts.sessions.over_session, facts.sessions.over_day)
    if not _share(late, facts.views.kept, SOME):
        return ""
    return _of(late, facts.views.kept, "views come too late in a session or day to count")


def _one_reader(facts: Facts, _config: Config) -> str:
    busiest, kept = facts.readers.busiest, facts.views.kept
    return (
        _of(busiest, kept, "views are of one reader") if _share(busiest, kept, ONE_READER) else ""
    )


def _single(facts: Facts, _config: Config) -> str:
    single, count = facts.sessions.by_views["1"], facts.sessions.count
    return _of(single, count, "sessions have one view") if _share(single, count, SINGLE) else ""


def _few_reads(facts: Facts, config: Config) -> str:
    learning, ranking = facts.learning, config.ranking
    if not facts.views.read or learning.lately >= ranking.min_transitions:
        return ""
    return (
        f"{learning.lately:,} next reads in the last {ranking.learn_days} days, a model needs "
        f"{ranking.min_transitions:,}: the prior over text, section and age serves instead"
    )


def _short(facts: Facts, config: Config) -> str:
    days = facts.times.history_days
    if not facts.views.kept or days >= config.ranking.learn_days:
        return ""
    return f"views span {days:.1f} days, the model learns from {config.ranking.learn_days}"


def _nothing_eligible(facts: Facts, _config: Config) -> str:
    return "" if facts.learning.eligible else "no article may be recommended: every list is empty"


def _few_eligible(facts: Facts, _config: Config) -> str:
    eligible, count = facts.learning.eligible, facts.catalog.count
    if not 0 < eligible < FEW * count:
        return ""
    return f"only {_of(eligible, count, 'articles may stand in a list')}"


def _uncovered(facts: Facts, _config: Config) -> str:
    week, covered = facts.learning.week, facts.learning.week_with_text
    if not facts.articles.read or not _share(week - covered, week, 1 - COVERED):
        return ""
    return _of(week - covered, week, "views of the last seven days are on articles without text")


def _lacking(field: str, what: str, least: float) -> Callable[[Facts, Config], str]:
    """Say how many articles lack something, where so large a share does."""

    def found(facts: Facts, _config: Config) -> str:
        lacking, count = getattr(facts.catalog, field), facts.catalog.count
        if not facts.articles.read or not _share(lacking, count, least):
            return ""
        return _of(lacking, count, f"articles {what}")

    return found


def _never_viewed(facts: Facts, config: Config) -> str:
    lacking = _lacking("never_viewed", "have no view", MANY)
    return lacking(facts, config) if facts.views.read else ""


def _same_body(facts: Facts, _config: Config) -> str:
    catalog = facts.catalog
    if not _share(catalog.same_body, catalog.count, SOME):
        return ""
    told = _of(catalog.same_body, catalog.count, "articles share their body with others")
    return f"{told}, {catalog.most_same:,} of them one"


def _odd_ids(facts: Facts, _config: Config) -> str:
    odd, examples = facts.catalog.odd_ids, ", ".join(map(repr, facts.catalog.odd))
    return f"{_of(odd, facts.catalog.count, 'ids are odd')}, such as {examples}" if odd else ""


def _twice(facts: Facts, _config: Config) -> str:
    again, read = facts.articles.duplicate, facts.articles.read
    return _of(again, read, "rows have an id that stands again further on") if again else ""


def _again(facts: Facts, _config: Config) -> str:
    again, read = facts.views.duplicate, facts.views.read
    return _of(again, read, "views stand twice") if _share(again, read, SOME) else ""


def _languages(facts: Facts, config: Config) -> str:
    found, count = facts.catalog.languages, facts.catalog.count
    if len(found) < 2 or config.rules.cross_languages:
        return ""
    told = f"articles are in {len(found)} languages, and pages do not cross them"
    without = count - sum(found.values())
    return f"{told}; {_of(without, count, 'have none')}, and go with all" if without else told


def _sections(facts: Facts, _config: Config) -> str:
    names = ", ".join(map(repr, facts.catalog.unknown_sections))
    return f"[rules] names {names}, in which no article stands" if names else ""


def _thin(facts: Facts, config: Config) -> str:
    found = facts.learning.blocks
    thin = [block for block in config.page if found[block.key] < block.slots]
    return ", ".join(f"{b.key} has {found[b.key]:,} stories for {b.slots}" for b in thin)


TOO_MANY: Final = Rule(
    "too-many-bad-rows",
    "stops",
    "more rows of an input cannot be used than `data.max_bad_share`",
    "mend the rows, or name the right columns; if they may go, raise data.max_bad_share",
    _by_reading,
)
UNREADABLE: Final = Rule(
    "unreadable",
    "stops",
    "a file cannot be read, lacks a column, or holds nothing",
    "do what the line says, and check again",
    _by_reading,
)

RULES: Final = (
    UNREADABLE,
    TOO_MANY,
    Rule(
        "nothing-known",
        "stops",
        "no article is known before `now`",
        "check --now, articles.published_at, articles.time_unit and articles.time_zone",
        _nothing_known,
    ),
    Rule(
        "nothing-eligible",
        "harms",
        "no article may be recommended",
        "check the times; raise lists.max_age, or set lists.undated = true",
        _nothing_eligible,
    ),
    Rule(
        "unknown-articles",
        "harms",
        f"a share of {UNKNOWN:.0%} or more of the last week's views is of no article",
        "export these articles as well; name the column with their ids in views.article, or set "
        'views.article_by = "url" where it holds addresses',
        _unknown,
    ),
    Rule(
        "early-views",
        "harms",
        f"a share of {EARLY:.0%} or more of the views came before their article's publication",
        "set articles.time_zone and views.time_zone; take the time of the first publication for "
        "articles.published_at, not that of the last change",
        _early,
    ),
    Rule(
        "old-views",
        "harms",
        "the newest view is older than `gate.max_view_age` at `now`",
        "add the latest logs to paths.views; check --now, views.time_zone and views.time_unit",
        _old_views,
    ),
    Rule(
        "few-lately",
        "harms",
        f"a share of less than {LATELY:.0%} of the views lies in the seven days before `now`",
        "give the time at which the log really ends by --now; check views.time_unit",
        _few_lately,
    ),
    Rule(
        "one-reader",
        "harms",
        f"one reader has a share of {ONE_READER:.0%} or more of the views",
        "name the column that tells readers apart in views.user, or leave a robot out of the log",
        _one_reader,
    ),
    Rule(
        "single-views",
        "harms",
        f"a share of {SINGLE:.0%} or more of the sessions has a single view",
        "name a column in views.user that stays the same from view to view, and none in "
        "views.session that does not",
        _single,
    ),
    Rule(
        "robots",
        "harms",
        f"a share of {SOME:.0%} or more of the views is of readers with more than "
        f"{MAX_PERSON_VIEWS} on a day, or {MIN_ROBOT_REPEATS} of one article",
        "leave robots, monitors and the newsroom's own screens out of the log; else lower "
        "sessions.max_day_views",
        _robots,
    ),
    Rule(
        "few-next-reads",
        "harms",
        "fewer next reads than `ranking.min_transitions` in the last `ranking.learn_days`",
        "add more days to paths.views; for a small site raise ranking.learn_days",
        _few_reads,
    ),
    Rule(
        "uncovered-views",
        "harms",
        f"a share of more than {1 - COVERED:.0%} of the last week's views is on articles without "
        "text",
        "export title and body of all that is read, and name them in articles.title and "
        "articles.body",
        _uncovered,
    ),
    Rule(
        "no-text",
        "harms",
        f"a share of {SOME:.0%} or more of the articles has neither title nor body",
        "name the columns that hold them in articles.title and articles.body",
        _lacking("without_text", "have neither title nor body", SOME),
    ),
    Rule(
        "no-title",
        "harms",
        f"a share of {SOME:.0%} or more of the articles has no title: lists show their ids",
        "name the column with the headline in articles.title",
        _lacking("without_title", "have no title", SOME),
    ),
    Rule(
        "same-body",
        "harms",
        f"a share of {SOME:.0%} or more of the articles has a body that another has too",
        "export the story alone, without notices and menus; name its column in articles.body",
        _same_body,
    ),
    Rule(
        "rules-section",
        "harms",
        "`[rules]` names a section that no article stands in",
        "write the section in [rules] as it stands in the articles file",
        _sections,
    ),
    Rule(
        "bad-rows",
        "note",
        "rows cannot be used, and are left out",
        "see the examples; mend them, or name the right columns in [articles] and [views]",
        _bad_rows,
    ),
    Rule(
        "ignored-views",
        "note",
        "there are views at `now` or later, which training passes over",
        "unless --now is meant to leave them out, check views.time_zone and views.time_unit",
        _ignored,
    ),
    Rule(
        "no-views",
        "note",
        "there is no view file",
        "name the page views in paths.views, or with --views",
        _no_views,
    ),
    Rule(
        "no-articles",
        "note",
        "there is no article file, so that lists go by readers alone",
        "name the articles in paths.articles, or with --articles",
        _no_articles,
    ),
    Rule(
        "no-body",
        "note",
        f"a share of {MANY:.0%} or more of the articles has no body",
        "name the column with the text, or with an abstract, in articles.body",
        _lacking("without_body", "have no body", MANY),
    ),
    Rule(
        "no-section",
        "note",
        f"a share of {MANY:.0%} or more of the articles stands in no section",
        "name its column in articles.section",
        _lacking("without_section", "stand in no section", MANY),
    ),
    Rule(
        "no-time",
        "note",
        f"a share of {MANY:.0%} or more of the articles has no time: the first view counts for it",
        "name the column with the time of publication in articles.published_at",
        _lacking("without_time", "have no time of publication", MANY),
    ),
    Rule(
        "future-articles",
        "note",
        f"a share of {SOME:.0%} or more of the articles is of `now` or later",
        "they come in when they are published; if they are out, check articles.time_zone, "
        "articles.time_unit and --now",
        _lacking("future", "are published later than now", SOME),
    ),
    Rule(
        "duplicate-ids",
        "note",
        "article ids stand twice: the last row holds",
        'export each article once, or set articles.duplicates = "error" to be told',
        _twice,
    ),
    Rule(
        "duplicate-views",
        "note",
        f"a share of {SOME:.0%} or more of the views stands twice: each counts once",
        "see whether paths.views names a file and its copy",
        _again,
    ),
    Rule(
        "languages",
        "note",
        "articles are in two languages or more",
        "check articles.language; set rules.cross_languages = true if readers read all of them",
        _languages,
    ),
    Rule(
        "odd-ids",
        "note",
        "ids hold spaces or control characters, or are very long",
        "check articles.id; they work, if views have the very same",
        _odd_ids,
    ),
    Rule(
        "few-eligible",
        "note",
        f"a share of less than {FEW:.0%} of the articles may stand in a list",
        "for lists from an archive raise lists.max_age; else check articles.published_at and --now",
        _few_eligible,
    ),
    Rule(
        "never-viewed",
        "note",
        f"a share of {MANY:.0%} or more of the articles has no view: their lists go by text",
        "nothing, if it is an archive; else add logs to paths.views",
        _never_viewed,
    ),
    Rule(
        "limited-views",
        "note",
        f"a share of {SOME:.0%} or more of the views comes too late in its session or day to count",
        "raise sessions.max_views or sessions.max_day_views, if these are people",
        _limits,
    ),
    Rule(
        "short-history",
        "note",
        "views span less time than `ranking.learn_days`",
        "add more days to paths.views",
        _short,
    ),
    Rule(
        "missing-days",
        "note",
        f"days of the last thirty have no view, where others have {QUIET} or more in the mean",
        "see whether a file of paths.views is missing",
        _missing_days,
    ),
    Rule(
        "thin-blocks",
        "note",
        "a block of the page has fewer stories than slots",
        "more articles or days of views fill it; or lower its slots or min_views in [[page]]",
        _thin,
    ),
)
"""The gravest first; the advice names keys of the configuration, or options."""
