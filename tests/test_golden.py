"""Artifacts written once and for all: later code reads them and answers the same."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from recommender import ArtifactError, Recommender, Snapshot
from recommender.manifest import read_pointer
from recommender.verify import verify
from tests.golden.answers import expected
from tests.golden.make import HERE, NOW, SUMS, answer, iso, snapshot, utc_of
from tests.processes import run_program
from tests.training.cli.commands import failure, ymal
from training import release
from training.errors import EXIT_ARTIFACT
from training.state import LAYOUT

ROOT = Path(__file__).parents[1]
FOLDERS = ("full", "bare", "trained", "languages", "carried", "slots")
LATER = "2026-06-01T16:00:00Z"

MORE = {"languages": 1, "carried": 3, "slots": 1}
"""Arrays that only some have: languages, further fields."""

each = pytest.mark.parametrize("name", FOLDERS)


def copied(name: str, target: Path) -> Path:
    """A copy of an artifacts directory."""
    return Path(shutil.copytree(HERE / name / "artifacts", target / "artifacts"))


def version_of(artifacts: Path) -> Path:
    return artifacts / "versions" / read_pointer(artifacts)


def check_answers(name: str, at: Callable[[str], Snapshot | Recommender]) -> None:
    """Compare every answer with the expected one."""
    for call in expected(name)["answers"]:
        right = {key: call.pop(key) for key in ("items", "blocks") if key in call}
        assert answer(at(call.pop("at")), call) == right, call


def check_served(name: str, artifacts: Path) -> None:
    """Compare every answer at every moment."""
    check_answers(name, cache(lambda at: snapshot(artifacts, datetime.fromisoformat(at))))


def changed(artifacts: Path, **fields: object) -> None:
    """Change fields of the manifest."""
    path = version_of(artifacts) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}), encoding="utf-8")


def test_nobody_has_touched_them() -> None:
    sums = dict(reversed(line.split("  ", 1)) for line in SUMS.read_text("utf-8").splitlines())
    files = [path for name in FOLDERS for path in (HERE / name).rglob("*") if path.is_file()]
    found = {
        path.relative_to(HERE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert found == sums
    for name in FOLDERS:
        artifacts = (HERE / name / "artifacts").rglob("*")
        assert sum(path.stat().st_size for path in artifacts if path.is_file()) < 100_000


def test_they_are_never_written_again() -> None:
    make = [sys.executable, "-m", "tests.golden.make"]
    done = run_program(make, cwd=ROOT)
    assert done.returncode == 1
    assert "golden files are written once" in done.stderr


def test_git_takes_them_for_bytes() -> None:
    rules = (ROOT / ".gitattributes").read_text().splitlines()
    assert "tests/golden/** -text" in rules


@each
def test_they_verify(name: str) -> None:
    artifacts = HERE / name / "artifacts"
    report = release.verify(artifacts)
    assert report["version"] == read_pointer(artifacts)
    assert verify(version_of(artifacts), "version")["files"] == 26 + MORE.get(name, 0)


@each
def test_the_answers_are_those_of_the_day(name: str) -> None:
    check_served(name, HERE / name / "artifacts")


@each
def test_cards_and_known_ids_are_those_of_the_day(name: str) -> None:
    artifacts, right = HERE / name / "artifacts", expected(name)
    for known in right["known"]:
        asked = snapshot(artifacts, datetime.fromisoformat(known["at"]))
        assert sorted(asked.ids()) == known["ids"]
        assert len(asked) == len(known["ids"])
        assert utc_of(asked.now) == right["now"]
    cards = {card[0]: card for card in right["cards"]}
    assert len(cards) == len(right["cards"])
    shown = set()
    for source in right["known"][0]["ids"]:
        for story in snapshot(artifacts, NOW).related(source, 100):
            found = [story.id, story.title, story.url, story.section, iso(story.published_at)]
            assert found == cards[story.id]
            shown.add(story.id)
    assert len(shown) > len(cards) / 2


@each
def test_they_are_served_from_a_directory_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    artifacts = copied(name, tmp_path)
    everything = sorted(artifacts.rglob("*"), reverse=True)
    for path in (*everything, artifacts):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        served = Recommender.open(artifacts)
        assert served.related("plumless" if name in ("full", "languages", "slots") else "n00")
        if name not in ("full", "slots"):  # whose answers change with the clock
            check_answers(name, lambda _at: served)
        assert sorted(artifacts.rglob("*"), reverse=True) == everything
    finally:
        for path in (artifacts, *artifacts.rglob("*")):
            path.chmod(0o755)


@each
def test_what_is_new_and_optional_is_ignored(name: str, tmp_path: Path) -> None:
    artifacts = copied(name, tmp_path)
    version = version_of(artifacts)
    data = b"of no array that is known"
    (version / "novel.npy").write_bytes(data)
    (artifacts / "novel.txt").write_bytes(data)
    files = json.loads((version / "manifest.json").read_text())["files"]
    entry = {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "dtype": "<f8",
        "shape": [2, 3],
    }
    files = {file: {**found, "novel": None} for file, found in files.items()}
    files["novel.npy"] = entry
    changed(artifacts, files=files, optional=["novel"], novel={"a": [1, "x"]})
    verify(version, "version")
    check_served(name, artifacts)


@pytest.mark.parametrize("flag", ["patches", "novel"])
def test_what_is_new_and_required_is_refused(flag: str, tmp_path: Path) -> None:
    artifacts = copied("full", tmp_path)
    changed(artifacts, requires=[flag])
    with pytest.raises(ArtifactError, match=f"it requires {flag}, which this release"):
        Recommender.open(artifacts)


@pytest.mark.parametrize("name", ["trained", "carried"])
def test_a_refresh_carries_the_state_on_while_its_layout_is_known(
    name: str, tmp_path: Path
) -> None:
    shutil.copytree(HERE / name, tmp_path / "site")
    site = tmp_path / "site"
    artifacts = site / "artifacts"
    before = read_pointer(artifacts)
    state = json.loads((artifacts / "states" / before / "manifest.json").read_text())
    with (site / "articles.jsonl").open("a") as file:
        new = {"id": "new", "title": "storm flood", "published_at": "2026-06-01T11:00:00Z"}
        new |= {"image": "/new.jpg"} if name == "carried" else {}
        file.write(json.dumps(new) + "\n")
    with (site / "views.csv").open("a") as file:
        file.write("r1,n11,2026-06-01T12:00:00Z\nr1,new,2026-06-01T12:01:00Z\n")
    if state["layout"] != LAYOUT:
        message = failure("refresh", "--now", LATER, cwd=site, code=EXIT_ARTIFACT)
        assert "run ymal train" in message
        return
    summary = json.loads(ymal("refresh", "--json", "--now", LATER, cwd=site).stdout)
    assert summary["counts"]["articles"] == 13
    assert read_pointer(artifacts) == summary["version"] != before
    ymal("verify", cwd=site)
    assert "new" in Recommender.open(artifacts).related_ids("n11", 20)
