"""Slate: what a version shows, lists and rankings, made from the state alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.ranking import take_cut
from training.records import NEVER, Bool
from training.slate import lists, rankings
from training.slate.lists import REASONS, Lists
from training.slate.rankings import Rankings
from training.state import State
from training.texts import twins

__all__ = ["REASONS", "Lists", "Rankings", "Slate", "fill"]


@dataclass(frozen=True)
class Slate:
    """Lists and rankings of a version; `known` bool[n] marks the rows that are sources."""

    time: int
    known: Bool
    lists: Lists
    rankings: Rankings

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


def fill(state: State, config: Config, jobs: int = 1) -> Slate:
    """Make every source's list and the site's rankings as of the state's time; reads no clock.

    Parameters
    ----------
    state : State
        Not modified.
    config : Config
        Candidates, model's adjustments, lengths.
    jobs : int
        Threads; the result does not depend on it.

    Returns
    -------
    Slate
    """
    cut = take_cut(state, config)
    known = (cut.known < cut.time) | (cut.known == NEVER)
    labels = twins(state.texts.vectors, config.texts.near_identical, jobs)
    sources = np.flatnonzero(known).astype(np.int32)
    return Slate(
        time=state.time,
        known=known,
        lists=lists.make(cut, sources, state.model, labels, config, jobs),
        rankings=rankings.rank(cut, len(state.catalogue.section_names), config),
    )
