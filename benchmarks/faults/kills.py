"""SIGKILL at any moment of a run, half of them while names appear on the disk.

    python -m benchmarks.faults.kills [--kills 200] [--seed 1]

Starts a real `ymal train` or `ymal refresh` on a simulated site, and kills its process group. Then
the served version must be whole, the next run must succeed, and nothing may be left over.
"""

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.faults.site import PATIENCE, Run, damage, make_site

LIFE: Final = 20
"""Kills in one artifacts directory; the first is that of its first training."""

SOON: Final = 0.05
"""Seconds after a new name within which a run is killed."""

PHASES: Final = ("before writing", "while writing", "after the pointer", "had ended")


@dataclass(frozen=True)
class Kill:
    """What one kill did.

    Attributes
    ----------
    verb : the command that was killed.
    phase : one of `PHASES`.
    broken : what is wrong with what was served right after; "" where nothing is.
    following : the run that came next.
    """

    verb: str
    phase: str
    broken: str
    following: Run


def names(artifacts: Path) -> set[str]:
    """Return the names in an artifacts directory, and in what is being written there."""
    found: set[str] = set()
    waiting = ["", "states", "versions"]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(artifacts / inside) as entries:
                for entry in entries:
                    name = f"{inside}/{entry.name}"
                    found.add(name)
                    if inside and entry.name.startswith(".") and entry.is_dir():
                        waiting.append(name)
        except FileNotFoundError:
            continue  # renamed, or removed, while it was looked at
    return found


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a run in a process group of its own."""
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def until_names(process: subprocess.Popen[bytes], artifacts: Path, count: int) -> int:
    """Wait for `count` new names or the end of the run; return how many appeared."""
    before, seen = names(artifacts), set[str]()
    while process.poll() is None and len(seen) < count:
        seen |= names(artifacts) - before
        time.sleep(0.0002)
    return len(seen)


def measure(command: list[str], artifacts: Path) -> tuple[float, int]:
    """Run a command to its end; return its seconds, and how many names appear."""
    begun = time.monotonic()
    process = start(command)
    seen = until_names(process, artifacts, 10**9)
    if process.wait(PATIENCE):
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    return time.monotonic() - begun, seen


def kill(
    command: list[str], artifacts: Path, whole: tuple[float, int], draw: random.Random, by: str
) -> str:
    """Start a run, kill it at a moment drawn `by` "time" or "name"; return the phase."""
    pointer, before = artifacts / "current", names(artifacts)
    served = pointer.read_bytes() if pointer.exists() else b""
    process = start(command)
    if by == "time":
        wait = draw.uniform(0, whole[0])
    else:
        until_names(process, artifacts, draw.randint(1, whole[1]))
        wait = draw.uniform(0, draw.choice([SOON / 10, SOON]))
    time.sleep(wait)
    if process.poll() is not None:
        return "had ended"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)
    if pointer.exists() and pointer.read_bytes() != served:
        return "after the pointer"
    fresh = names(artifacts) - before - {"/states", "/versions", "/key", "/.lock"}
    return "while writing" if any("quarantine" not in name for name in fresh) else "before writing"


def rounds(folder: Path, count: int, seed: int, *, articles: int = 300) -> list[Kill]:
    """Kill `count` runs at moments drawn by a seed, and run the next portion after each.

    The first of each artifacts directory and every fifth is a training.
    """
    draw = random.Random(seed)  # noqa: S311
    site = make_site(folder / "site", 2 * LIFE + 2, articles=articles)
    spare = folder / "measured"
    wholes = {
        verb: measure(site.command(verb, spare, portion), spare)
        for portion, verb in enumerate(("train", "refresh"))
    }
    done: list[Kill] = []
    for number in range(count):
        life, age = divmod(number, LIFE)
        verb = "refresh" if age % 5 else "train"
        by = "name" if number % 2 else "time"
        if number == LIFE * life and life % 2:
            by = "name"  # first trainings too are killed in both ways
        artifacts = folder / f"artifacts-{life}"
        command = site.command(verb, artifacts, 2 * age)
        phase = kill(command, artifacts, wholes[verb], draw, by)
        served = (artifacts / "current").exists()
        broken = damage(artifacts) if served else ""
        command = site.command("refresh" if served else "train", artifacts, 2 * age + 1)
        done.append(Kill(verb, phase, broken, Run.of(command, artifacts)))
    return done


def table(kills: list[Kill]) -> str:
    """Format the figures, a line each, and what went wrong."""
    phases = Counter(kill.phase for kill in kills)
    verbs = Counter(kill.verb for kill in kills)
    following = [kill.following for kill in kills]
    lines = [
        f"kills             {len(kills)} ({', '.join(f'{n} {v}' for v, n in verbs.items())})",
        *(f"  {phase:<18}{phases[phase]}" for phase in PHASES),
        f"broken            {sum(bool(kill.broken) for kill in kills)}",
        f"next run exits 0  {sum(run.code == 0 for run in following)} of {len(kills)}",
        f"broken after it   {sum(bool(run.broken) for run in following)}",
        f"left over after it  {sum(bool(run.left) for run in following)}",
    ]
    for number, kill in enumerate(kills, 1):
        if kill.broken or kill.following.code or kill.following.broken:
            lines.append(f"{number}: {kill}")
    return "\n".join(lines)


def main() -> None:
    """Kill, and print the figures."""
    parser = argparse.ArgumentParser(description="Kill runs of ymal at any moment.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(table(rounds(Path(folder), options.kills, options.seed)))


if __name__ == "__main__":
    main()
