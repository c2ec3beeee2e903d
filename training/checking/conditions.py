"""The conditions of the findings: each returns a problem of a site with numbers, or `""`."""

from collections.abc import Callable
from typing import Final

from training.checking.facts import Facts
from training.checking.view_stats import MIN_ROBOT_REPEATS
from training.config import Config, duration
from training.records import quantity

NOTABLE_SHARE: Final = 0.05
"""Share from which a problem is not an accident: a good export never has 5 % bad rows."""

MAJORITY_SHARE: Final = 0.5
"""Share from which a problem is the rule, so that whole blocks or features have no content."""

MAX_UNKNOWN_SHARE: Final = 0.1
"""Share of unknown articles in the last week's views. A few are normal: front pages, galleries and
removed articles. A tenth means that the articles file is incomplete."""

MIN_TEXT_SHARE: Final = 0.9
"""Share of articles with text in the last week's views. Without text, the list of a new article has
no similar stories; and new articles are read most."""

MAX_EARLY_SHARE: Final = 0.01
"""Share of views before their article's publication. Readers cannot open unpublished articles, so
only the newsroom's views of drafts are expected."""

MAX_SINGLE_VIEW_SHARE: Final = 0.95
"""Share of sessions with one view. It is 31 % in EB-NeRD, and nearly 100 % if the user column has a
new value for each view."""

MAX_ONE_READER_SHARE: Final = 0.5
"""Share of views by one reader from which the user column has the same value for everybody."""

MIN_LAST_WEEK_SHARE: Final = 0.01
"""Share of views in the seven days before `now` below which `now` is not the end of the log, for
example after a few views with a wrong clock. `ymal train` also warns."""

MIN_ELIGIBLE_SHARE: Final = 0.1
"""Share of eligible articles; below it, the other articles are an archive, too old to recommend."""

MIN_MEAN_DAY_VIEWS: Final = 50
"""Mean views per day with views from which a day without views is a gap."""


def found_by_reading(_facts: Facts, _config: Config) -> str:
    """Return `""`: reading the files raises the error."""
    return ""


def _of(part: int, whole: int, what: str) -> str:
    return f"{part:,} of {whole:,} {what} ({part / whole:.1%})"


def _from_share(part: int, whole: int, min_share: float, what: str) -> str:
    """Return `_of` if the part is not empty and at least a share of the whole, else `""`."""
    return _of(part, whole, what) if part > 0 and part >= min_share * whole else ""


def nothing_known(facts: Facts, _config: Config) -> str:
    """No article is known before `now`."""
    if facts.learning.sources:
        return ""
    return f"none of {facts.catalog.count:,} articles is known before {facts.times.now}"


def unknown_withdrawals(facts: Facts, _config: Config) -> str:
    """A value in `withdrawn` means neither yes nor no."""
    return facts.unknown_flags.get("withdrawn", "")


def unknown_flags(facts: Facts, _config: Config) -> str:
    """A value of another flag means neither yes nor no."""
    found = (text for column, text in facts.unknown_flags.items() if column != "withdrawn")
    return "; ".join(found)


def no_views(facts: Facts, _config: Config) -> str:
    """There is no view file."""
    return "" if facts.views.read else "there are no views: lists depend on text, section and age"


def no_articles(facts: Facts, _config: Config) -> str:
    """There is no article file."""
    return "" if facts.articles.read else "there is no article file: viewed ids are the articles"


def bad_rows(facts: Facts, _config: Config) -> str:
    """Rows cannot be used."""
    bad = facts.articles.quarantined + facts.views.quarantined
    return _from_share(bad, facts.articles.read + facts.views.read, 0, "rows are left out")


def unpublished(facts: Facts, _config: Config) -> str:
    """Rows are not published."""
    count, read = facts.articles.unpublished, facts.articles.read
    reasons = ", ".join(f"{why}: {rows:,}" for why, rows in facts.unpublished.items())
    return f"{_of(count, read, 'article rows are left out')}, {reasons}" if count else ""


def unknown_articles(facts: Facts, _config: Config) -> str:
    """Many views of the last week are of unknown articles."""
    week = facts.times.days[-7:]
    views, unknown = sum(day.views for day in week), sum(day.unknown for day in week)
    if not facts.articles.read:
        return ""
    examples = ", ".join(map(repr, list(facts.strangers)[:3]))
    what = f"views of the last days are of unknown articles, such as {examples}"
    return _from_share(unknown, views, MAX_UNKNOWN_SHARE, what)


def ignored_views(facts: Facts, _config: Config) -> str:
    """Views are of `now` or later."""
    ignored = facts.times.ignored
    return f"{quantity(ignored, 'view')} at {facts.times.now} or later" if ignored else ""


def few_views_lately(facts: Facts, _config: Config) -> str:
    """Few views are in the seven days before `now`."""
    week, kept = facts.learning.week, facts.views.kept
    if not kept or week >= MIN_LAST_WEEK_SHARE * kept:
        return ""
    return _of(week, kept, f"views are in the seven days before {facts.times.now}")


def old_views(facts: Facts, config: Config) -> str:
    """The newest view is older than `gate.max_view_age`."""
    limit, age = config.gate.max_view_age / duration("1h"), facts.times.age_hours
    if age is None or age <= limit:
        return ""
    return f"the newest view, of {facts.times.newest}, is {age:,.0f} hours before now"


def missing_days(facts: Facts, _config: Config) -> str:
    """Days among the last thirty have no view."""
    days, missing = facts.times.days, facts.times.missing_days
    if not missing or sum(day.views for day in days) < MIN_MEAN_DAY_VIEWS * len(days):
        return ""
    have = "has" if missing == 1 else "have"
    return f"{missing} of the last thirty days {have} no view, although the others have many"


def early_views(facts: Facts, _config: Config) -> str:
    """Views came before their article's publication."""
    early, kept = facts.times.before_publication, facts.views.kept
    what = "views came before their article's publication"
    text = _from_share(early, kept, MAX_EARLY_SHARE, what)
    return text and f"{text}, half of them {facts.times.lead_hours:g} hours or more"


def robots(facts: Facts, _config: Config) -> str:
    """Many views are by robots."""
    readers, kept = facts.readers, facts.views.kept
    text = _from_share(readers.robots_views, kept, NOTABLE_SHARE, "views are by robots")
    if not text:
        return ""
    has_repeats = readers.most_of_one >= MIN_ROBOT_REPEATS
    repeats = f", {readers.most_of_one:,} of one article" if has_repeats else ""
    a_day = quantity(readers.most_in_a_day, "view")
    return f"{text}: {readers.robots:,}, with up to {a_day} a day{repeats}"


def limited_views(facts: Facts, _config: Config) -> str:
    """Many views are beyond the limits of sessions or days."""
    late = max(facts.sessions.over_session, facts.sessions.over_day)
    what = "views are beyond the limits of their session or day"
    return _from_share(late, facts.views.kept, NOTABLE_SHARE, what)


def one_reader(facts: Facts, _config: Config) -> str:
    """One reader has most of the views."""
    busiest, kept = facts.readers.busiest, facts.views.kept
    return _from_share(busiest, kept, MAX_ONE_READER_SHARE, "views are by one reader")


def no_reader(facts: Facts, _config: Config) -> str:
    """Many views are without a reader."""
    text = _from_share(
        facts.without_reader, facts.views.kept, NOTABLE_SHARE, "views are without a reader"
    )
    values = ", ".join(f"{name!r} in {views:,}" for name, views in facts.no_reader.items() if name)
    return f"{text}: {values}" if text and values else text


def single_views(facts: Facts, _config: Config) -> str:
    """Nearly all sessions have a single view."""
    single, count = facts.sessions.by_views["1"], facts.sessions.count
    return _from_share(single, count, MAX_SINGLE_VIEW_SHARE, "sessions have one view")


def few_transitions(facts: Facts, config: Config) -> str:
    """There are too few transitions to learn a model from."""
    learning, ranking = facts.learning, config.ranking
    if not facts.views.read or learning.lately >= ranking.min_transitions:
        return ""
    days = quantity(ranking.learn_days, "day")
    return (
        f"{quantity(learning.lately, 'next click')} in the last {days}, but a model needs "
        f"{ranking.min_transitions:,}: the prior over text, section and age takes its place"
    )


def short_history(facts: Facts, config: Config) -> str:
    """The views span fewer days than the model learns from."""
    days = facts.times.history_days
    if not facts.views.kept or days >= config.ranking.learn_days:
        return ""
    return f"views span {days:.1f} days, but the model learns from {config.ranking.learn_days}"


def nothing_eligible(facts: Facts, _config: Config) -> str:
    """No article may be recommended."""
    return "" if facts.learning.eligible else "no article may be recommended: every list is empty"


def few_eligible(facts: Facts, _config: Config) -> str:
    """Few articles may be recommended."""
    eligible, count = facts.learning.eligible, facts.catalog.count
    if not 0 < eligible < MIN_ELIGIBLE_SHARE * count:
        return ""
    return f"only {_of(eligible, count, 'articles may be recommended')}"


def views_without_text(facts: Facts, _config: Config) -> str:
    """Many views of the last week are on articles without text."""
    week, covered = facts.learning.week, facts.learning.week_with_text
    if not facts.articles.read:
        return ""
    what = "views of the last seven days are on articles without text"
    return _from_share(week - covered, week, 1 - MIN_TEXT_SHARE, what)


def articles_lacking(field: str, what: str, min_share: float) -> Callable[[Facts, Config], str]:
    """Return the condition that at least a share of the articles lacks a field."""

    def found(facts: Facts, _config: Config) -> str:
        lacking, count = getattr(facts.catalog, field), facts.catalog.count
        if not facts.articles.read:
            return ""
        return _from_share(lacking, count, min_share, f"articles {what}")

    return found


def never_viewed(facts: Facts, config: Config) -> str:
    """Most articles have no view."""
    lacking = articles_lacking("never_viewed", "have no view", MAJORITY_SHARE)
    return lacking(facts, config) if facts.views.read else ""


def same_body(facts: Facts, _config: Config) -> str:
    """Articles share a body."""
    catalog = facts.catalog
    what = "articles have the same body as another"
    text = _from_share(catalog.same_body, catalog.count, NOTABLE_SHARE, what)
    return text and f"{text}, {catalog.most_same:,} of them the same one"


def odd_ids(facts: Facts, _config: Config) -> str:
    """Ids are odd."""
    odd, examples = facts.catalog.odd_ids, ", ".join(map(repr, facts.catalog.odd))
    return f"{_of(odd, facts.catalog.count, 'ids are odd')}, such as {examples}" if odd else ""


def duplicate_ids(facts: Facts, _config: Config) -> str:
    """Ids are in several rows."""
    duplicates, read = facts.articles.duplicate, facts.articles.read
    return _from_share(duplicates, read, 0, "rows have an id that a later row has again")


def duplicate_views(facts: Facts, _config: Config) -> str:
    """Views are in the files twice."""
    duplicates, read = facts.views.duplicate, facts.views.read
    return _from_share(duplicates, read, NOTABLE_SHARE, "views appear twice")


def languages(facts: Facts, config: Config) -> str:
    """Articles are in several languages."""
    found, count = facts.catalog.languages, facts.catalog.count
    if len(found) < 2 or config.rules.cross_languages:
        return ""
    text = f"articles are in {len(found)} languages, and pages do not mix them"
    without = count - sum(found.values())
    rest = _from_share(without, count, 0, "have none")
    return f"{text}; {rest}, and go with all of them" if rest else text


def unknown_sections(facts: Facts, _config: Config) -> str:
    """`[rules]` names a section without articles."""
    names = ", ".join(map(repr, facts.catalog.unknown_sections))
    return f"[rules] names {names}, which no article has as its section" if names else ""


def thin_blocks(facts: Facts, config: Config) -> str:
    """Blocks have fewer stories than slots."""
    found = facts.learning.blocks
    thin = [block for block in config.page if found[block.key] < block.slots]
    return ", ".join(f"{b.key} has {quantity(found[b.key], 'story')} for {b.slots}" for b in thin)
