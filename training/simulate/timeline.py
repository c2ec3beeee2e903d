"""Indexes of a coverage, to look up the articles published before a time."""

from typing import Final

import numpy as np

from training.records import Float64, Int64
from training.simulate.newsroom import Coverage

NOTHING: Final = -1
"""Row number that means no article."""


class SiteTimeline:
    """Publish-time indexes of the whole site, of each section and of each event."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.site = GroupTimeline(np.zeros(len(coverage), np.int64), coverage.published)
        self.section = GroupTimeline(coverage.section, coverage.published)
        self.event = GroupTimeline(coverage.event, coverage.published)


class GroupTimeline:
    """Index of articles, sorted by group and then by publish time."""

    def __init__(self, group: Int64, published: Int64) -> None:
        self._origin = int(published[0])
        self._span = int(published[-1]) - self._origin + 2
        self._rows = np.lexsort((published, group))
        self._keys = group[self._rows] * self._span + published[self._rows] - self._origin

    def _before(self, group: Int64, time: Int64) -> Int64:
        """Count all articles of lower groups, and those of this group published before `time`."""
        offset = np.clip(time - self._origin, 0, self._span - 1)
        return np.searchsorted(self._keys, group * self._span + offset)

    def recent(self, group: Int64, time: Int64, age: Int64) -> Int64:
        """Return rows: the newest article older than `age`, else the first, else `NOTHING`."""
        opening = self._before(group, np.full_like(time, self._origin))
        place = np.maximum(self._before(group, time - age) - 1, opening)
        return self._select(place, self._before(group, time))

    def any(self, group: Int64, time: Int64, chance: Float64) -> Int64:
        """Return rows: a random article published before `time`, or `NOTHING`."""
        opening = self._before(group, np.full_like(time, self._origin))
        closing = self._before(group, time)
        return self._select(opening + (chance * (closing - opening)).astype(np.int64), closing)

    def _select(self, place: Int64, closing: Int64) -> Int64:
        rows = self._rows[np.minimum(place, len(self._rows) - 1)]
        return np.where(place < closing, rows, NOTHING)
