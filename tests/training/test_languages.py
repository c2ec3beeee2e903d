"""Lists and pages do not cross languages, from file to page."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recommender import Recommender
from recommender.artifact import open_version
from tests.training.worlds import NOW, START, STORM, VOTE, World, spelled
from training.cli import run
from training.records import HOUR, utc

LANGUAGES = ("da", "en-GB", "")
COUNT = 90


def language(name: str) -> str:
    return LANGUAGES[int(name[1:]) % 3]


def write(folder: Path, *, rules: str = "", one: bool = False) -> str:
    """A site whose readers read all languages, in sections that hold all of them."""
    world, generator = World(folder), np.random.default_rng(5)
    for number in range(COUNT):
        words = f"{(STORM, VOTE)[number % 2]} {spelled(number)}"
        name, at = f"n{number:02}", START + number * HOUR
        code = "da" if one else language(name)
        world.article(name, words, at, "ab"[number // 3 % 2], language=code)
    for visit in range(300):
        names = [f"n{int(at):02}" for at in generator.choice(COUNT, 3, replace=False)]
        world.session(f"r{visit % 200}", START + int(generator.integers(90, 144)) * HOUR, names)
    world.write()
    (folder / "ymal.toml").write_text(
        'paths = {articles = "articles.jsonl", views = "views.csv", artifacts = "out"}\n'
        f'[ranking]\nevery = "6h"\n[lists]\nranking_items = 25\n[rules]\n{rules}\n'
    )
    return str(folder / "ymal.toml")


def pairs(artifacts: Path) -> Iterator[set[str]]:
    """The languages of each source and each story on its page, those without one left out."""
    snapshot = Recommender.open(artifacts).snapshot()
    for source in snapshot.ids():
        shown = [story for block in snapshot.page(source).blocks for story in block.items]
        for story in [*shown, *snapshot.related(source, 40)]:
            yield {language(source), language(story.id)} - {""}


def test_no_page_crosses_and_every_block_is_full(tmp_path: Path) -> None:
    config = write(tmp_path)
    moments = [(["train", "--now", utc(NOW - HOUR)]), ["refresh", "--now", utc(NOW)]]
    for command in moments:
        assert run([*command, "--config", config, "--quiet"]) == 0
        assert {len(pair) for pair in pairs(tmp_path / "out")} == {0, 1}
        snapshot = Recommender.open(tmp_path / "out").snapshot()
        for source in snapshot.ids():
            page = {block.key: len(block.items) for block in snapshot.page(source).blocks}
            assert page["popular"] == page["related"] == 5, source
            assert page["latest"] == 6, source
    assert run(["verify", "--config", config]) == 0


def test_each_language_has_a_ranking_of_full_length(tmp_path: Path) -> None:
    config = write(tmp_path)
    assert run(["train", "--now", utc(NOW), "--config", config, "--quiet"]) == 0
    (folder,) = (tmp_path / "out" / "versions").iterdir()
    version = open_version(folder)
    assert version.languages is not None
    latest = version.rankings["latest"].rows.tolist()
    for code in (0, 1, -1):
        of = [row for row in latest if version.languages[row] == code]
        assert len(of) == 25
        assert of == sorted(of, reverse=True), "the newest first"
    assert latest == sorted(latest, reverse=True)


@pytest.mark.parametrize("how", ["the site wants it", "one language"])
def test_without_two_languages_a_version_is_as_before(tmp_path: Path, how: str) -> None:
    rules = "cross_languages = true" if how == "the site wants it" else ""
    config = write(tmp_path, rules=rules, one=how == "one language")
    assert run(["train", "--now", utc(NOW), "--config", config, "--quiet"]) == 0
    assert not list((tmp_path / "out" / "versions").rglob("languages*"))
    assert 2 in {len(pair) for pair in pairs(tmp_path / "out")}


def test_a_language_that_comes_later_makes_the_list_anew(tmp_path: Path) -> None:
    config = write(tmp_path, one=True)
    assert run(["train", "--now", utc(NOW - HOUR), "--config", config, "--quiet"]) == 0
    write(tmp_path)
    assert run(["refresh", "--now", utc(NOW), "--config", config, "--quiet"]) == 0
    assert {len(pair) for pair in pairs(tmp_path / "out")} == {0, 1}
