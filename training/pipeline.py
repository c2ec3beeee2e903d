"""The map of the system: train folds steps over history, learns the model, and fills.

Nothing here reads a clock or a file: the same site, configuration and `now` give the same run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from recommender import RelatedStory
from training import release
from training.config import Config
from training.progress import Stages, peak_memory
from training.ranking import fit, join, observe, prior, take_cut, thinned
from training.readers import Increments, Open, advance, count, current, empty
from training.records import DAY, NEVER, Catalogue, Site, Window, moment, utc
from training.slate import REASONS, Slate, fill
from training.state import State
from training.texts import learn as learn_texts

__all__ = ["Run", "fill", "learn", "publish", "step", "train"]


@dataclass(frozen=True)
class Run:
    """What a training gives: the state, the lists made from it, and what it counted.

    `counts` has articles, views, sessions, pairs and next reads.
    """

    config: Config
    state: State
    slate: Slate
    counts: dict[str, int]

    @cached_property
    def lists(self) -> "OwnItems":
        """Every source's own items, by id."""
        return OwnItems(self)

    def summary(self) -> dict[str, Any]:
        """Give counts, the model and its validation, and the lists' slots by reason."""
        model, lists = self.state.model, self.slate.lists
        slots = np.bincount(lists.reasons, minlength=len(REASONS)).tolist()
        return {
            "counts": self.counts,
            "model": {"kind": model.kind, **model.validation},
            "lists": {
                "own_items": len(lists.items),
                "empty": int((np.diff(lists.ends)[self.slate.known] == 0).sum()),
                **dict(zip(REASONS, slots, strict=True)),
            },
        }


class OwnItems(Mapping[str, list[RelatedStory]]):
    """Own items by the source's id, best first."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, article: str) -> list[RelatedStory]:
        slate, catalogue = self._run.slate, self._run.state.catalogue
        row = catalogue.rows[article]
        if not slate.known[row]:
            raise KeyError(article)
        places = range(slate.lists.ends[row], slate.lists.ends[row + 1])
        return [self._story(at, rank) for rank, at in enumerate(places, 1)]

    def __iter__(self) -> Iterator[str]:
        ids = self._run.state.catalogue.ids
        return (ids[row] for row in np.flatnonzero(self._run.slate.known).tolist())

    def __len__(self) -> int:
        return int(self._run.slate.known.sum())

    def _story(self, at: int, rank: int) -> RelatedStory:
        lists, catalogue = self._run.slate.lists, self._run.state.catalogue
        row = lists.items[at]
        section, published = catalogue.section[row], int(catalogue.published[row])
        return RelatedStory(
            id=catalogue.ids[row],
            title=catalogue.titles[row],
            url=catalogue.urls[row],
            section=catalogue.section_names[section] if section >= 0 else "",
            published_at=None if published == NEVER else moment(published),
            rank=rank,
            score=float(lists.scores[at]),
            reason=REASONS[lists.reasons[at]],
        )


def train(site: Site, now: int, *, jobs: int = 1, stages: Stages | None = None) -> Run:
    """Fold the site's history into a state, learn the model from its last days, and fill.

    Parameters
    ----------
    site : Site
        Articles, views and settings; not modified.
    now : int
        µs UTC: views at or after it are ignored.
    jobs : int
        Processor cores to use; the result does not depend on it.
    stages : Stages, optional
        Where progress and seconds per stage go.

    Returns
    -------
    Run
    """
    stages = stages or Stages()
    config = site.config
    with stages("texts"):
        state = begin(site, now, jobs)
    with stages("readers") as note:
        sessions = 0
        for window in days(site, state.time, learning_start(state, config, now)):
            note(utc(window.start)[:10])
            state, begun = step(state, window, config)
            sessions += begun
    with stages("learning"):
        state, reads, begun = learn(state, Window(state.time, now, site.views), config)
    with stages("lists"):
        slate = fill(state, config, jobs)
    counts = {
        "articles": int(slate.known.sum()),
        "views": int(current(state.sums, config.readers).total.sum()),
        "sessions": sessions + begun,
        "pairs": len(state.sums.base.keys) + len(state.sums.today.keys),
        "next_reads": reads,
    }
    return Run(config, state, slate, counts)


def begin(site: Site, now: int, jobs: int) -> State:
    """Make the state before the first view: all articles and their texts, no readers yet.

    The text of an article that is published at `now` or later is left out: not even its words'
    frequencies are known yet.
    """
    start = min(site.views.start, now)
    start -= start % DAY
    config, catalogue = site.config, catalogued(site)
    arrived = (site.articles.published < now) | (site.articles.published == NEVER)
    articles = site.articles.pick(np.flatnonzero(arrived).tolist())
    rows = np.array([catalogue.rows[article] for article in articles.id], np.int32)
    return State(
        time=start,
        catalogue=catalogue,
        texts=learn_texts(articles, rows, len(catalogue), config.texts, jobs),
        sums=empty(start, len(catalogue), config.readers),
        open=Open.empty(),
        model=prior(config),
    )


def step(state: State, window: Window, config: Config) -> tuple[State, int]:
    """Carry the state to the window's end, and count the sessions that began in it.

    Stepping to b and then to c is, bit by bit, stepping to c.
    """
    increments, still_open = count(window, state.open, config.sessions)
    sums = advance(state.sums, increments, window.end, config.readers)
    return replace(state, time=window.end, sums=sums, open=still_open), increments.sessions


def learn(state: State, window: Window, config: Config) -> tuple[State, int, int]:
    """Step through a window cut by cut, and learn from what was read next after each.

    Returns the state at the window's end with its model, the number of next reads learned from,
    and the sessions that began in the window.
    """
    increments, still_open = count(window, state.open, config.sessions)
    every = config.ranking.every
    reads = thinned(increments.transitions, config)
    cuts = reads.source_time - reads.source_time % every
    generator = np.random.default_rng(config.ranking.seed)
    choices = []
    for time in np.unique(cuts[cuts >= state.time]).tolist():
        state = _advanced(state, increments, time, config)
        choices.append(
            observe(take_cut(state, config), reads.where(cuts == time), config, generator)
        )
    state = replace(_advanced(state, increments, window.end, config), open=still_open)
    found = sum(len(part.found) for part in choices)
    model = prior(config) if found < config.ranking.min_transitions else fit(join(choices), config)
    return replace(state, model=model), found, increments.sessions


def _advanced(state: State, increments: Increments, until: int, config: Config) -> State:
    part = increments.between(state.time, until)
    return replace(state, time=until, sums=advance(state.sums, part, until, config.readers))


def learning_start(state: State, config: Config, now: int) -> int:
    """Give the first cut to learn from (µs UTC): `learn_days` before now, at the cadence."""
    start = now - config.ranking.learn_days * DAY
    return max(start - start % config.ranking.every, state.time)


def days(site: Site, start: int, end: int) -> Iterator[Window]:
    """Split [start, end) at UTC midnights, so that one day's views are in hand at a time."""
    while start < end:
        midnight = min(start - start % DAY + DAY, end)
        yield Window(start, midnight, site.views)
        start = midnight


def catalogued(site: Site) -> Catalogue:
    """Make the catalogue of a site: rows in the order of its ids."""
    at = {article: place for place, article in enumerate(site.articles.id)}
    order = [at[article] for article in site.ids]
    articles = site.articles
    names = sorted(set(articles.section) - {""})
    code = {name: number for number, name in enumerate(names)}
    return Catalogue(
        ids=list(site.ids),
        titles=[articles.title[i] for i in order],
        urls=[articles.url[i] for i in order],
        section=np.array([code.get(articles.section[i], -1) for i in order], np.int32),
        section_names=names,
        published=articles.published[order],
    )


def publish(run: Run, site: Site, artifacts: Path, stages: Stages) -> release.Published:
    """Publish a run: its state, its version, and last the pointer.

    Raises
    ------
    OutputError
        If the directory cannot be written; what was served before stays.
    """
    catalogue, slate = run.state.catalogue, run.slate
    with stages("publish"):
        state_fields, state_arrays = run.state.save()
        articles = release.lookup_arrays(
            ids=catalogue.ids,
            titles=catalogue.titles,
            urls=catalogue.urls,
            section_names=catalogue.section_names,
            sections=catalogue.section,
            published=catalogue.published,
            known=slate.known,
        )
        fields = {
            "reasons": list(REASONS),
            "fallback": list(run.config.lists.fallback),
            "config": run.config.model_dump(mode="json", exclude={"paths"}),
            "inputs": [asdict(file) for file in site.inputs],
            "left_out": site.left_out,
            "seconds": stages.rounded(),
            "peak_memory_mb": peak_memory(),
            **run.summary(),
        }
        return release.publish(
            artifacts,
            now=slate.time,
            version_fields=fields,
            version_arrays={**articles, **slate.arrays()},
            state_fields=state_fields,
            state_arrays=state_arrays,
        )
