"""The lookup against a naive one, its arguments, and how it follows the pointer."""

import logging
import shutil
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recommender
from recommender import ArtifactError, Recommender, RelatedStory, UnknownArticle, lookup
from tests.processes import run_program
from tests.recommender.worlds import NAME, NOW, PUBLISHED, REASONS, TOY, Article, World, point
from tests.thorough import scaled


@pytest.fixture
def toy(tmp_path: Path) -> Recommender:
    return Recommender.open(TOY.publish(tmp_path))


def test_recommendations_then_section_popular_latest(toy: Recommender) -> None:
    stories = toy.related("storm", 10)
    assert [(s.rank, s.id, s.score, s.reason) for s in stories] == [
        (1, "rain", 0.5, "readers"),
        (2, "snow", None, "section"),
        (3, "goal", None, "popular"),
        (4, "vote", None, "latest"),
    ]
    assert toy.related("rain", 1) == [
        RelatedStory(
            id="storm",
            title="Storm",
            url="/storm",
            section="weather",
            published_at=PUBLISHED,
            rank=1,
            score=0.25,
            reason="text",
            why="On the same subject",
        )
    ]
    assert [story.why for story in stories] == ["", "More in weather", "", ""]
    assert toy.related_ids("storm", 2) == ["rain", "snow"]
    assert toy.related_ids("storm", 2, {"rain", "never heard of"}) == ["snow", "goal"]
    assert toy.related_ids("storm", 0) == []


def test_five_are_the_default(tmp_path: Path) -> None:
    articles = [Article(str(number)) for number in range(9)]
    rec = Recommender.open(World(articles, popular=list(range(9))).publish(tmp_path))
    assert rec.related_ids("0") == ["1", "2", "3", "4", "5"]
    assert [story.id for story in rec.related("0")] == ["1", "2", "3", "4", "5"]


def test_an_unknown_article(toy: Recommender) -> None:
    for unknown in ("brand-new", "draft", "", "\ud800"):
        assert toy.related_ids(unknown, 2) == ["goal", "storm"]
        assert toy.related_ids(unknown, 2, missing="empty") == []
        with pytest.raises(UnknownArticle, match="has no article"):
            toy.related(unknown, 2, missing="error")
        assert unknown not in toy
    assert issubclass(UnknownArticle, KeyError)


def test_what_a_snapshot_tells(toy: Recommender) -> None:
    snapshot = toy.snapshot()
    assert len(toy) == len(snapshot) == 5
    assert set(snapshot.ids()) == {"storm", "rain", "snow", "goal", "vote"}
    storm, *others = snapshot.articles()
    assert storm == ("storm", ("Storm", "/storm", "weather", PUBLISHED, {}))
    assert [name for name, _ in others] == ["rain", "snow", "goal", "vote"]
    assert "storm" in toy
    assert "storm" in snapshot
    assert 7 not in snapshot
    assert toy.version == snapshot.version == NAME
    assert snapshot.now == NOW
    assert abs(datetime.now(UTC) - NOW - snapshot.age) < timedelta(minutes=1)
    assert snapshot.age <= toy.age
    with pytest.raises(AttributeError):
        snapshot.version = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"id": 7}, TypeError),
        ({"id": None}, TypeError),
        ({"id": b"storm"}, TypeError),
        ({"id": "storm", "n": 2.0}, TypeError),
        ({"id": "storm", "exclude": "rain"}, TypeError),
        ({"id": "storm", "n": -1}, ValueError),
        ({"id": "storm", "missing": "ignore"}, ValueError),
    ],
)
def test_a_bad_call(toy: Recommender, arguments: dict[str, Any], error: type[Exception]) -> None:
    for method in (toy.related, toy.related_ids):
        with pytest.raises(error):
            method(**arguments)


@pytest.mark.parametrize("ids", [[7], {"rain", 7}, (b"rain",), [None], iter([7])])
def test_an_id_that_is_no_text_is_refused_by_every_call(toy: Recommender, ids: Any) -> None:
    """A number would name no article, so that an excluded story would be shown."""
    exclude = list(ids)
    calls = (
        lambda: toy.related("storm", exclude=exclude),
        lambda: toy.related_ids("storm", exclude=iter(exclude)),
        lambda: toy.page("storm", exclude),
        lambda: toy.next_for(exclude),
    )
    odd = next(one for one in exclude if not isinstance(one, str))
    for call in calls:
        with pytest.raises(TypeError, match=f"must be ids, each a str, not .*: {odd!r}"):
            call()


def test_a_story_as_json(toy: Recommender) -> None:
    (story,) = toy.related("rain", 1)
    assert story.as_dict() == {
        "id": "storm",
        "title": "Storm",
        "url": "/storm",
        "section": "weather",
        "published_at": "2023-05-31T12:30:00Z",
        "rank": 1,
        "score": 0.25,
        "reason": "text",
        "why": "On the same subject",
    }
    assert [*story.as_dict(), "extra"] == list(RelatedStory._fields)
    assert story._replace(published_at=None).as_dict()["published_at"] is None


def test_ids_of_equal_hash_are_distinguished(tmp_path: Path) -> None:
    assert zlib.crc32(b"plumless") == zlib.crc32(b"buckeroo")
    articles = [
        Article("plumless", items=((2, 0.5, "text"),)),
        Article("buckeroo", items=((0, 0.5, "text"),)),
        Article("other"),
    ]
    rec = Recommender.open(World(articles).publish(tmp_path / "both"))
    assert rec.related_ids("plumless") == ["other"]
    assert rec.related_ids("buckeroo") == ["plumless"]
    articles[0] = replace(articles[0], known=False)
    rec = Recommender.open(World(articles).publish(tmp_path / "one"))
    assert "plumless" not in rec
    assert "buckeroo" in rec


def test_each_of_many_articles_is_found(tmp_path: Path) -> None:
    """Several in each part of the hashes, half of them known."""
    articles = [Article(f"{row}", known=row % 2 == 0) for row in range(20_000)]
    snapshot = Recommender.open(World(articles).publish(tmp_path)).snapshot()
    assert [article.id in snapshot for article in articles] == [a.known for a in articles]
    assert all(article.id in snapshot for article in articles if article.known)


def test_a_site_without_articles(tmp_path: Path) -> None:
    rec = Recommender.open(World([]).publish(tmp_path))
    assert len(rec) == 0
    assert rec.related("x") == []
    assert list(rec.snapshot().ids()) == []


@st.composite
def worlds(draw: st.DrawFn) -> World:
    ids = draw(st.lists(st.text(max_size=8), unique=True, min_size=1, max_size=7))
    sections = draw(st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=3))
    section = st.sampled_from(["", *sections])
    row = st.integers(0, len(ids) - 1)
    rows = st.lists(row, max_size=5)
    item = st.tuples(row, st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from(REASONS))
    times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
    articles = [
        Article(
            id=article,
            title=draw(st.text(max_size=5)),
            url=draw(st.text(max_size=5)),
            section=draw(section),
            published_at=draw(st.none() | times),
            known=draw(st.booleans()),
            items=tuple(draw(st.lists(item, max_size=4))),
            event=draw(st.none() | row),
        )
        for article in ids
    ]
    reasons = [*REASONS, "section", "popular", "latest"]
    texts = st.text(max_size=3) | st.sampled_from(["More in {section}", "{section} {section}"])
    return World(
        articles,
        popular=draw(rows),
        latest=draw(rows),
        sections={name: draw(rows) for name in sections},
        fallback=draw(st.lists(st.sampled_from(["section", "popular", "latest"]), unique=True)),
        not_from=draw(st.lists(st.sampled_from(sections), max_size=1)) if sections else [],
        apart=draw(st.lists(st.tuples(section, section).filter(all), max_size=2)),
        why=draw(st.dictionaries(st.sampled_from(reasons), texts)),
        why_without_section=draw(st.dictionaries(st.sampled_from(reasons), st.text(max_size=3))),
    )


@settings(max_examples=scaled(100))
@given(world=worlds(), data=st.data())
def test_the_lookup_is_the_naive_one(world: World, data: st.DataObject) -> None:
    ids = [article.id for article in world.articles]
    exclude = data.draw(st.lists(st.sampled_from(ids) | st.text(max_size=2), max_size=3))
    n = data.draw(st.integers(0, 8))
    with TemporaryDirectory() as folder:
        rec = Recommender.open(world.publish(Path(folder)))
        for source in [*ids, data.draw(st.text())]:
            for missing in ("fallback", "empty"):
                expected = world.related(source, n, exclude, missing)
                assert rec.related(source, n, exclude, missing=missing) == expected
                found = rec.related_ids(source, n, iter(exclude), missing=missing)
                assert found == [story.id for story in expected]
        for source in ids:
            expected = world.related(source, n)
            for _ in range(4):  # what is asked again and again is kept
                assert rec.related(source, n) == expected
                assert rec.related_ids(source, n) == [story.id for story in expected]
        assert sorted(rec.snapshot().ids()) == sorted(a.id for a in world.articles if a.known)


def version_of(number: int) -> World:
    """A version in which every string tells its number."""
    articles = [
        Article(
            f"{place}", f"title {number}", f"/{number}", items=(((place + 1) % 4, 0.5, "text"),)
        )
        for place in range(4)
    ]
    return World(articles, popular=[3, 2, 1, 0])


def test_the_pointer_is_looked_at_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    rec = Recommender.open(version_of(1).publish(tmp_path, "a-001"))
    before = rec.snapshot()
    version_of(2).publish(tmp_path, "a-002")
    versions = []
    for clock[0] in (100.9, 101.0, 101.9, 102.0):
        versions.append(rec.version)
        point(tmp_path, "a-002" if clock[0] < 101 else "a-001")
    assert versions == ["a-001", "a-002", "a-002", "a-001"]
    assert before.related("0", 1)[0].title == "title 1"


@pytest.fixture
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "CHECK_SECONDS", 0.0)


@pytest.mark.usefixtures("_looks_each_time")
def test_a_version_published_again_under_its_name_is_taken_up(tmp_path: Path) -> None:
    rec = Recommender.open(version_of(1).publish(tmp_path, "a-001"))
    shutil.rmtree(tmp_path / "versions")
    version_of(2).publish(tmp_path, "a-001")
    assert rec.related("0", 1)[0].title == "title 2"


@pytest.mark.usefixtures("_looks_each_time")
def test_a_bad_pointer_leaves_the_old_version_and_warns_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rec = Recommender.open(version_of(1).publish(tmp_path, "a-001"))
    caplog.set_level(logging.WARNING, "recommender")

    for name in ("a-002", "../a-001", "", "x" * 5000):
        caplog.clear()
        point(tmp_path, name)
        assert [rec.version for _ in range(3)] == ["a-001"] * 3
        assert len(caplog.records) == 1
        assert "still serving version a-001" in caplog.text
    caplog.clear()
    (tmp_path / "current").unlink()
    assert [rec.version for _ in range(3)] == ["a-001"] * 3
    assert len(caplog.records) == 1
    point(tmp_path, "a-002")
    assert rec.version == "a-001"
    version_of(2).publish(tmp_path / "elsewhere", "a-002")
    (tmp_path / "elsewhere/versions/a-002").rename(tmp_path / "versions/a-002")
    assert rec.version == "a-002"


@pytest.fixture
def _eager_threads() -> Iterator[None]:
    """Let threads take turns far more often than they would."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(interval / 50)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_eager_threads")
def test_threads_never_see_two_versions_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "CHECK_SECONDS", 0.001)
    for number in reversed(range(21)):
        version_of(number).publish(tmp_path, f"a-{number:03d}")
    rec = Recommender.open(tmp_path)
    done, seen, failed = threading.Event(), set(), []

    def read() -> None:
        try:
            while not done.is_set():
                stories = rec.related("0", 3)
                (title,) = {story.title for story in stories}
                assert {story.url for story in stories} == {title.replace("title ", "/")}
                assert [story.id for story in stories] == ["1", "3", "2"]
                seen.add(title)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(1, 21):
        point(tmp_path, f"a-{number:03d}")
        time.sleep(0.01)
    deadline = time.monotonic() + 60
    while "title 20" not in seen and not failed and time.monotonic() < deadline:
        time.sleep(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert {"title 20"} < seen


@pytest.mark.parametrize("path", ["nowhere", "empty", "file"])
def test_nothing_is_served_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="run ymal train"):
        Recommender.open(str(tmp_path / path))


def test_it_loads_the_standard_library_only() -> None:
    script = (
        "import sys; before = set(sys.modules); import recommender; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    root = Path(recommender.__file__).parents[1]
    done = run_program([sys.executable, "-c", script], cwd=root, check=True)
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"recommender"}
