"""The loop of lists and clicks: its mechanics, on a site of a few days."""

import numpy as np
import pytest

from benchmarks.feedback import CODES, SLOTS, Day, Log, World, gini, loop, note
from training.config import BLOCKS, Config
from training.simulate.clicking import ATTENTION, Clicking, interest
from training.simulate.reading import HABITS, read_stretch
from training.simulate.shelves import NOTHING, Shelves
from training.simulate.visits import Visits

USUAL, EAGER = ATTENTION["usual"], ATTENTION["eager"]


@pytest.fixture(scope="module")
def world() -> World:
    return World.of(articles=200, readers=400, days=2, seed=1, attention=USUAL)


def test_the_same_world_and_discount_give_the_same_figures(world: World) -> None:
    days = list(loop(world, 2, 0.5))
    assert days == list(loop(world, 2, 0.5))
    assert len(days) == 2
    for day in days:
        assert all(0 <= figure <= 1 for figure in day.values())
        assert day["by blocks"] > 0, "readers do click"
        assert day["shown"] > 0.1


def test_gini_is_none_for_all_alike_and_grows_to_one() -> None:
    assert gini(np.array([3, 3, 3, 3])) == 0
    assert gini(np.array([0, 0, 0, 8])) == 1 - 1 / 4
    assert gini(np.array([1, 3])) == (3 - 1) / (2 * (1 + 3))
    assert gini(np.zeros(4, np.int64)) == 0


def test_the_log_says_which_block_and_slot_led_to_a_view(world: World) -> None:
    log = Log()
    slot = np.array([0, 1, SLOTS, SLOTS + 1, 2 * SLOTS])
    same = np.arange(len(slot))
    log.add(Visits(same, same, same, same, slot))
    site = log.site(world, Config())
    found = site.views.connection.sql("SELECT block, slot FROM views ORDER BY time").fetchall()
    related, popular = CODES
    assert [list(BLOCKS)[code] for code in CODES] == ["related", "popular"]
    assert found == [(-1, -1), (related, 1), (related, 5), (popular, 1), (popular, 5)]


def test_a_day_counts_what_was_shown_opened_and_foreseen(world: World) -> None:
    pages = np.full((200, 2 * SLOTS), NOTHING)
    pages[3, :SLOTS] = [4, 5, 6, 7, 8]
    # One reader goes from 3 to 4 by the list, back to 3, and by themselves to 5 and to 100.
    articles, slots = np.array([3, 4, 3, 5, 100]), np.array([0, 1, 0, 0, 0])
    time = world.coverage.published.max() + np.arange(5)
    visits = Visits(np.zeros(5, np.int64), articles, time, np.ones(5, np.int64), slots)
    day = Day(np.zeros(200, np.int64), np.zeros(200, np.bool_))
    note(day, world, visits, pages)
    assert day.impressions[[3, 4, 8, 9]].tolist() == [0, 2, 2, 0]
    assert np.flatnonzero(day.read).tolist() == [3, 4, 5, 100]
    assert (day.views, day.own, day.related) == (5, 1, 1)
    assert (day.asked, day.hits) == (1, 1), "of 3 → 5; the others have no list, or were led"


def test_what_stands_higher_is_clicked_more(world: World) -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    late = np.full(n, world.coverage.published[150] + 60)
    pages = np.full((200, SLOTS), NOTHING)
    pages[10] = 150  # the same story in each slot
    clicking = Clicking(rng, world.coverage, world.readers, USUAL, pages)
    on, nobody = np.full(n, 10), np.full((n, 1), NOTHING)
    reader = np.arange(n) % 400
    article, slot = clicking(reader, on, late, nobody)
    clicks = np.bincount(slot, minlength=SLOTS + 1)[1:]
    assert set(article.tolist()) == {150, NOTHING}
    assert (clicks[:-1] > clicks[1:]).all()
    assert (clicking(reader, on, late, np.full((n, 1), 150))[1] == 0).all(), "it was read already"
    assert (clicking(reader, on, late - 60, nobody)[1] == 0).all(), "it is not out yet"


def test_readers_care_for_the_event_the_section_and_the_fresh(world: World) -> None:
    coverage = world.coverage
    events = np.bincount(coverage.event)
    first, second = np.flatnonzero(coverage.event == np.argmax(events))[:2]
    time = np.array([coverage.published.max() + 1])
    taste = np.ones((1, world.readers.taste.shape[1]), np.int64)
    of_event, later = (
        interest(coverage, taste, np.array([first]), np.array([[second]]), at, USUAL)[0, 0]
        for at in (coverage.published[[second]], time + 30 * 24 * 3600)
    )
    assert of_event > later > 0
    other = int(np.flatnonzero(coverage.section != coverage.section[second])[0])
    liking = taste.copy()
    liking[0, coverage.section[second]] = 100
    ratio = [
        interest(coverage, some, np.array([other]), np.array([[second]]), time, USUAL)[0, 0]
        for some in (liking, 100 * taste - 99 * (liking == 100) * taste)
    ]
    assert ratio[0] == pytest.approx(100 * ratio[1])
    nothing = np.array([[NOTHING]])
    assert interest(coverage, taste, np.array([other]), nothing, time, USUAL)[0, 0] == 0


def test_eager_readers_open_also_what_says_nothing_to_them(world: World) -> None:
    coverage = world.coverage
    long_after = coverage.published[[3]] + 90 * 24 * 3600
    taste = np.ones((1, world.readers.taste.shape[1]), np.int64)
    usual, eager = (
        interest(coverage, taste, np.array([3]), np.array([[4, NOTHING]]), long_after, manner)
        for manner in (USUAL, EAGER)
    )
    assert usual[0] == pytest.approx([0, 0])
    assert eager[0] == pytest.approx([EAGER.whim / 4, 0])


def test_readers_to_whom_nothing_is_shown_go_by_themselves(world: World) -> None:
    pages = np.full((200, SLOTS), NOTHING)
    rng = np.random.default_rng(0)
    clicking = Clicking(rng, world.coverage, world.readers, USUAL, pages)
    start = int(world.coverage.published.max()) // 3600 * 3600
    shelves = Shelves(world.coverage)
    visits = read_stretch(
        rng, shelves, world.readers, HABITS["usual"], start, start + 6 * 3600, clicking
    )
    assert len(visits) > 20
    assert not visits.slot.any()
