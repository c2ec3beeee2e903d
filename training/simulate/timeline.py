"""A coverage laid out for finding what was published before a moment."""

from typing import Final

import numpy as np

from training.records import Float64, Int64
from training.simulate.newsroom import Coverage

NOTHING: Final = -1
"""Stands where no article is."""


class SiteTimeline:
    """The whole site, each section and each event, in order of publication."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.site = GroupTimeline(np.zeros(len(coverage), np.int64), coverage.published)
        self.section = GroupTimeline(coverage.section, coverage.published)
        self.event = GroupTimeline(coverage.event, coverage.published)


class GroupTimeline:
    """Articles by group, within a group by publish time."""

    def __init__(self, group: Int64, published: Int64) -> None:
        self._origin = int(published[0])
        self._span = int(published[-1]) - self._origin + 2
        self._rows = np.lexsort((published, group))
        self._keys = group[self._rows] * self._span + published[self._rows] - self._origin

    def _before(self, group: Int64, time: Int64) -> Int64:
        """Count the articles of earlier groups, and of this group published before a time."""
        offset = np.clip(time - self._origin, 0, self._span - 1)
        return np.searchsorted(self._keys, group * self._span + offset)

    def recent(self, group: Int64, time: Int64, age: Int64) -> Int64:
        """Take the newest that is `age` old, else the group's first: rows, or `NOTHING`."""
        opening = self._before(group, np.full_like(time, self._origin))
        place = np.maximum(self._before(group, time - age) - 1, opening)
        return self._taken(place, self._before(group, time))

    def any(self, group: Int64, time: Int64, chance: Float64) -> Int64:
        """Take one of all that are out, each alike: rows, or `NOTHING`."""
        opening = self._before(group, np.full_like(time, self._origin))
        closing = self._before(group, time)
        return self._taken(opening + (chance * (closing - opening)).astype(np.int64), closing)

    def _taken(self, place: Int64, closing: Int64) -> Int64:
        rows = self._rows[np.minimum(place, len(self._rows) - 1)]
        return np.where(place < closing, rows, NOTHING)
