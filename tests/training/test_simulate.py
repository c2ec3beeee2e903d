"""The simulated site: reproducible, readable, consistent, and with signal to find."""

import csv
import json
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from training.config import Config, Settings, load
from training.data import read_site
from training.errors import OutputError, UsageError
from training.simulate import SimulatedSite, simulate
from training.simulate.grammar import load_grammar

FILES = ("articles.jsonl", "views.csv", "truth.json", "ymal.toml")
DAYS = 5
END = datetime.fromisoformat("2026-06-01T06:00:00Z")


def seconds(text: str) -> float:
    assert text.endswith("Z")
    return datetime.fromisoformat(text).timestamp()


@dataclass
class World:
    made: SimulatedSite
    articles: dict[str, dict[str, Any]]
    views: list[tuple[float, str, str, int]]
    truth: dict[str, Any]

    @property
    def event(self) -> dict[str, str]:
        return {article: e for e, members in self.truth["events"].items() for article in members}

    def by_user(self) -> dict[str, list[tuple[float, str, int]]]:
        visits = defaultdict(list)
        for time, user, article, read_time in self.views:
            visits[user].append((time, article, read_time))
        return visits


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    out = tmp_path_factory.mktemp("site")
    made = simulate(out, articles=600, days=DAYS, readers=1600, seed=3)
    with (out / "articles.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with (out / "views.csv").open(encoding="utf-8") as file:
        views = [
            (seconds(v["time"]), v["user"], v["article"], int(v["read_time"]))
            for v in csv.DictReader(file)
        ]
    truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
    return World(made, {row["id"]: row for row in rows}, views, truth)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        simulate(tmp_path / name, articles=120, days=2, readers=80, seed=seed)
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    for file in FILES[:3]:
        assert (tmp_path / "a" / file).read_bytes() != (tmp_path / "c" / file).read_bytes()


def test_only_the_four_files_are_left_behind_and_they_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "views.csv").write_text("old", encoding="utf-8")
    simulate(tmp_path, articles=100, days=1, readers=10)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert (tmp_path / "views.csv").read_text(encoding="utf-8") != "old"


def test_counts_are_those_of_the_files(world: World) -> None:
    assert world.made.articles == 600 == len(world.articles)
    assert world.made.views == len(world.views)
    assert world.made.events == len(world.truth["events"])


def test_articles_have_all_fields_and_lie_within_the_days(world: World) -> None:
    sections = set(world.truth["sections"])
    for article in world.articles.values():
        assert list(article) == ["id", "title", "body", "section", "tags", "url", "published_at"]
        assert article["section"] in sections
        assert article["tags"]
        assert article["url"].startswith(f"https://news.example/{article['section'].lower()}/")
        assert 0 < END.timestamp() - seconds(article["published_at"]) <= DAYS * 24 * 60 * 60
    assert {article["section"] for article in world.articles.values()} == sections
    assert len({article["url"] for article in world.articles.values()}) == 600


def test_bodies_are_a_few_hundred_words_in_paragraphs(world: World) -> None:
    for article in world.articles.values():
        assert re.fullmatch(r"(<p>[^<>]+</p>\n?)+", article["body"])
        assert 140 <= len(re.sub(r"<[^>]+>", " ", article["body"]).split()) <= 400


def test_titles_are_distinct_and_finished(world: World) -> None:
    titles = [article["title"] for article in world.articles.values()]
    assert len(set(titles)) == 600
    assert not any(re.search(r"[{}]|  |, part \d|\b[Aa] [aeio]", title) for title in titles)
    assert all(title[0] in '"' or title[0] == title[0].upper() for title in titles)
    assert all(20 <= len(title) <= 110 for title in titles)


def test_every_template_of_the_grammar_finds_its_slots() -> None:
    grammar = load_grammar()
    known = {*grammar.names, "last", "last2", *(f"{name}2" for name in grammar.names)}
    inside = {"noun", "noun2", "weekday"}
    for section in grammar.sections:
        for kind in section.kinds:
            titles = [title for role in kind.titles.values() for title in role]
            found = [*kind.sentences, *section.sentences, *grammar.common]
            outer = {*re.findall(r"{(\w+)}", " ".join([*titles, *kind.tags]))}
            facts = known | set(kind.slots)
            assert outer <= facts | {"topic"}, kind.topic
            assert {*re.findall(r"{(\w+)}", " ".join(found))} <= facts | inside, kind.topic
            assert len(titles) == len(set(titles))
            assert len(titles) >= 12, "an event of twelve articles needs a title for each"


def test_views_are_of_known_articles_after_publication_and_before_the_end(world: World) -> None:
    for time, user, article, read_time in world.views:
        assert user in world.truth["tastes"]
        assert seconds(world.articles[article]["published_at"]) < time < END.timestamp()
        assert read_time >= 0
    times = [time for time, *_ in world.views]
    assert times == sorted(times)


def test_the_config_is_one_that_ymal_reads(world: World) -> None:
    text = (world.made.out / "ymal.toml").read_text(encoding="utf-8")
    config = Config.model_validate(tomllib.loads(text))
    assert config.paths.articles == ["articles.jsonl"]
    assert config.paths.views == ["views.csv"]
    assert config.paths.artifacts == "artifacts"
    assert text.startswith("#")


def test_the_truth_covers_every_article_once_and_every_reader(world: World) -> None:
    found = [article for members in world.truth["events"].values() for article in members]
    assert sorted(found) == sorted(world.articles)
    assert max(len(members) for members in world.truth["events"].values()) > 4
    assert len(world.truth["tastes"]) == 1600
    assert all(len(t) == len(world.truth["sections"]) for t in world.truth["tastes"].values())


def test_robots_read_hundreds_of_pages_quickly(world: World) -> None:
    visits = world.by_user()
    assert len(world.truth["robots"]) == 1
    for robot in world.truth["robots"]:
        assert len(visits[robot]) >= 200
        assert all(after[0] - before[0] <= 3 for before, after in pairwise(visits[robot]))


def test_some_pages_are_reloaded_within_a_minute(world: World) -> None:
    reloads = [
        (before, after)
        for user, visits in world.by_user().items()
        if user not in world.truth["robots"]
        for before, after in pairwise(visits)
        if before[1] == after[1] and after[0] - before[0] < 60
    ]
    assert 0.005 < len(reloads) / len(world.views) < 0.03


def test_the_next_click_shares_event_or_section_far_more_than_chance(world: World) -> None:
    event, section = world.event, {id_: a["section"] for id_, a in world.articles.items()}
    reads = [
        (before[1], after[1])
        for user, visits in world.by_user().items()
        if user not in world.truth["robots"]
        for before, after in pairwise(visits)
        if before[1] != after[1] and after[0] - before[0] <= 30 * 60
    ]
    shuffled = np.random.default_rng(0).permutation([after for _, after in reads]).tolist()
    chance = [(before, after) for (before, _), after in zip(reads, shuffled, strict=True)]

    def share(pairs: list[tuple[str, str]], of: dict[str, str]) -> float:
        return sum(of[a] == of[b] for a, b in pairs) / len(pairs)

    assert share(reads, event) > 5 * share(chance, event)
    assert share(reads, section) > 2 * share(chance, section)


def test_a_readers_sections_follow_their_taste(world: World) -> None:
    sections, tastes = world.truth["sections"], world.truth["tastes"]
    liked = other = 0
    for _, user, article, _ in world.views:
        if user not in world.truth["robots"]:
            share = tastes[user][sections.index(world.articles[article]["section"])]
            liked, other = liked + (share >= 100 / 4), other + (share < 100 / 8)
    held = [share for user in tastes for share in tastes[user]]
    expected = sum(s >= 100 / 4 for s in held) / sum(s < 100 / 8 for s in held)
    assert liked / other > 1.5 * expected


def test_end_moves_the_whole_site(tmp_path: Path) -> None:
    simulate(tmp_path, articles=100, days=1, readers=10, end=86_400_000_000 * 20_000)
    line = (tmp_path / "articles.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert 0 < 86_400 * 20_000 - seconds(json.loads(line)["published_at"]) < 86_400


def test_progress_names_the_stages(tmp_path: Path) -> None:
    lines: list[str] = []
    simulate(tmp_path, articles=100, days=1, readers=10, progress=lines.append)
    assert len(lines) == 3
    assert lines[0] == "writing 100 articles"
    assert lines[1] == "simulating 10 readers day by day"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("articles", 99),
        ("articles", 1_000_001),
        ("days", 0),
        ("days", 366),
        ("readers", 9),
        ("readers", 1_000_001),
        ("seed", -1),
    ],
)
def test_numbers_out_of_bounds_are_refused(tmp_path: Path, name: str, value: int) -> None:
    out = tmp_path / "site"
    with pytest.raises(UsageError, match=f"^{name}: {value:,} is out of bounds; give "):
        simulate(out, **{name: value})  # type: ignore[arg-type]
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match=r"^\S+/file/site: cannot be written \(.*\); name"):
        simulate(file / "site", articles=100, days=1, readers=10)
    (tmp_path / "site" / "views.csv").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be written"):
        simulate(tmp_path / "site", articles=100, days=1, readers=10)
    assert not list((tmp_path / "site").glob(".*"))


PARQUET = ("articles", "views", "truth")


def test_parquet_holds_the_same_site_and_truth(tmp_path: Path) -> None:
    text = simulate(tmp_path / "text", articles=150, days=3, readers=60, seed=5)
    table = simulate(tmp_path / "table", articles=150, days=3, readers=60, seed=5, parquet=True)
    assert (table.articles, table.views, table.events) == (150, text.views, text.events)
    assert len([*(table.out / "views").iterdir()]) == 3
    found = [content(load(made.out / "ymal.toml")) for made in (text, table)]
    assert found[0] == found[1]
    truth = json.loads((text.out / "truth.json").read_text(encoding="utf-8"))
    folder = table.out / "truth"
    events = duckdb.sql(f"SELECT event, list(article) FROM '{folder}/articles.parquet' GROUP BY 1")
    assert {f"e{event:06d}": sorted(of) for event, of in events.fetchall()} == truth["events"]
    readers = duckdb.sql(f"FROM '{folder}/readers.parquet' ORDER BY user").fetchall()
    assert {user: [*tastes] for user, _, *tastes in readers} == truth["tastes"]
    assert [user for user, robot, *_ in readers if robot] == truth["robots"]


def content(settings: Settings) -> tuple[object, ...]:
    """All that training sees of a site."""
    site = read_site(settings.config, settings.articles(), settings.views(), key=b"")
    assert not site.left_out.keys() - {"exact duplicate"}
    articles = site.articles
    texts = [
        [*getattr(articles, name)] for name in ("id", "title", "body", "section", "tags", "url")
    ]
    views = site.views.connection.sql("SELECT * FROM views ORDER BY ALL").fetchall()
    return texts, articles.published.tolist(), views


def test_parquet_has_the_same_bytes_again_and_replaces_nothing(tmp_path: Path) -> None:
    for name in ("a", "b"):
        simulate(tmp_path / name, articles=100, days=2, readers=50, seed=7, parquet=True)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert {path.parts[0] for path in files} == {*PARQUET, "ymal.toml"}
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        simulate(tmp_path / "a", articles=100, days=1, readers=10, parquet=True)


def test_a_large_site_is_parquet(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="add --parquet"):
        simulate(tmp_path, articles=100_001)


def test_readers_of_other_habits_open_fewer_stories_of_their_events(tmp_path: Path) -> None:
    """Of the page turns of a visit; those who follow events stay with one a third of the time."""
    stays = {}
    for habits in ("usual", "headlines"):
        made = simulate(tmp_path / habits, articles=300, days=3, readers=800, habits=habits)
        truth = json.loads((made.out / "truth.json").read_text(encoding="utf-8"))
        event = {a: e for e, members in truth["events"].items() for a in members}
        with (made.out / "views.csv").open(encoding="utf-8") as file:
            views = sorted((v["user"], v["time"], v["article"]) for v in csv.DictReader(file))
        turns = [(a, b) for (u, _, a), (w, _, b) in pairwise(views) if u == w and a != b]
        stays[habits] = sum(event[a] == event[b] for a, b in turns) / len(turns)
    assert stays["headlines"] < 0.5 * stays["usual"]
    with pytest.raises(UsageError, match="habits: odd is unknown; choose one of usual, headlines"):
        simulate(tmp_path, habits="odd")
