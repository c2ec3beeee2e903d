"""The facts of a site as training would see it, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.checking.view_stats import AudienceStats


@dataclass(frozen=True)
class RowCounts:
    """The rows of an input by outcome: `read` is the sum of the others.

    Duplicates are articles whose id stands in a later row too, and views equal in every field.
    """

    read: int
    kept: int
    quarantined: int
    duplicate: int
    unknown: int


@dataclass(frozen=True)
class DayTraffic:
    """A UTC day's views in the files, those of unknown articles among them."""

    day: str
    views: int
    unknown: int


@dataclass(frozen=True)
class TimeStats:
    """Times of the views; days and hours include duplicates and unknown articles.

    Attributes
    ----------
    now : the time to train for.
    oldest, newest : first and last view of a known article before it, None where there is none.
    age_hours : of the newest view.
    history_days : from the first view to the last.
    days : those with views, ascending.
    missing_days : days without views among the last thirty.
    hours : views by the hour of the UTC day.
    ignored : views at `now` or later.
    before_publication, lead_hours : views of an article before its publication, and how long before
        in the median.
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
    """Sessions: their number by views, and how many views the causal limits leave out."""

    count: int
    by_views: Mapping[str, int]
    over_session: int
    over_day: int


@dataclass(frozen=True)
class CatalogueStats:
    """The articles.

    Attributes
    ----------
    count, sections : of all.
    without_text, without_title, without_body, without_section, without_time : that lack it; text is
        title or body.
    future : published at `now` or later.
    same_body, most_same : articles whose body is another's too, and the largest number with one.
    odd_ids, odd : ids with spaces or control characters, or very long ones, and examples.
    never_viewed : without a view before `now`.
    languages : articles by the language that the site gives, the most frequent first.
    scripts : articles by the script of their text, in a sample.
    unknown_sections : that `[rules]` names and no article stands in.
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
    """The data for a model, and the articles that can be recommended.

    Attributes
    ----------
    next_reads, lately : transitions: all, and those of the last `ranking.learn_days`.
    from_5, from_20 : articles with 5 or 20 transitions and more.
    sources, eligible : articles that get a list, and that may stand in one.
    week : views of the last seven days, and `week_with_text` those of articles with text.
    blocks : stories that may stand in each block of the page.
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
    strangers: Mapping[str, int]
    """The most viewed unknown articles, with their views."""
    times: TimeStats
    sessions: SessionStats
    readers: AudienceStats
    catalog: CatalogueStats
    learning: LearningStats
