"""`refresh --every`: the time of a loop's refresh, compared with training on everything.

A loop has started long ago, with its kernels compiled and in memory: its refresh is the time from a
new file to its lists. It is stopped while the other side has its turn.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.speed.carried import compare
from benchmarks.speed.process import ROOT, THREADS, FailedError, Taken, ending, take, tree_memory
from benchmarks.speed.race import Race, Result, Side
from benchmarks.speed.report import Report, of_race
from benchmarks.speed.sites import HERE, empty_folder, globo_in_parts
from training.config import load

DESCRIPTION: Final = (
    "*refresh globo in a loop*: the time of one run of `ymal refresh --every 1s`, by its own "
    "clock, after a file with the next 1 % of the views appears. `ymal train` trains anew on "
    "everything, while the loop is stopped. The loop's first refresh is not measured."
)

_PATIENCE: Final = 300.0
"""Seconds after which a loop that has printed nothing is given up."""


class Loop:
    """A running loop, stopped by SIGSTOP except in its turns."""

    def __init__(self, process: "subprocess.Popen[str]", output: Path) -> None:
        self._process, self._output, self._read = process, output, 0

    def turn(self, part: Path, views: Path) -> Taken:
        """Let it run, replace the file of its views, and return what the refresh took.

        The run in which it was stopped is let end first, as its clock went on.
        """
        os.killpg(self._process.pid, signal.SIGCONT)
        try:
            self._wait(news=False)
            before = self._processor()
            part.replace(views)
            printed = self._wait(news=True)
            stages = dict(printed["seconds"])
            wall = stages.pop("total")
            cpu, memory = self._processor() - before, tree_memory(self._process.pid)
            return Taken(wall, cpu, memory, stages)
        finally:
            os.killpg(self._process.pid, signal.SIGSTOP)

    def _wait(self, *, news: bool) -> dict[str, dict[str, float]]:
        """Wait for a run that has refreshed, or for one that found nothing new."""
        given_up = time.monotonic() + _PATIENCE
        while (printed := self._next()) is None or bool(printed["nothing_new"]) is news:
            if self._process.poll() is not None or time.monotonic() > given_up:
                raise FailedError(f"the loop has not refreshed: {self._output.read_text()}")
            time.sleep(0.05)
        return printed

    def _next(self) -> dict[str, dict[str, float]] | None:
        """Return what it has printed of its next run, if anything."""
        text = self._output.read_text(encoding="utf-8")[self._read :]
        try:
            printed, end = json.JSONDecoder().raw_decode(text.lstrip())
        except ValueError:
            return None
        self._read += len(text) - len(text.lstrip()) + end
        return dict(printed)

    def _processor(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def run_loop(site: str, views: Path, artifacts: Path, output: Path) -> Iterator[Loop]:
    """Start a loop over a file of views, stopped; kill it at the end of the block."""
    command = [HERE.root / ".venv/bin/ymal", "refresh", "--every", "1s", "--quiet", "--json"]
    command += ["--config", ROOT / "examples" / f"{site}.toml", "--views", views]
    with output.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*map(str, command), "--artifacts", str(artifacts), "--jobs", str(THREADS)],
            cwd=ROOT,
            stdout=out,
            text=True,
            start_new_session=True,
        )
        os.killpg(process.pid, signal.SIGSTOP)
        with ending(process):
            yield Loop(process, output)
            os.killpg(process.pid, signal.SIGTERM)
            os.killpg(process.pid, signal.SIGCONT)
            process.wait()


def report(rounds: int) -> Report:
    """Run the work."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, parts, whole = globo_in_parts(folder, rounds + 1)
        artifacts, trained = folder / "artifacts", folder / "trained"
        views = parts[0].replace(folder / "newest.parquet")
        take(HERE.ymal("train", "globo", before, artifacts))
        ours = Side("ymal refresh --every", lambda _: [])
        anew = Side(
            "ymal train", lambda output: HERE.ymal("train", "globo", whole, output), empty_folder
        )
        race = Race("refresh globo in a loop", ours, [anew])
        taken: dict[str, list[Taken]] = {ours.name: [], anew.name: []}
        with run_loop("globo", views, artifacts, folder / "output.json") as loop:
            for part in parts[1:]:
                taken[ours.name].append(loop.turn(part, views))
                anew.before(trained)
                taken[anew.name].append(take(anew.command(trained)))
        config = load(ROOT / "examples" / "globo.toml").config
        exact, shared = compare(artifacts, trained, config)
        checks = {
            ours.name: f"recall {exact:.3f} of the strongest pairs of {anew.name}; the lists of "
            f"recently read articles share {shared:.3f} with those of the new model"
        }
        return of_race(Result(race, taken, folder), exact, checks, DESCRIPTION)
