"""Collect the facts of a site as training would read it."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.sections import section_key
from training.catalogue import empty_catalogue as empty_catalogue
from training.catalogue import merge
from training.checking.facts import (
    CatalogueStats,
    DayTraffic,
    Facts,
    LearningStats,
    RowCounts,
    SessionStats,
    TimeStats,
)
from training.checking.view_stats import ArticleStats, ViewStats, view_stats
from training.config import Config
from training.data import describe_unknown
from training.data.events import is_other_event
from training.data.navigation import NAVIGATION
from training.data.publication import PREVIEW, is_unpublished
from training.data.quality import (
    MIN_ARTICLES,
    age_figures,
    causes,
    input_figures,
    robot_figures,
    title_figures,
)
from training.ranking import known_at
from training.ranking.rules import EligibilityContext, eligible
from training.records import (
    DAY,
    HOUR,
    NEVER,
    Articles,
    Bool,
    Catalogue,
    Flag,
    Int64,
    Site,
    Window,
    utc,
)
from training.texts.scripts import script_of

MAX_EXAMPLES: Final = 3
"""Number of examples of each kind."""

LENGTH_BINS: Final = ((1, "1"), (2, "2"), (5, "3-5"), (10, "6-10"), (50, "11-50"), (NEVER, "51+"))
"""Bins of session lengths: the maximum number of views in each, and its name."""

MAX_SCRIPT_SAMPLE: Final = 2000
"""Sample of articles for detecting scripts, which is slow; evenly spread over all articles."""

MAX_ID_CHARACTERS: Final = 200
"""Maximum characters of a normal id: URLs are shorter."""

SHOWN_ID_CHARACTERS: Final = 80
"""Maximum characters of an id in the report."""


def collect_facts(site: Site, now: int) -> Facts:
    """Return the facts of a site, read without a state, for training at `now` (µs UTC)."""
    stats = view_stats(site, now)
    catalogue, _, _ = merge(empty_catalogue(), Window(0, now, site.views, site.articles, site.ids))
    texts = np.array(
        [
            bool((t + b).strip())
            for t, b in zip(site.articles.title, site.articles.body, strict=True)
        ],
        np.bool_,
    )
    articles, views, bad = _rows(site)
    learning = _learning(catalogue, stats.reads, texts, now, site.config)
    figures = {
        **input_figures(site, now),
        **age_figures(site, now),
        **robot_figures(site.views, now),
        **title_figures(site.articles.title, has_text=bool(texts.any())),
    }
    if learning.sources >= MIN_ARTICLES:
        figures["eligible"] = float(learning.eligible)
    strangers = Counter[str]()
    for name, count in site.traffic.unknown_ids.items():
        strangers[_display_id(name)] += count
    return Facts(
        articles=articles,
        views=views,
        bad=bad,
        unpublished=_unpublished(site),
        strangers=dict(strangers),
        times=_times(site, now, stats),
        sessions=_lengths(stats),
        readers=stats.readers,
        without_reader=site.anonymous.views,
        no_reader={
            _display_id(value): views
            for value, views in [*site.anonymous.values.items()][:MAX_EXAMPLES]
        },
        catalog=_catalog(site, now, stats.reads, texts),
        learning=learning,
        figures=figures,
        causes=causes(site, now),
        unknown_flags={flag.column: describe_unknown(flag) for flag in site.unknown_flags},
    )


def _rows(site: Site) -> tuple[RowCounts, RowCounts, dict[str, int]]:
    """Return the outcome of the rows of both inputs, and the quarantined rows by reason."""
    by_reason = dict(site.left_out)
    unknown, duplicate_views, duplicate_ids, previews, navigation, _ = (
        by_reason.pop(reason, 0)
        for reason in (
            "unknown article",
            "exact duplicate",
            "duplicate id",
            PREVIEW,
            NAVIGATION,
            "forgotten reader",
        )
    )
    unpublished = sum(by_reason.pop(why) for why in _unpublished(site))
    events = sum(by_reason.pop(why) for why in filter(is_other_event, site.left_out))
    read, kept = site.read["articles"], len(site.articles) if site.read["articles"] else 0
    unusable = read - kept - duplicate_ids - unpublished
    articles = RowCounts(read, kept, unusable, duplicate_ids, 0, unpublished)
    read, kept = site.read["views"], site.views.count
    left_out = (duplicate_views, unknown, previews, navigation, events)
    views = RowCounts(read, kept, read - kept - sum(left_out), *left_out)
    return articles, views, by_reason


def _unpublished(site: Site) -> dict[str, int]:
    """Count the ids of the article files that are not published, by reason."""
    return {why: count for why, count in site.left_out.items() if is_unpublished(why)}


def _times(site: Site, now: int, stats: ViewStats) -> TimeStats:
    traffic, views = site.traffic, site.views.rows()
    inside = traffic.hour < now
    hour, counted, unknown = (
        column[inside] for column in (traffic.hour, traffic.views, traffic.unknown)
    )
    days, day_index = np.unique(hour // DAY, return_inverse=True)
    by_day = [
        np.bincount(day_index, column, len(days)).astype(int) for column in (counted, unknown)
    ]
    before = views.count_between(0, now)
    first, last = views.connection.sql(
        f"SELECT min(time), max(time) FROM {views.table} WHERE time < {now}"  # noqa: S608
    ).fetchall()[0]
    month = days[days > now // DAY - 30]
    return TimeStats(
        now=utc(now),
        oldest=None if first is None else utc(first),
        newest=None if last is None else utc(last),
        age_hours=None if last is None else round((now - last) / HOUR, 2),
        history_days=0.0 if first is None else round((last - first) / DAY, 2),
        days=[
            DayTraffic(utc(int(day) * DAY)[:10], int(all_), int(of_unknown))
            for day, all_, of_unknown in zip(days, *by_day, strict=True)
        ],
        missing_days=int(month[-1] - month[0] + 1 - len(month)) if len(month) else 0,
        hours=np.bincount(hour // HOUR % 24, counted, 24).astype(int).tolist(),
        ignored=views.count - before,
        before_publication=stats.early,
        lead_hours=round(stats.lead, 2),
    )


def _lengths(stats: ViewStats) -> SessionStats:
    views, count = stats.sessions.lengths.T
    at = np.searchsorted([limit for limit, _ in LENGTH_BINS], views)
    binned = np.bincount(at, count, len(LENGTH_BINS)).astype(int).tolist()
    return SessionStats(
        count=int(count.sum()),
        by_views={name: number for (_, name), number in zip(LENGTH_BINS, binned, strict=True)},
        over_session=stats.sessions.over_session,
        over_day=stats.sessions.over_day,
    )


def _catalog(site: Site, now: int, reads: ArticleStats, texts: Bool) -> CatalogueStats:
    articles, rules = site.articles, site.config.rules
    bodies = Counter(body for body in articles.body if body.strip())
    same = [count for count in bodies.values() if count > 1]
    odd = [
        name
        for name in articles.id
        if len(name) > MAX_ID_CHARACTERS or not name.isprintable() or " " in name
    ]
    sections = {section_key(name) for name in set(articles.section) - {""}}
    named = {*rules.not_to, *rules.not_from, *rules.max_age}.union(*rules.apart)
    dated = articles.published != NEVER
    return CatalogueStats(
        count=len(articles),
        sections=len(sections),
        without_text=int((~texts).sum()),
        without_title=_count_blank(articles.title),
        without_body=_count_blank(articles.body),
        without_section=_count_blank(articles.section),
        without_time=int((~dated).sum()),
        future=int((dated & (articles.published >= now)).sum()),
        same_body=sum(same),
        most_same=max(same, default=0),
        odd_ids=len(odd),
        odd=[_display_id(name) for name in odd[:MAX_EXAMPLES]],
        never_viewed=int((reads.first < 0).sum()),
        languages=dict(Counter(filter(None, articles.language)).most_common()),
        scripts=_scripts(articles),
        unknown_sections=sorted(name for name in named if section_key(name) not in sections),
    )


def _count_blank(texts: Sequence[str]) -> int:
    return sum(not text.strip() for text in texts)


def _scripts(articles: Articles) -> dict[str, int]:
    """Count the scripts of a sample."""
    step = len(articles) // MAX_SCRIPT_SAMPLE + 1
    sample = zip(articles.title[::step], articles.body[::step], strict=True)
    counts = Counter(script_of(f"{title} {body[:1000]}") for title, body in sample)
    counts.pop("", None)
    return dict(counts.most_common())


def _learning(
    catalogue: Catalogue, reads: ArticleStats, texts: Bool, now: int, config: Config
) -> LearningStats:
    known = known_at(catalogue.published, np.where(reads.first < 0, NEVER, reads.first))
    context = EligibilityContext(now, catalogue, known)
    is_eligible = np.asarray(eligible(context, config))
    sources = ((known < now) | (known == NEVER)) & ~catalogue.has(Flag.WITHDRAWN)
    return LearningStats(
        next_reads=int(reads.next_reads.sum()),
        lately=int(reads.lately.sum()),
        from_5=int((reads.next_reads >= 5).sum()),
        from_20=int((reads.next_reads >= 20).sum()),
        sources=int(sources.sum()),
        eligible=int(is_eligible.sum()),
        week=int(reads.week.sum()),
        week_with_text=int(reads.week[texts].sum()),
        blocks=_blocks(catalogue, reads, is_eligible, np.maximum(context.age, 0), config),
    )


def _blocks(
    catalogue: Catalogue, reads: ArticleStats, is_eligible: Bool, age: Int64, config: Config
) -> dict[str, int]:
    """Count the stories that each block may show, by age and views; rankings are not computed."""
    finished = (reads.timed > 0) & (catalogue.length > 0)
    widely_opened = np.full(len(is_eligible), len(catalogue.section_names) > 1) & (reads.views > 0)
    fits = {
        "popular": reads.views > 0,
        "weekly": reads.views > 0,
        "must_reads": finished | widely_opened,
    }
    found: dict[str, int] = {}
    for block in config.page:
        limits = (age <= block.max_age) & (reads.views >= block.min_views)
        fits_block = is_eligible & limits & fits[block.key] if block.key in fits else is_eligible
        found[block.key] = int(fits_block.sum())
    return found


def _display_id(name: str) -> str:
    """Return an id for display, without its query string, which may identify the reader."""
    bare = name.partition("?")[0]
    return bare[:SHOWN_ID_CHARACTERS] + ("…" if bare[:SHOWN_ID_CHARACTERS] != name else "")
