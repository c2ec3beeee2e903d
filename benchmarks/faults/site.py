"""Simulated sites for the faults: trained and refreshed in portions, and checks of what is served.

What a fault leaves is checked by `damage` and `left_over`.
"""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recommender import ArtifactError, Recommender
from recommender.overrides import EDITORS, Override, dump
from tests.warm import warm
from training import release
from training.simulate import simulate

YMAL: Final = Path(sys.executable).parent / "ymal"
PATIENCE: Final = 300
"""Seconds after which a run counts as hung."""

EARLIER: Final = "2026-05-31T20:00:00Z"
"""When the first version of `trained` is made."""


@contextmanager
def workspace() -> Iterator[Path]:
    """Make a temporary folder, in memory if the system has `/dev/shm`."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder's name is made up by the system
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def run_command(command: list[str], *, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, `ymal` in a forked process; with `check`, it must exit with 0."""
    if command[0] == str(YMAL):
        done = warm().run(command[1:], Path.cwd(), PATIENCE)
    else:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    if check and done.returncode:
        raise RuntimeError(done.stderr)
    return done


@dataclass(frozen=True)
class Run:
    """A command that has ended, and what it leaves.

    Attributes
    ----------
    code, stderr : of the command.
    broken : what is wrong with what is served then; "" where nothing is.
    left : what is left over.
    """

    code: int
    stderr: str
    broken: str
    left: tuple[str, ...]

    @classmethod
    def of(cls, command: list[str], artifacts: Path) -> "Run":
        """Run a command on an artifacts directory."""
        done = run_command(command)
        return cls(done.returncode, done.stderr, damage(artifacts), tuple(left_over(artifacts)))


@dataclass(frozen=True)
class Portions:
    """A site's folder, and the moments at which it is trained and refreshed.

    Attributes
    ----------
    folder : with articles, views and config.
    moments : ISO 8601, ascending; between two of them there are views.
    """

    folder: Path
    moments: tuple[str, ...]

    def command(self, verb: str, artifacts: Path, portion: int) -> list[str]:
        """Return the command that trains or refreshes at a moment."""
        config = str(self.folder / "ymal.toml")
        options = ["--config", config, "--artifacts", str(artifacts), "--quiet", "--jobs", "1"]
        return [str(YMAL), verb, *options, "--now", self.moments[portion]]


def make_site(folder: Path, portions: int, *, seed: int = 1, articles: int = 300) -> Portions:
    """Simulate ten days of a site; its later half comes in portions of as many views each."""
    simulate(folder, articles=articles, days=10, readers=2 * articles, seed=seed)
    with (folder / "views.csv").open(newline="") as file:
        times = sorted({row["time"] for row in csv.DictReader(file)})
    later = times[len(times) // 2 :]
    if len(later) < portions:
        raise ValueError(f"{portions} portions are more than {len(later)} moments with views")
    step = len(later) // portions
    return Portions(folder, tuple(later[step - 1 :: step][:portions]))


def trained(folder: Path) -> Path:
    """Simulate a site of a hundred articles, train it twice, and return its artifacts directory.

    Beside the two versions stand overrides of every kind, and the last good ones.
    """
    simulate(folder, articles=100, days=3, readers=200)
    for now in (["--now", EARLIER], []):
        command = [str(YMAL), "train", "--config", str(folder / "ymal.toml"), "--quiet", *now]
        run_command(command, check=True)
    artifacts = folder / "artifacts"
    ids = sorted(Recommender.open(artifacts).snapshot().ids())
    overrides = [
        Override("o1", "ban", ids[0]),
        Override("o2", "ban", ids[1], block="popular", section="sport"),
        Override("o3", "withdraw", ids[2]),
        Override("o4", "pin", ids[3], slot=2, who="ada", why="for ever"),
        Override("o5", "pin", ids[4], block="must_reads", slot=1, article=ids[5]),
    ]
    (artifacts / EDITORS.name).write_bytes(dump(overrides))
    Recommender.open(artifacts)  # keeps them as the last good ones
    return artifacts


def damage(artifacts: Path) -> str:
    """Return what is wrong with what is served, version, state and answers; "" where nothing is."""
    try:
        release.verify(artifacts)
        snapshot = Recommender.open(artifacts).snapshot()
        source = next(snapshot.ids())
        if not snapshot.related_ids(source):
            return f"no story is related to {source}"
    except (ArtifactError, StopIteration) as error:
        return str(error) or "no article is known"
    return ""


def left_over(artifacts: Path) -> list[str]:
    """Name what a run that was cut short left behind.

    That is every partial file or directory, every state without its version, and every version
    without its state that is younger than the oldest state kept: older ones' states are pruned.
    """
    states, versions = (
        {path.name for path in (artifacts / kind).glob("[!.]*")} for kind in ("states", "versions")
    )
    partial = [str(path.relative_to(artifacts)) for path in artifacts.rglob(".*.partial")]
    alone = [f"states/{name}" for name in states - versions]
    stateless = [
        f"versions/{name}" for name in versions - states if name >= min(states, default=name)
    ]
    return sorted(partial + alone + stateless)
