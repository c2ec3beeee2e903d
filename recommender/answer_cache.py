"""A cache of answers to repeated requests."""

from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

CACHE_SLOTS: Final = 1024
"""Size of the cache, in answers: readers open the same few hundred stories."""


class AnswerCache(Generic[Answer]):
    """Answers by article and number of stories, each in the slot of its article's hash.

    The cache admits an article only if it was also the previous request for its slot. Articles that
    are requested once, as by a crawler, therefore replace nothing (the doorkeeper of Einziger,
    Friedman and Manes, TinyLFU, 2017). Threads may share the cache.
    """

    __slots__ = ("_answers", "_last_requests")

    def __init__(self) -> None:
        self._last_requests = [""] * CACHE_SLOTS
        self._answers: list[tuple[str, int, Answer] | None] = [None] * CACHE_SLOTS

    def get(self, article: str, n: int) -> Answer | None:
        """Return the answer for an article and a number of stories; None if it is not cached."""
        entry = self._answers[hash(article) % CACHE_SLOTS]
        return entry[2] if entry is not None and entry[0] == article and entry[1] == n else None

    def admit(self, article: str) -> bool:
        """Record a request; return whether the slot's previous request was for the same article."""
        slot = hash(article) % CACHE_SLOTS
        if self._last_requests[slot] == article:
            return True
        self._last_requests[slot] = article
        return False

    def put(self, article: str, n: int, answer: Answer) -> None:
        """Store an answer; the caller must not change it afterwards."""
        self._answers[hash(article) % CACHE_SLOTS] = article, n, answer
