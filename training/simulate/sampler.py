"""Single random draws, for code that chooses one word at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from numpy.random import Generator

Item = TypeVar("Item")


class Sampler:
    """Makes single random draws; the generator is called once per 4096 numbers, for speed."""

    def __init__(self, rng: Generator) -> None:
        self._uniforms = _uniforms(rng)

    def number(self) -> float:
        """Draw a number in [0, 1)."""
        return next(self._uniforms)

    def one(self, items: Sequence[Item]) -> Item:
        """Draw one of the items."""
        return items[int(next(self._uniforms) * len(items))]

    def permute(self, items: Sequence[Item]) -> list[Item]:
        """Return all items in random order."""
        return sorted(items, key=lambda _: next(self._uniforms))

    def slot(self, slot: Sequence[Sequence[str]]) -> str:
        """Draw one string from each list, and join them."""
        return "".join(self.one(part) for part in slot)


def _uniforms(rng: Generator) -> Iterator[float]:
    while True:
        yield from rng.random(4096).tolist()
