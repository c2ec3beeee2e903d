"""What a site keeps of its articles goes with them, from file to page."""

import json
from pathlib import Path

import pytest

from recommender import Recommender
from tests.exports import check_lines, check_tables
from tests.services import serving
from training.cli import run
from training.config import Config
from training.data import read_site
from training.errors import DataError

ARTICLES = [
    {"id": "a", "title": "Storm over the harbour", "image": "/a.jpg", "meta": {"x": [1]}},
    {"id": "b", "title": "Rain in the mountains", "image": "", "author": "Ada"},
    {"id": "c", "title": "Calm at last"},
]


def write(folder: Path, articles: list[dict[str, object]], keep: str) -> str:
    lines = "".join(json.dumps(article) + "\n" for article in articles)
    (folder / "a.jsonl").write_text(lines, encoding="utf-8")
    views = "".join(f"u,{a['id']},2023-05-01T10:0{n}:00Z\n" for n, a in enumerate(articles))
    (folder / "v.csv").write_text("user,article,time\n" + views)
    (folder / "ymal.toml").write_text(
        f'paths = {{articles = "a.jsonl", views = "v.csv", artifacts = "out"}}\n'
        f"[articles]\nkeep = {keep}\n"
    )
    return str(folder / "ymal.toml")


def shown(folder: Path) -> dict[str, dict[str, str]]:
    snapshot = Recommender.open(folder / "out").snapshot()
    return {article: card[4] for article, card in snapshot.articles()}


def test_from_file_to_page_and_through_a_refresh(tmp_path: Path) -> None:
    config = write(tmp_path, ARTICLES, '["image", "author", "meta"]')
    assert run(["train", "--config", config, "--quiet"]) == 0
    first = {"a": {"image": "/a.jpg", "meta": '{"x":[1]}'}, "b": {"author": "Ada"}, "c": {}}
    assert shown(tmp_path) == first
    changed = [{**ARTICLES[2], "image": "/c.jpg", "author": "Bo", "meta": ""}]
    write(tmp_path, changed, '["image", "author", "meta"]')
    assert run(["refresh", "--config", config, "--quiet"]) == 0
    assert shown(tmp_path) == {**first, "c": {"image": "/c.jpg", "author": "Bo"}}
    assert run(["verify", "--config", config]) == 0
    stories = Recommender.open(tmp_path / "out").related("a")
    assert {story.id: story.extra for story in stories} == {
        "b": {"author": "Ada"},
        "c": {"image": "/c.jpg", "author": "Bo"},
    }


def test_exports_and_the_service_have_it(tmp_path: Path) -> None:
    config = write(tmp_path, ARTICLES, '["image"]')
    assert run(["train", "--config", config, "--quiet"]) == 0
    snapshot = Recommender.open(tmp_path / "out").snapshot()
    lines, tables = tmp_path / "o.jsonl", tmp_path / "o.db"
    assert run(["export", "--config", config, "--format", "jsonl", "--out", str(lines)]) == 0
    check_lines(lines.read_bytes(), snapshot, 20)
    assert json.loads(lines.read_bytes().splitlines()[0])["extra"] == {"image": "/a.jpg"}
    assert run(["export", "--config", config, "--format", "sqlite", "--out", str(tables)]) == 0
    check_tables(tables, snapshot, 20)
    with serving(tmp_path / "out", tmp_path / "log", "--workers=1") as service:
        items = service.get("/v1/related/b").json()["items"]
    assert {item["id"]: item.get("extra") for item in items} == {
        "a": {"image": "/a.jpg"},
        "c": None,
    }


def test_without_anything_kept_a_version_is_as_before(tmp_path: Path) -> None:
    config = write(tmp_path, ARTICLES, "[]")
    assert run(["train", "--config", config, "--quiet"]) == 0
    assert not list((tmp_path / "out" / "versions").rglob("extra*"))


def test_a_column_that_there_is_not_is_named(tmp_path: Path) -> None:
    write(tmp_path, ARTICLES, "[]")
    config = Config.model_validate({"articles": {"keep": ["imgae"]}})
    with pytest.raises(DataError, match=r'column .imgae. is missing \(articles\.keep\); .*"image"'):
        read_site(config, [str(tmp_path / "a.jsonl")], [], key=b"")


def test_an_article_changes_with_what_is_kept(tmp_path: Path) -> None:
    write(tmp_path, ARTICLES, "[]")
    digests = [
        read_site(
            Config.model_validate({"articles": {"keep": keep}}),
            [str(tmp_path / "a.jsonl")],
            [],
            key=b"",
        ).articles.digests()
        for keep in ([], ["image"])
    ]
    assert (digests[0] != digests[1]).tolist() == [True, False, False]
