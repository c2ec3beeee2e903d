"""Misses: the stories that readers opened next but no list had, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.metrics.bootstrap import Trial
from training.records import Bool, Catalogue
from training.replay.results import MISSES, SLOTS


@dataclass(frozen=True)
class Miss:
    """A story that was opened next but was in no five.

    Attributes
    ----------
    id, title, section : of the story; title and section may be empty.
    opened : transitions to it.
    missed : those of them in which it was in no five.
    why : the latter by code of `MISSES`, the most frequent first.
    """

    id: str
    title: str
    section: str
    opened: int
    missed: int
    why: dict[str, int]


def most_missed(trial: Trial, systems: Sequence[str], n: int) -> list[Miss]:
    """Return the n stories that some systems together missed in most transitions.

    Ties go to the lower row. `why` is that of the first system.
    """
    rows, catalogue = trial.replay.rows, trial.replay.catalogue
    order = trial.order[[trial.replay.systems.index(system) for system in systems]]
    target, missed = rows.target[order[0]], are_missed(trial, systems)
    stories, reads = np.unique(target[missed], return_counts=True)
    found = []
    for at in np.argsort(-reads, kind="stable")[:n].tolist():
        row = int(stories[at])
        codes = rows.miss[order[0]][missed & (target == row)]
        opened = int(np.count_nonzero(target == row))
        titles = catalogue.titles[row], section_of(catalogue, row)
        found.append(
            Miss(trial.replay.ids[row], *titles, opened, int(reads[at]), _by_cause(codes.tolist()))
        )
    return found


def are_missed(trial: Trial, systems: Sequence[str]) -> Bool:
    """Mark the transitions (bool[n], by time) whose target was in the five of no system."""
    numbers = [trial.replay.systems.index(system) for system in systems]
    rank = trial.replay.rows.rank[trial.order[numbers]]
    return np.asarray(((rank == 0) | (rank > SLOTS)).all(axis=0))


def causes(trial: Trial, system: str) -> dict[str, int]:
    """Count the misses of a system by code of `MISSES`, the most frequent first."""
    of = trial.order[trial.replay.systems.index(system)]
    return _by_cause(trial.replay.rows.miss[of][are_missed(trial, [system])].tolist())


def section_of(catalogue: Catalogue, row: int) -> str:
    """Return the name of an article's section; empty where it has none."""
    code = int(catalogue.section[row])
    return catalogue.section_names[code] if code >= 0 else ""


def _by_cause(codes: Sequence[int]) -> dict[str, int]:
    counts = np.bincount(np.array(codes, np.int64), minlength=len(MISSES)).tolist()
    pairs = zip(MISSES, counts, strict=True)
    return dict(sorted(((code, n) for code, n in pairs if n), key=lambda pair: -pair[1]))
