"""Stages of a long run: who is told, and how many seconds each took."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stages:
    """Names the stage that runs, and adds up its seconds.

    Parameters
    ----------
    tell : callable, optional
        Called with a line of text when a stage begins, and with its notes as it goes on.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell or (lambda _line: None)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[Callable[[str], None]]:
        """Run a stage; what it yields takes notes such as "day 3 of 36"."""
        self._tell(name)
        begun = time.perf_counter()
        try:
            yield lambda note: self._tell(f"{name}: {note}")
        finally:
            spent = time.perf_counter() - begun
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    def rounded(self) -> dict[str, float]:
        """Give the seconds per stage and their total, to the hundredth."""
        total = sum(self.seconds.values())
        return {name: round(spent, 2) for name, spent in {**self.seconds, "total": total}.items()}


def peak_memory() -> int:
    """Give the largest resident size so far of this process or of an ended child, in MB."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(w).ru_maxrss for w in who) // 1024
