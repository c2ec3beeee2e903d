"""A site as of a moment: nothing of what came later is in it."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.worlds import MINUTE, START, World, busy
from training import Site
from training.records import DAY, HOUR, NEVER, utc
from training.replay.as_of import as_of

THEN = START + 4 * DAY


def rows(site: Site) -> list[tuple[object, ...]]:
    return site.views.connection.table(site.views.table).fetchall()


def with_another_future(world: World) -> World:
    """Change all that comes at `THEN` or later: views shuffled and more of them, other articles."""
    names = np.random.default_rng(5).permutation([view[1] for view in world.views]).tolist()
    world.views = [
        view if view[2] < utc(THEN) else (f"other-{view[0]}", name, view[2])
        for view, name in zip(world.views, names, strict=True)
    ]
    for article in world.articles:
        if str(article.get("published_at")) >= utc(THEN):
            article["title"] = article["body"] = "zeppelin election storm"
    for number in range(30):
        world.article(f"a-later-{number}", "zeppelin", THEN + number * MINUTE, "a")
        world.session(f"robot-{number}", THEN + HOUR, [f"a-later-{number}", "n05", "n20"])
    return world


def undated(world: World) -> World:
    for article in world.articles:
        del article["published_at"]
    return world


@pytest.mark.parametrize("dated", [True, False])
def test_another_future_leaves_the_same_site(tmp_path: Path, dated: bool) -> None:
    worlds = busy(World(tmp_path / "a")), with_another_future(busy(World(tmp_path / "b")))
    found = []
    for world in worlds:
        world.folder.mkdir()
        found.append(as_of((world if dated else undated(world)).read(), THEN))
    one, other = found
    assert list(one.ids) == list(other.ids)
    assert rows(one) == rows(other)
    assert one.articles.title == other.articles.title
    assert (one.articles.digests() == other.articles.digests()).all()
    assert one.views.newest == other.views.newest


def test_what_is_left_is_what_was_there(tmp_path: Path) -> None:
    site = busy(World(tmp_path)).read()
    before = rows(site)
    then = as_of(site, THEN)
    assert rows(site) == before
    assert list(then.ids) == [f"n{number:02}" for number in range(32)]  # one in three hours
    assert list(then.articles.id) == list(then.ids)
    assert rows(then) == [view for view in before if int(str(view[0])) < THEN]
    assert then.views.count == len(rows(then))
    assert (then.views.start, then.views.newest) == (rows(then)[0][0], rows(then)[-1][0])
    assert then.views.newest < THEN < site.views.newest


def test_rows_are_numbered_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name, at in (("a", THEN + DAY), ("b", START), ("c", THEN), ("d", START + 1)):
        world.article(name, name, at)
    world.article("e", "e", None)
    world.session("r", START + HOUR, ["b", "d", "b"])
    world.session("r", THEN, ["a", "c", "e"])
    then = as_of(world.read(), THEN)
    assert list(then.ids) == ["b", "d"]
    assert [view[3] for view in rows(then)] == [0, 1, 0]


def test_before_the_first_view_there_is_nothing(tmp_path: Path) -> None:
    then = as_of(busy(World(tmp_path)).read(), START)
    assert (len(then.ids), then.views.count, then.views.start) == (0, 0, NEVER)
    assert then.views.newest == -1
