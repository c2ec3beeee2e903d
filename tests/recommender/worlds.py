"""Toy versions in plain Python, and the lookup as one would write it without thinking of speed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from recommender import RelatedStory
from recommender.blocks import RANKINGS, manifest_fields
from training.records import NEVER
from training.release import lookup_arrays
from training.storage import write_directory
from training.strings import StringArray

REASONS = ["readers", "text", "event", "finished", "widely_opened"]
NAME = "20230601T070000Z-001"
NOW = datetime(2023, 6, 1, 7, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Article:
    """An article: `event` is what it tells of, None what no other tells of."""

    id: str
    title: str = ""
    url: str = ""
    section: str = ""
    published_at: datetime | None = None
    known: bool = True
    items: tuple[tuple[int, float, str], ...] = ()
    event: int | None = None
    language: int = -1


@dataclass(frozen=True)
class World:
    """A site in plain Python; numbers are places in `articles`."""

    articles: list[Article]
    popular: list[int] = field(default_factory=list)
    latest: list[int] = field(default_factory=list)
    weekly: list[int] = field(default_factory=list)
    must_reads: list[tuple[int, str]] = field(default_factory=list)
    sections: dict[str, list[int]] = field(default_factory=dict)
    section_latest: dict[str, list[int]] = field(default_factory=dict)
    fallback: list[str] = field(default_factory=lambda: ["section", "popular", "latest"])
    page: list[dict[str, object]] = field(default_factory=list)
    not_from: list[str] = field(default_factory=list)
    apart: list[tuple[str, str]] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    why_without_section: dict[str, str] = field(default_factory=dict)

    def related(
        self, source: str, n: int, exclude: Iterable[str] = (), missing: str = "fallback"
    ) -> list[RelatedStory]:
        """The lookup as one would write it without thinking of speed."""
        article = self.known(source)
        if article is None and missing == "empty":
            return []
        if article and article.section in self.not_from:
            return []
        rankings = {
            "section": self.sections.get(article.section, []) if article else [],
            "popular": self.popular,
            "latest": self.latest,
        }
        chain: list[tuple[int, float | None, str]] = list(article.items) if article else []
        for name in self.fallback:
            chain += [(place, None, name) for place in self.together(article, rankings[name])]
        if article:
            chain = [part for part in chain if not self.are_apart(article, self.articles[part[0]])]
        stories: list[RelatedStory] = []
        taken, events = {source, *exclude}, set()
        for place, score, reason in chain:
            if self.articles[place].id not in taken and self.event(place) not in events:
                stories.append(self.story(place, len(stories) + 1, score, reason))
                taken.add(self.articles[place].id)
                events.add(self.event(place))
        return stories[:n]

    def known(self, source: str) -> Article | None:
        """The known article of an id."""
        return next((a for a in self.articles if a.id == source and a.known), None)

    def are_apart(self, one: Article, other: Article) -> bool:
        """Whether neither may stand on the page of the other."""
        return {(one.section, other.section), (other.section, one.section)} & {*self.apart} != set()

    def together(self, article: Article | None, places: Iterable[int]) -> list[int]:
        """Those of some articles that go with one by their languages."""
        return [
            place
            for place in places
            if article is None or len({article.language, self.articles[place].language} - {-1}) < 2
        ]

    def event(self, place: int) -> int:
        """The label of what an article tells of."""
        event = self.articles[place].event
        return place if event is None else event

    def story(self, place: int, rank: int, score: float | None, reason: str) -> RelatedStory:
        """An article as an answer shows it."""
        a = self.articles[place]
        why = self.why.get(reason, "")
        if not a.section and "{section}" in why:
            why = self.why_without_section.get(reason, why)
        why = why.replace("{section}", a.section)
        return RelatedStory(
            a.id, a.title, a.url, a.section, a.published_at, rank, score, reason, why
        )

    def arrays(self) -> dict[str, Any]:
        """The arrays of a version."""
        names = sorted({a.section for a in self.articles if a.section})
        items = [item for article in self.articles for item in article.items]
        return {
            **lookup_arrays(
                ids=StringArray.of([a.id for a in self.articles]),
                titles=StringArray.of([a.title for a in self.articles]),
                urls=StringArray.of([a.url for a in self.articles]),
                section_names=StringArray.of(names),
                sections=np.array(
                    [names.index(a.section) if a.section else -1 for a in self.articles], np.int32
                ),
                languages=np.array([a.language for a in self.articles], np.int32),
                published=np.array(
                    [
                        NEVER if a.published_at is None else (a.published_at - EPOCH) // MICROSECOND
                        for a in self.articles
                    ],
                    np.int64,
                ),
                known=np.array([a.known for a in self.articles], bool),
            ),
            "events": np.array([self.event(p) for p in range(len(self.articles))], np.int32),
            "list_ends": ends([a.items for a in self.articles]),
            "list_items": np.array([row for row, _, _ in items], np.int32),
            "list_scores": np.array([score for _, score, _ in items], np.float32),
            "list_reasons": np.array([REASONS.index(code) for _, _, code in items], np.uint8),
            "popular": np.array(self.popular, np.int32),
            "latest": np.array(self.latest, np.int32),
            "weekly": np.array(self.weekly, np.int32),
            "must_reads": np.array([row for row, _ in self.must_reads], np.int32),
            "must_read_reasons": np.array(
                [REASONS.index(code) for _, code in self.must_reads], np.uint8
            ),
            **by_section("section", names, self.sections),
            **by_section("section_latest", names, self.section_latest),
        }

    def fields(self) -> dict[str, object]:
        """The fields of a version's manifest."""
        arrays = self.arrays().keys()
        return {
            "reasons": REASONS,
            "fallback": self.fallback,
            "now": (NOW - EPOCH) // MICROSECOND,
            "page": self.page,
            "why": self.why,
            **(
                {"why_without_section": self.why_without_section}
                if self.why_without_section
                else {}
            ),
            "not_from": self.not_from,
            "apart": self.apart,
            **manifest_fields([n for n, spec in RANKINGS.items() if arrays >= {*spec.arrays}]),
        }

    def publish(self, artifacts: Path, name: str = NAME) -> Path:
        """Write the version, and let it be served."""
        (artifacts / "versions").mkdir(parents=True, exist_ok=True)
        write_directory(artifacts / "versions" / name, "version", self.fields(), self.arrays())
        point(artifacts, name)
        return artifacts


def ends(lists: Iterable[Any]) -> np.ndarray[Any, Any]:
    """Where each of some lists, put behind one another, ends."""
    return np.array([0, *accumulate(map(len, lists))], np.int64)


def by_section(
    ranking: str, names: list[str], rows: dict[str, list[int]]
) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of a ranking of each section."""
    lists = [rows.get(name, []) for name in names]
    joined = np.array([row for ranked in lists for row in ranked], np.int32)
    return {f"{ranking}_ends": ends(lists), f"{ranking}_rows": joined}


def point(artifacts: Path, name: str) -> None:
    """Let a version be served."""
    (artifacts / "current.new").write_text(f"{name}\n")
    (artifacts / "current.new").replace(artifacts / "current")


PUBLISHED = datetime(2023, 5, 31, 12, 30, tzinfo=UTC)
TOY = World(
    articles=[
        Article("storm", "Storm", "/storm", "weather", PUBLISHED, items=((1, 0.5, "readers"),)),
        Article("rain", "Rain", "/rain", "weather", items=((0, 0.25, "text"), (4, 0.5, "event"))),
        Article("snow", "Snow", "/snow", "weather"),
        Article("goal", "Goal", "/goal", "sport"),
        Article("vote", "Vote", "/vote"),
        Article("draft", "Draft", "/draft", "sport", known=False),
    ],
    popular=[3, 0, 2],
    latest=[4, 3],
    sections={"sport": [3], "weather": [0, 2, 1]},
    why={"text": "On the same subject", "section": "More in {section}"},
)
