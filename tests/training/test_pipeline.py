"""Toy worlds: the lists are what anyone would say, and nothing later than `now` leaks in."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.worlds import MINUTE, NOW, START, STORM, VISITS, VOTE, World, busy, ids, spelled
from training import Config, train
from training.config import ListsConfig, RankingConfig, TextsConfig
from training.data.quality import repeated_views
from training.records import DAY, HOUR, utc


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_two_events(world: World) -> None:
    for number in range(5):
        world.article(f"storm{number}", f"{STORM} {spelled(number)}")
        world.article(f"vote{number}", f"{VOTE} {spelled(number)}")
    run = world.train()
    assert run.state.model.kind == "prior"
    for event in ("storm", "vote"):
        family = {f"{event}{n}" for n in range(5)}
        for source in family:
            assert set(ids(run, source, 4)) == family - {source}
            assert {story.reason for story in run.lists[source][:4]} == {"text"}


def test_a_list_holds_one_story_of_an_event(world: World) -> None:
    for number, word in enumerate(["dawn", "noon", "dusk"]):
        world.article(f"storm{number}", f"{STORM} {word}", START + number * HOUR)
    world.article("vote", VOTE)
    world.article("recount", f"{VOTE} anew", START + 5 * DAY)
    run = world.train(config=Config(texts=TextsConfig(near_identical=0)))
    for source, stories in run.lists.items():
        of_storm = [story.reason for story in stories if story.id.startswith("storm")]
        assert of_storm == ["event" if source.startswith("storm") else "section"]
    assert set(ids(run, "storm0")) > {"vote", "recount"}, "five days are between the two"


def test_two_circles_of_readers(world: World) -> None:
    """Nobody of the one circle reads what the other does, and the texts say nothing."""
    generator = np.random.default_rng(1)
    circles = [[f"{name}{n}" for n in range(6)] for name in ("cat", "dog")]
    for circle in circles:
        for name in circle:
            world.article(name)
    for hour in range(6 * 24):
        for circle in circles:
            for reader in range(3):
                names = generator.permutation(circle)[:4].tolist()
                world.session(f"{circle[0]}-{reader}-{hour}", START + hour * HOUR, names)
    run = world.train()
    assert run.state.model.kind == "learned"
    for circle in circles:
        for source in circle:
            assert set(ids(run, source)) == set(circle) - {source}
            assert run.lists[source][0].reason == "readers"


def test_the_source_a_repeat_and_the_future_never_stand_in_a_list(world: World) -> None:
    for number in range(8):
        world.article(f"a{number}", f"{STORM} {spelled(number)}", START + number * DAY)
    world.session("me", START + DAY, ["a0", "a1", "a0", "a1"])
    run = world.train(now=START + 5 * DAY)
    assert set(run.lists) == {f"a{n}" for n in range(5)}
    for source, stories in run.lists.items():
        found = [story.id for story in stories]
        assert source not in found
        assert len(set(found)) == len(found)
        assert set(found) <= {f"a{n}" for n in range(5)}


def test_what_is_older_than_max_age_is_a_source_but_no_target(world: World) -> None:
    config = Config(
        texts=TextsConfig(near_identical=0), lists=ListsConfig(max_age="2d", event_cosine=0)
    )
    world.article("old", STORM, NOW - 2 * DAY - 1_000_000)
    world.article("young", f"{STORM} again", NOW - 2 * DAY)
    world.article("new", f"{STORM} more", NOW - HOUR)
    run = world.train(config=config)
    assert ids(run, "old") == ["new", "young"]
    assert ids(run, "young") == ["new"]


def test_ties_go_to_the_newer_then_to_the_lower_id(world: World) -> None:
    config = Config(
        ranking=RankingConfig(prior_age=0),
        texts=TextsConfig(near_identical=0),
        lists=ListsConfig(event_cosine=0),
    )
    world.article("source", STORM, START)
    world.article("c", VOTE, START + HOUR)
    world.article("b", VOTE, START + HOUR)
    world.article("a", VOTE, START)
    assert ids(world.train(config=config), "source") == ["b", "c", "a"]


def test_nothing_after_now_leaks_into_the_lists(world: World) -> None:
    """Other views after now, and other articles published after it: the same lists, bit by bit."""
    now = START + 4 * DAY
    full = busy(World(world.folder)).train(now=now)
    cut = busy(World(world.folder), until=now - 10 * MINUTE)
    assert len(cut.views) < VISITS * 3
    kept = set(cut.views)
    tail = [v for v in busy(World(world.folder)).views if v not in kept]
    cut.views += [v for v in tail if v[2] < utc(now)]
    for article in cut.articles:
        if str(article["published_at"]) > utc(now):
            article["title"] = article["body"] = "something else entirely"
    cut.session("late", now, ["n00", "n01", "n02"])
    other = cut.train(now=now)
    known = [a["id"] for a in cut.articles if str(a["published_at"]) < utc(now)]
    assert full.state.model.kind == "learned"
    assert set(full.lists) == set(other.lists) == set(known)
    for source in known:
        assert full.lists[source] == other.lists[source]


def test_inputs_are_not_modified(world: World) -> None:
    run = busy(world).train()
    before = {name: array.copy() for name, array in run.state.save()[1].items()}
    train(world.read(), now=NOW)
    for name, array in run.state.save()[1].items():
        np.testing.assert_array_equal(array, before[name])


def test_views_alone_are_a_site(world: World) -> None:
    for hour in range(48):
        world.session(f"r{hour}", START + hour * HOUR, ["x", "y"] if hour % 2 else ["z", "w"])
    run = world.train(now=START + 3 * DAY)
    assert set(run.lists) == set("wxyz")
    assert ids(run, "x", 1) == ["y"]


def test_few_readers_who_open_a_story_again_and_again_are_seen(world: World) -> None:
    for name in "abcd":
        world.article(name, STORM)
    for reader in range(100):  # a story that everyone opens is news
        world.session(f"r{reader}", START + HOUR, ["a", "bcd"[reader % 3]])
    views = world.read().views
    count, repeated = repeated_views(views, START, START + DAY)
    assert (count, repeated) == (200, 0)
    assert repeated_views(views, START + DAY, NOW) == (0, 0)
    for robot in range(10):
        world.session(f"robot{robot}", START + 2 * HOUR, ["d", "c"] * 10)
    count, repeated = repeated_views(world.read().views, START, START + DAY)
    assert count == 400
    # Of 400 views 133 or 134 are of c and as many of d, of 220 readers of a story 43 or 44 each.
    assert repeated == pytest.approx(133 / 400 - 43 / 220)
