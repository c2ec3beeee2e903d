"""Recommendations: the lists and rankings of a version, computed from a state alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking import RankingInputs, ranking_inputs
from training.ranking.rules import Labels
from training.recommendations import events, lists, rankings
from training.recommendations.lists import Lists
from training.recommendations.reasons import LIST_REASONS, REASONS
from training.records import Bool, Flag, Int32
from training.state import State

__all__ = [
    "LIST_REASONS",
    "REASONS",
    "ListUpdate",
    "Lists",
    "Recommendations",
    "events",
    "fill",
    "known_sources",
    "update_lists",
]

AFFECTED_SOURCES = 50
"""Nearest texts of a new article, whose lists are renewed because it may enter them."""


@dataclass(frozen=True)
class Recommendations:
    """The lists and rankings of a version.

    Attributes
    ----------
    time : µs UTC.
    known : bool[n], the rows that are sources.
    events : int32[n], label of each article's event; see `events.group`.
    lists, rankings : the list of every source, and the rankings of the whole site.
    """

    time: int
    known: Bool
    events: Int32
    lists: Lists
    rankings: Mapping[str, npt.NDArray[Any]]

    @classmethod
    def of(
        cls, time: int, known: Bool, arrays: Mapping[str, npt.NDArray[Any]]
    ) -> "Recommendations":
        """Rebuild the recommendations from the arrays of `arrays`."""
        names = ("list_ends", "list_items", "list_scores", "list_reasons")
        return cls(
            time,
            known,
            arrays["events"],
            Lists(*(arrays[name] for name in names)),
            rankings.ranking_arrays(arrays),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return lists and rankings as the arrays of a version."""
        return {
            "events": self.events,
            "list_ends": self.lists.ends,
            "list_items": self.lists.items,
            "list_scores": self.lists.scores,
            "list_reasons": self.lists.reasons,
            **self.rankings,
        }


@dataclass(frozen=True)
class ListUpdate:
    """The lists of one state, and what they were made from.

    Attributes
    ----------
    inputs, labels : what the lists were made from.
    known : bool[n], the rows that are sources.
    renewed : bool[n], the sources that are due for a new list; the others keep theirs.
    lists : of every source, or only of those in `only` of `update_lists`.
    """

    inputs: RankingInputs
    labels: Labels
    known: Bool
    renewed: Bool
    lists: Lists

    @property
    def time(self) -> int:
        """µs UTC."""
        return self.inputs.time

    @property
    def events(self) -> Int32:
        """int32[n], label of each article's event."""
        return self.labels.event


def fill(
    state: State, config: Config, jobs: int = 1, previous: Recommendations | None = None
) -> Recommendations:
    """Compute the lists and rankings at the state's time, from nothing but the arguments.

    Parameters
    ----------
    state : State
        Not modified.
    config : Config
        Settings of candidates, lists, rules and rankings.
    jobs : int
        Threads; the result does not depend on it.
    previous : Recommendations, optional
        What was served before; see `update_lists`.

    Returns
    -------
    Recommendations
    """
    update = update_lists(ranking_inputs(state, config), state, config, jobs, previous)
    return Recommendations(
        time=state.time,
        known=update.known,
        events=update.events,
        lists=update.lists,
        rankings=rankings.rank(update.inputs, update.labels, config),
    )


def update_lists(
    inputs: RankingInputs,
    state: State,
    config: Config,
    jobs: int = 1,
    previous: Recommendations | ListUpdate | None = None,
    only: Int32 | None = None,
) -> ListUpdate:
    """Make new lists for the active sources; the others keep theirs, less what is not eligible.

    Parameters
    ----------
    inputs : RankingInputs
        Those of the state.
    state, config, jobs
        As for `fill`.
    previous : Recommendations or ListUpdate, optional
        The lists before; without them every source gets a new one.
    only : int32[k], optional
        The rows whose new lists are made; those of others that are due are left empty.

    Returns
    -------
    ListUpdate
    """
    known = known_sources(inputs, state)
    if previous is None:
        renewed, event = known, events.group(inputs, config.lists)
    else:
        renewed = known & active_sources(inputs, state, previous.time, config, jobs)
        since = changed_articles(inputs, state, previous.time)
        event = events.join(inputs, previous.events, since, config.lists)
    labels = Labels(state.texts.near_duplicate, event)
    rows = rows_of(renewed) if only is None else only[renewed[only]]
    new_lists = lists.make_lists(inputs, rows, state.model, labels, config, jobs)
    if previous is not None:
        kept = known & ~renewed
        new_lists = lists.merge_lists(new_lists, previous.lists, kept, inputs.eligible)
    return ListUpdate(inputs, labels, known, renewed, new_lists)


def changed_articles(inputs: RankingInputs, state: State, since: int) -> Bool:
    """Mark the articles (bool[n]) that are new or changed since a time (µs UTC)."""
    new = (inputs.known >= since) & (inputs.known < inputs.time)
    return np.asarray(new | (state.catalogue.touched >= since))


def known_sources(inputs: RankingInputs, state: State) -> Bool:
    """Mark the articles (bool[n]) that have a list: `RankingInputs.sources`, not withdrawn."""
    return np.asarray(inputs.sources & ~state.catalogue.has(Flag.WITHDRAWN))


def active_sources(
    inputs: RankingInputs, state: State, since: int, config: Config, jobs: int = 1
) -> Bool:
    """Mark the sources (bool[n]) whose lists are renewed.

    These are the sources read within `lists.active`, those new or changed since `since` (µs UTC),
    and the nearest texts of the latter.
    """
    read = inputs.readers.last_view >= inputs.time - config.lists.active
    new = changed_articles(inputs, state, since)
    marked = read | new
    fresh = rows_of(new & inputs.eligible)
    if len(fresh) and inputs.vectors.nnz:
        near, _ = inputs.index.nearest(inputs.vectors[fresh], AFFECTED_SOURCES, jobs)
        marked[near[near >= 0]] = True
    return marked


def rows_of(mask: Bool) -> Int32:
    """Return the rows that a mask marks: int32, ascending."""
    return np.flatnonzero(mask).astype(np.int32)
