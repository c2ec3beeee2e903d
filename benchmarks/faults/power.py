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

from benchmarks.faults.crash import Disk, FrozenTree, write_tree
from benchmarks.faults.portions import Portions, make_site
from benchmarks.faults.whole import damage
from recommender import ArtifactError, Recommender
from recommender.overrides import Override, load
from training import release
from training.cli import run
from training.config import VersionsConfig
from training.data import read_forgotten, read_key, write_forgotten
from training.errors import OutputError, YmalError
from training.production import forget
from training.records import NEVER
from training.storage import Contents
from training.strings import StringArray

NOW: Final = 1_780_293_600_000_000
"""2026-06-01T06:00:00Z."""

FORGOTTEN: Final = 0x0123456789ABCDEF
"""Hash of a reader who asks to be forgotten."""

ARTIFACTS: Final = "site/artifacts"
"""Where a scenario's directory lies on the disk."""


@dataclass(frozen=True)
class Scenario:
    """A write on top of an existing directory.

    Attributes
    ----------
    prepare, act, again : take the artifacts directory: what was written before, what is written
        while the power goes, what is written next.
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


def publish(artifacts: Path, title: str) -> None:
    """Publish three articles of a title, under the directory's key."""
    nothing = np.zeros(0, np.int32)
    release.publish(
        artifacts,
        release.Publication(
            command="train",
            now=NOW,
            version=Contents(
                {
                    "reasons": ["readers"],
                    "fallback": ["popular"],
                    **{name: [] for name in ("page", "not_from", "apart")},
                    "why": {},
                    "key": read_key(artifacts).hex(),
                },
                {
                    **release.lookup_arrays(
                        ids=StringArray.of(["a", "b", "c"]),
                        titles=StringArray.of([title] * 3),
                        urls=StringArray.of([""] * 3),
                        section_names=StringArray.of([]),
                        sections=np.full(3, -1, np.int32),
                        published=np.full(3, NEVER),
                        known=np.ones(3, np.bool_),
                    ),
                    "events": np.arange(3, dtype=np.int32),
                    "list_ends": np.array([0, 1, 1, 1]),
                    "list_items": np.array([1], np.int32),
                    "list_scores": np.array([0.5], np.float32),
                    "list_reasons": np.zeros(1, np.uint8),
                    "popular": np.array([2], np.int32),
                    **dict.fromkeys(
                        ("latest", "weekly", "must_reads", "section_rows", "section_latest_rows"),
                        nothing,
                    ),
                    "must_read_reasons": np.zeros(0, np.uint8),
                    **dict.fromkeys(("section_ends", "section_latest_ends"), np.zeros(1, np.int64)),
                },
            ),
            state=Contents(
                {},
                {
                    "open_session_reader": np.array([FORGOTTEN, 8]),
                    "day_reader": np.array([8, FORGOTTEN]),
                },
            ),
        ),
    )


def train_first(artifacts: Path) -> None:
    """Write what a first training writes."""
    release.check_writable(artifacts)
    publish(artifacts, "new")


def served(artifacts: Path) -> str:
    """Return the title that every answer bears, "nothing" where there was no version yet.

    Raises
    ------
    ArtifactError
        If version or state are not whole, or were made under another key than the directory's.
    """
    if not (artifacts / "current").exists():
        return "nothing"
    release.verify(artifacts)
    fields, _ = release.read_version(artifacts, release.served_name(artifacts))
    if fields["key"] != read_key(artifacts).hex():
        raise ArtifactError("the key is another than the version's")
    titles = {story.title for story in Recommender.open(artifacts).related("a")}
    return " and ".join(sorted(titles))


def withdrawn_stories(artifacts: Path) -> str:
    """Return the stories that are withdrawn.

    Raises
    ------
    ArtifactError
        If the overrides cannot be used, or are not those that answers go by.
    """
    found, complaint = load(artifacts)
    if complaint:
        raise ArtifactError(complaint)
    gone = sorted(override.story for override in found)
    recommender = Recommender.open(artifacts)
    if set(recommender.snapshot().ids()) != {"a", "b", "c"} - set(gone):
        raise ArtifactError(f"withdrawn are {gone}, but it answers otherwise")
    return " and ".join(gone) or "nothing"


def reader_status(artifacts: Path) -> str:
    """Return whether anything is known of the reader who asked to be forgotten.

    Raises
    ------
    ArtifactError
        As `served`.
    """
    served(artifacts)
    written = FORGOTTEN.to_bytes(8, "little")
    kept = any(written in path.read_bytes() for path in (artifacts / "states").rglob("*.npy"))
    return "known" if kept or FORGOTTEN not in read_forgotten(artifacts) else "forgotten"


def withdraw(story: str) -> Callable[[Path], object]:
    """Return a writer that withdraws a story."""

    def change(overrides: list[Override]) -> list[Override]:
        return [*overrides, Override(story, "withdraw", story)]

    return lambda artifacts: release.change_overrides(artifacts, "withdraw", change)


def forget_reader(artifacts: Path) -> None:
    """Do what `ymal forget` does."""
    write_forgotten(artifacts, {*read_forgotten(artifacts), FORGOTTEN})
    forget(artifacts, FORGOTTEN, VersionsConfig())


def publish_old(artifacts: Path) -> None:
    """Publish in a directory without power failures."""
    publish(artifacts, "old")


def nothing(_artifacts: Path) -> None:
    """Begin where there is not even a directory."""


def publish_next(artifacts: Path) -> None:
    """Publish a new version, and read it."""
    publish(artifacts, "next")
    if (found := served(artifacts)) != "next":
        raise ArtifactError(f"{found} is served instead of what was published last")


def withdraw_first(artifacts: Path) -> None:
    """Publish, and withdraw a story."""
    publish_old(artifacts)
    withdraw("a")(artifacts)


SCENARIOS: Final = {
    "first publish": Scenario(nothing, train_first, publish_next, served),
    "next publish": Scenario(publish_old, lambda path: publish(path, "new"), publish_next, served),
    "first override": Scenario(publish_old, withdraw("a"), withdraw("c"), withdrawn_stories),
    "next override": Scenario(withdraw_first, withdraw("b"), withdraw("c"), withdrawn_stories),
    "forget": Scenario(publish_old, forget_reader, forget_reader, reader_status),
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

    return Scenario(at("train", 0), at("refresh", 1), at("refresh", 2), version)


def cut_power(scenario: Scenario, folder: Path, *, seed: int, draws: int) -> Found:
    """Cut the power at every moment of a scenario, and check all that may be left.

    Parameters
    ----------
    scenario : Scenario
        What is written.
    folder : Path
        For the disk and for the trees; nothing stays in it.
    seed, draws : int
        As for `Disk`.

    Returns
    -------
    Found
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
    with tempfile.TemporaryDirectory(dir=folder) as name:
        root = Path(name)
        artifacts = root / ARTIFACTS
        scenario.prepare(artifacts)
        old = scenario.shows(artifacts)
        disk = Disk(root, seed=seed, draws=draws)
        with disk.followed():
            scenario.act(artifacts)
        return old, scenario.shows(artifacts), disk


def _looked(scenario: Scenario, tree: FrozenTree, folder: Path) -> _Look:
    """Look at a tree as it would be found, and let the next writer write there."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        write_tree(tree, Path(name))
        left, shown, broken, stuck = Path(name) / ARTIFACTS, "", "", ""
        try:
            shown = scenario.shows(left)
        except (YmalError, ArtifactError) as error:
            broken = str(error).replace(name, "")
        try:
            scenario.again(left)
            scenario.shows(left)
        except (YmalError, ArtifactError) as error:
            stuck = str(error).replace(name, "")
        return _Look(shown, broken, stuck)


def table(found: dict[str, Found]) -> str:
    """Write a line per scenario, and what was wrong, once each."""
    lines = ["                operations  trees   old   new  broken  undone  next fails"]
    for name, one in found.items():
        lines.append(
            f"{name:<16}{one.operations:>10}{one.trees:>7}{one.old:>6}{one.new:>6}"
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
    with tempfile.TemporaryDirectory() as folder:
        scenarios = SCENARIOS
        if options.refresh:
            scenarios = {"ymal refresh": of_refresh(make_site(Path(folder), 3))}
        for name, scenario in scenarios.items():
            found[name] = cut_power(scenario, Path(folder), seed=options.seed, draws=options.draws)
    print(table(found))


if __name__ == "__main__":
    main()
