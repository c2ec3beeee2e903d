"""The clock: a refresh carries on what train began, and new stories enter old lists."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import ArtifactError
from tests.thorough import scaled
from tests.training.worlds import COARSE, MINUTE, NOW, START, STORM, World, busy, ids, spelled
from training import Config, Run, read
from training.data import read_site
from training.pipeline import has_news, initial_state, refresh, step, window_since
from training.records import DAY, HOUR, Site, Window
from training.simulate import simulate
from training.state import State


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Run]:
    world = busy(World(tmp_path_factory.mktemp("busy")))
    return world, world.train(now=START + 4 * DAY)


def read_on(world: World, run: Run, since: int = 0) -> Site:
    articles, views = world.write(since)
    return read_site(COARSE, articles, views, key=b"", known=run.state.catalogue.ids)


def same(left: State, right: State) -> None:
    fields, arrays = left.save()
    others, again = right.save()
    assert fields == others
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)


@settings(max_examples=scaled(12), suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(1, 2 * DAY - 1), max_size=3))
def test_steps_compose_exactly_articles_included(
    trained: tuple[World, Run], cuts: list[int]
) -> None:
    world, run = trained
    base = run.state.time
    site = read_on(world, run)
    new = [i for i, time in enumerate(site.articles.published.tolist()) if time >= base]
    assert new
    whole, _ = step(run.state, window_since(site, run.state, base + 2 * DAY), COARSE)
    state = run.state
    for end in sorted({*(base + cut for cut in cuts), base + 2 * DAY}):
        part = window_since(site, state, end)
        state, _ = step(state, part, COARSE)
    same(state, whole)


def test_a_new_article_gets_a_list_and_enters_those_of_its_event(
    trained: tuple[World, Run], tmp_path: Path
) -> None:
    _, run = trained
    world = World(tmp_path)
    now = run.state.time + 15 * MINUTE
    world.article("fresh", f"{STORM} zeppelin", now - MINUTE, "b")
    world.article("other", "quite another thing, a zeppelin", now - MINUTE, "b")
    run = refresh(read_on(world, run), run.state, run.recommendations, now)
    assert "fresh" in ids(run, "n31")
    assert "n31" in ids(run, "fresh")
    assert "other" in ids(run, "fresh"), "a word never seen before today counts fully"


def test_a_site_of_views_alone_is_carried_on(tmp_path: Path) -> None:
    """Stories that nothing but their views tells of, and new ones among them."""
    world = World(tmp_path)
    for visit in range(200):
        world.session(f"r{visit}", START + visit * 20 * MINUTE, [f"n{visit % 9}", "n1", "n2"])
    run = world.train(now=START + 2 * DAY)
    now = START + 3 * DAY
    world.session("r1", now - HOUR, ["brandnew", "n1"])
    after = refresh(read_on(world, run), run.state, run.recommendations, now)
    assert "brandnew" in after.lists
    assert after.state.texts.vectors.shape[0] == len(after.state.catalogue)


def test_a_withdrawn_article_is_gone_from_every_list_and_has_none(
    trained: tuple[World, Run], tmp_path: Path
) -> None:
    _, run = trained
    world = World(tmp_path)
    gone = ids(run, "n05", 1)[0]
    row = run.state.catalogue.rows[gone]
    world.article(gone, "taken down", START + int(gone[1:]) * 3 * HOUR, withdrawn=True)
    after = refresh(read_on(world, run), run.state, run.recommendations, run.state.time + DAY)
    assert gone not in after.lists
    assert row not in after.recommendations.lists.items
    assert row not in after.recommendations.rankings["popular"]
    assert row not in after.recommendations.rankings["latest"]


def test_a_source_that_nobody_reads_keeps_its_list(
    trained: tuple[World, Run], tmp_path: Path
) -> None:
    _, run = trained
    world = World(tmp_path)
    now = run.state.time + 4 * DAY
    world.article("news", "of quite another kind", now - HOUR)
    after = refresh(read_on(world, run), run.state, run.recommendations, now)
    assert "news" not in ids(after, "n05", 20)
    assert ids(after, "n05", 20) == ids(run, "n05", 20)


def test_the_same_files_again_are_no_news(trained: tuple[World, Run]) -> None:
    world, run = trained
    now = run.state.time + HOUR
    after = refresh(read_on(world, run), run.state, run.recommendations, now)
    assert has_news(read_on(world, run), run.state, now)
    site = read_on(world, after)
    assert not has_news(site, after.state, now)
    unchanged = refresh(site, after.state, after.recommendations, now)
    same(unchanged.state, after.state)
    for name, array in after.recommendations.arrays().items():
        np.testing.assert_array_equal(unchanged.recommendations.arrays()[name], array, err_msg=name)


def test_views_before_the_cut_are_counted_and_not_used(trained: tuple[World, Run]) -> None:
    world, run = trained
    late = refresh(read_on(world, run), run.state, run.recommendations, run.state.time + HOUR)
    site = read_on(world, run)
    assert late.counts["before_cut"] == site.views.count_between(0, run.state.time) > 0
    only_new = read_on(world, run, since=run.state.time)
    again = refresh(only_new, run.state, run.recommendations, run.state.time + HOUR)
    assert again.counts["before_cut"] == 0
    same(again.state, late.state)


def test_files_that_hold_only_what_is_new_leave_the_rest_as_it_was(
    trained: tuple[World, Run],
) -> None:
    world, run = trained
    now = run.state.time + 9 * HOUR
    whole = refresh(read_on(world, run), run.state, run.recommendations, now)
    part = refresh(read_on(world, run, since=run.state.time), run.state, run.recommendations, now)
    same(part.state, whole.state)
    assert dict(part.lists) == dict(whole.lists)


def test_the_clock_only_moves_forward(trained: tuple[World, Run]) -> None:
    world, run = trained
    with pytest.raises(ValueError, match="only moves forward"):
        refresh(read_on(world, run), run.state, run.recommendations, run.state.time - 1)


def test_a_state_of_another_layout_is_refused(trained: tuple[World, Run]) -> None:
    fields, arrays = trained[1].state.save()
    with pytest.raises(ArtifactError, match="run ymal train"):
        State.load(json.loads(json.dumps(fields)) | {"layout": 0}, arrays)


def test_readers_are_kept_only_while_a_session_or_the_day_lasts(
    trained: tuple[World, Run],
) -> None:
    world, run = trained
    quiet = refresh(read_on(world, run), run.state, run.recommendations, NOW + 3 * DAY)
    assert not len(quiet.state.open.views.reader)
    assert not len(quiet.state.open.days.reader)


def test_the_readers_part_of_the_state_stops_growing(tmp_path: Path) -> None:
    """Sixty simulated days, one step each: from the 36th on the state is as large as it gets."""
    simulate(tmp_path, articles=450, days=60, readers=150, seed=1)
    site = read(str(tmp_path / "ymal.toml"))
    now = site.views.newest + 1
    state = initial_state(site, now, 1)
    sizes = []
    for end in range(state.time + DAY, now + DAY, DAY):
        state, _ = step(state, Window(state.time, min(end, now), site.views), site.config)
        sizes.append(sum(array.nbytes for array in state.save()[1].values()))
    assert len(sizes) >= 60
    assert sizes[20] > 1.05 * sizes[5]
    assert max(sizes[40:]) < 1.02 * max(sizes[30:40])
    assert abs(sizes[-1] / sizes[40] - 1) < 0.05


def test_a_refresh_places_new_articles_among_the_events_and_moves_no_other(tmp_path: Path) -> None:
    config = Config(ranking={"every": "6h"}, lists={"event_cosine": 0.2})
    world = World(tmp_path)
    for number in range(3):
        world.article(f"old{number}", f"{STORM} {spelled(number)}", NOW - (9 - number) * HOUR)
    world.article("other", spelled(50), NOW - 5 * HOUR)
    run = world.train(now=NOW, config=config)
    world.article("new", f"{STORM} {spelled(3)}", NOW + HOUR)
    articles, _ = world.write()
    site = read_site(config, articles, [], key=b"", known=run.state.catalogue.ids)
    after = refresh(site, run.state, run.recommendations, NOW + 2 * HOUR)
    rows, events = after.state.catalogue.rows, after.recommendations.events
    assert events[: len(run.recommendations.events)].tolist() == run.recommendations.events.tolist()
    assert events[rows["new"]] == events[rows["old0"]] != events[rows["other"]]
    for source in ("old0", "other"):
        listed = [story.id for story in after.lists[source]]
        assert sum(name != "other" for name in listed) == 1
