"""A simulated site whose views arrive in portions, as between runs of a real site."""

import csv
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.faults.warm import warm
from training.simulate import simulate

YMAL: Final = Path(sys.executable).parent / "ymal"
PATIENCE: Final = 300
"""Seconds after which a run counts as hung."""


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
        options = {"config": self.folder / "ymal.toml", "artifacts": artifacts}
        named = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        return [str(YMAL), verb, *named, "--now", self.moments[portion], "--quiet", "--jobs", "1"]

    def run(self, verb: str, artifacts: Path, portion: int) -> subprocess.CompletedProcess[str]:
        """Train or refresh at a moment, to the end."""
        return run_command(self.command(verb, artifacts, portion))


def run_command(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `ymal` in a forked process."""
    if command[0] == str(YMAL):
        return warm().run(command[1:], Path.cwd(), PATIENCE)
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def make_site(folder: Path, portions: int, *, seed: int = 1, articles: int = 300) -> Portions:
    """Simulate ten days of a site; its later half comes in portions of as many views each.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    portions : int
        Number of moments.
    seed : int
        Seed of the site.
    articles : int
        Number of articles.

    Returns
    -------
    Portions

    Raises
    ------
    ValueError
        If the site has too few views for the portions.
    """
    simulate(folder, articles=articles, days=10, readers=2 * articles, seed=seed)
    with (folder / "views.csv").open(newline="") as file:
        times = sorted({row["time"] for row in csv.DictReader(file)})
    later = times[len(times) // 2 :]
    if len(later) < portions:
        raise ValueError(f"{portions} portions are more than {len(later)} moments with views")
    step = len(later) // portions
    return Portions(folder, tuple(later[step - 1 :: step][:portions]))
