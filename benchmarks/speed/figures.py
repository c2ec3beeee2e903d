"""Format figures: medians with their spread, and the line of a comparison."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)} to {_short(self.most)})"


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def line(name: str, peer: str, ratios: Sequence[float], recall: float) -> str:
    """Format the speed-up over a peer: the median of the rounds' ratios.

    Examples
    --------
    >>> line("newswire", "a search engine", [2.0, 4.0, 3.0], 0.99964)
    'newswire: 3.0 x faster than a search engine (recall 1.000)'
    """
    if not name.strip() or any(bracket in peer for bracket in "()[]{}"):
        raise ValueError(f"{name!r}, {peer!r}: a name is wanted, and a peer without brackets")
    return f"{name}: {statistics.median(ratios):.1f} x faster than {peer} (recall {recall:.3f})"
