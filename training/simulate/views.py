"""Page views as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from training.records import Bool, Int64

_RELOADS: Final = 0.015
"""Share of views with a reload."""


@dataclass(frozen=True)
class PageViews:
    """Page views: one entry per view in each array, in order of (time, reader, article).

    Attributes
    ----------
    reader, article : int64[n].
    time : int64[n], seconds since 1970, UTC, after the article's publish time.
    read_time : int64[n], seconds.
    """

    reader: Int64
    article: Int64
    time: Int64
    read_time: Int64

    def __len__(self) -> int:
        return len(self.time)

    def where(self, kept: Bool | Int64) -> "PageViews":
        """Select views by a mask or by an array of positions."""
        return PageViews(*(getattr(self, field.name)[kept] for field in fields(self)))

    def sort(self) -> "PageViews":
        """Return the views sorted by time, reader, article."""
        return self.where(np.lexsort((self.article, self.reader, self.time)))


def concatenate(parts: Sequence[PageViews]) -> PageViews:
    """Concatenate views."""
    return PageViews(
        *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(PageViews))
    )


def add_reloads(rng: Generator, visits: PageViews) -> PageViews:
    """Split some views in two, as if the reader reloaded the page within a minute."""
    again = (rng.random(len(visits)) < _RELOADS) & (visits.read_time > 2)
    after = 1 + (rng.random(len(visits)) * np.minimum(visits.read_time - 2, 50)).astype(np.int64)
    once = replace(visits, read_time=np.where(again, after, visits.read_time))
    left = replace(visits, time=visits.time + after, read_time=visits.read_time - after)
    twice = left.where(again)
    return concatenate([once, twice])
