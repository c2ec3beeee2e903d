"""Readers who click on what a page shows them: by their interest, and by where it stands.

They go down the slots, open the first that attracts them, and give up after each with a fixed
chance (the cascade model: Craswell, Zoeter, Taylor, Ramsey, "An experimental comparison of click
position-bias models", WSDM 2008). So what stands higher is clicked more, whatever it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from training.records import Float64, Int64
from training.simulate.newsroom import SECONDS_OF_HOUR, Coverage
from training.simulate.reading import Readers
from training.simulate.shelves import NOTHING

_SAME_EVENT: Final = 0.6
_WHIM: Final = 0.25
"""Chance that what a whim opens is opened."""


@dataclass(frozen=True)
class Attention:
    """How readers take what a page shows.

    Attributes
    ----------
    looks : share of page turns before which they look at it.
    goes_on : chance to look at the next slot, after one that did not attract.
    liked : chance to open a fresh story of the section that a reader likes best.
    halved : age in seconds at which a story is half as hot.
    whim : weight of a mere whim beside interest, in the chance to open what is shown.
    """

    looks: float
    goes_on: float
    liked: float
    halved: int
    whim: float


ATTENTION: Final = {
    "usual": Attention(looks=0.7, goes_on=0.8, liked=0.5, halved=8 * SECONDS_OF_HOUR, whim=0.0),
    "eager": Attention(looks=0.9, goes_on=0.9, liked=1.0, halved=24 * SECONDS_OF_HOUR, whim=0.8),
}
"""By name: readers who open what interests them; those who open most what they are shown."""


def interest(
    coverage: Coverage,
    taste: Int64,
    current: Int64,
    slots: Int64,
    time: Int64,
    attention: Attention,
) -> Float64:
    """Say how likely a reader who looks at a story opens it: the truth that lists are to find.

    Parameters
    ----------
    coverage : what is published.
    taste : int64[n, sections], of each reader.
    current : int64[n], the article whose page it is.
    slots : int64[n, k], the articles shown, or `NOTHING`.
    time : int64[n], seconds since 1970, UTC.
    attention : how the readers take what is shown.

    Returns
    -------
    float64[n, k]
        More for the event of the page's article, for a section that the reader likes, for stories
        of much appeal and for fresh ones; the same for all, as far as it is a whim.
    """
    of_section = np.take_along_axis(taste, coverage.section[slots], axis=1)
    liked = attention.liked * of_section / taste.max(axis=1, keepdims=True)
    same = coverage.event[slots] == coverage.event[current][:, None]
    age = np.maximum(time[:, None] - coverage.published[slots], 0)
    heat = coverage.appeal[slots] * np.exp2(-np.minimum(age / attention.halved, 60))
    found = np.where(same, _SAME_EVENT, liked) * np.minimum(heat, 1)
    found = (1 - attention.whim) * found + attention.whim * _WHIM
    return np.asarray(np.where(slots == NOTHING, 0.0, found))


@dataclass(frozen=True)
class Clicking:
    """What readers open of what pages show them: a `Shown` of the reading.

    Attributes
    ----------
    rng : source of all randomness.
    coverage, readers : what is published, and who reads.
    attention : how they take what is shown.
    pages : int64[articles, k], what the page of each article shows, best first; `NOTHING` pads.
    """

    rng: Generator
    coverage: Coverage
    readers: Readers
    attention: Attention
    pages: Int64

    def __call__(
        self, reader: Int64, current: Int64, time: Int64, seen: Int64
    ) -> tuple[Int64, Int64]:
        """Go down the slots; what was read on the visit, or is not out yet, attracts nobody."""
        slots = self.pages[current]
        taste = self.readers.taste[reader]
        attracts = interest(self.coverage, taste, current, slots, time, self.attention)
        attracts[(slots[:, :, None] == seen[:, None, :]).any(axis=2)] = 0
        attracts[self.coverage.published[slots] >= time[:, None]] = 0
        article, slot = np.full(len(time), NOTHING), np.zeros(len(time), np.int64)
        looking = self.rng.random(len(time)) < self.attention.looks
        for place in range(slots.shape[1]):
            opens = looking & (self.rng.random(len(time)) < attracts[:, place])
            article[opens], slot[opens] = slots[opens, place], place + 1
            looking &= ~opens & (self.rng.random(len(time)) < self.attention.goes_on)
        return article, slot
