"""The reader in JavaScript, which knows nothing but `docs/format.md`, answers as the one here."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recommender import ArtifactError, Block, Recommender, RelatedStory, overrides
from recommender.manifest import read_pointer
from tests.golden.answers import expected
from tests.golden.make import HERE, snapshot

READER = Path(__file__).parents[2] / "examples" / "reader.mjs"
ANSWERS = Path(__file__).with_name("answers.mjs")
FULL = HERE / "full" / "artifacts"
AT = "2026-06-01T12:00:00Z"
CARD = ("id", "title", "url", "section", "published_at")
SECOND = 1.1
"""Seconds after which a reader looks again."""

Json = Any

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="needs node")


def node(*arguments: object, code: int = 0, given: str = "") -> subprocess.CompletedProcess[str]:
    command = ["node", *map(str, arguments)]
    done = subprocess.run(
        command, input=given, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert done.returncode == code, done.stderr
    return done


def replies(calls: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """What one process says to all the calls."""
    given = "".join(f"{json.dumps(call, default=str)}\n" for call in calls)
    found = [json.loads(line) for line in node(ANSWERS, given=given).stdout.splitlines()]
    assert len(found) == len(calls)
    return found


Ask = Callable[[list[dict[str, Json]]], list[dict[str, Json]]]


def answers(calls: list[dict[str, Json]]) -> list[Json]:
    return [reply["answer"] for reply in replies(calls)]


class Running:
    """A process that goes on, asked one thing after the other."""

    def __init__(self, process: subprocess.Popen[str], artifacts: Path) -> None:
        self._process, self._artifacts = process, artifacts

    def __call__(self, call: str, **arguments: object) -> Json:
        assert self._process.stdin
        assert self._process.stdout
        asked = {"directory": str(self._artifacts), "call": call, **arguments}
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["answer"]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """One process for all directories that no other test asks about."""
    command, pipe = ["node", str(ANSWERS)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin
        assert stdout

        def replies_to(calls: list[dict[str, Json]]) -> list[dict[str, Json]]:
            found = []
            for call in calls:
                stdin.write(f"{json.dumps(call, default=str)}\n")
                stdin.flush()
                found.append(json.loads(stdout.readline()))
            return found

        yield replies_to
        stdin.close()
        assert process.wait(timeout=300) == 0


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """A copy of `full`, to be changed."""
    return Path(shutil.copytree(FULL, tmp_path / "artifacts"))


@pytest.fixture
def running(artifacts: Path) -> Iterator[Running]:
    command = ["node", str(ANSWERS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        yield Running(process, artifacts)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=300) == 0


def version_of(artifacts: Path) -> Path:
    return artifacts / "versions" / read_pointer(artifacts)


def change(artifacts: Path, **fields: object) -> None:
    path = version_of(artifacts) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}), encoding="utf-8")


def write(artifacts: Path, *entries: dict[str, object]) -> None:
    numbered = [{"id": f"o{number}", **entry} for number, entry in enumerate(entries)]
    path = artifacts / "overrides.json"
    path.write_text(json.dumps({"format": 1, "overrides": numbered}), encoding="utf-8")


def story(found: RelatedStory) -> dict[str, Json]:
    return found.as_dict()


def block(found: Block) -> dict[str, Json]:
    return {"key": found.key, "title": found.title, "items": [story(item) for item in found.items]}


# Golden artifacts


@pytest.mark.parametrize("name", ["full", "bare", "trained", "languages", "carried", "slots"])
def test_golden_answers(name: str) -> None:
    right = expected(name)
    cards = {card[0]: card for card in right["cards"]}

    def packed(items: list[dict[str, Json]]) -> list[list[Json]]:
        assert [item["rank"] for item in items] == list(range(1, len(items) + 1))
        for item in items:
            assert [item[field] for field in CARD] == cards[item["id"]]
        return [[item[field] for field in ("id", "score", "reason", "why")] for item in items]

    directory = HERE / name / "artifacts"
    wanted = [
        next(call.pop(key) for key in ("items", "blocks") if key in call)
        for call in right["answers"]
    ]
    found = answers([{"directory": directory, **call} for call in right["answers"]])
    for call, want, answer in zip(right["answers"], wanted, found, strict=True):
        if answer is not None and call["call"] == "page":
            assert [{**part, "items": packed(part["items"])} for part in answer] == want, call
        else:
            assert (answer and packed(answer)) == want, call
    moments = [
        {"directory": directory, "at": known["at"], "call": "ids"} for known in right["known"]
    ]
    assert list(map(sorted, answers(moments))) == [known["ids"] for known in right["known"]]


# A site of some size


# Following


def test_versions_and_overrides_are_followed(artifacts: Path, running: Running) -> None:
    def ids() -> set[str]:
        return set(running("ids"))

    before = running("version")
    assert before == read_pointer(artifacts)
    write(artifacts, {"action": "withdraw", "story": "murder"})
    time.sleep(SECOND)
    assert "murder" not in ids()
    (artifacts / "overrides.json").write_text("{")
    (artifacts / "current").write_text("missing")
    time.sleep(SECOND)
    assert running("version") == before
    assert "murder" not in ids()
    (artifacts / "overrides.json").unlink()
    next_version = artifacts / "versions" / "next-1"
    shutil.copytree(artifacts / "versions" / before, next_version)
    (artifacts / "current").write_text("next-1")
    change(artifacts, name="next-1", reasons=[])
    time.sleep(SECOND)
    assert running("version") == "next-1"
    shutil.rmtree(next_version)
    assert "murder" not in ids()
    write(artifacts)
    time.sleep(SECOND)
    assert "murder" in ids()


@pytest.mark.parametrize("bad", ["{", None])
def test_the_last_good_overrides_stand_in(artifacts: Path, bad: str | None) -> None:
    write(artifacts, {"action": "withdraw", "story": "murder"})
    file, spare = artifacts / "overrides.json", artifacts / "overrides.last-good.json"
    file.replace(spare)
    if bad:
        file.write_text(bad)
    asked = {"directory": artifacts, "call": "ids"}
    assert "murder" not in answers([asked])[0]
    spare.write_text("{")
    assert str(spare) in replies([asked])[0]["error"]


TIMES = [
    "2026-06-01T10:00:00",
    "2026-06-01T10:00:00.5Z",
    "2026-06-01T10:00:00.000001-23:59",
    "2028-02-29T23:59:59+05:30",
    "2026-02-29T00:00:00Z",
    "2026-06-31T00:00:00Z",
    "2026-06-01T24:00:01Z",
    "2026-06-01T10:60:00Z",
    "2026-06-01T10:00:00+24:00",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-00:01",
    "0000-01-01T00:00:00Z",
    "2026-06-01T10:00",
    "2026-06-01T10:00+02:00",
    "2026-06-01",
    "20260601T100000Z",
    "2026-06-01 10:00:00Z",
    "2026-W23-1T10:00:00Z",
    "2026-06-01T10:00:00,5Z",
    "2026-06-01T10:00:00z",
    "2026-06-01T10:00:00+0200",
    "today",
    "",
]
BAN = {"action": "ban", "story": "7"}
PIN = {"action": "pin", "story": "7", "slot": 1}
ENTRIES: list[Json] = [
    *({**BAN, "until": moment} for moment in TIMES),
    {**BAN, "when": "2026-02-29T00:00:00Z"},
    {**BAN, "from": "2026-06-01T10:00:00Z", "until": "2026-06-01T12:00:00+02:00"},
    {**BAN, "from": "2026-06-01T10:00:00Z", "until": "2026-06-01T12:00:00.000001+02:00"},
    PIN,
    {**PIN, "slot": 100, "block": "weekly", "who": "", "why": "\ud800"},
    {**PIN, "slot": 101},
    {**PIN, "slot": 0},
    {**PIN, "slot": "1"},
    {**PIN, "slot": 1.5},
    {**PIN, "slot": True},
    {**PIN, "block": "top"},
    {**PIN, "article": "7", "section": "sport"},
    {**PIN, "article": ""},
    {**PIN, "section": ""},
    {**PIN, "story": ""},
    {**PIN, "id": ""},
    {**PIN, "id": "o1"},
    {**PIN, "who": None},
    {**PIN, "novel": "x"},
    {**PIN, "__proto__": "x"},
    {**BAN, "slot": 1},
    {**BAN, "action": "constructor"},
    {"action": "withdraw", "story": "\udc80"},
    {"action": "withdraw", "story": "7", "block": "related"},
    {"action": "withdraw", "story": "7", "section": "sport"},
    [],
    None,
]


def test_overrides_are_good_or_bad_as_here(tmp_path: Path) -> None:
    version = version_of(FULL)
    good, directories = [], []
    for number, entry in enumerate(ENTRIES):
        directory = tmp_path / str(number)
        (directory / "versions").mkdir(parents=True)
        (directory / "versions" / version.name).symlink_to(version)
        (directory / "current").write_text(version.name)
        entries = [{"id": "o1", **BAN}, {"id": "o2", **entry} if isinstance(entry, dict) else entry]
        text = json.dumps({"format": 1, "overrides": entries})
        (directory / "overrides.json").write_text(text)
        directories.append(directory)
        try:
            good.append(bool(overrides.load(directory)))
        except ArtifactError:
            good.append(False)
    assert 5 < sum(good) < len(good) - 20
    found = replies([{"directory": directory, "call": "version"} for directory in directories])
    for entry, is_good, reply in zip(ENTRIES, good, found, strict=True):
        assert ("answer" in reply) == is_good, (entry, reply)
        assert is_good or "overrides.json: " in reply["error"]


# What is damaged


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def link(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.symlink_to("aside")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def patch(*values: tuple[int, bytes]) -> Callable[[Path], None]:
    """Write bytes from a place on; a place below 0 counts from the end."""

    def patched(path: Path) -> None:
        data = bytearray(path.read_bytes())
        for place, new in values:
            begin = place % len(data)
            data[begin : begin + len(new)] = new
        path.write_bytes(data)

    return patched


HUGE = b"\xff\xff\xff\x7f"
VERSION = f"versions/{version_of(FULL).name}/"
AT_OPENING: list[tuple[str, Callable[[Path], None]]] = [
    ("current", link),
    ("current", folder),
    ("current", patch((0, b"."))),
    (f"{VERSION}manifest.json", link),
    (f"{VERSION}manifest.json", patch((0, b"x"))),
    (f"{VERSION}popular.npy", link),
    (f"{VERSION}popular.npy", folder),
    (f"{VERSION}popular.npy", Path.unlink),
    (f"{VERSION}popular.npy", cut),
    (f"{VERSION}popular.npy", patch((0, b"\x92"))),
    (f"{VERSION}popular.npy", patch((8, HUGE))),
    (f"{VERSION}popular.npy", patch((20, b"'<u4'"))),
    (f"{VERSION}id_ends.npy", patch((128, b"\x01"))),
    (f"{VERSION}list_ends.npy", patch((-8, b"\x01"))),
]


@pytest.mark.parametrize(("name", "damage"), AT_OPENING)
def test_damage_is_seen_at_opening(
    artifacts: Path, ask: Ask, name: str, damage: Callable[[Path], None]
) -> None:
    damage(artifacts / name)
    with pytest.raises(ArtifactError):
        Recommender.open(artifacts)
    assert str(artifacts / name) in ask([{"directory": artifacts, "call": "ids"}])[0]["error"]


def test_what_a_later_release_may_add_is_passed_over(artifacts: Path) -> None:
    calls = [{"directory": artifacts, "at": AT, "call": "page", "id": "plumless"}]
    (before,) = replies(calls)
    manifest = json.loads((version_of(artifacts) / "manifest.json").read_text())
    page, fallback = manifest["page"], manifest["fallback"]
    page[0]["colour"] = "red"
    change(artifacts, page=[{**page[0], "key": "stars"}, *page], fallback=["stars", *fallback])
    (after,) = replies(calls)
    assert after["answer"] == before["answer"]


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 3},
        {"requires": ["patches"]},
        {"requires": None},
        {"optional": "x"},
        {"kind": "state"},
        {"name": "other"},
        {"reasons": [1]},
        {"fallback": [1]},
        {"page": [{"key": "latest", "title": "", "slots": 5, "priority": 1}]},
        {"page": [{"key": "latest", "title": "", "slots": 5, "priority": 1, "most": 6}]},
        {"page": [{"key": "latest", "title": "", "slots": 5, "priority": 1, "most": 5}] * 2},
        {"why": {"text": 1}},
        {"not_from": [1]},
        {"apart": [["a", "b", "c"]]},
        {"files": {}},
        {"files": {"../x.npy": None}},
    ],
)
def test_a_manifest_is_refused(artifacts: Path, ask: Ask, fields: dict[str, object]) -> None:
    change(artifacts, **fields)
    with pytest.raises(ArtifactError):
        Recommender.open(artifacts)
    error = ask([{"directory": artifacts, "call": "version"}])[0]["error"]
    assert str(version_of(artifacts)) in error


@pytest.mark.parametrize(
    ("array", "value"),
    [
        ("list_items", HUGE),
        ("list_items", b"\xff\xff\xff\xff"),
        ("list_scores", b"\x00\x00\xc0\x7f"),
        ("list_scores", b"\x00\x00\x80\xbf"),
        ("list_reasons", b"\xff"),
        ("list_ends", HUGE),
        ("events", HUGE),
        ("sections", HUGE),
        ("published", b"\xfe\xff\xff\xff\xff\xff\xff\x7f"),
        ("key_rows", HUGE),
        ("ids", b"\xff"),
        ("titles", b"\xff"),
        ("title_ends", HUGE),
        ("popular", HUGE),
        ("must_reads", HUGE),
        ("must_read_reasons", b"\xff"),
    ],
)
def test_damage_is_seen_at_reading(artifacts: Path, ask: Ask, array: str, value: bytes) -> None:
    ids = sorted(snapshot(artifacts, datetime.fromisoformat(AT)).ids())
    path = version_of(artifacts) / f"{array}.npy"
    data = path.read_bytes()
    inner = 8 if array.endswith("ends") else 0  # the first and last offset are read at opening
    size = len(data) - 128 - inner
    values = value * (size // len(value))
    if inner:
        values = (value + b"\0\0\0\0") * ((size - inner) // 8)
    patch((128 + inner, values))(path)
    calls = [{"directory": artifacts, "at": AT, "call": "page", "id": source} for source in ids]
    calls += [{**call, "call": "related", "n": 50} for call in calls]
    errors = {reply["error"] for reply in ask(calls) if "error" in reply}
    assert errors
    assert all(str(path) in error for error in errors)


# The command line


def test_commands(artifacts: Path) -> None:
    known = snapshot(artifacts, datetime.fromisoformat(AT))
    right = [story(item) for item in known.related("7", 3)]
    done = node(READER, artifacts, "related", "7", "3", "--at", AT)
    assert json.loads(done.stdout) == right
    done = node(READER, "--at", AT, artifacts, "page", "plumless")
    assert json.loads(done.stdout) == [block(part) for part in known.page("plumless").blocks]
    lines = node(READER, artifacts, "all", "3", "--at", AT).stdout.splitlines()
    found = {line["id"]: line["related"] for line in map(json.loads, lines)}
    assert set(found) == set(known.ids())
    assert found["7"] == right
    assert "usage: " in node(READER, artifacts, "relate", "7", code=2).stderr
    assert "current" in node(READER, artifacts / "none", "related", "7", code=1).stderr
