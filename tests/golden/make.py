"""Write the golden artifacts: run by hand, once per format; what is there is never overwritten.

    python -m tests.golden.make

Each folder holds an artifacts directory and `expected.json`: what the lookup answers from it at
given moments. `SHA256SUMS` lists every file. What is released is not made anew: a later format
gets folders of its own beside these.
"""

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from recommender import RelatedStory, Snapshot, UnknownArticle, overrides
from recommender.active_overrides import ActiveOverrides
from recommender.artifact import open_version
from recommender.cached_version import CachedVersion
from recommender.manifest import FORMAT, read_pointer
from tests.recommender import worlds
from tests.recommender.worlds import Article, World
from tests.training.worlds import STORM, VOTE, spelled
from training import release
from training.recommendations import REASONS
from training.records import HOUR, utc
from training.state import LAYOUT
from training.storage import Contents

HERE = Path(__file__).parent
SUMS = HERE / "SHA256SUMS"
CLOCK = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""An override ends at this very moment, another begins."""
LATER = datetime(2099, 6, 1, tzinfo=UTC)
"""When what is for the far future is in force."""
NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
UNKNOWN = ("never heard of", "gnu", "", "\ud800", "toString")
"""Ids that no version has; the second has the CRC-32 of one that `full` has."""


def full() -> World:
    """A site on which everything that the format can say is said."""
    ids = [
        "plumless",  # the CRC-32 of the first two is the same
        "buckeroo",
        "codding",  # has that of "gnu", which is not known
        "café",
        "cafe\u0301",  # the same to the eye, not the same id
        "two words",
        "2026/06/01/a?b=c#d",
        'say "it\'s"',
        "🌧️👩‍👩‍👧",
        "مقال-١٢",
        "\u202eחדשות",
        "記事一",
        "007",
        "7",
        "x" * 300,
        "__proto__",
        "\ufffd",
        " lead and trail ",
        "tab\tnew\nline",
        "<b>&amp;</b>",
        "no section",
        "no time",
        "bare",
        "draft",  # not known
        "obituary",
        "fairy tale",
        "murder",
        "gone",
        "1969",
        "last µs",
        "no section either",
        "nor this",
    ]
    sections = ["sport", "Wetter & Klima", "政治", "עולם", "constructor"]
    draw = random.Random(7)  # noqa: S311 - no secret
    articles = []
    for row, name in enumerate(ids):
        section = {
            "no section": "",
            "no section either": "",
            "nor this": "",
            "bare": "",
            "obituary": "Traueranzeigen",
            "fairy tale": "Kinder",
            "murder": "Verbrechen",
        }.get(name, sections[row % 5])
        time: datetime | None = NOW - timedelta(hours=row, minutes=7)
        if name in ("no time", "bare"):
            time = None
        elif name == "1969":
            time = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
        elif name == "last µs":
            time = NOW - timedelta(microseconds=1)
        targets = [at for at, target in enumerate(ids) if target != "draft"]
        items = tuple(
            (target, draw.choice((0.0, 1.0, draw.random())), draw.choice(REASONS[:6]))
            for target in draw.sample(targets, draw.choice((0, 3, 8, 12)))
            if target != row
        )
        articles.append(
            Article(
                name,
                "" if name == "bare" else f"{name[:40]} – “title” {{section}}",
                "" if name in ("bare", "no time") else f"https://example.org/{row}?q=ü&r=1",
                section,
                time,
                name != "draft",
                items,
                {5: 2, 8: 2, 12: 11, 16: 11, 17: 11}.get(row),
            )
        )

    def some(count: int) -> list[int]:
        return draw.sample([at for at, name in enumerate(ids) if name != "draft"], count)

    by_section = {name: [r for r in some(31) if articles[r].section == name] for name in sections}
    newest = {name: [r for r in some(31) if articles[r].section == name] for name in sections}
    return World(
        articles,
        popular=some(14),
        latest=some(20),
        weekly=[
            *(first := [20, 31, 30, 1, 6, 11, 16]),
            *(row for row in some(6) if row not in first),
        ],  # more of a section than may stand, two of an event
        must_reads=[(row, REASONS[6 + at // 3]) for at, row in enumerate(some(6))],
        sections={**by_section, "עולם": []},
        section_latest={**newest, "sport": []},
        page=[
            block("latest", "{section} Latest Stories", 6, 4, 6),
            block("weekly", "Best – {section}: {section}", 8, 5, 2),
            block("related", "You May Also Like", 5, 2, 2),
            block("popular", "Popular Now", 4, 1, 4),
            block("must_reads", "Must-Reads", 5, 4, 5),
        ],
        not_from=["Traueranzeigen", "no such section"],
        apart=[("Kinder", "Verbrechen"), ("sport", "constructor")],
        why={
            "readers": "Readers went on",
            "text": "Same subject",
            "section": "More in {section} ({section})",
            "popular": "Much read",
            "latest": "Just in {title}",
            "event": "Same story",
            "weekly": "Best of the week",
            "finished": "Readers stay",
            "pinned": "Chosen",
            "picked": "Picked in {section}",
        },
    )


def block(key: str, title: str, slots: int, priority: int, most: int) -> dict[str, object]:
    return {"key": key, "title": title, "slots": slots, "priority": priority, "most": most}


OVERRIDES: list[dict[str, object]] = [
    {"id": "o1", "action": "pin", "story": "7", "slot": 2},
    {"id": "o2", "action": "pin", "story": "007", "slot": 2, "section": "政治"},
    {"id": "o3", "action": "pin", "story": "café", "slot": 2, "article": "two words"},
    {"id": "o4", "action": "pin", "story": "plumless", "slot": 4, "article": "two words"},
    {"id": "o5", "action": "pin", "story": "buckeroo", "slot": 4, "article": "two words"},
    {"id": "p1", "action": "pin", "story": "codding", "block": "must_reads", "slot": 1},
    {"id": "p2", "action": "pin", "story": "two words", "block": "must_reads", "slot": 3},
    {"id": "p3", "action": "pin", "story": "never heard of", "block": "must_reads", "slot": 2},
    {"id": "p4", "action": "pin", "story": "draft", "block": "must_reads", "slot": 4},
    {"id": "p5", "action": "pin", "story": "gone", "block": "popular", "slot": 1},
    {"id": "p6", "action": "pin", "story": "murder", "block": "popular", "slot": 100},
    {
        "id": "p7",
        "action": "pin",
        "story": "murder",
        "block": "related",
        "slot": 19,
        "section": "Kinder",
    },
    {"id": "p8", "action": "pin", "story": "bare", "block": "weekly", "slot": 8},
    {
        "id": "p9",
        "action": "pin",
        "story": "記事一",
        "block": "latest",
        "slot": 1,
        "from": "2026-06-01T14:00:00+02:00",
        "until": "2026-06-01T12:00:00.000001Z",
    },
    {
        "id": "p10",
        "action": "pin",
        "story": "7",
        "block": "latest",
        "slot": 2,
        "until": "2026-06-01T12:00:00",
    },
    {
        "id": "b1",
        "action": "ban",
        "story": "__proto__",
        "who": "Ω desk",
        "why": "“quoted”\n🌧️",
        "when": "2026-05-31T08:00:00.25Z",
    },
    {"id": "b2", "action": "ban", "story": "no time", "block": "popular"},
    {"id": "b3", "action": "ban", "story": "no section", "article": "2026/06/01/a?b=c#d"},
    {"id": "b4", "action": "ban", "story": "\ufffd", "section": "constructor"},
    {"id": "b5", "action": "ban", "story": "مقال-١٢", "section": "政治", "block": "weekly"},
    {"id": "b6", "action": "ban", "story": "bare", "article": "never heard of", "block": "related"},
    {"id": "b7", "action": "ban", "story": "🌧️👩‍👩‍👧", "from": "2099-01-01T00:00:00Z"},
    {"id": "w1", "action": "withdraw", "story": "gone", "why": "court order"},
    {
        "id": "w2",
        "action": "withdraw",
        "story": "1969",
        "from": "2026-05-01T00:00:00-05:00",
        "until": "2026-06-01T12:00:00Z",
    },
    {"id": "w3", "action": "withdraw", "story": "plumless", "from": "2099-01-01T00:00:00+00:00"},
]


def in_languages(world: World) -> World:
    """The same articles, two of three of which are in one of two languages."""
    articles = [replace(a, language=row % 3 - 1) for row, a in enumerate(world.articles)]
    return replace(world, articles=articles)


def make_full(artifacts: Path, world: World) -> None:
    """Publish a site such as `full`, with a state that nothing can carry on."""
    worlds.REASONS[:] = REASONS  # the codes of a real version
    release.publish(
        artifacts,
        release.Publication(
            command="train",
            now=(NOW - worlds.EPOCH) // worlds.MICROSECOND,
            version=Contents(
                {
                    "reasons": list(REASONS),
                    "fallback": world.fallback,
                    "page": world.page,
                    "why": world.why,
                    "not_from": world.not_from,
                    "apart": world.apart,
                    "config": {},
                },
                world.arrays(),
            ),
            state=Contents({"layout": LAYOUT}, {"ids": np.zeros(0, np.uint8)}),
        ),
    )


def write_overrides(artifacts: Path) -> None:
    """Write those of `full`."""
    written = {"format": 1, "overrides": OVERRIDES}
    path = artifacts / overrides.EDITORS.name
    path.write_text(f"{json.dumps(written, ensure_ascii=False, indent=1)}\n", encoding="utf-8")
    overrides.keep(artifacts)


def make_trained(folder: Path, *, views: bool, languages: Sequence[str] = ("",)) -> None:
    """Train on twelve articles of two events, in some languages, and on their readers, or none."""
    start = (NOW - timedelta(days=3) - worlds.EPOCH) // worlds.MICROSECOND
    draw = random.Random(3)  # noqa: S311 - no secret
    lines = []
    for number in range(12):
        words = f"{STORM if number % 2 else VOTE} {spelled(number)}"
        article = {
            "id": f"n{number:02}",
            "title": words,
            "body": words,
            "section": "ab"[number % 2],
            "published_at": utc(start + number * 6 * HOUR),
        }
        if len(languages) > 1:
            article |= {"language": languages[number % 3], "image": f"/{number}.jpg"}
        lines.append(json.dumps(article))
    (folder / "articles.jsonl").write_text("\n".join([*lines, ""]))
    config = '[paths]\narticles = "articles.jsonl"\n'
    if views:
        rows = ["user,article,time"]
        for visit in range(60):
            at = start + draw.randrange(72) * HOUR
            newest = max((at - start) // (6 * HOUR), 1)
            for step in range(3):
                number = draw.randrange(max(newest - 6, 0), newest)
                rows.append(f"r{visit % 20},n{number:02},{utc(at + step * HOUR // 60)}")
        (folder / "views.csv").write_text("\n".join([*rows, ""]))
        config += 'views = "views.csv"\n[ranking]\nevery = "6h"\nmin_transitions = 20\n'
    else:
        config += "[lists]\nmax_items = 3\n"
    if len(languages) > 1:
        config += '[articles]\nkeep = ["image"]\n'
    (folder / "ymal.toml").write_text(config)
    ymal = Path(sys.executable).with_name("ymal")
    subprocess.run([ymal, "train", "--quiet", "--now", utc_of(NOW)], cwd=folder, check=True)


def utc_of(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def snapshot(artifacts: Path, at: datetime) -> Snapshot:
    """What is served at a moment."""
    found, complaint = overrides.load(artifacts)
    assert not complaint
    cached = CachedVersion(open_version(artifacts / "versions" / read_pointer(artifacts)))
    return Snapshot(cached, ActiveOverrides(found, at.timestamp()))


def calls(ids: list[str], at: datetime) -> Iterator[dict[str, Any]]:
    """What is asked of every artifact."""
    asked = [*ids, *UNKNOWN]
    for name in asked:
        yield {"call": "related", "id": name, "n": 20, "exclude": [], "missing": "fallback"}
        yield {"call": "page", "id": name, "exclude": [], "missing": "fallback"}
    if at != CLOCK:
        return
    for place, name in enumerate(asked):
        yield {"call": "related", "id": name, "n": 5, "exclude": [], "missing": "fallback"}
        seen = [*asked[place::7], "nobody", name]
        yield {"call": "related", "id": name, "n": 5, "exclude": seen, "missing": "fallback"}
    for name in asked[::5]:
        seen = [other for place, other in enumerate(asked) if place % 3]
        yield {"call": "page", "id": name, "exclude": seen, "missing": "fallback"}
        yield {"call": "related", "id": name, "n": 0, "exclude": [], "missing": "fallback"}
    for name in (asked[0], *UNKNOWN, "gone", "draft"):
        for missing in ("empty", "error"):
            yield {"call": "related", "id": name, "n": 3, "exclude": [], "missing": missing}
            yield {"call": "page", "id": name, "exclude": [], "missing": missing}
    for length in range(1, 14):
        for start in (0, 9):
            history = (asked * 2)[start : start + length]
            yield {"call": "next_for", "history": history, "n": 8}
    for history in (
        ["never heard of", asked[1]],
        [asked[1], "never heard of"],
        [asked[0], asked[1], asked[0]],
        [asked[2], "obituary"],
        ["fairy tale", "two words", "gone"],
    ):
        yield {"call": "next_for", "history": history, "n": 5}


def answer(asked: Snapshot, call: dict[str, Any]) -> dict[str, Any]:
    """What the lookup says: items as [id, score, reason, why], `items` null where it refuses."""
    arguments = {name: value for name, value in call.items() if name != "call"}
    try:
        found = getattr(asked, call["call"])(**arguments)
    except UnknownArticle:
        return {"items": None}
    if call["call"] != "page":
        return {"items": packed(found)}
    blocks = [{"key": b.key, "title": b.title, "items": packed(b.items)} for b in found.blocks]
    return {"blocks": blocks}


def packed(stories: list[RelatedStory] | tuple[RelatedStory, ...]) -> list[list[object]]:
    assert [story.rank for story in stories] == list(range(1, len(stories) + 1))
    return [[story.id, story.score, story.reason, story.why] for story in stories]


def expected(artifacts: Path) -> bytes:
    """Everything that the lookup answers, one call a line."""
    version = open_version(artifacts / "versions" / read_pointer(artifacts))
    cached = CachedVersion(version)
    rows = range(len(version.ids))
    ids = [version.ids[row] for row in rows]
    cards = [[ids[row], *cached.card(row)[:3], iso(cached.card(row)[3])] for row in rows]
    moments = (CLOCK, LATER) if (artifacts / overrides.EDITORS.name).exists() else (CLOCK,)
    known = [{"at": utc_of(at), "ids": sorted(snapshot(artifacts, at).ids())} for at in moments]
    answers = [
        {"at": utc_of(at), **call, **answer(snapshot(artifacts, at), call)}
        for at in moments
        for call in calls(ids, at)
    ]
    lists = {"cards": cards, "known": known, "answers": answers}
    parts = [f'"format": {FORMAT}', f'"now": {line(utc_of(version.now))}']
    for name, entries in lists.items():
        parts.append(f'"{name}": [\n' + ",\n".join(map(line, entries)) + "\n]")
    return ("{" + ",\n".join(parts) + "}\n").encode("utf-8", "backslashreplace")


def line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def iso(time: datetime | None) -> str | None:
    return None if time is None else utc_of(time)


def main() -> None:
    """Write those that are missing."""
    folders = [HERE / name for name in ("full", "bare", "trained", "languages", "carried", "slots")]
    new = [folder for folder in folders if not folder.exists()]
    if not new:
        sys.exit(f"{folders[0]} is there already: golden files are written once")
    for folder in new:
        folder.mkdir()
        artifacts = folder / "artifacts"
        if folder.name in ("full", "slots"):
            make_full(artifacts, full())
            write_overrides(artifacts)
        elif folder.name == "languages":
            make_full(artifacts, in_languages(full()))
        elif folder.name == "carried":
            make_trained(folder, views=True, languages=("da", "en-GB", ""))
        else:
            make_trained(folder, views=folder.name == "trained")
        for left in (".lock", "key", "quarantine.jsonl"):
            (artifacts / left).unlink(missing_ok=True)
        (folder / "expected.json").write_bytes(expected(artifacts))
    files = sorted(path for folder in new for path in folder.rglob("*") if path.is_file())
    sums = (f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(HERE)}\n" for p in files)
    with SUMS.open("a", encoding="utf-8") as file:
        file.writelines(sums)


if __name__ == "__main__":
    main()
