"""Stages of a long run: progress lines, and the seconds that each stage took."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stages:
    """Reports the current stage, and adds up the seconds of each.

    Parameters
    ----------
    show : callable, optional
        Called with a line of text when a stage begins, and with each of its notes.
    """

    def __init__(self, show: Callable[[str], None] | None = None) -> None:
        self._show = show or (lambda _line: None)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[Callable[[str], None]]:
        """Run a stage; yields a function that reports a note such as "day 3 of 36"."""
        self._show(name)
        begun = time.perf_counter()
        try:
            yield lambda note: self._show(f"{name}: {note}")
        finally:
            spent = time.perf_counter() - begun
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    def rounded(self) -> dict[str, float]:
        """Return the seconds per stage and their total, rounded to 0.01."""
        total = sum(self.seconds.values())
        return {name: round(spent, 2) for name, spent in {**self.seconds, "total": total}.items()}


def peak_memory() -> int:
    """Return the peak resident size, in MB, of this process or of its largest ended child."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(w).ru_maxrss for w in who) // 1024
