"""A peer as a system of the replay: views, requests and lists go to its worker as files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.proof.worker import Worker
from training.data.views import ViewTable
from training.records import HOUR, Bool, Int32
from training.replay.systems import ReplayStep, SessionSystem, System


@dataclass
class PeerSystem(System):
    """One model at one setting, asked for the lists of sources.

    It is fitted when lists are first asked for after a multiple of `renewed`, on the views of the
    last `setting["hours"]` before that moment, and stays as it is until the next.

    Attributes
    ----------
    name : what the report calls it, and its worker the model.
    worker : who fits and answers; several systems may share it.
    site : folder of the articles' files.
    setting : for the worker; `hours` is how far back the views go.
    renewed : µs between two fittings.
    fits, answers : seconds that each fitting and each answer took the worker.
    """

    name: str
    worker: Worker
    site: Path
    setting: dict[str, Any]
    renewed: int
    fits: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    _now: int = -1
    _fitted: int = -1
    _views: ViewTable | None = None

    def advance(self, step: ReplayStep) -> None:
        """Note where the clock stands."""
        self._now, self._views = step.end, step.views

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Ask for the lists of some sources, as `System.lists` says."""
        return self.answered(sources[:, None], eligible, n)

    def answered(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Ask for a list for each line of `opened`, the page shown first."""
        due = self._now - self._now % self.renewed
        if self._fitted != due:
            self._fit(due)
        folder = self.worker.folder
        asked, allowed, out = (folder / f"{name}.npy" for name in ("asked", "eligible", "lists"))
        np.save(asked, opened)
        np.save(allowed, eligible)
        files = {"asked": str(asked), "eligible": str(allowed), "out": str(out)}
        self.answers.append(self.worker.ask(do="lists", model=self.name, n=n, **files))
        return np.asarray(np.load(out), np.int32)

    def _fit(self, due: int) -> None:
        start = due - int(self.setting["hours"] * HOUR)
        path = self.worker.folder / f"views-{start}-{due}.npy"
        if not path.exists():
            for old in self.worker.folder.glob("views-*.npy"):
                if not old.name.endswith(f"-{due}.npy"):
                    old.unlink()
            self._write(path, start, due)
        given = {"views": str(path), "site": str(self.site), "setting": self.setting, "now": due}
        self.fits.append(self.worker.ask(do="fit", model=self.name, **given))
        self._fitted = due

    def _write(self, path: Path, start: int, end: int) -> None:
        """Write the views in [start, end) as int64[3, n]: time, reader, article."""
        views = self._views
        if views is None:
            raise RuntimeError("advance comes before lists")
        table = views.connection.table(views.table)
        past = table.filter(f"time >= {start:d} AND time < {end:d}")
        found = past.project("time, reader, article").order("time, reader, article").fetchnumpy()
        columns = [found[name].astype(np.int64) for name in ("time", "reader", "article")]
        np.save(path, np.stack(columns))


class SessionPeerSystem(SessionSystem):
    """The same, asked with all that the reader has opened in the session."""

    def __init__(self, asked: PeerSystem) -> None:
        self.name, self.asked = asked.name, asked

    def advance(self, step: ReplayStep) -> None:
        """Note where the clock stands."""
        self.asked.advance(step)

    def lists_for(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Ask for a list for each session."""
        return self.asked.answered(opened, eligible, n)
