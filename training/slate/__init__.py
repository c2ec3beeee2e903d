"""Slate: what a version shows, lists and rankings, made from the state alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking import Cut, take_cut
from training.records import Bool, Int32
from training.slate import lists, rankings
from training.slate.lists import REASONS, Lists
from training.slate.rankings import Rankings
from training.state import State
from training.texts import neighbours

__all__ = ["REASONS", "Lists", "Rankings", "Slate", "active", "fill", "known_sources"]

NEAR = 50
"""Sources near to a new article, whose lists it may enter."""


@dataclass(frozen=True)
class Slate:
    """Lists and rankings of a version; `known` bool[n] marks the rows that are sources."""

    time: int
    known: Bool
    lists: Lists
    rankings: Rankings

    @classmethod
    def of(cls, time: int, known: Bool, arrays: Mapping[str, npt.NDArray[Any]]) -> "Slate":
        """Rebuild the slate from what `arrays` gave."""
        names = ("list_ends", "list_items", "list_scores", "list_reasons")
        order = ("popular", "latest", "section_ends", "section_rows")
        return cls(
            time,
            known,
            Lists(*(arrays[name] for name in names)),
            Rankings(*(arrays[name] for name in order)),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give lists and rankings as a version holds them."""
        return {
            "list_ends": self.lists.ends,
            "list_items": self.lists.items,
            "list_scores": self.lists.scores,
            "list_reasons": self.lists.reasons,
            "popular": self.rankings.popular,
            "latest": self.rankings.latest,
            "section_ends": self.rankings.section_ends,
            "section_rows": self.rankings.section_rows,
        }


def fill(state: State, config: Config, jobs: int = 1, previous: Slate | None = None) -> Slate:
    """Make the lists and rankings as of the state's time; reads no clock and no file.

    Parameters
    ----------
    state : State
        Not modified.
    config : Config
        Candidates, model's adjustments, lengths.
    jobs : int
        Threads; the result does not depend on it.
    previous : Slate, optional
        What was served before. Only the active sources get a new list then, the others keep
        theirs, less what is no longer eligible; without it, every source gets one.

    Returns
    -------
    Slate
    """
    cut = take_cut(state, config)
    known = known_sources(cut, state)
    renewed = known if previous is None else known & active(cut, state, previous.time, config, jobs)
    made = lists.make(cut, rows_of(renewed), state.model, state.texts.twin, config, jobs)
    if previous is not None:
        made = lists.keep(made, previous.lists, known & ~renewed, cut.eligible)
    return Slate(
        time=state.time,
        known=known,
        lists=made,
        rankings=rankings.rank(cut, len(state.catalogue.section_names), config),
    )


def known_sources(cut: Cut, state: State) -> Bool:
    """Mark the articles (bool[n]) that have a list: known, or without any time; not withdrawn."""
    return np.asarray(cut.sources & ~state.catalogue.withdrawn)


def active(cut: Cut, state: State, since: int, config: Config, jobs: int = 1) -> Bool:
    """Mark the sources (bool[n]) whose lists are made anew at a cut.

    Those read within `lists.active`, those that are new or changed since the last cut (µs UTC),
    and those that such an article is near to, so that it can enter their lists.
    """
    read = cut.readers.last_view >= cut.time - config.lists.active
    new = (cut.known >= since) & (cut.known < cut.time)
    new |= state.catalogue.touched >= since
    marked = read | new
    fresh = rows_of(new & cut.eligible)
    if len(fresh) and cut.vectors.nnz:
        near, _ = neighbours(cut.vectors[fresh], cut.vectors, NEAR, jobs)
        marked[near[near >= 0]] = True
    return marked


def rows_of(mask: Bool) -> Int32:
    """Give the rows under a mask: int32, ascending."""
    return np.flatnonzero(mask).astype(np.int32)
