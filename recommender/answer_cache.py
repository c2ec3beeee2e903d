"""Answers to what is asked again and again."""

from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

PLACES: Final = 1024
"""How many answers can be kept: readers open the same few hundred stories."""


class AnswerCache(Generic[Answer]):
    """Answers by article and number of stories, each kept at the place of its article's hash.

    Only an article that comes again, with none of its place in between, takes the place. So one
    that is asked for once, as a crawler asks for all, costs next to nothing and drives out nobody
    (a doorkeeper: Einziger, Friedman and Manes, TinyLFU, 2017). Threads may share it.
    """

    __slots__ = ("_answers", "_asked")

    def __init__(self) -> None:
        self._asked = [""] * PLACES
        self._answers: list[tuple[str, int, Answer] | None] = [None] * PLACES

    def get(self, article: str, n: int) -> Answer | None:
        """Give what was kept for an article and a number of stories, None where nothing was."""
        kept = self._answers[hash(article) % PLACES]
        return kept[2] if kept is not None and kept[0] == article and kept[1] == n else None

    def again(self, article: str) -> bool:
        """Note that an article was asked for; tell whether it was the last one of its place too."""
        place = hash(article) % PLACES
        if self._asked[place] == article:
            return True
        self._asked[place] = article
        return False

    def keep(self, article: str, n: int, answer: Answer) -> None:
        """Keep an answer, which must not be changed from now on."""
        self._answers[hash(article) % PLACES] = article, n, answer
