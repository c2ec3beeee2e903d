"""Two commits side by side: training, refreshing, answering, in turn.

    python -m benchmarks.speed.compare [--rounds N] BASE [WORK ...]

BASE is checked out in a temporary folder, with an environment of its own made from its lock, and
removed in the end, also after an interrupt. The data sets and the size of a cut are this
checkout's. A ratio is BASE's seconds over this checkout's: above 1, this one is faster.
"""

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

from benchmarks.speed import sites
from benchmarks.speed.process import ROOT, FailedError, ending, keep_to_cores, take
from benchmarks.speed.race import Race, Result, Side, run
from benchmarks.speed.report import Spread
from benchmarks.speed.sites import HERE, Inputs, SplitSite, Tree, empty_folder
from recommender import Recommender

ROUNDS: Final = 3

Sides = Callable[[Tree, str], Side]
"""A checkout and its name → its side of a work."""

_HEAD: Final = ("work", "base, s", "here, s", "ratio", "memory of base", "of here, GB")
_ROW: Final = "{:32}{:>26}{:>26}{:>8}{:>16}{:>14}"


def training(site: str, inputs: Inputs, folder: Path, tree: Tree, name: str) -> Side:
    """Train on a site; the first run, which may compile kernels, is not measured."""
    take(tree.ymal("train", site, inputs, folder / name / f"{site}-first"), tree.root)
    return Side(name, lambda output: tree.ymal("train", site, inputs, output), empty_folder)


def refreshing(cut: SplitSite, folder: Path, tree: Tree, name: str) -> Side:
    """Refresh a version that the same checkout has trained."""
    lay = tree.trained(cut, folder / name)
    return Side(name, lambda output: tree.ymal("refresh", cut.name, cut.after, output), lay)


def answering(cut: SplitSite, folder: Path, tree: Tree, name: str) -> Side:
    """Answer requests for a site that the same checkout has trained on."""
    artifacts, ids = folder / name / "answering", folder / name / "ids.txt"
    take(tree.ymal("train", cut.name, cut.whole, artifacts), tree.root)
    ids.write_text("\n".join(Recommender.open(artifacts).snapshot().ids()), encoding="utf-8")
    command = [tree.root / ".venv/bin/python", ROOT / "benchmarks/lookup.py", artifacts]
    return Side(name, lambda _: [*command, "--ids", ids])


def works(folder: Path) -> dict[str, Sides]:
    """Name all works; files that they share go into a folder."""
    ebnerd, globo = sites.ebnerd(folder), sites.globo(folder)
    return {
        "train-newswire": partial(training, "newswire", sites.newswire(), folder),
        "train-ebnerd": partial(training, ebnerd.name, ebnerd.whole, folder),
        "train-globo": partial(training, globo.name, globo.whole, folder),
        "refresh-ebnerd": partial(refreshing, ebnerd, folder),
        "refresh-globo": partial(refreshing, globo, folder),
        "lookup": partial(answering, ebnerd, folder),
    }


@contextmanager
def checkout(commit: str) -> Iterator[Tree]:
    """Check a commit out into a temporary folder, with an environment of its own."""
    git = ["git", "-C", str(ROOT)]
    known = subprocess.run(
        [*git, "rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}"],
        stdout=sys.stderr,
        check=False,
    )
    if known.returncode:
        sys.exit(f"{commit}: no such commit")
    tree = [*git, "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "base"
        try:
            subprocess.run([*tree, "add", "--quiet", "--detach", str(root), commit], check=True)
            _install(root)
            yield Tree(root)
        finally:
            subprocess.run([*tree, "remove", "--force", str(root)], check=False)
            subprocess.run([*tree, "prune"], check=False)


def _install(root: Path) -> None:
    """Build a checkout's environment with its own Makefile and lock."""
    command = ["make", "--silent", "install"]
    make = subprocess.Popen(command, cwd=root, stdout=sys.stderr, text=True, start_new_session=True)
    with ending(make):
        if make.wait():
            sys.exit(f"make install of {root} failed: exit {make.returncode}")


def rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Return the table's rows of a work: the whole process, and its stages beneath."""
    here, base = (result.taken[side.name] for side in (result.race.ours, *result.race.peers))
    memory = (f"{max(spent.memory for spent in side) / 1e9:.2f}" for side in (base, here))
    walls = [[spent.wall for spent in side] for side in (base, here)]
    yield (result.race.name, *_beside(*walls), *memory)
    for stage in here[0].stages:
        seconds = [[spent.stages.get(stage, 0.0) for spent in side] for side in (base, here)]
        yield (f"  {stage}", *_beside(*seconds), "", "")


def _beside(base: Sequence[float], here: Sequence[float]) -> tuple[str, str, str]:
    """Write two sides' seconds and the median of the rounds' ratios."""
    ratios = [b / h for b, h in zip(base, here, strict=True) if h]
    ratio = f"{statistics.median(ratios):.2f}" if ratios else ""
    return _seconds(base), _seconds(here), ratio


def _seconds(values: Sequence[float]) -> str:
    spread = Spread.of(values)
    return f"{spread.median:.3f} ({spread.least:.3f} to {spread.most:.3f})"


def _end(_number: int, _frame: FrameType | None) -> None:
    """Exit by an exception, so that the checkout is removed."""
    sys.exit("ended by a signal")


def main() -> None:
    """Compare a commit with this checkout, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed.compare")
    parser.add_argument("base", help="a commit")
    parser.add_argument("works", nargs="*", metavar="WORK", help="by default all")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    keep_to_cores()
    with checkout(options.base) as base, tempfile.TemporaryDirectory() as folder:
        known = works(Path(folder))
        for name in options.works:
            if name not in known:
                parser.error(f"{name}: no such work; there are {', '.join(known)}")
        print(_ROW.format(*_HEAD))
        for name in options.works or known:
            sides = [known[name](tree, side) for tree, side in ((HERE, "here"), (base, "base"))]
            result = run(Race(name, sides[0], sides[1:]), options.rounds, Path(folder) / name)
            for row in rows(result):
                print(_ROW.format(*row), flush=True)


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        sys.exit(str(error))
