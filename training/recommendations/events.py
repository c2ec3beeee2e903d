"""Events: articles that tell of the same thing at the same time, of which a block shows one.

A single pass in the order in which articles became known, as in topic detection and tracking
(Allan, Papka, Lavrenko, "On-line new event detection and tracking", SIGIR 1998): an article joins
the event that it is like, if that has not begun too long ago, or begins one of its own. So what
came earlier never moves, and a refresh only has to place what is new.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from training.config import ListsConfig
from training.ranking import RankingInputs
from training.records import NEVER, Bool, Float32, Int32, Int64
from training.texts import linked

BLOCK: Final = 512
"""Articles compared at a time with those of their days."""

MOST: Final = 0.5
"""Share of an event's articles that one must be like to join it."""


def group(inputs: RankingInputs, config: ListsConfig) -> Int32:
    """Give the articles of an event a common label, int32[n]: the row that began it.

    Those that are not known yet, or of no known time, stand alone. See `join` for the settings.
    """
    return join(inputs, np.zeros(0, np.int32), np.zeros(len(inputs.known), np.bool_), config)


def join(inputs: RankingInputs, before: Int32, changed: Bool, config: ListsConfig) -> Int32:
    """Carry the labels of a previous cut on with what is new or changed.

    Parameters
    ----------
    inputs : RankingInputs
        The moment, with n articles.
    before : int32[m]
        Labels of the first m rows, as the previous cut had them.
    changed : bool[n]
        Which of these are placed anew. One that began an event keeps its label where it joins no
        other.
    config : ListsConfig
        `event_cosine`, 0 groups nothing; `event_span`.

    Returns
    -------
    int32[n]
    """
    labels = np.arange(len(inputs.known), dtype=np.int32)
    if not config.event_cosine:
        return labels
    again = changed.copy()
    again[len(before) :] = True
    stays = np.flatnonzero(~again)
    labels[stays] = before[stays]
    rows = np.flatnonzero((inputs.known < inputs.time) & (inputs.known != NEVER))
    rows = rows[np.argsort(inputs.known[rows], kind="stable")]
    first = np.searchsorted(inputs.known[rows], inputs.known[rows] - config.event_span)
    new = np.flatnonzero(again[rows])
    for start in range(0, len(new), BLOCK):
        block = new[start : start + BLOCK]
        window = inputs.vectors[rows[first[block[0]] : block[-1] + 1]]
        at, other, cosine = linked(inputs.vectors[rows[block]], window, config.event_cosine)
        place, other = block[at], other + first[block[0]]
        earlier = (other >= first[place]) & (other < place)
        _join(inputs.known, rows, first, (place[earlier], other[earlier], cosine[earlier]), labels)
    return labels


def _join(
    known: Int64,
    rows: Int64,
    first: Int64,
    links: tuple[Int64, Int64, Float32],
    labels: Int32,
) -> None:
    """Let articles join the events that they are linked to, one after the other.

    `links` are places in `rows` of an article and of an earlier one, and their cosine, ascending;
    the events that an article may join are those that began no earlier than the row at `first`.
    """
    place, other, cosine = links
    ends = np.flatnonzero(np.diff(place, append=-1)) + 1
    for start, end in pairwise([0, *ends.tolist()]):
        at = place[start]
        events, which = np.unique(labels[rows[other[start:end]]], return_inverse=True)
        recent = labels[rows[first[at] : at]]
        size = np.array([np.count_nonzero(recent == event) for event in events])
        close = np.bincount(which, cosine[start:end]) / size
        close[(np.bincount(which) < MOST * size) | (known[events] < known[rows[first[at]]])] = 0
        if close.any():
            labels[rows[at]] = events[np.argmax(close)]
