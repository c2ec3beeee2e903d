"""Sides that take turns at one task, and what each took in each round."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.speed.process import ROOT, Taken, take

OURS: Final = ROOT / ".venv" / "bin" / "python"
PEERS: Final = ROOT / ".venv-bench" / "bin" / "python"


def _fresh(_output: Path) -> None:
    """Leave the output folder as it is: the side overwrites it."""


@dataclass(frozen=True)
class Side:
    """Who takes part.

    Attributes
    ----------
    name : for people, without brackets.
    command : the folder for its output → the command that is measured.
    before : what is done to that folder before each run, not measured.
    """

    name: str
    command: Callable[[Path], Sequence[str | Path]]
    before: Callable[[Path], None] = _fresh


@dataclass(frozen=True)
class Race:
    """Our side and its peers at one task, whose name begins with the task's word."""

    name: str
    ours: Side
    peers: Sequence[Side]


@dataclass(frozen=True)
class Result:
    """What each side of a race took, by its name, in the order of the rounds."""

    race: Race
    taken: dict[str, list[Taken]]
    folder: Path

    def output(self, side: Side) -> Path:
        """Return the folder of what a side made in the last round."""
        return _output(self.folder, side)

    def ratios(self, peer: Side) -> list[float]:
        """Return a peer's time divided by ours, round by round."""
        ours = self.taken[self.race.ours.name]
        return [p.wall / o.wall for p, o in zip(self.taken[peer.name], ours, strict=True)]


def ours(script: str, given: Path) -> Side:
    """Make our side of a script that reads an input and writes lists (`benchmarks.ours`)."""
    return Side("ymal", lambda output: [OURS, "-m", "benchmarks.ours", script, given, output])


def peer(name: str, module: str, script: str, given: Path) -> Side:
    """Make a peer: a side of a module in `benchmarks.peers`."""
    command = [PEERS, "-m", f"benchmarks.peers.{module}", script, given]
    return Side(name, lambda output: [*command, output])


def run(race: Race, rounds: int, folder: Path) -> Result:
    """Run all sides in turn, `rounds` times, another one first each time."""
    sides = [race.ours, *race.peers]
    taken: dict[str, list[Taken]] = {side.name: [] for side in sides}
    for number in range(rounds):
        first = number % len(sides)
        for side in sides[first:] + sides[:first]:
            output = _output(folder, side)
            output.mkdir(exist_ok=True, parents=True)
            side.before(output)
            spent = take(side.command(output))
            taken[side.name].append(spent)
            message = f"{race.name}, round {number + 1} of {rounds}: {side.name} {spent.wall:.1f} s"
            print(message, file=sys.stderr)
    return Result(race, taken, folder)


def recall(result: Result, side: Side, by: Side, sources: int) -> float:
    """Let a script check a side's result for some sources, by the side's own definition."""
    *command, _ = by.command(result.output(by))
    asked = [*command, result.output(side), "--check", str(sources)]
    done = subprocess.run(asked, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(done.stdout)["recall"])


def _output(folder: Path, side: Side) -> Path:
    return folder / side.name.replace(" ", "-").replace("/", "-")
