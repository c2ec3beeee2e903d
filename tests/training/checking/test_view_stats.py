"""The statistics of views are those that training counts."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.worlds import DAY, HOUR, MINUTE, NOW, START, World, busy
from training import Config
from training.checking.view_stats import MAX_PERSON_VIEWS, MIN_ROBOT_REPEATS, ViewStats, view_stats
from training.readers import OpenSessions, count
from training.records import Window

LIMITS = [{}, {"max_views": 3}, {"max_day_views": 4}, {"max_views": 3, "max_day_views": 5}]


def of(world: World, **sessions: object) -> ViewStats:
    return view_stats(world.read(Config(sessions=sessions)), NOW)


@pytest.mark.parametrize("limits", LIMITS)
def test_sessions_and_transitions_are_those_of_training(
    tmp_path: Path, limits: dict[str, int]
) -> None:
    generator = np.random.default_rng(5)
    world = World(tmp_path)
    for number in range(6):
        world.article(f"a{number}")
    for reader in range(30):
        # Hours of a day only: at midnight training also asks whether the day before was full.
        for minute in np.sort(generator.integers(0, 20 * 60, 25)).tolist():
            name = f"a{generator.integers(6)}"
            world.session(f"r{reader}", START + minute * MINUTE, [name] * int(reader % 3 + 1))
    site = world.read(Config(sessions={"gap": "20m", **limits}))
    found = view_stats(site, NOW)
    config = site.config
    whole, _ = count(
        Window(0, NOW, site.views), OpenSessions.empty(), config.sessions, config.readers
    )
    lengths, sessions = found.sessions.lengths.T
    assert sessions.sum() == whole.sessions
    views = np.bincount(whole.views.article, whole.views.views, 6)
    assert found.reads.views.tolist() == views.tolist()
    assert found.reads.next_reads.tolist() == np.bincount(whole.transitions.source).tolist()
    over = found.sessions.over_session, found.sessions.over_day
    assert [bool(late) for late in over] == ["max_views" in limits, "max_day_views" in limits]
    if len(limits) < 2:
        assert (lengths * sessions).sum() - sum(over) == views.sum()


def test_a_reload_is_no_view_and_a_pause_ends_a_session(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in "abc":
        world.article(name)
    world.session("r", START, ["a", "a", "b"])
    world.session("r", START + HOUR, ["c"])
    world.session("s", START, ["a"])
    found = of(world)
    assert found.sessions.lengths.tolist() == [[1, 2], [2, 1]]
    assert found.reads.views.tolist() == [2, 1, 1]
    assert found.reads.next_reads.tolist() == [1, 0, 0]
    assert found.reads.first.tolist() == [START, START + 2 * MINUTE, START + HOUR]


def test_views_at_now_or_later_are_ignored(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a")
    world.article("b")
    world.session("r", NOW - MINUTE, ["a", "b"])
    found = of(world)
    assert found.reads.views.tolist() == [1, 0]
    assert found.reads.first.tolist() == [NOW - MINUTE, -1]
    assert found.readers.count == 1


def test_views_and_transitions_of_the_last_days(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a")
    world.article("b")
    for day in (10, 8, 6, 2, 1):
        world.session("r", NOW - day * DAY, ["a", "b"])
    found = of(world)
    assert found.reads.views[0] == 5
    assert found.reads.week[0] == 3
    assert found.reads.next_reads[0] == 5
    assert found.reads.lately[0] == 2


def test_robots_have_more_views_than_people(tmp_path: Path) -> None:
    world = World(tmp_path)
    names = [f"a{number}" for number in range(10)]
    for name in names:
        world.article(name)
    world.session("person", START, names * (MAX_PERSON_VIEWS // 10))
    world.session("many", START, [*names * (MAX_PERSON_VIEWS // 10), "a0"])
    world.session("again", START, ["a0", "a1"] * MIN_ROBOT_REPEATS)
    found = of(world).readers
    assert found.count == 3
    assert found.robots == 2
    assert found.robots_views == MAX_PERSON_VIEWS + 1 + 2 * MIN_ROBOT_REPEATS
    assert found.busiest == found.most_in_a_day == MAX_PERSON_VIEWS + 1
    assert found.most_of_one == MIN_ROBOT_REPEATS


def test_views_before_publication(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("late", at=START + 3 * HOUR)
    world.article("undated", at=None)
    world.session("r", START + HOUR, ["late", "undated"])
    world.session("s", START + 4 * HOUR, ["late"])
    found = of(world)
    assert (found.early, found.lead) == (1, 2.0)


def test_no_view_at_all(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a")
    found = of(world)
    assert found.readers.count == found.early == 0
    assert found.sessions.lengths.shape == (0, 2)
    assert found.reads.first.tolist() == [-1]


def test_the_site_is_not_changed(tmp_path: Path) -> None:
    site = busy(World(tmp_path)).read()
    before = site.views.connection.sql("FROM views").fetchall()
    view_stats(site, NOW)
    view_stats(site, NOW)
    assert site.views.connection.sql("FROM views").fetchall() == before
