"""A worker as the replay sees it: a process in the peer's own environment, asked line by line."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from benchmarks.speed.process import ROOT, FailedError

POOLS: Final = ("OMP", "OPENBLAS", "MKL", "RAYON", "LK")
THREADS: Final = {f"{pool}_NUM_THREADS": "1" for pool in POOLS}
"""What the pools of a worker may use: more wait for each other where others use the cores too."""

MAX_ERROR_CHARACTERS: Final = 2000
"""Characters of a worker's stderr that an error quotes."""


def home(environment: str) -> Path:
    """Give the folder of an environment: `ours`, `bench`, or one of `.venv-peers`."""
    folders = {"ours": ".venv", "bench": ".venv-bench"}
    return ROOT / folders.get(environment, f".venv-peers/{environment}")


def command(environment: str, module: str) -> list[str | Path]:
    """Give the command that runs a worker, a module of `benchmarks.peers.workers`."""
    python = home(environment) / "bin" / "python"
    return [python, "-m", f"benchmarks.peers.workers.{module}"]


def version(environment: str, package: str) -> str:
    """Read the version of a package from what is installed in an environment."""
    folders = [str(folder) for folder in home(environment).glob("lib/python*/site-packages")]
    (found,) = distributions(name=package, path=folders)
    return found.version


@dataclass(frozen=True)
class Worker:
    """A worker that runs.

    Attributes
    ----------
    process : talks by lines of JSON; see `benchmarks.peers.workers.session`.
    folder : for the files of its requests.
    log : where its stderr goes.
    """

    process: "subprocess.Popen[str]"
    folder: Path
    log: Path

    def ask(self, **request: Any) -> float:  # noqa: ANN401 - whatever JSON can hold
        """Ask for one thing and wait for it; give the seconds that it took the worker.

        A worker that has ended, or gives no valid answer, is a `FailedError` with the end of its
        stderr.
        """
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            print(json.dumps(request), file=stdin, flush=True)
            line = stdout.readline()
            return float(json.loads(line)["seconds"])
        except (OSError, ValueError) as error:
            end = self.log.read_text(errors="replace")[-MAX_ERROR_CHARACTERS:]
            raise FailedError(f"{' '.join(map(str, self.process.args))} ended:\n{end}") from error


@contextmanager
def running(environment: str, module: str, folder: Path) -> Iterator[Worker]:
    """Start a worker in a folder of its own, which holds the files of its requests.

    `environment` is one of `home`, `module` one of `benchmarks.peers.workers`. The worker ends with
    the block.
    """
    log = folder / "stderr.txt"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command(environment, module),
            cwd=ROOT,
            env={**os.environ, **THREADS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        yield Worker(process, folder, log)
    finally:
        process.kill()
        process.communicate()
