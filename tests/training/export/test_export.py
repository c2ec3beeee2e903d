"""An export of toy sites: what the lookup answers, whatever the site and its overrides."""

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ArtifactError, Recommender, Snapshot
from recommender.overrides import Override, dump
from tests.exports import check_lines, check_tables, names, opened
from tests.recommender.worlds import TOY, Article, World
from tests.thorough import scaled
from training.errors import OutputError
from training.export import ArticlePages, json_lines, write_lines, write_tables


def block(key: str, title: str, slots: int, priority: int) -> dict[str, object]:
    return {"key": key, "title": title, "slots": slots, "priority": priority, "most": slots}


PAGE = [
    block("latest", " {section} latest", 1, 2),
    block("related", "Read more", 2, 1),
    block("popular", "Popular", 2, 3),
    block("must_reads", "Must-reads", 2, 4),
]
SITE = replace(TOY, page=PAGE, not_from=["sport"], section_latest={"weather": [0, 1, 2]})
ODD = ['say "hi"', "it's", "two\nlines\r\n", "a/b\\c", "🌧️", "\u2028", "nul\0", " ", "%_"]


def silent(_note: str) -> None:
    pass


def served(artifacts: Path) -> Snapshot:
    return Recommender.open(artifacts).snapshot()


def check(folder: Path, snapshot: Snapshot, n: int = 20) -> tuple[ArticlePages, ArticlePages]:
    """Export in both forms, and check both."""
    lines, tables = (ArticlePages(snapshot, n, silent) for _ in range(2))
    write_lines(folder / "out.jsonl", lines)
    write_tables(folder / "out.db", tables)
    check_lines((folder / "out.jsonl").read_bytes(), snapshot, n)
    check_tables(folder / "out.db", snapshot, n)
    return lines, tables


def test_lists_and_pages_of_a_toy_site(tmp_path: Path) -> None:
    snapshot = served(SITE.publish(tmp_path))
    lines, tables = check(tmp_path, snapshot)
    first, *_, last = json_lines(ArticlePages(snapshot, 1, silent))
    assert first.startswith(b'{"id":"storm","title":"Storm","url":"/storm","section":"weather",')
    assert b'"published_at":"2023-05-31T12:30:00Z"' in first
    assert last.startswith(b'{"id":"vote"')
    assert (lines.articles, lines.stories) == (tables.articles, tables.stories)
    assert lines.articles == 5  # the draft is not known
    for database in opened(tmp_path / "out.db"):
        found = database.execute("SELECT DISTINCT heading, place FROM pages ORDER BY heading")
        assert dict(found) == {
            "sport latest": 1,
            "weather latest": 1,
            "Read more": 2,
            "Popular": 3,
        }


def test_the_same_bytes(tmp_path: Path) -> None:
    artifacts = SITE.publish(tmp_path)
    once, again = (
        b"".join(json_lines(ArticlePages(served(artifacts), 3, silent))) for _ in range(2)
    )
    assert once == again


def test_what_editors_want_now_is_in_it(tmp_path: Path) -> None:
    artifacts = SITE.publish(tmp_path)
    (artifacts / "overrides.json").write_bytes(
        dump(
            [
                Override("o1", "withdraw", "goal"),
                Override("o2", "pin", "vote", slot=1, article="rain"),
                Override("o3", "pin", "snow", block="must_reads", slot=2),
                Override("o4", "ban", "snow", section="weather"),
                Override("o5", "withdraw", "rain", starts=datetime(2100, 1, 1, tzinfo=UTC)),
            ]
        )
    )
    snapshot = served(artifacts)
    check(tmp_path, snapshot)
    assert b"goal" not in (tmp_path / "out.jsonl").read_bytes()
    for database in opened(tmp_path / "out.db"):
        assert not database.execute("SELECT 1 FROM articles WHERE id = 'goal'").fetchall()
        first = database.execute("SELECT id, reason FROM related WHERE source = 'rain'").fetchone()
        assert tuple(first) == ("vote", "pinned")


def test_a_site_that_shows_nothing_has_lines_all_the_same(tmp_path: Path) -> None:
    world = World([Article("a"), Article("b")], page=PAGE)
    snapshot = served(world.publish(tmp_path))
    check(tmp_path, snapshot)
    assert b'"related":[],"page":[]}\n' in (tmp_path / "out.jsonl").read_bytes()


def test_a_site_without_articles(tmp_path: Path) -> None:
    check(tmp_path, served(World([]).publish(tmp_path)))
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def of_texts(texts: list[str]) -> World:
    """A site whose ids, titles, urls and sections are the texts, each related to the first."""
    articles = [Article(text, text, text, text, items=((0, 0.5, "text"),)) for text in texts]
    return World(articles, popular=list(range(len(texts))), page=PAGE, why={"text": "“{section}”"})


def test_odd_texts(tmp_path: Path) -> None:
    check(tmp_path, served(of_texts(ODD).publish(tmp_path)))
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == len(ODD)


@settings(max_examples=scaled(45))
@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True), st.integers(1, 7))
def test_any_texts(texts: list[str], n: int) -> None:
    with TemporaryDirectory() as folder:
        check(Path(folder), served(of_texts(texts).publish(Path(folder))), n)


def test_rows_are_written_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.export.sqlite._BATCH", 2)
    check(tmp_path, served(SITE.publish(tmp_path)))


def test_a_list_of_an_article_that_is_not_known_is_a_damaged_version(tmp_path: Path) -> None:
    world = World([Article("a", items=((1, 0.5, "text"),)), Article("b", known=False)])
    snapshot = served(world.publish(tmp_path))
    with pytest.raises(ArtifactError, match="an article that it does not know"):
        write_tables(tmp_path / "out.db", ArticlePages(snapshot, 5, silent))
    assert not [name for name in names(tmp_path) if "out" in name]


def test_a_key_of_no_row_is_a_damaged_version(tmp_path: Path) -> None:
    path = next((SITE.publish(tmp_path) / "versions").iterdir()) / "key_rows.npy"
    data = path.read_bytes()
    path.write_bytes(data[:-4] + (99).to_bytes(4, "little"))
    with pytest.raises(ArtifactError, match="there is no row 99"):
        list(served(tmp_path).articles())


@pytest.mark.parametrize("write", [write_lines, write_tables])
def test_an_interrupt_leaves_the_old_file(tmp_path: Path, write: object) -> None:
    assert callable(write)
    snapshot = served(SITE.publish(tmp_path / "artifacts"))
    path = tmp_path / "out"
    path.write_bytes(b"old")

    class Interrupted(ArticlePages):
        def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            yield next(super().__iter__())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, Interrupted(snapshot, 5, silent))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["artifacts", "out"]


@pytest.mark.parametrize("write", [write_lines, write_tables])
def test_a_disk_that_refuses_leaves_the_old_file(
    tmp_path: Path, write: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(write)
    snapshot = served(SITE.publish(tmp_path / "artifacts"))
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def refuse(_handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OutputError, match="Input/output error"):
        write(path, ArticlePages(snapshot, 5, silent))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["artifacts", "out"]
