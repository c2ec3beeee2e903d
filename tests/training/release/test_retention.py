"""What stays of versions and states, and what killed runs leave."""

import os
import shutil
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from recommender import Recommender
from tests.training.release.worlds import NOW, publish
from training import release
from training.config import VersionsConfig
from training.errors import OutputError
from training.records import DAY, HOUR
from training.release import audit
from training.release.decision import GateDecision
from training.release.listing import VersionSummary
from training.release.retention import remove_partial, versions_to_keep

BAD = {"traffic": {"newest_view": NOW - 30 * DAY, "repeated": 0.0, "unknown": 0.0}}


def names(artifacts: Path, kind: str = "versions") -> list[str]:
    return sorted(path.name for path in (artifacts / kind).iterdir())


def listed(names: Iterable[str], served: str, follows: str = "") -> list[VersionSummary]:
    """Versions as `listed` gives them; an r in front: refused."""
    found = []
    for name in sorted(names, key=lambda name: name.lstrip("r")):
        standing = GateDecision(follows=follows or None, outside=("bad",) if name[0] == "r" else ())
        name = name.lstrip("r")
        fields = {"standing": standing.as_dict(), "state": {"name": name}}
        found.append(VersionSummary(name, fields, "", 1, 1, name == served))
    return found


def test_the_newest_stay_and_the_last_of_each_day() -> None:
    hours = [f"202306{day:02}T{hour:02}0000Z-001" for day in range(1, 11) for hour in (6, 12, 18)]
    stay = versions_to_keep(listed(hours, hours[-1]), VersionsConfig(keep=4, keep_days=7))
    assert sorted(stay) == [
        *(f"202306{day:02}T180000Z-001" for day in range(4, 9)),
        *hours[-4:],
    ]


def test_the_served_one_and_the_one_it_follows_stay() -> None:
    old = [f"20230601T{hour:02}0000Z-001" for hour in range(20)]
    stay = versions_to_keep(
        listed(old, old[2], follows=old[1]), VersionsConfig(keep=2, keep_days=0)
    )
    assert sorted(stay) == [old[1], old[2], old[18], old[19]]


def test_refused_ones_push_out_no_other() -> None:
    good = [f"20230601T{hour:02}0000Z-001" for hour in range(4)]
    bad = [f"r20230601T{hour:02}0000Z-001" for hour in range(4, 14)]
    stay = versions_to_keep(
        listed([*good, *bad], good[3]), VersionsConfig(keep=12, keep_days=7, keep_refused=2)
    )
    assert sorted(stay) == [*good, *(name[1:] for name in bad[-2:])]


def test_each_run_prunes(tmp_path: Path) -> None:
    keep = VersionsConfig(keep=2, keep_days=0)
    made = [publish(tmp_path, now=NOW + n * HOUR, keep=keep).name for n in range(5)]
    assert names(tmp_path) == names(tmp_path, "states") == made[-2:]
    assert release.served_name(tmp_path) == made[-1]


def test_states_stay_of_the_served_version_and_of_the_newest_other(tmp_path: Path) -> None:
    made = [publish(tmp_path, now=NOW + n * HOUR).name for n in range(5)]
    assert names(tmp_path) == made
    assert names(tmp_path, "states") == made[-2:]
    assert release.roll_back(tmp_path, "")[1] == made[3]
    held = publish(tmp_path, now=NOW + 9 * HOUR, base=made[3]).name
    assert names(tmp_path, "states") == [made[3], held]
    release.verify(tmp_path)


def test_a_version_that_is_open_is_read_on(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    snapshot = Recommender.open(tmp_path).snapshot()
    keep = VersionsConfig(keep=2, keep_days=0)
    for number in range(3):
        publish(tmp_path, "later", now=NOW + (number + 1) * HOUR, keep=keep)
    assert snapshot.version not in names(tmp_path)
    assert [story.title for story in snapshot.related("a")] == ["first", "first"]


def test_left_overs_go(tmp_path: Path) -> None:
    publish(tmp_path)
    for name in (".current.0a1b2c3d.partial", ".hold.json.0a1b2c3d.partial"):
        (tmp_path / name).touch()
    for kind in ("versions", "states"):
        (tmp_path / kind / ".20230601T070000Z-009.partial").mkdir()
        (tmp_path / kind / ".20230601T070000Z-009.partial" / "ids.npy").touch()
    orphan = tmp_path / "states" / "20230601T070000Z-008"
    orphan.mkdir()
    aside = tmp_path / ".overrides.last-good.json.0a1b2c3d.partial"
    aside.touch()
    publish(tmp_path, "second")
    assert not orphan.exists()
    assert list(tmp_path.rglob(".*.partial")) == [aside]  # a server may be writing it
    os.utime(aside, (time.time() - 100,) * 2)
    release.clean_up(tmp_path, VersionsConfig())
    assert not aside.exists()
    assert {path.name for path in tmp_path.iterdir()} == {
        ".lock",
        "audit.jsonl",
        "current",
        "states",
        "versions",
    }


def test_damaged_versions_are_listed_and_pruned_like_refused_ones(tmp_path: Path) -> None:
    first = publish(tmp_path)
    (first.version_dir / "manifest.json").write_text("{")
    publish(tmp_path, "second", now=NOW + HOUR)
    damaged, served = release.list_versions(tmp_path)
    assert (damaged.status, served.status) == ("damaged", "served")
    assert "manifest.json" in damaged.damage
    keep = VersionsConfig(keep=2, keep_days=0, keep_refused=0)
    third = publish(tmp_path, "third", now=NOW + 2 * HOUR, keep=keep).name
    assert names(tmp_path) == [served.name, third]


def test_what_cannot_be_removed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        publish(tmp_path, now=NOW + number * HOUR)

    def refuse(_path: object, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise OSError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    keep = VersionsConfig(keep=2, keep_days=0)
    with pytest.raises(OutputError, match="cannot be removed"):
        publish(tmp_path, "third", now=NOW + 3 * HOUR, keep=keep)
    monkeypatch.undo()
    assert release.served_name(tmp_path) == names(tmp_path)[-1]
    release.verify(tmp_path)
    release.clean_up(tmp_path, keep)
    assert not list(tmp_path.rglob(".*.partial"))


def test_nothing_is_pruned_where_nothing_is_served(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "current").unlink()
    assert release.clean_up(tmp_path, VersionsConfig(keep=2, keep_days=0)) == []
    assert len(names(tmp_path)) == 1


def test_a_half_written_file_that_a_server_finishes_is_no_left_over(tmp_path: Path) -> None:
    publish(tmp_path)
    aside, done = tmp_path / ".overrides.last-good.json.0a1b2c3d.partial", threading.Event()

    def serve() -> None:
        while not done.is_set():
            aside.touch()
            aside.unlink(missing_ok=True)

    server = threading.Thread(target=serve)
    server.start()
    try:
        for _ in range(200):
            remove_partial(tmp_path)
    finally:
        done.set()
        server.join()


def test_a_full_disk_can_be_pruned_before_the_audit_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        publish(tmp_path, now=NOW + number * HOUR)
    (tmp_path / "audit.jsonl").unlink()

    def full(*_arguments: object, **_facts: object) -> None:
        raise OutputError("no space left on device")

    monkeypatch.setattr(audit, "append", full)
    with pytest.raises(OutputError, match="no space"):
        release.clean_up(tmp_path, VersionsConfig(keep=2, keep_days=0))
    assert len(names(tmp_path)) == 2
