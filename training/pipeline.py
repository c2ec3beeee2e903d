"""The map of the system: how files and views become a state, a model and lists.

    train    = initial_state → step over history → learn from the last days → fill
    refresh  = step from the served state → fill for the active sources → monitor the model
    replay   = the same functions, called at each cutoff of past days (`training.replay`)

Nothing here reads a clock or writes a file: the same site, configuration and `now` give the same
run.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed

from training.catalogue import add_former_urls, empty_catalogue, merge, newly_withdrawn
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
from training.readers import Increments, OpenSessions, Transitions, advance, count, empty_sums
from training.recommendations import Recommendations, fill
from training.records import DAY, Model, Site, Window, utc
from training.run import Run
from training.state import State
from training.texts import extend
from training.texts import learn as learn_texts

__all__ = ["fill", "initial_state", "learn", "monitor", "refresh", "step", "train"]

MAX_WINDOW_VIEWS: Final = 1_000_000
"""Views that are counted in one window, unless a single day has more."""

Fitting = Callable[[ChoiceSets, Config], Model]
"""Fits a model to choice sets."""


def train(site: Site, now: int, *, jobs: int = 1, stages: Stages | None = None) -> Run:
    """Fold a site's history into a state, learn the model from its last days, and make the lists.

    Parameters
    ----------
    site : Site
        Articles, views and settings; not modified.
    now : int
        µs UTC: views at or after it are ignored.
    jobs : int
        Processor cores to use; the result does not depend on it.
    stages : Stages, optional
        Receives progress and seconds per stage.

    Returns
    -------
    Run
    """
    stages = stages or Stages()
    config = site.config
    with stages("texts"):
        state = initial_state(site, now, jobs)
    with stages("readers") as note:
        sessions = 0
        for window in windows(site, state.time, learning_start(state, config, now)):
            note(utc(window.start)[:10])
            state, increments = step(state, window, config)
            sessions += increments.sessions
    with stages("learning"):
        first = state
        state, increments = step(first, Window(first.time, now, site.views), config)
        model, transitions = learn(first, increments, config, jobs=jobs)
        state = replace(state, model=model)
    with stages("lists"):
        recommendations = fill(state, config, jobs)
    counts = _counts(state, recommendations, sessions + increments.sessions, next_reads=transitions)
    return Run(config, state, recommendations, counts)


def refresh(
    site: Site,
    before: State,
    served: Recommendations | None,
    now: int,
    *,
    jobs: int = 1,
    stages: Stages | None = None,
) -> Run:
    """Take one step from a state, and make new lists for the active sources.

    Parameters
    ----------
    site : Site
        Read with the state's ids as known; its files may be complete or hold only what is new.
    before : State
        That of the served version; not modified.
    served : Recommendations or None
        The lists and rankings of that version; None where none of them can stay.
    now : int
        µs UTC, not before `before.time`.
    jobs : int
        Processor cores to use; the result does not depend on it.
    stages : Stages, optional
        Receives progress and seconds per stage.

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
        state, increments = step(before, window_since(site, before, now), config)
    with stages("lists"):
        recommendations = fill(state, config, jobs, served)
    with stages("watch"):
        monitoring = monitor(before, increments, config)
    unused = count_unused_views(site, before)
    counts = _counts(state, recommendations, increments.sessions, before_cut=unused)
    return Run(config, state, recommendations, counts, monitoring)


def initial_state(
    site: Site, now: int, jobs: int = 1, *, vectorizer: object | None = None
) -> State:
    """Return the state before the first view: the articles known at `now` and their text vectors.

    Its time is the UTC midnight before the first view. Its decayed sums are zero, and its model is
    the prior. Another `vectorizer` serves in the replay only: no version holds its texts.
    """
    start = min(site.views.start, now)
    start -= start % DAY
    config = site.config
    everything = Window(0, now, site.views, site.articles, site.ids)
    catalogue, articles, rows = merge(empty_catalogue(), everything)
    row_of = catalogue.rows
    former = [(row_of[name], url) for name, url in site.known_urls if name in row_of]
    catalogue = add_former_urls(catalogue, former)
    return State(
        time=start,
        catalogue=catalogue,
        texts=learn_texts(articles, rows, len(catalogue), config.texts, jobs, vectorizer),
        sums=empty_sums(start, len(catalogue), config.readers),
        open=OpenSessions.empty(),
        model=prior(config),
    )


def step(
    state: State, window: Window, config: Config, *, increments: Increments | None = None
) -> tuple[State, Increments]:
    """Advance a state to the end of a window.

    Stepping to b and then to c gives the same bytes as stepping to c.

    Parameters
    ----------
    state : State
        At the start of the window; not modified.
    window : Window
        Its views, and the articles that are new or may have changed.
    config : Config
        All settings.
    increments : Increments, optional
        What the window's views add, where they are counted already; the open sessions then stay
        as they are.

    Returns
    -------
    State
    Increments
        What the views of the window added.
    """
    catalogue, changed, rows = merge(state.catalogue, window)
    still_open = state.open
    if increments is None:
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
    first: State,
    increments: Increments,
    config: Config,
    fitting: Fitting = fit,
    *,
    jobs: int = 1,
) -> tuple[Model, int]:
    """Learn a model from the transitions that followed each cutoff.

    Parameters
    ----------
    first : State
        At the first cutoff; not modified. Its catalogue and texts serve for all cutoffs.
    increments : Increments
        Of the views from there on.
    config : Config
        All settings; cutoffs lie at multiples of `ranking.every`.
    fitting : callable
        Fits the model.
    jobs : int
        Threads that prepare cutoffs side by side; the result does not depend on it.

    Returns
    -------
    Model
        The prior where fewer than `ranking.min_transitions` transitions had their target among the
        candidates.
    int
        Number of those transitions.
    """
    transitions = downsample(increments.transitions, config)
    cutoffs = transitions.source_time - transitions.source_time % config.ranking.every
    generator = np.random.default_rng(config.ranking.seed)

    def observations() -> Iterator[Any]:
        state = first
        for cutoff in np.unique(cutoffs[cutoffs >= first.time]).tolist():
            state = advance_to(cutoff, state, increments, config)
            yield delayed(_observe)(state, transitions.where(cutoffs == cutoff), config)

    parallel = Parallel(jobs, prefer="threads", pre_dispatch=jobs, return_as="generator")
    # Results come back in the order of the cutoffs, so the draws do not depend on the threads.
    choices = [sample_alternatives(observed, generator) for observed in parallel(observations())]
    found = sum(int(part.found.sum()) for part in choices)
    if found < config.ranking.min_transitions:
        return prior(config), found
    return fitting(ChoiceSets.concatenate(choices), config), found


def monitor(state: State, increments: Increments, config: Config) -> dict[str, float]:
    """Score the state's model on the transitions of the refresh interval that followed.

    Returns
    -------
    dict
        `reads`, their number, and the mean log losses of the model and of the prior, `log_loss`
        and `log_loss_prior`; empty where there were no transitions.
    """
    age = increments.transitions.source_time - state.time
    following = (age >= 0) & (age < config.ranking.every)
    transitions = downsample(increments.transitions.where(following), config)
    transitions = transitions.where(transitions.source < len(state.catalogue))
    generator = np.random.default_rng(config.ranking.seed)
    choices = sample_alternatives(_observe(state, transitions, config), generator)
    if not len(choices.found):
        return {}
    return {
        "reads": len(choices.found),
        "log_loss": log_loss(state.model, choices),
        "log_loss_prior": log_loss(prior(config), choices),
    }


def advance_to(time: int, state: State, increments: Increments, config: Config) -> State:
    """Advance a state's decayed sums to a time inside a window that is counted already."""
    part = increments.between(state.time, time)
    return replace(state, time=time, sums=advance(state.sums, part, time, config.readers))


def learning_start(state: State, config: Config, now: int) -> int:
    """Return the first cutoff to learn from (µs UTC): `learn_days` before now."""
    start = now - config.ranking.learn_days * DAY
    return max(start - start % config.ranking.every, state.time)


def windows(site: Site, start: int, end: int) -> Iterator[Window]:
    """Split [start, end) at UTC midnights into windows of at most `MAX_WINDOW_VIEWS` views."""
    held = 0
    for day, views in site.views.daily_counts(start, end):
        if held and held + views > MAX_WINDOW_VIEWS:
            yield Window(start, day, site.views)
            start, held = day, 0
        held += views
    if start < end:
        yield Window(start, end, site.views)


def window_since(site: Site, before: State, now: int) -> Window:
    """Return the window from a state's time to now, with all views and articles of the site."""
    new_ids = site.ids[len(before.catalogue) :]
    return Window(before.time, now, site.views, site.articles, new_ids, site.withdrawn)


def has_news(site: Site, before: State, now: int) -> bool:
    """Return whether a step to now would change more than the state's time."""
    _, changed, _ = merge(before.catalogue, window_since(site, before, now))
    withdrawn = newly_withdrawn(before.catalogue, site.withdrawn)
    return bool(len(changed) or len(withdrawn) or site.views.count_between(before.time, now))


def count_unused_views(site: Site, before: State) -> int:
    """Count the views of the files that lie before the state's time; a refresh ignores them."""
    return site.views.count_late(before.time)


def _observe(state: State, transitions: Transitions, config: Config) -> ObservedChoices:
    return observe_choices(ranking_inputs(state, config), transitions, config)


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
