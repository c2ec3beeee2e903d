"""Damaged artifacts: every reader refuses one, or answers as from the sound one.

Copies of a trained site's artifacts directory are damaged by seed, each in one way (`damage`). A
process that records every opened file verifies the copy, opens it, asks for everything, and loads
it for a refresh. Each step must raise an `ArtifactError` (the last also a `ConfigError`) or answer.
If `verify` passes, the answers must be those of the sound copy. If the damage updated the checksums
too, or is in a file without checksum, the answers must name known articles of the version only.
"""

import json
import os
import random
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.faults import damage
from recommender import ArtifactError, Recommender, RelatedStory, Snapshot
from recommender.verify import verify
from training import release
from training.config import Config, load
from training.errors import ConfigError
from training.production import load_served

MAX_STORIES: Final = 30
"""Stories asked for under an article: its recommendations and some that follow."""


@dataclass(frozen=True)
class Answers:
    """All answers of a version in order, the ids in them, and the ids that it lists."""

    shown: tuple[object, ...]
    given: frozenset[str]
    known: frozenset[str]


def ask(snapshot: Snapshot, articles: list[str]) -> Answers:
    """Ask a version for everything, for each article and for an unknown one."""
    shown: list[object] = []
    stories: set[RelatedStory] = set()
    given: set[str] = set()
    for at, article in enumerate([*articles, "unknown"]):
        ids = snapshot.related_ids(article, MAX_STORIES)
        answers = snapshot.related(article, 5), snapshot.next_for([articles[at - 1], article])
        page = snapshot.page(article)
        shown += [ids, answers, page]
        given.update(ids)
        stories.update(*answers, *(block.items for block in page.blocks))
    json.dumps([story.as_dict() for story in stories], allow_nan=False, ensure_ascii=False).encode()
    json.dumps(page.as_dict(), allow_nan=False).encode()
    given.update(story.id for story in stories)
    return Answers(tuple(shown), frozenset(given), frozenset(snapshot.ids()))


class FileMonitor:
    """Records files opened outside a directory, except Python's own modules."""

    def __init__(self) -> None:
        self._within: str | None = None
        self.seen: list[str] = []
        paths = sysconfig.get_paths()
        self._own = tuple(os.path.realpath(paths[name]) for name in ("stdlib", "purelib"))
        self._own += (str(Path(__file__).resolve().parents[2]),)
        sys.addaudithook(self._heard)

    def within(self, directory: Path | None) -> None:
        """Record files opened outside a directory; None stops it."""
        self.seen = []
        self._within = None if directory is None else os.path.realpath(directory)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._within is None or event not in ("open", "os.listdir", "os.scandir"):
            return
        if isinstance(arguments[0], int):  # opened under a name before
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        code = path.startswith(self._own) and path.endswith((".py", ".pyc", ".so"))
        if not code and path != self._within and not path.startswith(self._within + os.sep):
            self.seen.append(path)


class Artifacts:
    """Damages copies of a sound directory, and classifies the outcomes."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._sound = folder / "sound" / "artifacts"
        self._config: Config = load(folder / "sound" / "ymal.toml").config
        self._work = Path(tempfile.mkdtemp(dir=folder))
        self._outside = self._work / "outside"
        damage.copy_by_links(self._sound, self._outside)
        self._seed = seed
        self._place = damage.Place.of(self._sound, self._outside)
        self._known = {name: self._ids(name) for name in (self._place.version, self._place.other)}
        self._articles = sorted(self._known[self._place.version])
        self._right = {name: ask(self._copy(name), self._articles) for name in self._known}
        load_served(self._sound, self._config)
        self._monitor = FileMonitor()

    def _copy(self, name: str, *, overrides: bool = True) -> Snapshot:
        """Open a sound copy that serves a version, with or without overrides."""
        copy = Path(tempfile.mkdtemp(dir=self._work)) / "artifacts"
        damage.copy_by_links(self._sound, copy)
        damage.put(copy / "current", f"{name}\n".encode())
        if not overrides:
            (copy / "overrides.json").unlink()
            (copy / "overrides.last-good.json").unlink()
        return Recommender.open(copy).snapshot()

    def _ids(self, name: str) -> frozenset[str]:
        """Return the ids of all known articles of a version, those withdrawn included."""
        return frozenset(self._copy(name, overrides=False).ids())

    def examine(self, number: int) -> Iterator[tuple[str, str]]:
        """Damage one copy; yield the kind of damage and the outcome."""
        draw = random.Random(f"{self._seed}/{number}")  # noqa: S311 - no secret
        kind = list(damage.KINDS)[number % len(damage.KINDS)]
        artifacts = self._work / "case"
        damage.copy_by_links(self._sound, artifacts)
        place = damage.Place(
            artifacts, self._outside, self._place.version, self._place.state, self._place.other
        )
        damage.KINDS[kind](place, draw)
        free = damage.sealed_or_free(place, self._sound)
        self._monitor.within(artifacts)
        try:
            outcome = self._outcome(artifacts, free=free)
        except Exception as error:
            outcome = f"fault: {type(error).__name__}: {error}"
        if self._monitor.seen:
            outcome = f"fault: opened {self._monitor.seen[0]}"
        self._monitor.within(None)
        if (self._outside / "exploded").exists():
            outcome = "fault: a pickle was loaded"
        shutil.rmtree(artifacts)
        yield kind, outcome

    def _outcome(self, artifacts: Path, *, free: bool) -> str:
        """Read a directory in every way; return the outcome."""
        whole = _refusal(lambda: release.verify(artifacts))
        carried = _refusal(lambda: load_served(artifacts, self._config))
        if not whole and not free and carried:
            return f"fault: verified, yet not carried on: {carried}"
        try:
            snapshot = Recommender.open(artifacts).snapshot()
        except ArtifactError:
            return "refused"
        name = snapshot.version
        refused = _refusal(lambda: verify(artifacts / "versions" / name, "version"))
        try:
            answers = ask(snapshot, self._articles)
        except ArtifactError as error:
            return "refused" if refused else f"fault: verified, yet refused: {error}"
        right = self._right[name]
        if not refused and answers != right:
            if not free:
                return "fault: verified, yet other answers"
            if not answers.given | answers.known <= self._known[name]:
                return "fault: an id that the version does not have"
        if refused or whole or carried:
            return "refused"
        return "unchanged" if answers == right else "known ids"


def _refusal(call: Callable[[], object]) -> str:
    """Call, and return the message of a refusal, "" where there is none."""
    try:
        call()
    except (ArtifactError, ConfigError) as error:
        return str(error)
    return ""
