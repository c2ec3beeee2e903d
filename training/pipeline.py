"""The map of the system: train folds steps over history, learns the model, and fills.

Nothing here reads a clock or a file: the same site, configuration and `now` give the same run.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed

from recommender import RelatedStory
from recommender.values import extra_of
from training.catalogue import empty as nothing
from training.catalogue import merge
from training.config import Config
from training.progress import Stages
from training.ranking import (
    ChoiceSets,
    ObservedChoices,
    downsample,
    fit,
    log_loss,
    observe_choices,
    prior,
    ranking_inputs,
    sample_alternatives,
)
from training.readers import Increments, Open, Transitions, advance, count, empty
from training.recommendations import OWN_REASONS, REASONS, Recommendations, fill
from training.recommendations.explain import Explanation, explain
from training.records import DAY, NEVER, Model, Site, Window, moment, utc
from training.state import State
from training.texts import extend
from training.texts import learn as learn_texts

__all__ = ["Run", "fill", "learn", "refresh", "step", "train"]

WINDOW_VIEWS: Final = 1_000_000
"""Views counted at a time, but for a day that has more."""

Fitting = Callable[[ChoiceSets, Config], Model]
"""Makes a model of next reads."""


@dataclass(frozen=True, repr=False)
class Run:
    """What a training gives: the state, the lists made from it, and what it counted.

    `counts` has articles, views, sessions, pairs; next reads learned from, or views that came
    before the cut. `watched` is what the model was worth on the next reads of a refresh.
    """

    config: Config
    state: State
    recommendations: Recommendations
    counts: dict[str, int]
    watched: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {count:,}" for name, count in self.counts.items())
        return f"Run(now {utc(self.state.time)}, {told}, model {self.state.model.kind})"

    @cached_property
    def lists(self) -> "OwnItems":
        """Every source's own items, by id."""
        return OwnItems(self)

    def explain(self, source: str, target: str) -> Explanation:
        """Explain why an article stands in another's list, or where it fell.

        Raises
        ------
        KeyError
            If the site has no such article.
        ValueError
            If the two are one.
        """
        rows = self.state.catalogue.rows
        pair = rows[source], rows[target]
        return explain(self.state, self.recommendations.events, *pair, self.config)

    def summary(self) -> dict[str, Any]:
        """Give counts, the model and its validation, and the lists' slots by reason."""
        model, lists = self.state.model, self.recommendations.lists
        slots = np.bincount(lists.reasons, minlength=len(OWN_REASONS)).tolist()
        return {
            "counts": self.counts,
            "model": {"kind": model.kind, **model.validation},
            "lists": {
                "own_items": len(lists.items),
                "empty": int((np.diff(lists.ends)[self.recommendations.known] == 0).sum()),
                **dict(zip(OWN_REASONS, slots, strict=True)),
            },
        }


class OwnItems(Mapping[str, list[RelatedStory]]):
    """Own items by the source's id, best first."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, article: str) -> list[RelatedStory]:
        recommendations, catalogue = self._run.recommendations, self._run.state.catalogue
        row = catalogue.rows[article]
        if not recommendations.known[row]:
            raise KeyError(article)
        places = range(recommendations.lists.ends[row], recommendations.lists.ends[row + 1])
        return [self._story(at, rank) for rank, at in enumerate(places, 1)]

    def __iter__(self) -> Iterator[str]:
        ids = self._run.state.catalogue.ids
        return (ids[row] for row in np.flatnonzero(self._run.recommendations.known).tolist())

    def __len__(self) -> int:
        return int(self._run.recommendations.known.sum())

    def _story(self, at: int, rank: int) -> RelatedStory:
        lists, catalogue = self._run.recommendations.lists, self._run.state.catalogue
        row = lists.items[at]
        code, published = catalogue.section[row], int(catalogue.published[row])
        section = catalogue.section_names[code] if code >= 0 else ""
        reason = REASONS[lists.reasons[at]]
        why: str = getattr(self._run.config.why, reason)
        return RelatedStory(
            id=catalogue.ids[row],
            title=catalogue.titles[row],
            url=catalogue.urls[row],
            section=section,
            published_at=None if published == NEVER else moment(published),
            rank=rank,
            score=float(lists.scores[at]),
            reason=reason,
            why=why.replace("{section}", section),
            extra=extra_of(catalogue.extras[row]),
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
        for window in windows(site, state.time, learning_start(state, config, now)):
            note(utc(window.start)[:10])
            state, increments = step(state, window, config)
            sessions += increments.sessions
    with stages("learning"):
        last = Window(state.time, now, site.views)
        increments, still_open = count(last, state.open, config.sessions, config.readers)
        state, reads = learn(state, increments, now, config, jobs=jobs)
        state = replace(state, open=still_open)
    with stages("lists"):
        recommendations = fill(state, config, jobs)
    return Run(
        config,
        state,
        recommendations,
        _counts(state, recommendations, sessions + increments.sessions, next_reads=reads),
    )


def refresh(
    site: Site,
    before: State,
    served: Recommendations | None,
    now: int,
    *,
    jobs: int = 1,
    stages: Stages | None = None,
) -> Run:
    """Take one step from a state, and fill for the active sources.

    Parameters
    ----------
    site : Site
        Read with the state's ids as known; its articles may be few or all, its views too.
    before : State
        That of the served version; not modified.
    served : Recommendations or None
        What that version shows; None where none of it can stay.
    now : int
        µs UTC, not before `before.time`.
    jobs : int
        Processor cores to use; the result does not depend on it.
    stages : Stages, optional
        Where progress and seconds per stage go.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If `now` lies before the state's time.
    """
    stages = stages or Stages()
    config = site.config
    with stages("step"):
        state, increments = step(before, everything(site, before, now), config)
    with stages("lists"):
        recommendations = fill(state, config, jobs, served)
    with stages("watch"):
        watched = watch(before, increments, config)
    counts = _counts(
        state, recommendations, increments.sessions, before_cut=before_cut(site, before)
    )
    return Run(config, state, recommendations, counts, watched)


def everything(site: Site, before: State, now: int) -> Window:
    """Make the window from a state's time to now, with all that the site's files say."""
    return Window(before.time, now, site.views, site.articles, site.ids[len(before.catalogue) :])


def before_cut(site: Site, before: State) -> int:
    """Count the views in the files that came before the state's time: they are not used."""
    return site.views.unused(before.time)


def has_news(site: Site, before: State, now: int) -> bool:
    """Tell whether a step to now would change anything but the time."""
    _, changed, _ = merge(before.catalogue, everything(site, before, now))
    return bool(len(changed) or site.views.between(before.time, now))


def begin(site: Site, now: int, jobs: int) -> State:
    """Make the state before the first view: all articles and their texts, no readers yet."""
    start = min(site.views.start, now)
    start -= start % DAY
    config = site.config
    whole = Window(0, now, site.views, site.articles, site.ids)
    catalogue, articles, rows = merge(nothing(), whole)
    return State(
        time=start,
        catalogue=catalogue,
        texts=learn_texts(articles, rows, len(catalogue), config.texts, jobs),
        sums=empty(start, len(catalogue), config.readers),
        open=Open.empty(),
        model=prior(config),
    )


def step(state: State, window: Window, config: Config) -> tuple[State, Increments]:
    """Carry the state to the window's end; give the increments of its views as well.

    Stepping to b and then to c is, bit by bit, stepping to c.
    """
    catalogue, changed, rows = merge(state.catalogue, window)
    increments, still_open = count(window, state.open, config.sessions, config.readers)
    stepped = State(
        time=window.end,
        catalogue=catalogue,
        texts=extend(state.texts, changed, rows, len(catalogue), config.texts),
        sums=advance(state.sums, increments, window.end, config.readers, len(catalogue)),
        open=still_open,
        model=state.model,
    )
    return stepped, increments


def learn(
    state: State,
    increments: Increments,
    until: int,
    config: Config,
    fitting: Fitting = fit,
    *,
    jobs: int = 1,
) -> tuple[State, int]:
    """Carry the state on cut by cut, and learn from what was read next after each.

    Parameters
    ----------
    state : State
        At the first cut.
    increments : Increments
        Of the views from there to `until`.
    until : int
        µs UTC.
    config : Config
        All settings.
    fitting : callable
        Makes a model of the choices.
    jobs : int
        Threads that look at cuts side by side; the result does not depend on it.

    Returns
    -------
    State
        At `until`, with the model; its open sessions are still those of the first cut.
    int
        Next reads learned from.
    """
    every = config.ranking.every
    reads = downsample(increments.transitions, config)
    cuts = reads.source_time - reads.source_time % every
    generator = np.random.default_rng(config.ranking.seed)

    def each_cut() -> Iterator[Any]:
        nonlocal state
        for time in np.unique(cuts[cuts >= state.time]).tolist():
            state = advanced(state, increments, time, config)
            yield delayed(_observe)(state, reads.where(cuts == time), config)

    side_by_side = Parallel(jobs, prefer="threads", pre_dispatch=jobs, return_as="generator")
    # Cuts come back in their order, so that the draws do not depend on which was looked at first.
    choices = [sample_alternatives(observed, generator) for observed in side_by_side(each_cut())]
    state = advanced(state, increments, until, config)
    found = sum(int(part.found.sum()) for part in choices)
    model = (
        prior(config)
        if found < config.ranking.min_transitions
        else fitting(ChoiceSets.concatenate(choices), config)
    )
    return replace(state, model=model), found


def _observe(state: State, reads: Transitions, config: Config) -> ObservedChoices:
    return observe_choices(ranking_inputs(state, config), reads, config)


def watch(state: State, increments: Increments, config: Config) -> dict[str, float]:
    """Measure what the state's model is worth on the next reads of the cadence that followed.

    Returns their number and the mean log losses of the model and of the prior; nothing where
    there were none.
    """
    since = increments.transitions.source_time - state.time
    soon = (since >= 0) & (since < config.ranking.every)
    reads = downsample(increments.transitions.where(soon), config)
    reads = reads.where(reads.source < len(state.catalogue))
    generator = np.random.default_rng(config.ranking.seed)
    choices = sample_alternatives(_observe(state, reads, config), generator)
    if not len(choices.found):
        return {}
    return {
        "reads": len(choices.found),
        "log_loss": log_loss(state.model, choices),
        "log_loss_prior": log_loss(prior(config), choices),
    }


def advanced(state: State, increments: Increments, until: int, config: Config) -> State:
    """Carry the state to a cut inside a window whose increments are counted already."""
    part = increments.between(state.time, until)
    return replace(state, time=until, sums=advance(state.sums, part, until, config.readers))


def learning_start(state: State, config: Config, now: int) -> int:
    """Give the first cut to learn from (µs UTC): `learn_days` before now, at the cadence."""
    start = now - config.ranking.learn_days * DAY
    return max(start - start % config.ranking.every, state.time)


def windows(site: Site, start: int, end: int) -> Iterator[Window]:
    """Split [start, end) at UTC midnights, so that few enough views are in hand at a time."""
    held = 0
    for day, views in site.views.days(start, end):
        if held and held + views > WINDOW_VIEWS:
            yield Window(start, day, site.views)
            start, held = day, 0
        held += views
    if start < end:
        yield Window(start, end, site.views)


def _counts(
    state: State, recommendations: Recommendations, sessions: int, **more: int
) -> dict[str, int]:
    return {
        "articles": int(recommendations.known.sum()),
        "views": int(state.sums.total.sum() + state.sums.open_views.views.sum()),
        "sessions": sessions,
        "pairs": len(state.sums.base.keys) + len(state.sums.today.keys),
        **more,
    }
