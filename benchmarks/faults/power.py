"""Power failures during a write: all states that may be left after every operation.

    python -m benchmarks.faults.power [--draws 8] [--seed 1] [--refresh]

The disk is a model (`benchmarks.faults.crash`); the writer is the real code, in this process. Each
tree that a power failure may leave must hold all of the old or all of the new, after the writer's
return all of the new, and the next writer must succeed in it. With `--refresh` the writer is `ymal
refresh` on a simulated site, and every tree is refreshed, which takes a quarter of an hour.
"""

import argparse
import io
import os
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np

from benchmarks import artificial
from benchmarks.artificial import name
from benchmarks.faults.crash import Disk, FrozenTree, write_tree
from benchmarks.faults.site import Portions, damage, make_site
from recommender import ArtifactError, Recommender
from recommender.manifest import read_manifest
from recommender.overrides import Override, load
from training import release
from training.cli import run
from training.config import VersionsConfig
from training.data import read_forgotten, read_key, write_forgotten
from training.errors import OutputError, YmalError
from training.production import forget

OLD, NEW, NEXT = 0, 1, 2
"""Numbers of the versions that are published."""

FORGOTTEN: Final = 0x0123456789ABCDEF
"""Hash of a reader who asks to be forgotten."""

ARTIFACTS: Final = "site/artifacts"
"""Where a scenario's directory lies on the disk."""

STORIES: Final = frozenset(name(row) for row in (0, 2, 4))
"""Ids that every version has."""


@dataclass(frozen=True)
class Scenario:
    """A write on top of an existing directory.

    Attributes
    ----------
    prepare, act, again : take the artifacts directory: what was written before, what is written
        while the power goes, what is written next and read.
    shows : says what a directory holds, in a word; raises where it is broken.
    """

    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    again: Callable[[Path], object]
    shows: Callable[[Path], str]


@dataclass(frozen=True)
class Found:
    """Outcome of a scenario.

    Attributes
    ----------
    operations, trees : operations followed, and different trees that may be left after them.
    old, new : trees that hold all of the old, and all of the new.
    broken : what is wrong with each of the others.
    undone : trees that hold the old though the writer had returned.
    stuck : stderr of the next writer, where it failed.
    """

    operations: int
    trees: int
    old: int
    new: int
    broken: tuple[str, ...]
    undone: int
    stuck: tuple[str, ...]

    @property
    def safe(self) -> bool:
        """Whether no power failure loses anything."""
        return not (self.broken or self.undone or self.stuck)


def publish(artifacts: Path, number: int) -> None:
    """Publish a version of six articles, under the directory's key."""
    artificial.publish(
        artifacts,
        number,
        articles=6,
        own=2,
        sections=1,
        fields={"key": read_key(artifacts).hex()},
        state={
            "open_session_reader": np.array([FORGOTTEN, 8]),
            "day_reader": np.array([8, FORGOTTEN]),
        },
    )


def train_first(artifacts: Path) -> None:
    """Write what a first training writes."""
    release.check_writable(artifacts)
    publish(artifacts, NEW)


def served(artifacts: Path) -> str:
    """Return the mark that every answer bears, "nothing" where there was no version yet."""
    if not (artifacts / "current").exists():
        return "nothing"
    release.verify(artifacts)
    manifest = read_manifest(artifacts / "versions" / release.served_name(artifacts), "version")
    if manifest["key"] != read_key(artifacts).hex():
        raise ArtifactError("the key is another than the version's")
    stories = Recommender.open(artifacts).related(name(0))
    return " and ".join(sorted({story.title.split()[-1] for story in stories}))


def withdrawn_stories(artifacts: Path) -> str:
    """Return the stories that are withdrawn."""
    found, complaint = load(artifacts)
    if complaint:
        raise ArtifactError(complaint)
    gone = sorted(override.story for override in found)
    if STORIES & set(Recommender.open(artifacts).snapshot().ids()) != STORIES - set(gone):
        raise ArtifactError(f"withdrawn are {gone}, but it answers otherwise")
    return " and ".join(gone) or "nothing"


def reader_status(artifacts: Path) -> str:
    """Return whether anything is known of the reader who asked to be forgotten."""
    served(artifacts)
    written = FORGOTTEN.to_bytes(8, "little")
    kept = any(written in path.read_bytes() for path in (artifacts / "states").rglob("*.npy"))
    return "known" if kept or FORGOTTEN not in read_forgotten(artifacts) else "forgotten"


def withdraw(row: int) -> Callable[[Path], object]:
    """Return a writer that withdraws a story."""
    override = Override(name(row), "withdraw", name(row))
    return lambda artifacts: release.change_overrides(
        artifacts, "withdraw", lambda overrides: [*overrides, override]
    )


def forget_reader(artifacts: Path) -> None:
    """Do what `ymal forget` does."""
    write_forgotten(artifacts, {*read_forgotten(artifacts), FORGOTTEN})
    forget(artifacts, FORGOTTEN, VersionsConfig())


def publish_old(artifacts: Path) -> None:
    """Publish in a directory without power failures."""
    publish(artifacts, OLD)


def nothing(_artifacts: Path) -> None:
    """Begin where there is not even a directory."""


def publish_next(artifacts: Path) -> None:
    """Publish a new version, and read it."""
    publish(artifacts, NEXT)
    if (found := served(artifacts)) != artificial.mark(NEXT):
        raise ArtifactError(f"{found} is served instead of what was published last")


def withdraw_last(artifacts: Path) -> None:
    """Withdraw a further story, and read what is withdrawn."""
    withdraw(4)(artifacts)
    withdrawn_stories(artifacts)


def forget_again(artifacts: Path) -> None:
    """Forget the reader once more, and read what is known of them."""
    forget_reader(artifacts)
    reader_status(artifacts)


def withdraw_first(artifacts: Path) -> None:
    """Publish, and withdraw a story."""
    publish_old(artifacts)
    withdraw(0)(artifacts)


SCENARIOS: Final = {
    "first publish": Scenario(nothing, train_first, publish_next, served),
    "next publish": Scenario(publish_old, lambda path: publish(path, NEW), publish_next, served),
    "first override": Scenario(publish_old, withdraw(0), withdraw_last, withdrawn_stories),
    "next override": Scenario(withdraw_first, withdraw(2), withdraw_last, withdrawn_stories),
    "forget": Scenario(publish_old, forget_reader, forget_again, reader_status),
}


def of_refresh(site: Portions) -> Scenario:
    """Make the scenario of `ymal refresh` on a site with three portions."""

    def at(verb: str, portion: int) -> Callable[[Path], object]:
        def act(artifacts: Path) -> None:
            stderr = io.StringIO()
            with redirect_stdout(io.StringIO()), redirect_stderr(stderr):
                code = run(site.command(verb, artifacts, portion)[1:])
            if code:
                raise OutputError(stderr.getvalue())

        return act

    def version(artifacts: Path) -> str:
        if broken := damage(artifacts):
            raise ArtifactError(broken)
        return release.served_name(artifacts)

    def refresh_again(artifacts: Path) -> None:
        at("refresh", 2)(artifacts)
        version(artifacts)

    return Scenario(at("train", 0), at("refresh", 1), refresh_again, version)


def cut_power(scenario: Scenario, folder: Path, *, seed: int, draws: int) -> Found:
    """Cut the power at every moment of a scenario, and check all that may be left.

    `folder` is for the disk and the trees, and nothing stays in it; `seed` and `draws` are those of
    `Disk`.
    """
    with patch.object(os, "fsync", lambda _handle: None):  # no real power is cut
        old, new, disk = _followed(scenario, folder, seed=seed, draws=draws)
        looked = [_looked(scenario, tree, folder) for tree in disk.trees]
    shown = [look.shown for look in looked]
    return Found(
        operations=disk.operations,
        trees=len(looked),
        old=shown.count(old),
        new=shown.count(new),
        broken=tuple(filter(None, (look.wrong(old, new) for look in looked))),
        undone=sum(
            what == old
            for what, returned in zip(shown, disk.trees.values(), strict=True)
            if returned
        ),
        stuck=tuple(look.stuck for look in looked if look.stuck),
    )


def may_break(scenario: Scenario, folder: Path, *, seed: int, draws: int) -> bool:
    """Return whether anything that may be left is broken; look at the latest first."""
    with patch.object(os, "fsync", lambda _handle: None):
        old, new, disk = _followed(scenario, folder, seed=seed, draws=draws)
        latest = reversed(disk.trees)
        return any(_looked(scenario, tree, folder).wrong(old, new) for tree in latest)


@dataclass(frozen=True)
class _Look:
    """What one tree shows, or what is broken; and stderr of the next writer, where it failed."""

    shown: str = ""
    broken: str = ""
    stuck: str = ""

    def wrong(self, old: str, new: str) -> str:
        """Return what is wrong with it, where it should hold all of the old or all of the new."""
        return self.broken or (f"it shows {self.shown}" if self.shown not in (old, new, "") else "")


def _followed(scenario: Scenario, folder: Path, *, seed: int, draws: int) -> tuple[str, str, Disk]:
    """Run a scenario; return what is shown before and after, and the trees between."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        root = Path(place)
        artifacts = root / ARTIFACTS
        scenario.prepare(artifacts)
        old = scenario.shows(artifacts)
        disk = Disk(root, seed=seed, draws=draws)
        with disk.followed():
            scenario.act(artifacts)
        return old, scenario.shows(artifacts), disk


def _looked(scenario: Scenario, tree: FrozenTree, folder: Path) -> _Look:
    """Look at a tree as it would be found, and let the next writer write there."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        write_tree(tree, Path(place))
        left, shown, broken, stuck = Path(place) / ARTIFACTS, "", "", ""
        try:
            shown = scenario.shows(left)
        except (YmalError, ArtifactError) as error:
            broken = str(error).replace(place, "")
        try:
            scenario.again(left)
        except (YmalError, ArtifactError) as error:
            stuck = str(error).replace(place, "")
        return _Look(shown, broken, stuck)


def table(found: dict[str, Found]) -> str:
    """Write a line per scenario, and what was wrong, once each."""
    lines = ["                operations  trees   old   new  broken  undone  next fails"]
    for scenario, one in found.items():
        lines.append(
            f"{scenario:<16}{one.operations:>10}{one.trees:>7}{one.old:>6}{one.new:>6}"
            f"{len(one.broken):>8}{one.undone:>8}{len(one.stuck):>12}"
        )
        lines += sorted({f"  {error}" for error in (*one.broken, *one.stuck)})
    return "\n".join(lines)


def main() -> None:
    """Cut the power, and print what was left."""
    parser = argparse.ArgumentParser(description="Cut the power while ymal writes.")
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refresh", action="store_true", help="That of ymal refresh instead.")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as place:
        folder, scenarios = Path(place), SCENARIOS
        if options.refresh:
            scenarios = {"ymal refresh": of_refresh(make_site(folder, 3))}
        for key, scenario in scenarios.items():
            found[key] = cut_power(scenario, folder, seed=options.seed, draws=options.draws)
    print(table(found))


if __name__ == "__main__":
    main()
