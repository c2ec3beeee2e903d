"""Breakdowns: the hit rate by hour, age and section, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.records import DAY, HOUR, Float64, Int64
from training.replay.results import SLOTS
from training.report.scope import Scope

NORMAL_QUANTILE: Final = 1.96
"""Standard errors on either side of a 95 % interval."""

MAX_SECTIONS: Final = 12
"""Sections with a group of their own, the most read; the others share one."""

_AGES: Final = (HOUR, 3 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY)
_AGE_NAMES: Final = ("under 1 h", "1 to 3 h", "3 to 12 h", "12 to 24 h", "1 to 3 d", "3 to 7 d")
_OLDEST: Final = "over 7 d"
_NOT_YET: Final = "not known yet"


@dataclass(frozen=True)
class Breakdown:
    """Hit rates of some systems by group; s systems, g groups that have transitions.

    Attributes
    ----------
    labels : of the groups.
    systems : names.
    reads : int64[g], transitions.
    rate : float64[s, g], share of them whose target stood in the first five.
    half : float64[s, g], half the width of the 95 % interval.
    """

    labels: Sequence[str]
    systems: Sequence[str]
    reads: Int64
    rate: Float64
    half: Float64


def by_hour(scope: Scope) -> Breakdown:
    """Break down by the UTC hour of the source's view."""
    hour = scope.rows(scope.ours).source_time // HOUR % 24
    return breakdown(scope, hour, [f"{at:02}" for at in range(24)])


def by_target_age(scope: Scope) -> Breakdown:
    """Break down by the age of the target at the cutoff."""
    rows = scope.rows(scope.ours)
    age = rows.cut - np.minimum(scope.trial.replay.known[rows.target], rows.cut)
    group = np.where(age > 0, 1 + np.searchsorted(_AGES, age, "right"), 0)
    return breakdown(scope, group, [_NOT_YET, *_AGE_NAMES, _OLDEST])


def by_source_age(scope: Scope) -> Breakdown:
    """Break down by the age of the source at its view."""
    rows = scope.rows(scope.ours)
    age = rows.source_time - scope.trial.replay.known[rows.source]
    return breakdown(scope, np.searchsorted(_AGES, age, "right"), [*_AGE_NAMES, _OLDEST])


def by_section(scope: Scope) -> Breakdown:
    """Break down by the source's section, the most read first."""
    catalogue = scope.trial.replay.catalogue
    section = catalogue.section[scope.rows(scope.ours).source]
    reads = np.bincount(section[section >= 0], minlength=len(catalogue.section_names))
    first = [at for at in np.argsort(-reads, kind="stable")[:MAX_SECTIONS].tolist() if reads[at]]
    place = np.full(len(reads) + 1, len(first))
    place[first], place[-1] = np.arange(len(first)), len(first) + 1
    names = [catalogue.section_names[code] for code in first]
    return breakdown(scope, place[section], [*names, "other sections", "no section"])


def breakdown(scope: Scope, group: npt.NDArray[np.integer], labels: Sequence[str]) -> Breakdown:
    """Break down the hit rates of our system and its rival.

    A rate is a ratio of sums over readers, and its variance that of the linearised ratio (Cochran,
    Sampling Techniques, 1977, 2.11): readers are drawn, since the reads of one go together. It is
    what the bootstrap over readers comes to where there are many, without its draws per group.

    Parameters
    ----------
    scope : Scope
    group : int[n]
        Of each transition, by time: index into the labels.
    labels : sequence of str
        Groups without transitions are left out.
    """
    reads = np.bincount(group, minlength=len(labels))
    there = np.flatnonzero(reads)
    readers = int(scope.trial.reader.max()) + 1
    _, of = np.unique(group.astype(np.int64) * readers + scope.trial.reader, return_inverse=True)
    owner = np.zeros(of.max() + 1, np.int64)
    owner[of] = group
    rates, halves = [], []
    for system in scope.two:
        rank = scope.rows(system).rank
        hit = (rank > 0) & (rank <= SLOTS)
        rate = np.bincount(group, hit, len(labels)) / np.maximum(reads, 1)
        surplus = np.bincount(of, hit - rate[group])
        variance = np.bincount(owner, surplus**2, len(labels)) / np.maximum(reads, 1) ** 2
        rates.append(rate[there])
        halves.append(NORMAL_QUANTILE * np.sqrt(variance)[there])
    return Breakdown(
        [labels[at] for at in there.tolist()],
        scope.two,
        reads[there],
        np.array(rates),
        np.array(halves),
    )
