"""Draw events, and the publish times, roles and appeal of the articles about them.

Times in this package are int64 seconds since 1970, UTC. Floats are rounded down to integers before
they are summed, so that a seed gives the same site on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from training.records import Float64, Int64

SECONDS_OF_HOUR: Final = 3600
SECONDS_OF_DAY: Final = 24 * SECONDS_OF_HOUR

ROLES: Final = ("first", "wire", "follow", "analysis")
"""Roles of an article in its event; `wire` is an agency's copy of the first report."""

_FIRST, _WIRE, _FOLLOW, _ANALYSIS = range(len(ROLES))
_PUBLISHING: Final = (1, 1, 1, 1, 2, 5, 9, 10, 10, 10, 9, 9, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2)
"""Relative number of first reports by hour of the day, UTC."""
_MAX_EVENT_ARTICLES: Final = 12


@dataclass(frozen=True)
class Coverage:
    """The published articles: one entry each, ascending by publish time.

    Attributes
    ----------
    event, section, kind : int64[n], number of the event, its section, its kind in that section.
    role : int64[n], index into `ROLES`.
    published : int64[n], seconds since 1970, UTC.
    appeal : float64[n], attractiveness to readers, heavy-tailed, above 0.
    """

    event: Int64
    section: Int64
    kind: Int64
    role: Int64
    published: Int64
    appeal: Float64

    def __len__(self) -> int:
        return len(self.published)

    @property
    def events(self) -> int:
        """Number of events. Events are numbered from 0 without gaps."""
        return int(self.event.max()) + 1


def plan_coverage(
    rng: Generator,
    articles: int,
    start: int,
    end: int,
    weights: Sequence[int],
    kinds: Sequence[int],
) -> Coverage:
    """Draw events and the articles about them.

    Parameters
    ----------
    rng : source of all randomness.
    articles : number of articles.
    start, end : seconds since 1970, UTC; publish times are in [start, end). Whole days.
    weights : share of events by section.
    kinds : number of kinds by section.
    """
    sizes = _draw_sizes(rng, articles)
    event = np.repeat(np.arange(len(sizes)), sizes)
    opening = np.cumsum(sizes) - sizes
    nth = np.arange(articles) - opening[event]
    section = draw_weighted(rng, weights, len(sizes))
    kind = rng.integers(0, np.asarray(kinds)[section])
    interest = (1 - rng.random(len(sizes))) ** -0.7 * np.sqrt(sizes)

    published = _draw_publish_times(rng, event, opening, nth, start, end)
    published = published[np.lexsort((published, event))]
    order = np.argsort(published, kind="stable")
    return Coverage(
        event=event[order],
        section=section[event][order],
        kind=kind[event][order],
        role=_draw_roles(rng, nth)[order],
        published=published[order],
        appeal=(interest[event] * (0.5 + rng.random(articles)))[order],
    )


def _draw_sizes(rng: Generator, articles: int) -> Int64:
    """Draw articles per event, n with probability ~ n^-1.6; their sum is `articles`."""
    falling = [round(10_000 * n**-1.6) for n in range(1, _MAX_EVENT_ARTICLES + 1)]
    sizes = 1 + draw_weighted(rng, falling, articles)
    reached = np.cumsum(sizes)
    last = int(np.searchsorted(reached, articles))
    sizes = sizes[: last + 1]
    sizes[-1] -= reached[last] - articles
    return sizes


def _draw_publish_times(
    rng: Generator, event: Int64, opening: Int64, nth: Int64, start: int, end: int
) -> Int64:
    """Draw publish times: first reports by hour of the day, then gaps of 40 min to 20 h."""
    first = draw_times(rng, _PUBLISHING, start, end, len(opening))[event]
    pauses = np.where(nth == 0, 0, (2400 * 30 ** rng.random(len(event))).astype(np.int64))
    waited = np.cumsum(pauses)
    time = first + waited - waited[opening][event]
    asleep = (nth > 0) & (time // SECONDS_OF_HOUR % 24 < 5) & (rng.random(len(event)) < 0.8)
    time = np.where(asleep, time + 6 * SECONDS_OF_HOUR, time)
    squeezed = first + ((end - first) * rng.random(len(event))).astype(np.int64)
    return np.where(time < end, time, squeezed)


def _draw_roles(rng: Generator, nth: Int64) -> Int64:
    chance = rng.random(len(nth))
    role = np.full(len(nth), _FOLLOW)
    role[chance < 0.15] = _WIRE
    role[(chance > 0.7) & (nth > 1)] = _ANALYSIS
    role[nth == 0] = _FIRST
    return role


def draw_times(rng: Generator, rhythm: Sequence[int], start: int, end: int, count: int) -> Int64:
    """Draw seconds in [start, end); `rhythm` is the weight of each hour of the day, UTC."""
    hours = start // SECONDS_OF_HOUR + np.arange((end - start) // SECONDS_OF_HOUR)
    hour = draw_weighted(rng, np.asarray(rhythm)[hours % 24], count)
    return start + hour * SECONDS_OF_HOUR + rng.integers(0, SECONDS_OF_HOUR, count)


def draw_weighted(rng: Generator, weights: Sequence[int] | Int64, count: int) -> Int64:
    """Draw indices with probability proportional to integer weights: int64[count]."""
    upto = np.cumsum(weights)
    return np.searchsorted(upto, rng.integers(0, upto[-1], count), side="right")
