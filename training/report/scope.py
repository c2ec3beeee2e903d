"""The scope of a page or plot: a refresh interval, our system, and those it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.config import duration
from training.metrics.bootstrap import Trial
from training.replay.loop import UNFILLED
from training.replay.results import ListTotals, ReplayRows
from training.report.figures import ReportFigures
from training.report.formatting import format_duration

OURS = "ymal"


@dataclass(frozen=True)
class Scope:
    """A refresh interval of a report, with the systems to compare.

    Attributes
    ----------
    report : with the rows behind it.
    trial : the rows of the interval.
    ours : the system in question: `ymal`, or the first if `ymal` did not take part.
    others : the systems it is compared with: no variants of ours, no unfilled ones.
    """

    report: ReportFigures
    trial: Trial
    ours: str
    others: Sequence[str]

    @classmethod
    def of(cls, report: ReportFigures, every: str | None = None) -> "Scope":
        """Return the scope of a refresh interval, by default the first.

        Raises
        ------
        ValueError
            If the report was not evaluated at it, or has no rows.
        """
        interval = None if every is None else duration(every)
        trials = [t for t in report.trials if interval in (None, t.replay.every)]
        if not trials:
            there = ", ".join(format_duration(trial.replay.every) for trial in report.trials)
            raise ValueError(
                f"no rows of refresh interval {every or 'any'}; there are {there or 'none'}"
            )
        systems = trials[0].replay.systems
        ours = OURS if OURS in systems else systems[0]
        filled = [system for system in systems if not system.endswith(UNFILLED)]
        others = [s for s in filled if s != ours and not s.startswith(OURS)]
        return cls(report, trials[0], ours, others)

    @property
    def every(self) -> str:
        """The refresh interval, as the report writes it."""
        return format_duration(self.trial.replay.every)

    @property
    def filled(self) -> list[str]:
        """All systems but the unfilled ones, the best `hr@5` first."""
        systems = [s for s in self.trial.replay.systems if not s.endswith(UNFILLED)]
        return sorted(systems, key=lambda system: -self.metric(system, "hr@5"))

    def result(self, system: str, every: str | None = None) -> dict[str, Any]:
        """Return a system's entry in the report."""
        at = every or self.every
        entries = self.report.results
        return next(r for r in entries if (r["system"], r["every"]) == (system, at))

    def metric(self, system: str, name: str, every: str | None = None) -> float:
        """Return a metric of a system; NaN where it has none."""
        return float(self.result(system, every)["metrics"][name])

    def rival(self, name: str = "hr@5", every: str | None = None) -> str | None:
        """Return the best of the others by a metric; None if there are none."""
        best = sorted(self.others, key=lambda system: -self.metric(system, name, every))
        return best[0] if best else None

    @property
    def two(self) -> list[str]:
        """Our system, and the best of the others if there are any."""
        rival = self.rival()
        return [self.ours] if rival is None else [self.ours, rival]

    def rows(self, system: str) -> ReplayRows:
        """Return a system's rows, by time."""
        replay = self.trial.replay
        return replay.rows.where(self.trial.order[replay.systems.index(system)])

    def shown(self, system: str) -> ListTotals:
        """Return the totals of the lists that a system showed."""
        return self.trial.replay.totals[self.trial.replay.systems.index(system)]

    @property
    def readers(self) -> int:
        """Number of readers."""
        return len(np.unique(self.trial.reader))
