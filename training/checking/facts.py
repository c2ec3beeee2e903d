"""The facts of a site as training would read it, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.checking.view_stats import AudienceStats


@dataclass(frozen=True)
class RowCounts:
    """The rows of an input by outcome: `read` is the sum of the others.

    Duplicates are articles whose id is also in a later row, and views equal in every field.
    Unpublished are rows that are no published article, and the views of such rows.
    Navigation is views of pages that lead to articles, other events are rows that are no views.
    """

    read: int
    kept: int
    quarantined: int
    duplicate: int
    unknown: int
    unpublished: int = 0
    navigation: int = 0
    other_events: int = 0


@dataclass(frozen=True)
class DayTraffic:
    """A UTC day's views in the files, including views of unknown articles."""

    day: str
    views: int
    unknown: int


@dataclass(frozen=True)
class TimeStats:
    """Times of the views; days and hours include duplicates and unknown articles.

    Attributes
    ----------
    now : the time to train for.
    oldest, newest : first and last view of a known article before `now`, None if there is none.
    age_hours : age of the newest view, in hours.
    history_days : from the first view to the last.
    days : days with views, ascending.
    missing_days : days without views among the last thirty.
    hours : views by hour of the UTC day.
    ignored : views at `now` or later.
    before_publication, lead_hours : number of views before their article's publication, and how
        many hours before it, in the median.
    """

    now: str
    oldest: str | None
    newest: str | None
    age_hours: float | None
    history_days: float
    days: Sequence[DayTraffic]
    missing_days: int
    hours: Sequence[int]
    ignored: int
    before_publication: int
    lead_hours: float


@dataclass(frozen=True)
class SessionStats:
    """Sessions: their number by views, and the number of views beyond the causal limits."""

    count: int
    by_views: Mapping[str, int]
    over_session: int
    over_day: int


@dataclass(frozen=True)
class CatalogueStats:
    """The articles.

    Attributes
    ----------
    count, sections : number of articles and of sections.
    without_text, without_title, without_body, without_section, without_time : articles that lack
        it; text is title or body.
    future : articles published at `now` or later.
    same_body, most_same : articles that share a body, and the largest number with the same body.
    odd_ids, odd : number and examples of ids with spaces or control characters, or very long ids.
    never_viewed : articles without a view before `now`.
    languages : articles by the language in the site's data, the most frequent first.
    scripts : articles by the script of their text, in a sample.
    unknown_sections : sections of `[rules]` without articles.
    """

    count: int
    sections: int
    without_text: int
    without_title: int
    without_body: int
    without_section: int
    without_time: int
    future: int
    same_body: int
    most_same: int
    odd_ids: int
    odd: Sequence[str]
    never_viewed: int
    languages: Mapping[str, int]
    scripts: Mapping[str, int]
    unknown_sections: Sequence[str]


@dataclass(frozen=True)
class LearningStats:
    """The data to train a model, and the articles that can be recommended.

    Attributes
    ----------
    next_reads, lately : transitions: all, and those of the last `ranking.learn_days`.
    from_5, from_20 : articles with at least 5 or 20 transitions.
    sources, eligible : articles that get a list, and articles that lists may contain.
    week, week_with_text : views of the last seven days, and those of articles with text.
    blocks : number of eligible stories of each block of the page.
    """

    next_reads: int
    lately: int
    from_5: int
    from_20: int
    sources: int
    eligible: int
    week: int
    week_with_text: int
    blocks: Mapping[str, int]


@dataclass(frozen=True)
class Facts:
    """All facts of a site."""

    articles: RowCounts
    views: RowCounts
    bad: Mapping[str, int]
    """Quarantined rows by reason."""
    unpublished: Mapping[str, int]
    """Ids of the article files that are not published, by reason."""
    strangers: Mapping[str, int]
    """The most viewed unknown articles, with their views."""
    times: TimeStats
    sessions: SessionStats
    readers: AudienceStats
    without_reader: int
    """Views of known articles that are in no session, since nobody is named."""
    no_reader: Mapping[str, int]
    """The most frequent values that name no reader, with their views; `""` where there is none."""
    catalog: CatalogueStats
    learning: LearningStats
    figures: Mapping[str, float]
    """What the gate would measure of every version, as far as the input shows it."""
    causes: Mapping[str, str]
    """What is known of the cause of a figure, by its name."""
    unknown_flags: Mapping[str, str]
    """By flag, which of its values are not understood."""
