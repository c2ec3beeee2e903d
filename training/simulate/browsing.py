"""Simulate page views: readers with tastes, sessions, breaking news, robots and reloads.

All sessions of a day take their k-th step together. This costs a few array operations per day
instead of per view.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from training.records import Float64, Int64
from training.simulate.newsroom import (
    SECONDS_OF_DAY,
    SECONDS_OF_HOUR,
    Coverage,
    draw_times,
    draw_weighted,
)
from training.simulate.timeline import NOTHING, SiteTimeline
from training.simulate.views import PageViews, add_reloads, concatenate

_READING: Final = (
    4, 2, 1, 1, 2, 5, 10, 14, 13, 11, 10, 10, 12, 11, 9, 9, 10, 12, 13, 14, 15, 14, 11, 7,
)  # fmt: skip
"""Relative number of sessions by hour of the day, UTC."""
_SESSIONS_A_DAY: Final = 0.25
"""Sessions per reader and day: at 2.8 views each, about ten views per reader in two weeks."""
_LENGTHS: Final = [round(10_000 * 0.65**k) for k in range(10)]
"""Relative number of sessions with one to ten views: geometric."""
_BREAKING: Final = 0.2
"""Share of sessions that begin with a newly published story."""
_LONG_PAUSES: Final = 0.02
"""Share of clicks that follow a pause of 5 to 40 minutes."""
_READERS_PER_ROBOT: Final = 1500
_DAYS_BETWEEN_ROBOT_RUNS: Final = 7

_EVENT, _SECTION, _HOT, _OLDER = range(4)
"""Reasons to open a story: same event, a section, currently popular, or none."""
_BREADTH: Final = (3, 3, 8, 1)
"""Candidates per reason; the reader opens the one with the highest appeal."""


@dataclass(frozen=True)
class ReaderHabits:
    """Weights of the reasons to open a story: for the first view of a session, and later ones."""

    first: tuple[int, int, int, int]
    then: tuple[int, int, int, int]


HABITS: Final = {
    "usual": ReaderHabits(first=(0, 30, 60, 10), then=(32, 28, 30, 10)),
    "headlines": ReaderHabits(first=(0, 4, 94, 2), then=(2, 4, 92, 2)),
}
"""By name. `usual`: events, sections and popular stories; `headlines`: mostly popular stories."""


@dataclass(frozen=True)
class ReaderPopulation:
    """The simulated readers: people and robots.

    Attributes
    ----------
    taste : int64[readers, sections], weight of each section, at least 1.
    activity : int64[readers], weight in the draw of sessions, heavy-tailed; 0 for robots.
    robots : int64[k], indices of the robots, ascending.
    """

    taste: Int64
    activity: Int64
    robots: Int64

    @property
    def percent(self) -> Int64:
        """The tastes in percent, rounded down: int64[readers, sections]."""
        percent: Int64 = self.taste * 100 // self.taste.sum(axis=1, keepdims=True)
        return percent


def draw_readers(rng: Generator, readers: int, weights: Sequence[int]) -> ReaderPopulation:
    """Draw tastes and activity of readers, and choose the robots.

    Parameters
    ----------
    rng : source of all randomness.
    readers : number of readers, robots included.
    weights : popularity of each section.
    """
    leaning = rng.random((readers, len(weights)))
    taste = 1 + (leaning * leaning * leaning * leaning * np.asarray(weights) * 100).astype(np.int64)
    activity = (100 * (1 - rng.random(readers)) ** -0.6).astype(np.int64)
    robots = np.sort(rng.choice(readers, max(1, readers // _READERS_PER_ROBOT), replace=False))
    activity[robots] = 0
    return ReaderPopulation(taste, np.minimum(activity, 5000), robots)


def simulate_views(
    rng: Generator,
    coverage: Coverage,
    readers: ReaderPopulation,
    habits: ReaderHabits,
    start: int,
    end: int,
) -> Iterator[PageViews]:
    """Simulate the page views of all readers, day by day.

    Parameters
    ----------
    rng : source of all randomness.
    coverage : the published articles.
    readers : the people and robots.
    habits : weights of the reasons to open a story.
    start, end : seconds since 1970, UTC. Whole days.

    Yields
    ------
    PageViews
        The views of one day, [start + d days, start + d + 1 days).
    """
    timeline = SiteTimeline(coverage)
    late: list[PageViews] = []
    for day in range(start, end, SECONDS_OF_DAY):
        until = day + SECONDS_OF_DAY
        people = _simulate_people(rng, timeline, readers, habits, day, until)
        robots = _simulate_robots(rng, coverage, readers, day, (end - until) // SECONDS_OF_DAY)
        visits = concatenate([*late, add_reloads(rng, people), robots])
        late = [visits.where(visits.time >= until)]
        yield visits.where(visits.time < until).sort()


def _simulate_people(
    rng: Generator,
    timeline: SiteTimeline,
    readers: ReaderPopulation,
    habits: ReaderHabits,
    start: int,
    end: int,
) -> PageViews:
    """Return the views of the sessions that begin on the day [start, end), without robots."""
    sessions = len(readers.activity) * _SESSIONS_A_DAY * (0.85 + 0.3 * rng.random())
    count = max(1, round(sessions))
    reader = draw_weighted(rng, readers.activity, count)
    length = 1 + draw_weighted(rng, _LENGTHS, count)
    time = draw_times(rng, _READING, start, end, count)
    seen = np.full((count, len(_LENGTHS)), NOTHING)  # step 0 reads column -1 as the current article
    article, time = _begin_with_news(rng, timeline.coverage, time, start, end)
    steps = []
    for step in range(len(_LENGTHS)):
        undecided = article == NOTHING
        why = draw_weighted(rng, habits.then if step else habits.first, int(undecided.sum()))
        current = seen[undecided, step - 1]
        article[undecided] = _choose_stories(
            rng, timeline, readers.taste[reader[undecided]], why, current, time[undecided],
            seen[undecided],
        )  # fmt: skip
        seen[:, step] = article
        read_time = _draw_log_uniform(rng, 4, 420, len(time))
        steps.append(PageViews(reader, article, time, read_time).where(article != NOTHING))
        going = (article != NOTHING) & (length > step + 1)
        reader, length, seen = reader[going], length[going], seen[going]
        time = time[going] + read_time[going] + _draw_pauses(rng, int(going.sum()))
        article = np.full(len(time), NOTHING)
    return concatenate(steps)


def _begin_with_news(
    rng: Generator, coverage: Coverage, time: Int64, start: int, end: int
) -> tuple[Int64, Int64]:
    """Begin some sessions with a story of [start, end), soon after its publication."""
    article = np.full(len(time), NOTHING)
    low, high = np.searchsorted(coverage.published, [start, end])
    if low == high:
        return article, time
    hour = coverage.published[low:high] // SECONDS_OF_HOUR % 24
    appeal = np.minimum(coverage.appeal[low:high], 1000)
    pull = 1 + (appeal**1.5 * np.asarray(_READING)[hour] * 100).astype(np.int64)
    chosen = low + draw_weighted(rng, pull, len(time))
    soon = coverage.published[chosen] + 1 + _draw_delays(rng, 0.7, len(time))
    alarmed = rng.random(len(time)) < _BREAKING
    return np.where(alarmed, chosen, article), np.where(alarmed, soon, time)


def _choose_stories(
    rng: Generator,
    timeline: SiteTimeline,
    taste: Int64,
    why: Int64,
    current: Int64,
    time: Int64,
    seen: Int64,
) -> Int64:
    """Choose the story to open: for the reason, else a popular one, else `NOTHING`."""
    chosen = np.full(len(time), NOTHING)
    for reasons in (why, np.full_like(why, _HOT)):
        for reason, breadth in enumerate(_BREADTH):
            open_ = np.flatnonzero((reasons == reason) & (chosen == NOTHING))
            each = np.repeat(open_, breadth)
            drawn = _draw_candidates(rng, timeline, reason, taste[each], current[each], time[each])
            chosen[open_] = _choose_best(
                timeline.coverage, drawn.reshape(-1, breadth), time[open_], seen[open_]
            )
    return chosen


def _draw_candidates(
    rng: Generator, timeline: SiteTimeline, reason: int, taste: Int64, current: Int64, time: Int64
) -> Int64:
    """Draw one candidate per reader for a reason: rows, or `NOTHING`."""
    chance = rng.random(len(time))
    whole_site = np.zeros(len(time), np.int64)
    coverage = timeline.coverage
    if reason == _EVENT:
        return timeline.event.any(coverage.event[current], time, chance)
    if reason == _SECTION:
        liked = _draw_sections(rng, taste)
        same = (current != NOTHING) & (chance < 0.6)
        section = np.where(same, coverage.section[current], liked)
        return timeline.section.recent(section, time, _draw_delays(rng, 10, len(time)))
    if reason == _HOT:
        return timeline.site.recent(whole_site, time, _draw_delays(rng, 6, len(time)))
    return timeline.site.any(whole_site, time, chance)


def _draw_sections(rng: Generator, taste: Int64) -> Int64:
    """Draw a section for each reader, weighted by taste."""
    upto = np.cumsum(taste, axis=1)
    section: Int64 = np.argmax(upto > rng.integers(0, upto[:, -1])[:, None], axis=1)
    return section


def _choose_best(coverage: Coverage, candidates: Int64, time: Int64, seen: Int64) -> Int64:
    """Choose the unread candidate of the highest appeal, which halves every 8 hours."""
    age = (time[:, None] - coverage.published[candidates]) / (8 * SECONDS_OF_HOUR)
    heat = coverage.appeal[candidates] * np.exp2(-np.clip(age, 0, 60))
    known = (candidates[:, :, None] == seen[:, None, :]).any(axis=2)
    heat[known | (candidates == NOTHING)] = -1
    best = np.argmax(heat, axis=1)[:, None]
    found = np.take_along_axis(heat, best, axis=1) >= 0
    return np.where(found, np.take_along_axis(candidates, best, axis=1), NOTHING)[:, 0]


def _simulate_robots(
    rng: Generator, coverage: Coverage, readers: ReaderPopulation, day: int, days_left: int
) -> PageViews:
    """Return a day's robot views, newest first; each runs weekly, robot 0 on the last day."""
    visits = [PageViews(*np.zeros((4, 0), np.int64))]
    for number, robot in enumerate(readers.robots):
        if (days_left - number) % _DAYS_BETWEEN_ROBOT_RUNS:
            continue
        pages = int(rng.integers(200, 600))
        begin = day + int(rng.integers(SECONDS_OF_HOUR, 20 * SECONDS_OF_HOUR))
        out = int(np.searchsorted(coverage.published, begin))
        if out:
            article = (out - 1 - np.arange(pages)) % out
            time = begin + np.cumsum(rng.integers(1, 4, pages))
            read_time = np.zeros(pages, np.int64)
            visits.append(PageViews(np.full(pages, robot), article, time, read_time))
    return concatenate(visits)


def _draw_pauses(rng: Generator, count: int) -> Int64:
    """Draw the seconds between two pages: 1 to 8, plus an occasional pause of 5 to 40 minutes."""
    pause = rng.integers(1, 9, count)
    away = rng.random(count) < _LONG_PAUSES
    return pause + np.where(away, rng.integers(300, 2400, count), 0)


def _draw_delays(rng: Generator, hours: float, count: int) -> Int64:
    """Draw exponential times, in seconds; the mean is in hours."""
    return (-np.log1p(-rng.random(count)) * hours * SECONDS_OF_HOUR).astype(np.int64)


def _draw_log_uniform(rng: Generator, low: float, high: float, count: int) -> Int64:
    seconds: Float64 = low * np.power(high / low, rng.random(count))
    return seconds.astype(np.int64)
