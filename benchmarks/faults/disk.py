"""Full disks: runs in a small file system that has too little room.

    python -m benchmarks.faults.disk [--points 20] [--seed 1]

Each point mounts a tmpfs (as root only), puts a trained artifacts directory there, uses up all but
some bytes or inodes, and runs a command. It must print one line about the room, the served version
must be whole, and once there is room the same command must succeed.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.faults.site import YMAL, Portions, Run, make_site, run_command
from training import release
from training.errors import EXIT_OK, EXIT_OUTPUT

SIZE: Final = 64 << 20
"""Bytes of the file system."""

INODES: Final = 4096
"""Inodes of the file system."""

BLOCK: Final = 4096
"""Bytes by which room is given."""


class CannotMount(Exception):  # noqa: N818 - it says what is wrong
    """No file system can be mounted here; the message says why."""


@dataclass(frozen=True)
class Room:
    """What is free: bytes and inodes."""

    bytes: int
    inodes: int


@dataclass(frozen=True)
class Outcome:
    """Outcome at one point.

    Attributes
    ----------
    verb, kind, room : the command, `bytes` or `inodes`, and how much of it there was.
    run, later : the command without room, and again once there was room.
    moved : whether another version is served than before.
    unserved : versions younger than the served one.
    """

    verb: str
    kind: str
    room: int
    run: Run
    moved: bool
    unserved: int
    later: Run

    @property
    def refused(self) -> bool:
        """Whether it failed correctly: the named exit code, and one line with the reason."""
        stderr = self.run.stderr
        one_line = stderr.startswith("ymal: ") and stderr.count("\n") == 1
        return self.run.code == EXIT_OUTPUT and one_line and "No space left on device" in stderr

    @property
    def well(self) -> bool:
        """Whether everything is correct."""
        bad = self.run.broken or self.moved or self.run.left or self.later.broken
        return self.refused and not bad and self.later.code == EXIT_OK


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small file system, and unmount it in any case."""
    folder.mkdir(exist_ok=True)
    options = f"size={SIZE},nr_inodes={INODES}"
    command = ["mount", "-t", "tmpfs", "-o", options, "ymal-faults", str(folder)]
    try:
        mounted = run_command(command)
    except FileNotFoundError as error:
        raise CannotMount(str(error)) from None
    if mounted.returncode:
        raise CannotMount(mounted.stderr.strip())
    try:
        yield folder
    finally:  # lazily: a version that is still open must not keep it
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def free(disk: Path) -> Room:
    """Measure what is free."""
    found = os.statvfs(disk)
    return Room(found.f_bavail * found.f_frsize, found.f_favail)


def fill(disk: Path, kind: str, room: int) -> Path:
    """Use up all bytes or inodes but `room`; return the file to remove afterwards."""
    ballast = disk / "ballast"
    ballast.mkdir()
    if kind == "inodes":
        for number in range(free(disk).inodes - room):
            (ballast / str(number)).touch()
    else:
        with (ballast / "bytes").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free(disk).bytes - room)
    return ballast


def command(site: Portions, verb: str, artifacts: Path) -> list[str]:
    """Return the command of a verb: a training, a refresh, or the ban of a story."""
    if verb == "ban":
        return [str(YMAL), "ban", "a000001", "--artifacts", str(artifacts)]
    return site.command(verb, artifacts, 1)


def required_room(disk: Path, trained: Path, site: Portions, verb: str) -> Room:
    """Run a command with enough room; return the room that its version and state take.

    What is linked to the state before takes none.
    """
    artifacts = disk / "artifacts"
    shutil.copytree(trained, artifacts)
    run_command(command(site, verb, artifacts), check=True)
    name = release.served_name(artifacts)
    files = [
        path
        for kind in ("states", "versions")
        for path in (artifacts / kind / name).iterdir()
        if path.stat().st_nlink == 1
    ]
    blocks = sum(-(-path.stat().st_size // BLOCK) for path in files) + 1  # one for the pointer
    return Room(blocks * BLOCK, len(files) + 3)  # two directories and the pointer


def without_room(
    disk: Path, trained: Path, site: Portions, verb: str, kind: str, room: int
) -> Outcome:
    """Run a command on a full disk, and again once there is room."""
    artifacts = disk / "artifacts"
    shutil.copytree(trained, artifacts)
    before = release.served_name(artifacts)
    ballast = fill(disk, kind, room)
    again = command(site, verb, artifacts)
    run = Run.of(again, artifacts)
    served = release.served_name(artifacts)
    unserved = sum(path.name > served for path in (artifacts / "versions").glob("[!.]*"))
    shutil.rmtree(ballast)
    later = Run.of(again, artifacts)
    return Outcome(verb, kind, room, run, served != before, unserved, later)


def plan(points: int, need: dict[str, Room]) -> list[tuple[str, str, int]]:
    """Spread `points` over what is needed, from nothing to just too little.

    Every fourth counts inodes, every fifth is a training; one more of each kind is a ban.
    """
    planned = []
    for kind in ("bytes", "inodes"):
        count = points // 4 if kind == "inodes" else points - points // 4
        for number in range(count):
            verb = "train" if number % 5 == 4 else "refresh"
            most = need[verb].inodes - 1 if kind == "inodes" else need[verb].bytes - BLOCK
            planned.append((verb, kind, most * number // max(1, count - 1)))
        planned.append(("ban", kind, 0))
    return planned


def outcomes(folder: Path, points: int, seed: int, *, articles: int = 300) -> list[Outcome]:
    """Fill the disk at `points` points, and at two more for a ban."""
    with small_disk(folder / "disk"):
        pass
    site = make_site(folder / "site", 2, seed=seed, articles=articles)
    trained = folder / "trained"
    run_command(site.command("train", trained, 0), check=True)
    need = {}
    for verb in ("train", "refresh"):
        with small_disk(folder / "disk") as disk:
            need[verb] = required_room(disk, trained, site, verb)
    done = []
    for verb, kind, room in plan(points, need):
        with small_disk(folder / "disk") as disk:
            done.append(without_room(disk, trained, site, verb, kind, room))
    return done


def table(done: list[Outcome]) -> str:
    """Format a line per point, and the sums."""
    lines = ["command  free            exit  served  left  unserved  later"]
    lines += [
        f"{one.verb:<9}{one.room:>9} {one.kind:<7}{one.run.code:>3}  "
        f"{'broken' if one.run.broken else 'moved' if one.moved else 'whole':<8}"
        f"{len(one.run.left):>4}{one.unserved:>10}{one.later.code:>7}"
        for one in done
    ]
    lines.append(f"as it should be: {sum(one.well for one in done)} of {len(done)}")
    lines += [str(one) for one in done if not one.well]
    return "\n".join(lines)


def main() -> None:
    """Fill the disk, and print the outcomes."""
    parser = argparse.ArgumentParser(description="Run ymal where the disk is full.")
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(table(outcomes(Path(folder), options.points, options.seed)))


if __name__ == "__main__":
    main()
