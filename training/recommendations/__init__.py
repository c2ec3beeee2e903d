"""Recommendations: what a version shows, lists and rankings, made from the state alone."""

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
from training.recommendations.rankings import Rankings
from training.recommendations.reasons import OWN_REASONS, REASONS
from training.records import Bool, Flag, Int32
from training.state import State

__all__ = [
    "OWN_REASONS",
    "REASONS",
    "Lists",
    "Rankings",
    "Recommendations",
    "active",
    "changed",
    "events",
    "fill",
    "known_sources",
]

NEAR = 50
"""Sources near to a new article, whose lists it may enter."""


@dataclass(frozen=True)
class Recommendations:
    """What a version shows.

    Attributes
    ----------
    time : µs UTC.
    known : bool[n], the rows that are sources.
    events : int32[n], label of the event that each article tells of; see `events.group`.
    lists, rankings : own items of every source, and the orders of the whole site.
    """

    time: int
    known: Bool
    events: Int32
    lists: Lists
    rankings: Rankings

    @classmethod
    def of(
        cls, time: int, known: Bool, arrays: Mapping[str, npt.NDArray[Any]]
    ) -> "Recommendations":
        """Rebuild the recommendations from what `arrays` gave."""
        names = ("list_ends", "list_items", "list_scores", "list_reasons")
        return cls(
            time,
            known,
            arrays["events"],
            Lists(*(arrays[name] for name in names)),
            Rankings.of(arrays),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give lists and rankings as a version holds them."""
        return {
            "events": self.events,
            "list_ends": self.lists.ends,
            "list_items": self.lists.items,
            "list_scores": self.lists.scores,
            "list_reasons": self.lists.reasons,
            **vars(self.rankings),
        }


def fill(
    state: State, config: Config, jobs: int = 1, previous: Recommendations | None = None
) -> Recommendations:
    """Make the lists and rankings as of the state's time; reads no clock and no file.

    Parameters
    ----------
    state : State
        Not modified.
    config : Config
        Candidates, model's adjustments, lengths.
    jobs : int
        Threads; the result does not depend on it.
    previous : Recommendations, optional
        What was served before. Only the active sources get a new list then, the others keep
        theirs, less what is no longer eligible; without it, every source gets one.

    Returns
    -------
    Recommendations
    """
    inputs = ranking_inputs(state, config)
    known = known_sources(inputs, state)
    labels = Labels(state.texts.near_duplicate, _events(inputs, state, config, previous))
    renewed = (
        known if previous is None else known & active(inputs, state, previous.time, config, jobs)
    )
    made = lists.make(inputs, rows_of(renewed), state.model, labels, config, jobs)
    if previous is not None:
        made = lists.keep(made, previous.lists, known & ~renewed, inputs.eligible)
    return Recommendations(
        time=state.time,
        known=known,
        events=labels.event,
        lists=made,
        rankings=rankings.rank(inputs, labels, config),
    )


def _events(
    inputs: RankingInputs, state: State, config: Config, previous: Recommendations | None
) -> Int32:
    """Group articles into events, of a previous version's only those that are new since."""
    if previous is None:
        return events.group(inputs, config.lists)
    return events.join(inputs, previous.events, changed(inputs, state, previous.time), config.lists)


def changed(inputs: RankingInputs, state: State, since: int) -> Bool:
    """Mark the articles (bool[n]) that are new or changed since a cut (µs UTC)."""
    new = (inputs.known >= since) & (inputs.known < inputs.time)
    return np.asarray(new | (state.catalogue.touched >= since))


def known_sources(inputs: RankingInputs, state: State) -> Bool:
    """Mark the articles (bool[n]) that have a list: known, or without any time; not withdrawn."""
    return np.asarray(inputs.sources & ~state.catalogue.has(Flag.WITHDRAWN))


def active(inputs: RankingInputs, state: State, since: int, config: Config, jobs: int = 1) -> Bool:
    """Mark the sources (bool[n]) whose lists are made anew at a cut.

    Those read within `lists.active`, those that are new or changed since the last cut (µs UTC),
    and those that such an article is near to, so that it can enter their lists.
    """
    read = inputs.readers.last_view >= inputs.time - config.lists.active
    new = changed(inputs, state, since)
    marked = read | new
    fresh = rows_of(new & inputs.eligible)
    if len(fresh) and inputs.vectors.nnz:
        near, _ = inputs.index.nearest(inputs.vectors[fresh], NEAR, jobs)
        marked[near[near >= 0]] = True
    return marked


def rows_of(mask: Bool) -> Int32:
    """Give the rows under a mask: int32, ascending."""
    return np.flatnonzero(mask).astype(np.int32)
