"""Search the titles of a version, newest first."""

import time
from collections.abc import Callable, Iterable, Sequence
from heapq import heapreplace
from typing import Final

from .artifact import NEVER, Version

CHUNK_TITLES: Final = 512
"""Titles per chunk of the search."""

_PAUSE_SECONDS: Final = 1e-6
"""Seconds of sleep before each chunk, which lets other threads take the interpreter lock and answer
requests."""

_OLDEST: Final = -NEVER - 1
"""A time earlier than every publish time."""

_NO_ROW: Final = -1


def search_titles(
    version: Version, words: Sequence[str], n: int, is_shown: Callable[[int], bool]
) -> list[int]:
    """Return the newest rows whose title has all words; rows without a publish time come last.

    Parameters
    ----------
    version : Version
    words : sequence of str
        Case-folded.
    n : int
        Maximum number of rows.
    is_shown : callable
        Whether a row may be returned.

    Returns
    -------
    list of int
    """
    titles, times = version.titles, version.published
    newest = [(_OLDEST, _NO_ROW)] * min(n, len(titles))  # a heap with the oldest first
    for end in range(len(titles) if newest else 0, 0, -CHUNK_TITLES):
        begin = max(end - CHUNK_TITLES, 0)
        if max(times[begin:end]) < newest[0][0]:
            continue
        time.sleep(_PAUSE_SECONDS)
        if _has_all(titles.join(begin, end), words):  # few chunks match, so few titles are decoded
            for row in range(begin, end):
                at = times[row]
                found = _OLDEST if at == NEVER else at, row
                if found > newest[0] and _has_all(titles[row], words) and is_shown(row):
                    heapreplace(newest, found)
    return [row for _, row in sorted(newest, reverse=True) if row != _NO_ROW]


def _has_all(text: str, words: Iterable[str]) -> bool:
    """Whether a text contains all of some case-folded words."""
    folded = text.casefold()
    return all(word in folded for word in words)
