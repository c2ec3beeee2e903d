"""Overrides through the public interface: what each does, when it ends, what a bad file does."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recommender import ArtifactError, Recommender, UnknownArticle, lookup, overrides
from recommender.active_overrides import ActiveOverrides
from recommender.overrides import Override, dump, load, parse

from .test_page import FULL, PLAN, block
from .worlds import Article, World, point

SOURCE = "a1"
"""Of section y; its own item is a2."""


def ids(recommender: Recommender, key: str, source: str = SOURCE) -> list[str]:
    return [story.id for story in recommender.page(source)[key].items]


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    return FULL.publish(tmp_path / "artifacts")


def write(artifacts: Path, *wanted: dict[str, Any]) -> None:
    """Replace the file, as another program would."""
    entries = [{"id": f"o{n}", **entry} for n, entry in enumerate(wanted)]
    text = json.dumps({"format": 1, "overrides": entries})
    part = artifacts / "overrides.json.new"
    part.write_text(text)
    part.replace(artifacts / "overrides.json")


def opened(artifacts: Path, *wanted: dict[str, Any]) -> Recommender:
    write(artifacts, *wanted)
    return Recommender.open(artifacts)


def look(recommender: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it look at the files each time it is asked."""
    monkeypatch.setattr(lookup, "CHECK_SECONDS", 0.0)
    recommender._next_check = 0.0


def test_without_a_file_nothing_is_overridden(artifacts: Path) -> None:
    assert Recommender.open(artifacts).related_ids(SOURCE, 1) == ["a2"]
    assert not list(artifacts.glob("*overrides*"))


def test_a_pin_stands_at_its_slot(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "pin", "story": "a30", "slot": 2})
    story = recommender.related(SOURCE)[1]
    assert (story.id, story.rank, story.score, story.reason) == ("a30", 2, None, "pinned")
    assert ids(recommender, "related")[1] == "a30"
    assert recommender.related_ids(SOURCE, 2) == ["a2", "a30"]
    assert recommender.next_for([SOURCE])[1].id == "a30"


def test_a_pin_comes_before_any_block_that_wants_the_story(artifacts: Path) -> None:
    recommender = opened(
        artifacts, {"action": "pin", "story": "a0", "slot": 3, "block": "must_reads"}
    )
    assert ids(recommender, "popular")[0] == "a2"
    story = recommender.page(SOURCE)["must_reads"].items[2]
    assert (story.id, story.reason) == ("a0", "picked")


def test_editors_picks_stand_in_their_order(artifacts: Path) -> None:
    picks = [
        {"action": "pin", "story": story, "slot": slot, "block": "must_reads"}
        for slot, story in ((2, "a31"), (1, "a35"), (3, "a33"))
    ]
    assert ids(opened(artifacts, *picks), "must_reads")[:3] == ["a35", "a31", "a33"]


def test_the_narrower_of_two_pins_for_a_slot_holds(artifacts: Path) -> None:
    recommender = opened(
        artifacts,
        {"action": "pin", "story": "a31", "slot": 1, "section": "y"},
        {"action": "pin", "story": "a30", "slot": 1},
        {"action": "pin", "story": "a32", "slot": 1, "article": "a4"},
    )
    first = {source: recommender.related_ids(source, 1) for source in ("a3", "a1", "a4")}
    assert first == {"a3": ["a30"], "a1": ["a31"], "a4": ["a32"]}


def test_editors_may_pick_two_of_an_event(tmp_path: Path) -> None:
    articles = [Article(f"a{at}", event=0 if at < 3 else at) for at in range(9)]
    world = World(articles, popular=list(range(9)), latest=[8], page=[block("popular", 4)])
    wanted = [{"action": "pin", "story": f"a{at}", "slot": at, "block": "popular"} for at in (1, 2)]
    recommender = opened(world.publish(tmp_path), *wanted)
    assert ids(recommender, "popular", "a8") == ["a1", "a2", "a3", "a4"]


@pytest.mark.parametrize("story", ["a99", SOURCE])
def test_a_pin_that_cannot_be_is_passed_over(artifacts: Path, story: str) -> None:
    recommender = opened(artifacts, {"action": "pin", "story": story, "slot": 1})
    assert recommender.related_ids(SOURCE, 1) == ["a2"]


def test_a_pin_gives_way_to_exclude(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "pin", "story": "a30", "slot": 1})
    assert recommender.related_ids(SOURCE, 1, exclude=["a30"]) == ["a2"]


@pytest.mark.parametrize(
    ("scope", "gone", "stays"),
    [
        ({}, ["a1", "a4", "a3"], []),
        ({"section": "y"}, ["a1", "a4"], ["a3"]),
        ({"article": "a1"}, ["a1"], ["a4", "a3"]),
    ],
)
def test_a_ban_from_pages(
    artifacts: Path, scope: dict[str, str], gone: list[str], stays: list[str]
) -> None:
    recommender = opened(artifacts, {"action": "ban", "story": "a0", **scope})
    for source in gone:
        assert all("a0" not in ids(recommender, key, source) for key in PLAN)
        assert "a0" not in recommender.related_ids(source, 40)
    for source in stays:
        assert ids(recommender, "popular", source)[0] == "a0"


def test_a_ban_from_a_block(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "ban", "story": "a0", "block": "popular"})
    assert "a0" not in ids(recommender, "popular")
    assert any("a0" in ids(recommender, key) for key in PLAN)


def test_what_is_withdrawn_is_gone(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    assert "a2" not in recommender
    assert len(recommender) == len(FULL.articles) - 1
    assert "a2" not in list(recommender.snapshot().ids())
    for source in ("a1", "a3", "nobody knows it"):
        assert all("a2" not in ids(recommender, key, source) for key in ("related", "popular"))
        assert "a2" not in recommender.related_ids(source, 100)
    assert "a2" not in [story.id for story in recommender.next_for(["a1"], 100)]
    with pytest.raises(UnknownArticle):
        recommender.related("a2", missing="error")
    assert recommender.related("a2", missing="empty") == []
    assert recommender.snapshot().headline("a2") == ("", "")


@pytest.mark.parametrize("action", ["ban", "withdraw"])
def test_what_is_listed_but_not_known_can_be_taken_down(tmp_path: Path, action: str) -> None:
    """It has no key, so that only its id tells that it is meant."""
    articles = [
        Article("a", items=((1, 0.5, "text"), (2, 0.25, "text"))),
        Article("draft", known=False),
        Article("b", items=((1, 0.5, "text"),)),
    ]
    world = World(
        articles,
        popular=[1, 2],
        latest=[1, 0],
        weekly=[1],
        must_reads=[(1, "finished")],
        page=[block(key) for key in PLAN],
    )
    artifacts = world.publish(tmp_path)
    assert Recommender.open(artifacts).related_ids("a") == ["draft", "b"]
    recommender = opened(artifacts, {"action": action, "story": "draft"})
    assert recommender.related_ids("a") == ["b"]
    assert [story.id for story in recommender.related("a")] == ["b"]
    assert [story.id for story in recommender.next_for(["b", "a"])] == []
    for source in ("a", "b", "nobody knows it"):
        blocks = recommender.page(source).blocks
        assert "draft" not in {story.id for b in blocks for story in b.items}


@pytest.mark.parametrize(
    ("now", "in_force"),
    [("2026-06-01T05:59:59Z", 0), ("2026-06-01T06:00:00Z", 1), ("2026-06-01T07:00:00Z", 0)],
)
def test_it_is_in_force_from_its_beginning_up_to_its_end(
    artifacts: Path, now: str, in_force: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = datetime.fromisoformat(now)
    assert clock is not None
    monkeypatch.setattr(time, "time", clock.timestamp)
    recommender = opened(
        artifacts,
        {
            "action": "withdraw",
            "story": "a2",
            "from": "2026-06-01T06:00:00Z",
            "until": "2026-06-01T09:00:00+02:00",
        },
    )
    assert ("a2" not in recommender) == bool(in_force)


def test_one_ends_by_the_clock_in_a_running_process(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    recommender = opened(
        artifacts, {"action": "withdraw", "story": "a2", "until": "1970-01-01T00:17:00Z"}
    )
    seen = []
    for clock[0] in (1000.0, 1019.9, 1021.0):
        seen.append("a2" in recommender)
    assert seen == [False, False, True]


def test_it_acts_in_a_running_process(artifacts: Path) -> None:
    recommender = Recommender.open(artifacts)
    write(artifacts, {"action": "withdraw", "story": "a2"})
    replaced = time.monotonic()
    while "a2" in recommender.related_ids(SOURCE):
        assert time.monotonic() - replaced < 10
        time.sleep(0.01)


def test_it_stays_with_the_next_version(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    FULL.publish(artifacts, "20230602T070000Z-001")
    look(recommender, monkeypatch)
    assert recommender.version == "20230602T070000Z-001"
    assert "a2" not in recommender


WRONG: dict[str, tuple[object, str]] = {
    "not JSON": (b'{"format": 1, "overr', "it is not JSON"),
    "deep": (b"[" * 100_000, "it is not JSON"),
    "a key twice": (b'{"format": 1, "format": 1, "overrides": []}', "has a key twice"),
    "no object": (b"[]", "it is not an object of format and overrides"),
    "format": ({"format": 2, "overrides": []}, "its format is 2 instead of 1"),
    "no list": ({"format": 1, "overrides": {}}, "its overrides are not a list"),
    "no entry": ([7], "override 1 is not an object"),
    "key": ([{"id": "o", "storry": "a"}], "override 1 has an unknown key 'storry'"),
    "number": ([{"id": "o", "action": "ban", "story": 7}], "its story is 7 instead of a text"),
    "no id": ([{"action": "ban", "story": "a"}], "override 1 has no id"),
    "no story": ([{"id": "o", "action": "ban", "story": ""}], "override 1 has no story"),
    "action": ([{"id": "o", "action": "bann", "story": "a"}], "its action is 'bann' instead of"),
    "block": (
        [{"id": "o", "action": "ban", "story": "a", "block": "x"}],
        "override 'o': its block is 'x' instead of",
    ),
    "no slot": ([{"id": "o", "action": "pin", "story": "a"}], "its slot is None instead of 1 to"),
    "slot": ([{"id": "o", "action": "pin", "story": "a", "slot": 0}], "its slot is 0 instead of"),
    "true": ([{"id": "o", "action": "pin", "story": "a", "slot": True}], "its slot is True"),
    "slot of a ban": (
        [{"id": "o", "action": "ban", "story": "a", "slot": 1}],
        "only a pin has a slot",
    ),
    "scope": (
        [{"id": "o", "action": "withdraw", "story": "a", "section": "x"}],
        "what is withdrawn is gone everywhere",
    ),
    "two scopes": (
        [{"id": "o", "action": "ban", "story": "a", "section": "x", "article": "b"}],
        "for an article or for a section, not for both",
    ),
    "time": (
        [{"id": "o", "action": "ban", "story": "a", "until": "soon"}],
        "its until is 'soon', not a time",
    ),
    "empty section": (
        [{"id": "o", "action": "ban", "story": "a", "section": ""}],
        "override 1: its section is empty",
    ),
    "span": (
        [
            {
                "id": "o",
                "action": "ban",
                "story": "a",
                "from": "2026-02-01T00:00Z",
                "until": "2026-01-01T00:00Z",
            }
        ],
        "ends before it begins",
    ),
    "twice": (
        [{"id": "o", "action": "ban", "story": "a"}, {"id": "o", "action": "ban", "story": "b"}],
        "the id 'o' stands twice",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_file_is_refused_and_the_last_good_one_stays(
    artifacts: Path,
    name: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    written, message = WRONG[name]
    if isinstance(written, list):
        written = {"format": 1, "overrides": written}
    data = written if isinstance(written, bytes) else json.dumps(written).encode()
    (artifacts / "overrides.json").write_bytes(data)
    look(recommender, monkeypatch)
    with caplog.at_level(logging.WARNING, "recommender"):
        assert "a2" not in recommender
        assert "a2" not in Recommender.open(artifacts), "a process that starts later"
    assert message in caplog.text
    assert "overrides.last-good.json" in caplog.text
    (artifacts / "overrides.last-good.json").unlink()
    assert "a2" not in recommender, "a process that runs"
    with pytest.raises(ArtifactError, match=r"overrides\.json"):
        Recommender.open(artifacts)


@pytest.mark.parametrize("spare", [b"", b"{", b'{"format": 9, "overrides": []}'])
def test_with_neither_file_good_opening_fails(artifacts: Path, spare: bytes) -> None:
    opened(artifacts, {"action": "withdraw", "story": "a2"})
    (artifacts / "overrides.json").write_bytes(b"{")
    (artifacts / "overrides.last-good.json").write_bytes(spare)
    with pytest.raises(ArtifactError, match=r"overrides\.last-good\.json"):
        Recommender.open(artifacts)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused(artifacts: Path, make: Callable[[Path], None]) -> None:
    make(artifacts / "overrides.json")
    with pytest.raises(ArtifactError, match="not a regular file"):
        Recommender.open(artifacts)


def test_a_file_that_is_gone_lifts_nothing(
    artifacts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened(artifacts, {"action": "withdraw", "story": "a2"})
    (artifacts / "overrides.json").unlink()
    with caplog.at_level(logging.WARNING, "recommender"):
        assert "a2" not in Recommender.open(artifacts)
    assert "it is gone" in caplog.text
    assert "a2" in opened(artifacts)


def test_opening_reads_what_is_kept_already_once(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(artifacts, {"action": "withdraw", "story": "a2"})
    read: list[Path] = []

    def counted(path: Path, data: bytes) -> list[Override]:
        read.append(path)
        return parse(path, data)

    monkeypatch.setattr(overrides, "parse", counted)
    assert "a2" not in Recommender.open(artifacts)
    assert read == [artifacts / "overrides.json"]


def test_a_read_only_directory_is_served(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_path: Path, _data: bytes) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(overrides, "replace", refuse)
    with caplog.at_level(logging.WARNING, "recommender"):
        recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    assert "a2" not in recommender
    assert "cannot be saved (read-only)" in caplog.text
    (artifacts / "overrides.json").unlink()
    look(recommender, monkeypatch)
    assert "a2" not in recommender, "what was in force stays, though nothing is left of it"


def test_a_restart_with_a_broken_file_in_another_process(artifacts: Path) -> None:
    opened(artifacts, {"action": "withdraw", "story": "a2"})
    (artifacts / "overrides.json").write_text("broken")
    code = "import sys, recommender as r; print('a2' in r.Recommender.open(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(artifacts)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "False\n"


def test_the_file_is_read_back_as_it_was_written() -> None:
    moment = datetime.fromisoformat("2026-06-01T06:00:00Z")
    written = [
        Override("1", "pin", "ä\n", "weekly", 3, "b", None, "Ann", "why", moment, None, moment),
        Override("2", "ban", "c", None, None, None, "x", starts=moment),
        Override("3", "withdraw", "d"),
    ]
    assert parse(Path("f"), dump(written)) == written


def test_a_moved_directory_lifts_nothing(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    artifacts.rename(artifacts.with_name("elsewhere"))
    look(recommender, monkeypatch)
    with caplog.at_level(logging.WARNING, "recommender"):
        assert "a2" not in recommender
    assert "still serving the overrides of before" in caplog.text


def test_a_file_that_was_bad_at_the_start_is_taken_up_when_it_is_good(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(artifacts)
    (artifacts / "overrides.json").write_text("broken")
    recommender = Recommender.open(artifacts)
    look(recommender, monkeypatch)
    assert "a2" in recommender
    write(artifacts, {"action": "withdraw", "story": "a2"})
    assert "a2" not in recommender


def test_a_clock_that_is_put_back_brings_a_takedown_back(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    recommender = opened(
        artifacts, {"action": "withdraw", "story": "a2", "until": "1970-01-01T00:17:00Z"}
    )
    look(recommender, monkeypatch)
    seen = []
    for clock[0] in (1000.0, 9000.0, 1001.0):
        seen.append("a2" in recommender)
    assert seen == [False, True, False]


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_stands_for_the_last_good_ones_is_not_followed(
    artifacts: Path, tmp_path: Path, kind: str
) -> None:
    spare = artifacts / "overrides.last-good.json"
    spare.symlink_to(tmp_path / "nowhere") if kind == "link" else os.mkfifo(spare)
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    assert "a2" not in recommender
    assert not (tmp_path / "nowhere").exists()


def test_the_last_good_ones_are_the_newest(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process replaces the file while this one keeps what it has read."""
    replace = overrides.replace
    newer = dump([Override("o", "withdraw", "a2")])

    def slow(path: Path, data: bytes) -> None:
        monkeypatch.setattr(overrides, "replace", replace)
        (artifacts / "overrides.json").write_bytes(newer)
        replace(path, newer)
        replace(path, data)

    monkeypatch.setattr(overrides, "replace", slow)
    opened(artifacts, {"action": "ban", "story": "a2"})
    assert (artifacts / "overrides.last-good.json").read_bytes() == newer


def test_a_fork_while_another_thread_looks_still_follows(artifacts: Path) -> None:
    recommender = opened(artifacts)
    recommender._lock.acquire()
    recommender._next_check, recommender._process = 0.0, -1  # as in a child
    write(artifacts, {"action": "withdraw", "story": "a2"})
    assert "a2" not in recommender


def test_a_version_that_comes_with_bad_overrides_is_still_followed(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recommender = opened(artifacts)
    (artifacts / "overrides.json").write_text("broken")
    FULL.publish(artifacts, "20230602T070000Z-001")
    look(recommender, monkeypatch)
    assert recommender.version == "20230602T070000Z-001"
    point(artifacts, "20230601T070000Z-001")
    assert recommender.version == "20230601T070000Z-001"


def test_many_bans_cost_a_lookup_nothing(artifacts: Path) -> None:
    bans = [{"action": "ban", "story": f"b{number}"} for number in range(1000)]
    write(artifacts, *bans, {"action": "ban", "story": "a2"})
    found, complaint = load(artifacts)
    assert len(found) == 1001
    assert not complaint
    active = ActiveOverrides(found, time.time())
    assert active.banned("related", SOURCE, "") is active.banned("related", "a5", "")
    assert Recommender.open(artifacts).related_ids(SOURCE, 1) != ["a2"]
