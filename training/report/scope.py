"""What a page or plot looks at: a cadence of a report, our system, and what to hold it against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.config import duration
from training.metrics.bootstrap import Trial
from training.replay.loop import UNFILLED
from training.replay.results import ListTotals, ReplayRows
from training.report.report import Report, format_duration

OURS = "ymal"


@dataclass(frozen=True)
class Scope:
    """A cadence of a report.

    Attributes
    ----------
    report : with the rows behind it.
    trial : the rows of the cadence.
    ours : the system that is looked at: `ymal`, or the first where it did not take part.
    others : the systems it is held against: those that are no variant of ours, unfilled ones out.
    """

    report: Report
    trial: Trial
    ours: str
    others: Sequence[str]

    @classmethod
    def of(cls, report: Report, every: str | None = None) -> "Scope":
        """Look at a cadence, by default the first.

        Raises
        ------
        ValueError
            If the report was not evaluated at it, or has no rows.
        """
        cadence = None if every is None else duration(every)
        trials = [t for t in report.trials if cadence in (None, t.replay.every)]
        if not trials:
            there = ", ".join(format_duration(trial.replay.every) for trial in report.trials)
            raise ValueError(f"no rows of cadence {every or 'any'}; there are {there or 'none'}")
        systems = trials[0].replay.systems
        ours = OURS if OURS in systems else systems[0]
        filled = [system for system in systems if not system.endswith(UNFILLED)]
        others = [s for s in filled if s != ours and not s.startswith(OURS)]
        return cls(report, trials[0], ours, others)

    @property
    def every(self) -> str:
        """The cadence, as the report writes it."""
        return format_duration(self.trial.replay.every)

    @property
    def filled(self) -> list[str]:
        """All systems but the unfilled ones, the best `hr@5` first."""
        systems = [s for s in self.trial.replay.systems if not s.endswith(UNFILLED)]
        return sorted(systems, key=lambda system: -self.metric(system, "hr@5"))

    def result(self, system: str, every: str | None = None) -> dict[str, Any]:
        """Give a system's entry in the report."""
        at = every or self.every
        entries = self.report.results
        return next(r for r in entries if (r["system"], r["every"]) == (system, at))

    def metric(self, system: str, name: str, every: str | None = None) -> float:
        """Give a figure of a system; NaN where it has none."""
        return float(self.result(system, every)["metrics"][name])

    def rival(self, name: str = "hr@5", every: str | None = None) -> str | None:
        """Give the best of the others by a figure; None where there is none."""
        best = sorted(self.others, key=lambda system: -self.metric(system, name, every))
        return best[0] if best else None

    @property
    def two(self) -> list[str]:
        """Ours, and the best of the others where there is one."""
        rival = self.rival()
        return [self.ours] if rival is None else [self.ours, rival]

    def rows(self, system: str) -> ReplayRows:
        """Give a system's rows, by time."""
        replay = self.trial.replay
        return replay.rows.where(self.trial.order[replay.systems.index(system)])

    def shown(self, system: str) -> ListTotals:
        """Give what a system showed."""
        return self.trial.replay.totals[self.trial.replay.systems.index(system)]

    @property
    def readers(self) -> int:
        """Number of readers."""
        return len(np.unique(self.trial.reader))
