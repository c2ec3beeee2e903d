"""Overrides through the public interface: what each does, when it ends, what a bad file does."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ArtifactError, Recommender, UnknownArticle, lookup, overrides
from recommender.active_overrides import ActiveOverrides
from recommender.overrides import Override, dump, load, parse
from tests.thorough import scaled

from .test_page import FULL, block
from .worlds import Article, World, point

SOURCE = "a1"
"""Of section y; its list has a2."""


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


@pytest.fixture(autouse=True)
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lookup look at the files each time it is asked."""
    monkeypatch.setattr(lookup, "CHECK_SECONDS", 0.0)


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


@pytest.mark.parametrize("newer", [["a99"], [SOURCE], ["gone"], ["banned", "a99"]])
def test_a_pin_that_cannot_stand_does_not_displace_one_that_can(
    tmp_path: Path, newer: list[str]
) -> None:
    articles = [Article(f"a{at}", event=at) for at in range(6)]
    articles += [Article("gone"), Article("banned")]
    world = World(articles, popular=[2, 3], latest=[4], page=[block("popular", 4)])
    stories = ["a5", *newer]
    recommender = opened(
        world.publish(tmp_path),
        *({"action": "pin", "story": story, "slot": 1} for story in stories),
        {"action": "pin", "story": newer[0], "slot": 1, "article": SOURCE},
        {"action": "withdraw", "story": "gone"},
        {"action": "ban", "story": "banned"},
    )
    assert recommender.related_ids(SOURCE, 2) == ["a5", "a2"]


def test_a_pin_does_not_cross_languages(tmp_path: Path) -> None:
    articles = [Article(f"a{at}", language=at % 2) for at in range(5)] + [Article("any")]
    world = World(articles, latest=[3, 2, 1, 0], page=[block("latest", 3)])
    pins = [
        {"action": "pin", "story": s, "slot": at} for at, s in ((1, "a3"), (1, "a4"), (2, "any"))
    ]
    recommender = opened(world.publish(tmp_path), *pins)
    assert recommender.related_ids("a0", 2) == ["a4", "any"]
    assert recommender.related_ids("a1", 2) == ["a3", "any"]
    assert recommender.related_ids("unknown", 2) == ["a4", "any"]


@given(
    pins=st.lists(
        st.tuples(
            st.sampled_from(["a0", "a1", "a2", "a3", "nobody", "gone"]),
            st.integers(1, 3),
            st.sampled_from([{}, {"section": " Y"}, {"section": "x"}, {"article": "a1"}]),
        ),
        max_size=8,
    )
)
@settings(max_examples=scaled(60))
def test_of_the_pins_of_a_slot_the_first_that_can_stand_has_it(
    tmp_path_factory: pytest.TempPathFactory, pins: list[tuple[str, int, dict[str, str]]]
) -> None:
    """As one would say it: by slot, the narrowest and newest pin whose story is still free."""
    articles = [Article(f"a{at}", section="y") for at in range(4)] + [Article("gone")]
    world = World(articles, latest=[0, 1, 2, 3], page=[block("latest", 3)])
    entries = [{"action": "pin", "story": s, "slot": n, **scope} for s, n, scope in pins]
    recommender = opened(
        world.publish(tmp_path_factory.mktemp("pins")),
        *entries,
        {"action": "withdraw", "story": "gone"},
    )
    expected: dict[int, str] = {}
    for slot in (1, 2, 3):
        for scope in ({"article": "a1"}, {"section": " Y"}, {}):
            for story, at, of in reversed(pins):
                free = story not in ("nobody", "gone", "a1", *expected.values())
                if (at, of) == (slot, scope) and free:
                    expected.setdefault(slot, story)
    found = recommender.related("a1", 3)
    rest = iter(story for story in ("a0", "a2", "a3") if story not in expected.values())
    assert [story.id for story in found] == [expected.get(n) or next(rest) for n in (1, 2, 3)]


@pytest.mark.parametrize("section", ["Y", " y ", "y\xa0"])
def test_a_section_is_the_same_in_any_case_and_spacing(artifacts: Path, section: str) -> None:
    recommender = opened(artifacts, {"action": "ban", "story": "a2", "section": section})
    assert "a2" not in recommender.related_ids(SOURCE, 40)
    plain = recommender.snapshot().block("latest", "y", 40)
    assert recommender.snapshot().block("latest", section, 40) == plain


def test_withdrawals_by_the_articles_are_in_force_beside_the_editors_overrides(
    artifacts: Path,
) -> None:
    recommender = opened(artifacts, {"action": "pin", "story": "a30", "slot": 1})
    file = artifacts / overrides.ARTICLES.name
    file.write_bytes(dump([Override("articles:a2", "withdraw", "a2")]))
    assert recommender.related_ids(SOURCE, 1) == ["a30"]
    assert "a2" not in recommender
    file.write_text("{broken")
    assert "a2" not in recommender
    assert "a2" not in Recommender.open(artifacts), "the last good file is in force"
    file.unlink()
    assert "a2" not in recommender
    assert "a2" not in Recommender.open(artifacts)
    file.write_bytes(dump([]))
    assert "a2" in recommender


def test_a_pin_gives_way_to_exclude(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "pin", "story": "a30", "slot": 1})
    assert recommender.related_ids(SOURCE, 1, exclude=["a30"]) == ["a2"]


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


def test_it_stays_with_the_next_version(artifacts: Path) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    FULL.publish(artifacts, "20230602T070000Z-001")
    assert recommender.version == "20230602T070000Z-001"
    assert "a2" not in recommender


WRONG: dict[str, tuple[object, str]] = {
    "not JSON": (b'{"format": 1, "overr', "it is not valid JSON"),
    "deep": (b"[" * 100_000, "it is not valid JSON"),
    "a key twice": (b'{"format": 1, "format": 1, "overrides": []}', "has a duplicate key"),
    "no object": (b"[]", "it is not an object with the keys format and overrides"),
    "format": ({"format": 2, "overrides": []}, "its format is 2 instead of 1"),
    "no list": ({"format": 1, "overrides": {}}, "its overrides are not a list"),
    "no entry": ([7], "override 1 is not an object"),
    "key": ([{"id": "o", "storry": "a"}], "override 1 has an unknown key 'storry'"),
    "number": ([{"id": "o", "action": "ban", "story": 7}], "its story is 7 instead of a string"),
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
        "a withdrawal applies to all pages",
    ),
    "two scopes": (
        [{"id": "o", "action": "ban", "story": "a", "section": "x", "article": "b"}],
        "it has an article and a section",
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
        "the id 'o' appears twice",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_file_is_refused_and_the_last_good_one_stays(
    artifacts: Path,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    written, message = WRONG[name]
    if isinstance(written, list):
        written = {"format": 1, "overrides": written}
    data = written if isinstance(written, bytes) else json.dumps(written).encode()
    (artifacts / "overrides.json").write_bytes(data)
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
    assert "it is missing" in caplog.text
    assert "a2" in opened(artifacts)


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
    assert "a2" not in recommender, "what was in force stays, though nothing is left of it"


def test_the_file_is_read_back_as_it_was_written() -> None:
    moment = datetime.fromisoformat("2026-06-01T06:00:00Z")
    written = [
        Override("1", "pin", "ä\n", "weekly", 3, "b", None, "Ann", "why", moment, None, moment),
        Override("2", "ban", "c", None, None, None, "x", starts=moment),
        Override("3", "withdraw", "d"),
    ]
    assert parse(Path("f"), dump(written)) == written


def test_a_moved_directory_lifts_nothing(artifacts: Path, caplog: pytest.LogCaptureFixture) -> None:
    recommender = opened(artifacts, {"action": "withdraw", "story": "a2"})
    artifacts.rename(artifacts.with_name("elsewhere"))
    with caplog.at_level(logging.WARNING, "recommender"):
        assert "a2" not in recommender
    assert "still serving the previous overrides" in caplog.text


def test_a_file_that_was_bad_at_the_start_is_taken_up_when_it_is_good(artifacts: Path) -> None:
    opened(artifacts)
    (artifacts / "overrides.json").write_text("broken")
    recommender = Recommender.open(artifacts)
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


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_while_another_thread_looks_still_follows(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recommender = opened(artifacts)
    load, looks, goes_on = overrides.load, threading.Event(), threading.Event()

    def slow(directory: Path, *files: Any, **options: Any) -> Any:
        looks.set()
        goes_on.wait()
        return load(directory, *files, **options)

    monkeypatch.setattr(overrides, "load", slow)
    write(artifacts, {"action": "withdraw", "story": "a2"})
    thread = threading.Thread(target=recommender.snapshot)
    thread.start()
    looks.wait()
    child = os.fork()
    if not child:
        follows = False
        try:
            monkeypatch.setattr(overrides, "load", load)
            follows = "a2" not in recommender
        finally:
            os._exit(not follows)
    _, status = os.waitpid(child, 0)
    goes_on.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_version_that_comes_with_bad_overrides_is_still_followed(artifacts: Path) -> None:
    recommender = opened(artifacts)
    (artifacts / "overrides.json").write_text("broken")
    FULL.publish(artifacts, "20230602T070000Z-001")
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
    assert active.bans("related", SOURCE, "") is active.bans("related", "a5", "")
    assert Recommender.open(artifacts).related_ids(SOURCE, 1) != ["a2"]
