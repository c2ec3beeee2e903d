"""Single random draws for code that decides one word at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from numpy.random import Generator

Item = TypeVar("Item")


class Sampler:
    """Draws one at a time from a random generator, which is asked for a block at a time."""

    def __init__(self, rng: Generator) -> None:
        self._uniforms = _uniforms(rng)

    def number(self) -> float:
        """Draw a number in [0, 1)."""
        return next(self._uniforms)

    def one(self, items: Sequence[Item]) -> Item:
        """Draw one of the items."""
        return items[int(next(self._uniforms) * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Draw all of the items, in random order."""
        return sorted(items, key=lambda _: next(self._uniforms))

    def slot(self, slot: Sequence[Sequence[str]]) -> str:
        """Draw a string of each list and join them."""
        return "".join(self.one(part) for part in slot)


def _uniforms(rng: Generator) -> Iterator[float]:
    while True:
        yield from rng.random(4096).tolist()
