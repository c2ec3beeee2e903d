"""Rankings: the site-wide orders into which a list continues when its own items end."""

from dataclasses import dataclass

import numpy as np

from training.config import Config
from training.ranking import Cut, by_section
from training.records import Int32, Int64


@dataclass(frozen=True)
class Rankings:
    """Eligible rows, best first.

    Attributes
    ----------
    popular : int32, by views at a half-life of one hour.
    latest : int32, by the time they became known.
    section_ends : int64[sections + 1], where the rows of each section end in `section_rows`.
    section_rows : int32, by views at a half-life of twelve hours.
    """

    popular: Int32
    latest: Int32
    section_ends: Int64
    section_rows: Int32


def rank(cut: Cut, sections: int, config: Config) -> Rankings:
    """Rank what is eligible at a cut; ties by recency, then id."""
    depth = config.lists.ranking_items
    steady = cut.hottest(config.readers.nearest_view_life(12.0))
    ends, rows = by_section(steady, cut.section, sections, depth)
    return Rankings(
        popular=cut.hottest(config.readers.nearest_view_life(1.0))[:depth],
        latest=cut.latest[:depth],
        section_ends=ends.astype(np.int64),
        section_rows=rows,
    )
