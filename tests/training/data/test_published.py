"""Which rows of the articles are read as published articles."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.worlds import NOW, START, World
from training.config import Config
from training.data import UnmappedStateError, find, read_site
from training.errors import DataError
from training.pipeline import has_news, refresh
from training.records import HOUR, Flag, Site

DAY = "2026-05-0{}T08:00:00Z"


def rows(folder: Path, *given: dict[str, object], name: str = "a.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return str(path)


def site(*paths: str, known: tuple[str, ...] = (), **articles: Any) -> Site:
    config = Config.model_validate({"articles": articles, "data": {"max_bad_share": 1}})
    return read_site(config, paths, [], key=b"", known=known)


def titles(found: Site) -> dict[str, str]:
    return dict(zip(found.articles.id, found.articles.title, strict=True))


@pytest.mark.parametrize(
    ("accepted", "kept"),
    [
        ("true", "abcd"),
        ("T", "abcd"),
        (["false"], "efgh"),
        ([""], "gh"),
        ([0, "maybe"], "efghi"),
        (True, "abcd"),
    ],
)
def test_values_that_mean_the_same(tmp_path: Path, accepted: object, kept: str) -> None:
    spelled = [True, "t", " YES ", 1, "F", 0, "", None, "Maybe"]
    given = [{"id": i, "live": value} for i, value in zip("abcdefghi", spelled, strict=True)]
    found = site(rows(tmp_path, *given), only={"live": accepted})
    assert "".join(found.articles.id) == kept
    assert "".join(found.unpublished) == "".join(i for i in "abcdefghi" if i not in kept)
    assert found.left_out == {"not published (live)": 9 - len(kept)}


def test_a_row_that_is_left_out_may_have_anything_else(tmp_path: Path) -> None:
    """A draft of WordPress has the time zero; a trashed row an odd one."""
    given = [
        {"id": "1", "status": "publish", "published_at": DAY.format(1)},
        {"id": "2", "status": "draft", "published_at": "0000-00-00 00:00:00"},
        {"id": "3", "status": "trash", "published_at": "soon"},
    ]
    found = site(rows(tmp_path, *given), only={"status": "publish"})
    assert found.left_out == {"not published (status)": 2}
    assert not found.quarantine


def test_the_newest_row_of_an_id_counts_whatever_its_state(tmp_path: Path) -> None:
    old = rows(tmp_path, {"id": "1", "s": "publish"}, {"id": "2", "s": "draft"}, name="e-9.jsonl")
    new = rows(tmp_path, {"id": "1", "s": "trash"}, {"id": "2", "s": "publish"}, name="e-10.jsonl")
    assert find([str(tmp_path / "e-*.jsonl")]) == find([str(tmp_path)]) == [old, new]
    found = site(str(tmp_path), only={"s": "publish"})
    assert (found.articles.id, found.unpublished) == (["2"], ["1"])
    assert found.left_out == {"duplicate id": 2, "not published (s)": 1}


def test_the_row_that_was_modified_last(tmp_path: Path) -> None:
    given = [
        {"id": "1", "title": "new", "modified_at": DAY.format(9)},
        {"id": "1", "title": "old", "modified_at": DAY.format(1)},
        {"id": "2", "title": "first", "modified_at": DAY.format(2)},
        {"id": "2", "title": "as late", "modified_at": DAY.format(2)},
        {"id": "3", "title": "dated", "modified_at": DAY.format(2)},
        {"id": "3", "title": "undated"},
    ]
    assert titles(site(rows(tmp_path, *given))) == {"1": "new", "2": "as late", "3": "undated"}


@pytest.mark.parametrize(
    ("dated", "undated", "setting", "kept"),
    [(3, 1, False, 3), (2, 2, False, 2), (1, 2, False, 3), (0, 3, False, 3), (3, 1, True, 4)],
)
def test_without_a_time_where_others_have_one(
    tmp_path: Path, dated: int, undated: int, setting: bool, kept: int
) -> None:
    given: list[dict[str, object]] = [
        {"id": f"d{n}", "published_at": DAY.format(n + 1)} for n in range(dated)
    ]
    given += [{"id": f"u{n}", "published_at": ""} for n in range(undated)]
    config = Config.model_validate({"lists": {"undated": setting}})
    views = tmp_path / "v.csv"
    lines = ["user,article,time", *(f"e,{row['id']},{DAY.format(9)}" for row in given)]
    views.write_text("\n".join(lines))
    found = read_site(config, [rows(tmp_path, *given)], [str(views)], key=b"")
    assert len(found.articles) == found.views.count == kept
    previews = found.left_out.get("view of what is not published", 0)
    assert previews == len(found.unpublished) == len(given) - kept


def test_a_refresh_knows_from_the_state_that_articles_have_times(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(4):
        world.article(f"n{number}", "storm flood", START + number * HOUR)
    run = world.train()
    world.article("draft", "storm secret", None)
    world.article("n4", "storm later", NOW)
    articles, views = world.write(since=NOW)
    known = run.state.catalogue
    found = read_site(
        run.config, articles, views, key=b"", known=known.ids, known_published=known.published
    )
    assert found.articles.id == ["n4"]
    assert found.unpublished == ["draft"]


def test_a_known_article_is_withdrawn_and_may_come_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(4):
        world.article(f"n{number}", "storm flood", START + number * HOUR, status="live")
    config = Config.model_validate({"articles": {"only": {"status": "live"}}})
    first = world.train(config=config)

    def refreshed(run: Any, status: str, now: int) -> Any:
        world.articles[0]["status"] = status
        articles, views = world.write()
        found = read_site(config, articles, views, key=b"", known=run.state.catalogue.ids)
        assert has_news(found, run.state, now)
        after = refresh(found, run.state, run.recommendations, now)
        assert not has_news(found, after.state, now)
        return after

    gone = refreshed(first, "killed", NOW + HOUR)
    assert "n0" in first.lists
    assert set(gone.lists) == {"n1", "n2", "n3"}
    assert not [s for name in gone.lists for s in gone.lists[name] if s.id == "n0"]
    assert gone.state.catalogue.has(Flag.WITHDRAWN).sum() == 1
    back = refreshed(gone, "live", NOW + 2 * HOUR)
    assert "n0" in back.lists


@pytest.mark.parametrize("complete", [False, True])
def test_what_is_gone_from_files_that_are_complete(tmp_path: Path, complete: bool) -> None:
    given = [{"id": i, "published_at": DAY.format(1)} for i in "abc"]
    found = site(rows(tmp_path, *given[1:]), known=("a", "b", "c"), complete=complete)
    assert found.missing == ["a"]
    assert list(found.withdrawn) == (["a"] if complete else [])
    unread = rows(tmp_path, {"id": "a", "published_at": "soon"}, *given[1:])
    assert site(unread, known=("a", "b", "c"), complete=complete).missing == []


def test_nothing_left_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not published \(status\): 1 row; check articles.only"):
        site(rows(tmp_path, {"id": "1", "status": "x"}), only={"status": "publish"})


def test_a_column_of_states_stops_until_somebody_says_what_it_is(tmp_path: Path) -> None:
    given = [{"id": str(n), "is_live": "t", "phase": "published"} for n in range(8)]
    path = rows(tmp_path, *given)
    assert len(site(path).articles) == 8  # all rows are alike
    path = rows(tmp_path, *given, {"id": "8", "is_live": "f", "phase": "draft"})
    with pytest.raises(UnmappedStateError) as stopped:
        site(path, only={"id": ["1", "8"]})
    assert str(stopped.value) == (
        f"{path}: 'is_live' holds 'f' (1), 't' (1) and 'phase' holds 'draft' (1), 'published' (1), "
        'which tells published rows from others, and is not mapped; write only = { id = ["1", '
        '"8"], is_live = ["t"], phase = ["published"] } in [articles]; or, if it says something '
        'else, ignore = ["is_live", "phase"]'
    )
    assert len(site(path, only={"is_live": ["t"]}).articles) == 8  # it leaves out the draft too
    assert len(site(path, ignore=["is_live", "phase"]).articles) == 9
    assert len(site(path, withdrawn="is_live", ignore=["phase"]).articles) == 9
