"""Rankings of the site and of each section, which fill the page's blocks and continue a list.

A ranking has eligible articles only, one per event. It has more than a block shows, so that a block
is full even if some stories are banned or elsewhere on the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from recommender.blocks import RANKINGS
from training.config import BlockConfig, Config
from training.ranking import RankingInputs
from training.ranking.rules import Labels, share_marks
from training.readers import SLOWEST
from training.recommendations.lists import spread
from training.recommendations.reasons import REASONS
from training.records import HOUR, Bool, Float64, Int32, Int64

HALF_LIFE_HOURS: Final = tuple(0.5 * 2**step for step in range(14))
"""Hours in which articles have had half of their views, to choose from: 0.5 h to half a year."""

PRIOR_SHARE: Final = 0.1
"""Share of an article's mean views that is added to its views and to what is expected."""

PRIOR_HOUR: Final = 200.0
"""Views at the average that the factor of an hour of publication is shrunk by."""

PRIOR_TIMED: Final = 20.0
"""Views of the expected read time that an article's read time is shrunk by."""

MIN_READ_TIME_RATIO: Final = 1.1
"""Readers finish an article if its read time is this many times the expected for its length."""

MIN_SECTIONS: Final = 2.0
"""Readers must come from so many equally frequent sections for an article to be widely opened."""

_CHUNK_CELLS: Final = 1 << 24
"""Articles times sections computed at a time; each takes some 30 bytes."""


SECTION_HALF_LIFE: Final = 12.0
"""Half-life of a view, in hours, in the most read of a section."""

Order = Callable[[RankingInputs, Config], Int32]
"""Sorts eligible rows, best first."""


def rank(inputs: RankingInputs, labels: Labels, config: Config) -> dict[str, npt.NDArray[Any]]:
    """Rank the eligible articles; ties by recency, then id.

    Returns
    -------
    dict
        The arrays that `recommender.blocks.RANKINGS` names: rows int32, best first; offsets by
        section int64[sections + 1]; reasons uint8, index into `REASONS`.
    """
    select = _Selection(inputs, labels, config)
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, spec in RANKINGS.items():
        ordered = [(reason, order(inputs, config)) for reason, order in _ORDERS[name].items()]
        if spec.ends:
            arrays[spec.ends], arrays[spec.rows] = select.by_section(ordered[0][1])
        elif spec.reasons:
            parts = [(reason, select(rows)) for reason, rows in ordered]
            chosen = select(np.concatenate([rows for _, rows in parts]))
            codes = np.zeros(len(chosen), np.uint8)
            for reason, rows in reversed(parts):  # of two reasons the first counts
                codes[np.isin(chosen, rows)] = REASONS.index(reason)
            arrays[spec.rows], arrays[spec.reasons] = chosen, codes
        else:
            arrays[spec.rows] = select(ordered[0][1])
    return arrays


def ranking_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Select the arrays of the rankings from those of a version."""
    names = [name for spec in RANKINGS.values() for name in spec.arrays]
    return {name: arrays[name] for name in names if name in arrays}


@dataclass(frozen=True)
class _Selection:
    """Selects the best rows of a ranking under the rules: one per event, shares within limits."""

    inputs: RankingInputs
    labels: Labels
    config: Config

    def __call__(self, rows: Int32) -> Int32:
        """Return up to `lists.ranking_items` rows of each language, best first."""
        return self._select(rows, np.zeros(len(rows), np.int64), 1)[1]

    def by_section(self, rows: Int32) -> tuple[Int64, Int32]:
        """Return as many of each section: ends, int64[sections + 1], and rows."""
        section = self.inputs.section[rows]
        rows = rows[np.argsort(section, kind="stable")][np.count_nonzero(section < 0) :]
        names = self.inputs.catalogue.section_names
        return self._select(rows, self.inputs.section[rows].astype(np.int64), len(names))

    def _select(self, rows: Int32, group: Int64, groups: int) -> tuple[Int64, Int32]:
        """Select rows in each language of each group; within a group they keep their order."""
        catalogue, language = self.inputs.catalogue, self.inputs.catalogue.language[rows] + 1
        if self.config.rules.cross_languages:
            language = 0 * language
        languages = len(catalogue.language_names) + 1
        part = group * languages + language
        order = np.argsort(part, kind="stable")
        event = part[order] << 32 | self.labels.event[rows[order]]
        order = order[np.sort(np.unique(event, return_index=True)[1])]
        positions = spread(
            part[order],
            share_marks(catalogue, rows[order], self.config),
            groups * languages,
            self.config.lists.ranking_items,
        )
        present = positions >= 0
        at = np.where(present, order[positions], -1) if len(order) else positions
        # A deferred row follows the one that it waited for.
        behind = np.maximum.accumulate(at, axis=1)
        chosen = at[present][np.argsort(behind[present], kind="stable")]
        length = np.bincount(group[chosen], minlength=groups)
        return np.concatenate([[0], np.cumsum(length)]).astype(np.int64), rows[chosen]


def _fits(inputs: RankingInputs, block: BlockConfig) -> Bool:
    """Mark the eligible articles (bool[n]) with the age and the views that a block asks for."""
    age = np.where(inputs.known < inputs.time, inputs.time - inputs.known, 0)
    return inputs.eligible & (age <= block.max_age) & (inputs.readers.total >= block.min_views)


def _sort(inputs: RankingInputs, fits: Bool, score: Float64) -> Int32:
    """Return the rows that fit by falling score, ties by recency, then id."""
    rows = inputs.latest[fits[inputs.latest]]
    return rows[np.argsort(-score[rows], kind="stable")]


def _views_for_age(inputs: RankingInputs, config: Config) -> Int32:
    """Sort by views over the views expected at that age and hour of publication.

    Expected are m (1 - 2^(-age / h)) views, with the h of `HALF_LIFE_HOURS` and the m of the
    largest Poisson likelihood over the eligible articles, times a factor for the UTC hour of
    publication, shrunk to 1.
    """
    block = config.block("weekly")
    peers = np.flatnonzero(inputs.eligible & (inputs.known < inputs.time))
    peers = peers[inputs.time - inputs.known[peers] <= block.max_age]
    if not len(peers):
        return peers.astype(np.int32)
    age, views = inputs.time - inputs.known[peers], inputs.readers.weighed[peers]
    expected = _expected_views(age / HOUR, views)
    hour = inputs.known[peers] // HOUR % 24
    factor = (np.bincount(hour, views, 24) + PRIOR_HOUR) / (
        np.bincount(hour, expected, 24) + PRIOR_HOUR
    )
    score = np.zeros(len(inputs.known))
    prior = PRIOR_SHARE * views.mean()
    score[peers] = (views + prior) / np.maximum(expected * factor[hour] + prior, 1e-9)
    read = (inputs.known < inputs.time) & (inputs.readers.total > 0)
    return _sort(inputs, _fits(inputs, block) & read, score)


def _expected_views(age: Float64, views: Float64) -> Float64:
    """Fit the views expected at each age in hours: float64[n], with the same sum as the views."""
    curves = [1 - np.exp2(-np.maximum(age, 1e-3) / life) for life in HALF_LIFE_HOURS]
    fitted = [curve * views.sum() / curve.sum() for curve in curves]
    likelihood = [float(views @ np.log(np.maximum(curve, 1e-300))) for curve in fitted]
    return np.asarray(fitted[int(np.argmax(likelihood))])


def _by_read_time(inputs: RankingInputs, config: Config) -> Int32:
    """Sort by read time over the read time expected for the length, shrunk.

    The expected time is a line through the logs of mean seconds and of length, each article
    weighted by its views with a read time.
    """
    readers, length = inputs.readers, np.log1p(inputs.catalogue.length.astype(np.float64))
    fits = _fits(inputs, config.block("must_reads"))
    fits &= (readers.timed > 0) & (inputs.catalogue.length > 0)
    if not fits.any():
        return np.zeros(0, np.int32)
    seconds, views = readers.read_time[fits], readers.timed[fits].astype(np.float64)
    spent = np.log1p(seconds / views)
    centre = np.average(length[fits], weights=views)
    deviation = length[fits] - centre
    slope = (views * deviation * spent).sum() / max((views * deviation**2).sum(), 1.0)
    expected = np.expm1(np.average(spent, weights=views) + max(slope, 0.0) * deviation)
    expected = np.maximum(expected, 1.0)  # second
    score = np.zeros(len(fits))
    score[fits] = (seconds + PRIOR_TIMED * expected) / ((views + PRIOR_TIMED) * expected)
    return _sort(inputs, fits & (score >= MIN_READ_TIME_RATIO), score)


def _by_section_spread(inputs: RankingInputs, config: Config) -> Int32:
    """Sort by the effective number of sections that readers come from: exp of the entropy."""
    labels = len(inputs.catalogue.section_names) + 1
    code = np.where(inputs.section < 0, labels - 1, inputs.section)
    column = inputs.readers.inflow.shape[1] + SLOWEST
    fits = _fits(inputs, config.block("must_reads"))
    rows, sections = np.flatnonzero(fits), np.zeros(len(fits))
    chunk_rows = max(_CHUNK_CELLS // labels, 1)
    for part in (rows[at : at + chunk_rows] for at in range(0, len(rows), chunk_rows)):
        flow = inputs.readers.inflow_from(code, labels, column, part)
        total = np.maximum(flow.sum(axis=1), 1e-300)
        logs = (flow * np.log(np.maximum(flow, 1e-300))).sum(axis=1)
        sections[part] = np.exp(np.log(total) - logs / total)
    return _sort(inputs, fits & (sections >= MIN_SECTIONS), sections)


def _popular(inputs: RankingInputs, config: Config) -> Int32:
    """Sort by views at the half-life of the block `popular`."""
    block = config.block("popular")
    column = config.readers.nearest_view_life(block.half_life)
    rows = inputs.hottest(column)
    fits = _fits(inputs, block) & (inputs.readers.views[:, column] > 0)
    return rows[fits[rows]]


def _most_read(inputs: RankingInputs, config: Config) -> Int32:
    """Sort by views at `SECTION_HALF_LIFE`."""
    return inputs.hottest(config.readers.nearest_view_life(SECTION_HALF_LIFE))


def _latest(inputs: RankingInputs, _config: Config) -> Int32:
    """Sort by the time at which an article became known."""
    return inputs.latest


_ORDERS: Final[Mapping[str, Mapping[str, Order]]] = {
    "section": {"section": _most_read},
    "section_latest": {"latest": _latest},
    "popular": {"popular": _popular},
    "latest": {"latest": _latest},
    "weekly": {"weekly": _views_for_age},
    "must_reads": {"finished": _by_read_time, "widely_opened": _by_section_spread},
}
"""How each ranking sorts, by reason: the rows of a reason follow those of the reason before."""
