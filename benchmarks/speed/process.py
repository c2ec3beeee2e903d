"""Measure a whole process: seconds, processor seconds, peak memory, its own stages."""

import json
import os
import platform
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

THREADS: Final = 2
"""Threads of each side; processes are kept to as many cores (`keep_to_cores`)."""

_POOLS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_LOOK_EVERY: Final = 0.5
"""Seconds between two samples of a process's memory; a sample takes some hundredths."""


@dataclass(frozen=True)
class Taken:
    """What a process took.

    Attributes
    ----------
    wall, cpu : seconds.
    memory : peak of the whole process tree, bytes: as seen now and then, or of its largest process.
    stages : seconds by stage, as the process tells them.
    """

    wall: float
    cpu: float
    memory: int
    stages: dict[str, float]


class FailedError(Exception):
    """A process that ended badly: its command, and the end of its stderr."""


def keep_to_cores() -> None:
    """Keep this process and all that it starts to as many cores as each side has threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def machine() -> str:
    """Return the names of the processor and the Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{(models or [platform.machine()])[0]}, Python {platform.python_version()}"


def take(command: Sequence[str | Path], folder: Path = ROOT) -> Taken:
    """Run a command in a folder; its last thing on stdout is JSON that has `seconds` by stage."""
    environment = {**os.environ, **dict.fromkeys(_POOLS, str(THREADS))}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as stderr_file:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=stderr_file,
            text=True,
            start_new_session=True,
        )
        with ending(process), _Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        stderr_file.seek(0)
        if process.returncode:
            last = stderr_file.read()[-2000:]
            raise FailedError(f"{' '.join(map(str, command))}: exit {process.returncode}\n{last}")
        stages = dict(json.loads(out.read())["seconds"])
    stages.pop("total", None)
    memory = max(watch.peak, usage.ru_maxrss * 1024)
    return Taken(wall, usage.ru_utime + usage.ru_stime, memory, stages)


@contextmanager
def ending(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Kill a session's first process, and all that it started, if waiting is interrupted."""
    try:
        yield
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


class _Watch:
    """Samples the memory of a process tree, and keeps the peak."""

    def __init__(self, process: int) -> None:
        self.peak = 0
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            self.peak = max(self.peak, tree_memory(self._process))


def tree_memory(root: int) -> int:
    """Resident bytes of a process and of all that descend from it, shared pages counted once."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total * 1024
