"""Rankings: the orders of the whole site that fill the page's blocks, and continue a list.

Each is made of what is eligible at a cut, holds the best of an event only, and more than a block
shows, so that bans and what stands elsewhere on the page still leave it full.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.config import BlockConfig, Config
from training.ranking import RankingInputs
from training.ranking.rules import Labels, share_marks
from training.recommendations.lists import spread
from training.recommendations.reasons import FINISHED, WIDELY_OPENED
from training.records import HOUR, Bool, Float64, Int32, Int64, UInt8

HALVED: Final = tuple(0.5 * 2**step for step in range(14))
"""Hours in which a story may have had half of its readers: half an hour to half a year."""

PRIOR_SHARE: Final = 0.1
"""Of the mean views of a story, what a story's own and the expected are shrunk by."""

PRIOR_HOUR: Final = 200.0
"""Views' worth of the average that the factor of an hour of publication is shrunk by."""

PRIOR_TIMED: Final = 20.0
"""Views' worth of what is usual for its length that the time spent on a story is shrunk by."""

STAYED: Final = 1.1
"""Readers finish what they stay with longer than is usual for its length, by this factor."""

WIDELY: Final = 2.0
"""As many sections, all alike, must readers come from, for a story to be widely opened."""

_CELLS: Final = 1 << 24
"""Stories times sections that are looked at at once, of which each takes some 30 bytes."""


@dataclass(frozen=True)
class Rankings:
    """Eligible rows, best first.

    Attributes
    ----------
    popular : int32, by views at a half-life of about an hour.
    latest : int32, by the time they became known.
    weekly : int32, by views over what is expected at their age and hour of publication.
    must_reads : int32, those that readers finish, then those that readers of many sections open.
    must_read_reasons : uint8, index into `REASONS`.
    section_ends : int64[sections + 1], where the rows of each section end in `section_rows`.
    section_rows : int32, by views at a half-life of about twelve hours.
    section_latest_ends, section_latest_rows : likewise, by the time they became known.
    """

    popular: Int32
    latest: Int32
    weekly: Int32
    must_reads: Int32
    must_read_reasons: UInt8
    section_ends: Int64
    section_rows: Int32
    section_latest_ends: Int64
    section_latest_rows: Int32

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "Rankings":
        """Take the rankings out of a version's arrays."""
        return cls(**{name: arrays[name] for name in (f.name for f in fields(cls))})


def rank(inputs: RankingInputs, labels: Labels, config: Config) -> Rankings:
    """Rank what is eligible at a cut; ties by recency, then id."""
    life = config.readers.nearest_view_life
    best = _Best(inputs, labels, config)
    popular, weekly, must_reads = (config.block(k) for k in ("popular", "weekly", "must_reads"))
    hour = life(popular.half_life)
    hottest = inputs.hottest(hour)
    read = _fits(inputs, popular) & (inputs.readers.views[:, hour] > 0)
    finished = best(_finished(inputs, must_reads))
    widely_opened = best(_widely_opened(inputs, must_reads))
    picked = best(np.concatenate([finished, widely_opened]))
    codes = np.where(np.isin(picked, finished), FINISHED, WIDELY_OPENED)
    section_ends, section_rows = best.by_section(inputs.hottest(life(12.0)))
    section_latest_ends, section_latest_rows = best.by_section(inputs.latest)
    return Rankings(
        popular=best(hottest[read[hottest]]),
        latest=best(inputs.latest),
        weekly=best(_best_for_age(inputs, weekly)),
        must_reads=picked,
        must_read_reasons=codes.astype(np.uint8),
        section_ends=section_ends,
        section_rows=section_rows,
        section_latest_ends=section_latest_ends,
        section_latest_rows=section_latest_rows,
    )


@dataclass(frozen=True)
class _Best:
    """Takes the first of a ranking that the rules let stand: one of an event, shares kept."""

    inputs: RankingInputs
    labels: Labels
    config: Config

    def __call__(self, rows: Int32) -> Int32:
        """Give up to `lists.ranking_items` of some rows in each language, best first."""
        return self._chosen(rows, np.zeros(len(rows), np.int64), 1)[1]

    def by_section(self, rows: Int32) -> tuple[Int64, Int32]:
        """Give so many of each section: ends, int64[sections + 1], and rows."""
        section = self.inputs.section[rows]
        rows = rows[np.argsort(section, kind="stable")][np.count_nonzero(section < 0) :]
        names = self.inputs.catalogue.section_names
        return self._chosen(rows, self.inputs.section[rows].astype(np.int64), len(names))

    def _chosen(self, rows: Int32, group: Int64, groups: int) -> tuple[Int64, Int32]:
        """Choose in each language of each group; of a group, rows stand in the order they had."""
        catalogue, language = self.inputs.catalogue, self.inputs.catalogue.language[rows] + 1
        if self.config.rules.cross_languages:
            language = 0 * language
        languages = len(catalogue.language_names) + 1
        part = group * languages + language
        order = np.argsort(part, kind="stable")
        event = part[order] << 32 | self.labels.event[rows[order]]
        order = order[np.sort(np.unique(event, return_index=True)[1])]
        places = spread(
            part[order],
            share_marks(catalogue, rows[order], self.config),
            groups * languages,
            self.config.lists.ranking_items,
        )
        stands = places >= 0
        at = np.where(stands, order[places], -1) if len(order) else places
        behind = np.maximum.accumulate(at, axis=1)  # what was put off follows what it waited for
        chosen = at[stands][np.argsort(behind[stands], kind="stable")]
        length = np.bincount(group[chosen], minlength=groups)
        return np.concatenate([[0], np.cumsum(length)]).astype(np.int64), rows[chosen]


def _fits(inputs: RankingInputs, block: BlockConfig) -> Bool:
    """Mark what is eligible (bool[n]), young enough for a block, and read often enough."""
    age = np.where(inputs.known < inputs.time, inputs.time - inputs.known, 0)
    return inputs.eligible & (age <= block.max_age) & (inputs.readers.total >= block.min_views)


def _ordered(inputs: RankingInputs, fits: Bool, score: Float64) -> Int32:
    """Give the rows that fit by falling score, ties by recency, then id."""
    rows = inputs.latest[fits[inputs.latest]]
    return rows[np.argsort(-score[rows], kind="stable")]


def _best_for_age(inputs: RankingInputs, block: BlockConfig) -> Int32:
    """Order by views over what is expected of a story of that age, published at that hour.

    What is expected of an age is m (1 - 2^(-age / h)) views, with the h out of `HALVED` and the m
    under which the views of the eligible stories are likeliest, as Poisson counts; times a factor
    for the UTC hour of publication, shrunk to 1.
    """
    peers = np.flatnonzero(inputs.eligible & (inputs.known < inputs.time))
    peers = peers[inputs.time - inputs.known[peers] <= block.max_age]
    if not len(peers):
        return peers.astype(np.int32)
    age, views = inputs.time - inputs.known[peers], inputs.readers.weighed[peers]
    usual = _usual(age / HOUR, views)
    hour = inputs.known[peers] // HOUR % 24
    factor = (np.bincount(hour, views, 24) + PRIOR_HOUR) / (
        np.bincount(hour, usual, 24) + PRIOR_HOUR
    )
    score = np.zeros(len(inputs.known))
    few = PRIOR_SHARE * views.mean()
    score[peers] = (views + few) / np.maximum(usual * factor[hour] + few, 1e-9)
    read = (inputs.known < inputs.time) & (inputs.readers.total > 0)
    return _ordered(inputs, _fits(inputs, block) & read, score)


def _usual(age: Float64, views: Float64) -> Float64:
    """Fit what views grow to with the age (hours): float64[n], as many in all as there were."""
    curves = [1 - np.exp2(-np.maximum(age, 1e-3) / life) for life in HALVED]
    fitted = [curve * views.sum() / curve.sum() for curve in curves]
    likelihood = [float(views @ np.log(np.maximum(curve, 1e-300))) for curve in fitted]
    return np.asarray(fitted[int(np.argmax(likelihood))])


def _finished(inputs: RankingInputs, block: BlockConfig) -> Int32:
    """Order what readers stay with longer than is usual for its length, by the shrunk ratio.

    What is usual is a line through the logs of mean seconds and of length, each story weighing as
    many views as tell the time.
    """
    readers, length = inputs.readers, np.log1p(inputs.catalogue.length.astype(np.float64))
    fits = _fits(inputs, block) & (readers.timed > 0) & (inputs.catalogue.length > 0)
    if not fits.any():
        return np.zeros(0, np.int32)
    seconds, views = readers.read_time[fits], readers.timed[fits].astype(np.float64)
    spent = np.log1p(seconds / views)
    centre = np.average(length[fits], weights=views)
    off = length[fits] - centre
    slope = (views * off * spent).sum() / max((views * off**2).sum(), 1.0)
    usual = np.expm1(np.average(spent, weights=views) + max(slope, 0.0) * off)
    usual = np.maximum(usual, 1.0)  # second
    score = np.zeros(len(fits))
    score[fits] = (seconds + PRIOR_TIMED * usual) / ((views + PRIOR_TIMED) * usual)
    return _ordered(inputs, fits & (score >= STAYED), score)


def _widely_opened(inputs: RankingInputs, block: BlockConfig) -> Int32:
    """Order by the sections that readers come from, were all alike: exp of the entropy."""
    labels = len(inputs.catalogue.section_names) + 1
    code = np.where(inputs.section < 0, labels - 1, inputs.section)
    column = inputs.readers.inflow.shape[1] - 2
    fits = _fits(inputs, block)
    rows, sections = np.flatnonzero(fits), np.zeros(len(fits))
    most = max(_CELLS // labels, 1)
    for part in (rows[at : at + most] for at in range(0, len(rows), most)):
        flow = inputs.readers.inflow_from(code, labels, column, part)
        total = np.maximum(flow.sum(axis=1), 1e-300)
        logs = (flow * np.log(np.maximum(flow, 1e-300))).sum(axis=1)
        sections[part] = np.exp(np.log(total) - logs / total)
    return _ordered(inputs, fits & (sections >= WIDELY), sections)
