"""What is asked again and again is answered from a cache, and nobody can tell."""

from pathlib import Path

import pytest

from recommender import Recommender, Snapshot, UnknownArticle
from recommender.answer_cache import CACHE_SLOTS, AnswerCache
from recommender.overrides import Override, dump
from tests.recommender.worlds import TOY


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return Recommender.open(TOY.publish(tmp_path)).snapshot()


def test_an_answer_is_kept_when_it_is_asked_for_again() -> None:
    cache = AnswerCache[str]()
    assert not cache.admit("storm")
    assert cache.admit("storm")
    assert cache.get("storm", 5) is None
    cache.put("storm", 5, "rain")
    assert [cache.get("storm", 5), cache.get("storm", 4), cache.get("rain", 5)] == [
        *("rain", None, None)
    ]


def test_what_is_asked_once_drives_out_nothing() -> None:
    cache = AnswerCache[str]()
    cache.put("storm", 5, "rain")
    for number in range(20 * CACHE_SLOTS):
        assert cache.get(str(number), 5) is None
        assert not cache.admit(str(number))
    assert cache.get("storm", 5) == "rain"


def test_another_number_or_what_is_excluded_makes_another_answer(snapshot: Snapshot) -> None:
    for _ in range(3):
        assert snapshot.related_ids("storm", 2) == ["rain", "snow"]
        assert snapshot.related_ids("storm", 3) == ["rain", "snow", "goal"]
        assert snapshot.related_ids("storm", 2, ["rain"]) == ["snow", "goal"]
        assert snapshot.related_ids("storm", 2, []) == ["rain", "snow"]


def test_what_is_unknown_or_a_bad_call_is_answered_as_ever(snapshot: Snapshot) -> None:
    for _ in range(3):
        assert snapshot.related_ids("storm", 2) == ["rain", "snow"]
        assert snapshot.related_ids("never heard of", 2) == ["goal", "storm"]
    assert snapshot.related_ids("never heard of", 2, missing="empty") == []
    with pytest.raises(UnknownArticle):
        snapshot.related("never heard of", 2, missing="error")
    with pytest.raises(TypeError, match="n must be an int"):
        snapshot.related_ids("storm", 2.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing must be one of"):
        snapshot.related_ids("storm", 2, missing="no")  # type: ignore[arg-type]


def test_an_answer_is_the_callers_to_change(snapshot: Snapshot) -> None:
    for _ in range(5):
        ids, stories = snapshot.related_ids("storm"), snapshot.related("storm")
        assert ids == [story.id for story in stories] == ["rain", "snow", "goal", "vote"]
        assert all(story.extra == {} for story in stories)
        ids.clear()
        stories[0].extra["author"] = "nobody"
        del stories[1:]


def test_overrides_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.lookup.CHECK_SECONDS", 0.0)
    rec = Recommender.open(TOY.publish(tmp_path))
    for _ in range(3):
        assert rec.related_ids("storm", 2) == ["rain", "snow"]
    (tmp_path / "overrides.json").write_bytes(dump([Override("b", "ban", "rain")]))
    assert rec.related_ids("storm", 2) == ["snow", "goal"]
