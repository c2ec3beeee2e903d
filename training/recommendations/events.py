"""Events: articles on the same news at the same time, of which a list or block shows one.

Single-pass clustering in the order in which articles became known (Allan, Papka, Lavrenko, "On-line
new event detection and tracking", SIGIR 1998): an article joins the most similar event that did not
begin too long ago, or begins a new one. Earlier articles never move, so a refresh only places what
is new.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from training.config import ListsConfig
from training.ranking import RankingInputs
from training.records import NEVER, Bool, Float32, Int32, Int64
from training.texts import similar_pairs

CHUNK_ARTICLES: Final = 512
"""Articles compared at a time with those of their time span."""

MIN_SIMILAR_SHARE: Final = 0.5
"""Share of an event's articles that an article must be similar to, to join it."""


def group(inputs: RankingInputs, config: ListsConfig) -> Int32:
    """Label each article with the row that began its event: int32[n].

    An article that is not known yet, or whose time is unknown, is its own event. See `join`.
    """
    return join(inputs, np.zeros(0, np.int32), np.zeros(len(inputs.known), np.bool_), config)


def join(inputs: RankingInputs, before: Int32, changed: Bool, config: ListsConfig) -> Int32:
    """Extend the labels of a previous version by new or changed articles.

    Parameters
    ----------
    inputs : RankingInputs
        Of n articles.
    before : int32[m]
        The previous labels of the first m rows.
    changed : bool[n]
        Which of these are placed again. An article that began an event keeps its label unless it
        joins another.
    config : ListsConfig
        `event_cosine`, of which 0 groups nothing; `event_span`.

    Returns
    -------
    int32[n]
    """
    labels = np.arange(len(inputs.known), dtype=np.int32)
    if not config.event_cosine:
        return labels
    placed = changed.copy()
    placed[len(before) :] = True
    kept = np.flatnonzero(~placed)
    labels[kept] = before[kept]
    rows = np.flatnonzero((inputs.known < inputs.time) & (inputs.known != NEVER))
    rows = rows[np.argsort(inputs.known[rows], kind="stable")]
    first = np.searchsorted(inputs.known[rows], inputs.known[rows] - config.event_span)
    new = np.flatnonzero(placed[rows])
    for start in range(0, len(new), CHUNK_ARTICLES):
        chunk = new[start : start + CHUNK_ARTICLES]
        window = inputs.vectors[rows[first[chunk[0]] : chunk[-1] + 1]]
        at, other, cosine = similar_pairs(inputs.vectors[rows[chunk]], window, config.event_cosine)
        place, other = chunk[at], other + first[chunk[0]]
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
    """Assign articles to the events that they are linked to, one after the other, in `labels`.

    `links` are positions in `rows` of an article and of an earlier one, and their cosine,
    ascending. An article may join events that began no earlier than the row at `first`.
    """
    place, other, cosine = links
    ends = np.flatnonzero(np.diff(place, append=-1)) + 1
    for start, end in pairwise([0, *ends.tolist()]):
        at = place[start]
        events, which = np.unique(labels[rows[other[start:end]]], return_inverse=True)
        recent = labels[rows[first[at] : at]]
        size = np.array([np.count_nonzero(recent == event) for event in events])
        close = np.bincount(which, cosine[start:end]) / size
        close[
            (np.bincount(which) < MIN_SIMILAR_SHARE * size)
            | (known[events] < known[rows[first[at]]])
        ] = 0
        if close.any():
            labels[rows[at]] = events[np.argmax(close)]
