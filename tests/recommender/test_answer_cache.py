"""What is asked again and again is answered from what was kept, and nobody can tell."""

from dataclasses import replace
from pathlib import Path

import pytest

from recommender import Recommender, Snapshot, UnknownArticle
from recommender.answer_cache import CACHE_SLOTS, AnswerCache
from recommender.cached_version import CachedVersion
from recommender.overrides import Override, dump
from tests.recommender.worlds import TOY, Article, World


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Snapshot, list[str]]:
    """A snapshot, and the articles that it looks up."""
    looked, row = list[str](), CachedVersion.row

    def looks(self: CachedVersion, article: str) -> int:
        looked.append(article)
        return row(self, article)

    monkeypatch.setattr(CachedVersion, "row", looks)
    return Recommender.open(TOY.publish(tmp_path)).snapshot(), looked


def test_an_answer_is_kept_when_it_is_asked_for_again() -> None:
    recent = AnswerCache[str]()
    assert not recent.admit("storm")
    assert recent.admit("storm")
    assert recent.get("storm", 5) is None
    recent.put("storm", 5, "rain")
    assert recent.get("storm", 5) == "rain"
    assert recent.get("storm", 4) is None
    assert recent.get("rain", 5) is None


def test_what_is_asked_once_drives_out_nothing() -> None:
    recent = AnswerCache[str]()
    recent.put("storm", 5, "rain")
    for number in range(20 * CACHE_SLOTS):
        assert recent.get(str(number), 5) is None
        assert not recent.admit(str(number))
    assert recent.get("storm", 5) == "rain"


def test_articles_of_one_place_take_turns() -> None:
    recent = AnswerCache[str]()
    place = hash("storm") % CACHE_SLOTS
    other = next(s for s in map(str, range(100 * CACHE_SLOTS)) if hash(s) % CACHE_SLOTS == place)
    recent.put("storm", 5, "rain")
    recent.put(other, 5, "snow")
    assert (recent.get("storm", 5), recent.get(other, 5)) == (None, "snow")


@pytest.mark.parametrize("call", ["related", "related_ids"])
def test_the_third_answer_is_the_first_without_looking(
    counted: tuple[Snapshot, list[str]], call: str
) -> None:
    snapshot, looked = counted
    asked = getattr(snapshot, call)
    first, second = asked("storm", 2), asked("storm", 2)
    assert looked == ["storm", "storm"]
    assert asked("storm", 2) == second == first
    assert looked == ["storm", "storm"]
    assert asked("storm", 1) == first[:1]
    assert looked == ["storm"] * 3


def test_another_number_or_what_is_excluded_makes_another_answer(
    counted: tuple[Snapshot, list[str]],
) -> None:
    snapshot, _ = counted
    for _ in range(3):
        assert snapshot.related_ids("storm", 2) == ["rain", "snow"]
        assert snapshot.related_ids("storm", 3) == ["rain", "snow", "goal"]
        assert snapshot.related_ids("storm", 2, ["rain"]) == ["snow", "goal"]
        assert snapshot.related_ids("storm", 2, []) == ["rain", "snow"]


def test_arguments_are_checked_as_ever(counted: tuple[Snapshot, list[str]]) -> None:
    snapshot, _ = counted
    for _ in range(3):
        snapshot.related_ids("storm", 2)
    with pytest.raises(TypeError, match="n must be an int"):
        snapshot.related_ids("storm", 2.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="id must be a str"):
        snapshot.related_ids(["storm"], 2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing must be one of"):
        snapshot.related_ids("storm", 2, missing="no")  # type: ignore[arg-type]


def test_what_is_unknown_is_answered_as_each_asks(counted: tuple[Snapshot, list[str]]) -> None:
    snapshot, _ = counted
    for _ in range(3):
        assert snapshot.related_ids("never heard of", 2) == ["goal", "storm"]
    assert snapshot.related_ids("never heard of", 2, missing="empty") == []
    with pytest.raises(UnknownArticle):
        snapshot.related("never heard of", 2, missing="error")


def test_an_answer_is_the_callers_to_change(tmp_path: Path) -> None:
    articles = [Article(str(number)) for number in range(4)]
    snapshot = Recommender.open(World(articles, popular=[0, 1, 2, 3]).publish(tmp_path)).snapshot()
    for _ in range(5):
        ids, stories = snapshot.related_ids("0"), snapshot.related("0")
        assert ids == [story.id for story in stories] == ["1", "2", "3"]
        assert all(story.extra == {} for story in stories)
        ids.clear()
        stories[0].extra["author"] = "nobody"
        del stories[1:]


def test_overrides_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.lookup.CHECK_SECONDS", 0.0)
    rec = Recommender.open(replace(TOY).publish(tmp_path))
    for _ in range(3):
        assert rec.related_ids("storm", 2) == ["rain", "snow"]
    (tmp_path / "overrides.json").write_bytes(dump([Override("b", "ban", "rain")]))
    assert rec.related_ids("storm", 2) == ["snow", "goal"]
