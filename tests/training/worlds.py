"""Toy sites under construction, for the tests."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training import Config, Run, Site, read, train
from training.records import DAY, HOUR, utc

START = 20_000 * DAY
NOW = START + 6 * DAY
MINUTE = HOUR // 60

COARSE = Config(ranking={"every": "6h", "min_transitions": 100}, lists={"event_cosine": 0})
"""Few cuts to learn from, so that tests are quick; however alike, no two tell of one event."""

VISITS = 600
"""Of the busy site: enough to learn from, and a training takes a third of that from 2,500."""

STORM = "storm flood harbour bridge river rescue rain damage"
VOTE = "election ballot minister parliament coalition vote poll campaign"


def spelled(number: int) -> str:
    """A few made-up words of a number; digits are no terms."""
    letters = "".join("abcdefghij"[int(digit)] for digit in str(number))
    return " ".join(f"{stem}{letters}" for stem in ("wor", "det", "lon"))


@dataclass
class World:
    """A site under construction."""

    folder: Path
    articles: list[dict[str, object]] = field(default_factory=list)
    views: list[tuple[str, str, str]] = field(default_factory=list)

    def article(
        self, name: str, text: str = "", at: int | None = START, section: str = "", **more: object
    ) -> None:
        published = {} if at is None else {"published_at": utc(at)}
        words = {"title": text, "body": text, "section": section}
        self.articles.append({"id": name, **words, **published, **more})

    def session(self, reader: str, at: int, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            self.views.append((reader, name, utc(at + place * MINUTE)))

    def write(self, since: int = 0) -> tuple[list[str], list[str]]:
        """Write the files, whole or only what came at `since` or later."""
        files = self.folder / "articles.jsonl", self.folder / "views.csv"
        lately = [a for a in self.articles if str(a.get("published_at", "9")) >= utc(since)]
        files[0].write_text("".join(json.dumps(a) + "\n" for a in lately))
        rows = [",".join(view) for view in self.views if view[2] >= utc(since)]
        files[1].write_text("\n".join(["user,article,time", *rows]) + "\n")
        return [str(files[0])] if lately else [], [str(files[1])] if rows else []

    def read(self, config: Config = COARSE) -> Site:
        articles, views = self.write()
        return read(config, articles=articles, views=views)

    def train(self, now: int = NOW, config: Config = COARSE, jobs: int = 1) -> Run:
        return train(self.read(config), now=now, jobs=jobs)


def busy(world: World, until: int = NOW, seed: int = 3, visits: int = VISITS) -> World:
    """Forty articles of two events, one every three hours, and readers of the latest twelve."""
    generator = np.random.default_rng(seed)
    for number in range(40):
        words = STORM if number % 2 else VOTE
        at = START + number * 3 * HOUR
        text = f"{words} {spelled(number)} {spelled(number % 7)}"
        world.article(f"n{number:02}", text, at, "ab"[number % 2])
    for visit in range(visits):
        at = START + int(generator.integers(6 * DAY - 10 * MINUTE))
        newest = max((at - START) // (3 * HOUR), 1)
        names = [f"n{int(generator.integers(max(newest - 12, 0), newest)):02}" for _ in range(3)]
        names = [min(name, "n39") for name in names]
        if at < until:
            world.session(f"r{visit % 300}", at, names)
    return world


def ids(run: Run, source: str, n: int = 5) -> list[str]:
    return [story.id for story in run.lists[source][:n]]
