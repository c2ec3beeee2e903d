"""The site's rules, each on a toy site where only it makes a difference."""

from pathlib import Path

import pytest

from tests.training.worlds import DAY, HOUR, NOW, STORM, World, spelled
from training import Config, Run
from training.config import load
from training.errors import ConfigError

ALL = 100
"""Longer than any list of these sites."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def trained(world: World, **sections: dict[str, object]) -> Run:
    """Train with some sections as given; no two stories tell of one event, unless they say so."""
    lists = {"event_cosine": 0, "max_items": ALL, **sections.pop("lists", {})}
    return world.train(config=Config(ranking={"every": "6h"}, lists=lists, **sections))


def lists(run: Run) -> dict[str, list[str]]:
    return {source: [story.id for story in stories] for source, stories in run.lists.items()}


def sets(run: Run) -> dict[str, set[str]]:
    return {source: set(listed) for source, listed in lists(run).items()}


def latest(run: Run) -> list[str]:
    return [run.state.catalogue.ids[row] for row in run.recommendations.rankings["latest"]]


def everybody(names: str, *, but: str = "") -> dict[str, set[str]]:
    """The lists of sources named by a letter each, with all the others but some."""
    return {source: set(names) - {source, *but} for source in names}


def two_sections(world: World) -> None:
    """a and b are news, x and y advertorials, and o stands in no section."""
    for number, name in enumerate("abxyo"):
        section = {"a": "news", "b": "news", "x": "advert", "y": "advert"}.get(name, "")
        world.article(name, spelled(number), NOW - (1 + number) * HOUR, section)


def test_nothing_is_recommended_to_a_section(world: World) -> None:
    two_sections(world)
    assert sets(trained(world)) == everybody("abxyo")
    run = trained(world, rules={"not_to": ["advert"]})
    assert sets(run) == everybody("abxyo", but="xy")
    assert latest(run) == ["a", "b", "o"], "in no ranking either"


@pytest.mark.parametrize(
    "rules",
    [
        {"not_to": ["ADVERT"]},
        {"max_age": {" Advert ": "1m"}},
        {"apart": [("News", "advert"), ("ADVERT", "Advert")]},
        {"not_from": ["aDVERT"]},
    ],
)
def test_a_section_is_named_in_any_case(world: World, rules: dict[str, object]) -> None:
    two_sections(world)
    plain = {
        "not_to": ["advert"],
        "max_age": {"advert": "1m"},
        "apart": [("news", "advert"), ("advert", "advert")],
        "not_from": ["advert"],
    }
    (key,) = rules
    assert sets(trained(world, rules=rules)) == sets(trained(world, rules={key: plain[key]}))
    assert sets(trained(world, rules=rules)) != sets(trained(world))


def test_nothing_is_recommended_from_a_section(world: World) -> None:
    two_sections(world)
    run = trained(world, rules={"not_from": ["advert"]})
    assert sets(run) == {**everybody("abxyo"), "x": set(), "y": set()}
    assert latest(run) == latest(trained(world)), "it stands in the rankings as before"


@pytest.mark.parametrize("pair", [("news", "advert"), ("advert", "news")])
def test_two_sections_stay_apart_both_ways(world: World, pair: tuple[str, str]) -> None:
    two_sections(world)
    run = trained(world, rules={"apart": [pair, ("news", "no such section")]})
    assert sets(run) == {
        "a": {"b", "o"},
        "b": {"a", "o"},
        "x": {"y", "o"},
        "y": {"x", "o"},
        "o": {"a", "b", "x", "y"},
    }
    assert latest(run) == latest(trained(world))


def test_a_section_can_be_apart_from_itself(world: World) -> None:
    two_sections(world)
    assert sets(trained(world, rules={"apart": [("advert", "advert")]})) == {
        **everybody("abxyo"),
        "x": {"a", "b", "o"},
        "y": {"a", "b", "o"},
    }


def test_a_section_may_age_faster_than_others(world: World) -> None:
    world.article("a", spelled(1), NOW - HOUR, "news")
    world.article("b", spelled(2), NOW - 2 * DAY, "news")
    world.article("c", spelled(3), NOW - DAY, "sport")
    world.article("d", spelled(4), NOW - DAY - HOUR // 3600, "sport")
    world.article("e", spelled(5), NOW - 2 * DAY)
    assert sets(trained(world)) == everybody("abcde")
    run = trained(world, rules={"max_age": {"sport": "1d", "no such section": "1h"}})
    assert sets(run) == everybody("abcde", but="d"), "c is a day old and no more"
    assert "d" not in latest(run)


@pytest.mark.parametrize(
    "limit",
    [{"lists": {"max_age": "2d"}}, {"rules": {"max_age": {"travel": "2d"}}}],
    ids=["lists", "rules"],
)
def test_limits_of_age_do_not_apply_to_guides(
    world: World, limit: dict[str, dict[str, object]]
) -> None:
    world.article("a", spelled(1), NOW - HOUR, "travel")
    world.article("b", spelled(2), NOW - 5 * DAY, "travel", tags=["Rome", "Guide"])
    world.article("c", spelled(3), NOW - 5 * DAY, "travel", tags=["Rome"])
    assert sets(trained(world, **limit)) == everybody("abc", but="bc")
    run = trained(world, articles={"evergreen": ["guide"]}, **limit)
    assert sets(run) == everybody("abc", but="c")
    assert latest(run) == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "share"), [("sponsored", 0.0), ("sponsored", 0.5), ("paywalled", 0.2)]
)
def test_no_more_than_a_share_of_any_five_is_of_a_kind(
    world: World, kind: str, share: float
) -> None:
    """All of the kind are on the source's subject, so that they would come first."""
    world.article("source", STORM, NOW - 9 * HOUR)
    for number in range(5):
        text = f"{STORM} {spelled(number)}"
        world.article(f"paid{number}", text, NOW - (8 - number) * HOUR, **{kind: "yes"})
    for number in range(10, 22):
        world.article(f"own{number}", spelled(number), NOW - 10 * HOUR)
    without = lists(trained(world))["source"]
    assert all(name.startswith("paid") for name in without[:5])
    run = trained(world, rules={f"max_{kind}": share})
    for ranked in (*lists(run).values(), latest(run)):
        marks = [name.startswith("paid") for name in ranked]
        assert all(sum(marks[at : at + 5]) <= 5 * share for at in range(len(marks)))
        assert any(marks) == (share > 0)
    listed = lists(run)["source"]
    for of_kind in ("paid", "own"):
        kept = [name for name in listed if name.startswith(of_kind)]
        assert kept == [name for name in without if name.startswith(of_kind)][: len(kept)]
    assert sum(name.startswith("own") for name in listed) == 12, "none of the others is lost"


def test_no_more_than_so_many_of_any_five_are_hot(world: World) -> None:
    world.article("source", STORM, NOW - 9 * HOUR)
    for number in range(10):
        name = f"hot{number}"
        world.article(name, f"{STORM} {spelled(number)}", NOW - 8 * HOUR)
        for reader in range(3):
            world.session(f"{name}-{reader}", NOW - HOUR, [name])
    for number in range(10, 22):
        world.article(f"own{number}", spelled(number), NOW - 10 * HOUR)
    without = lists(trained(world))["source"]
    assert all(name.startswith("hot") for name in without[:10])
    listed = lists(trained(world, lists={"max_hot": 2}))["source"]
    marks = [name.startswith("hot") for name in listed]
    assert marks[:7] == [True, True, False, False, False, True, True]
    assert all(sum(marks[at : at + 5]) <= 2 for at in range(len(marks)))


def test_improbable_items_give_way_to_the_rankings(world: World) -> None:
    for number, name in enumerate(("storm", "rain", "flood")):
        world.article(name, f"{STORM} {spelled(number)}", NOW - (1 + number) * HOUR)
    for number in range(10, 15):
        world.article(f"own{number}", spelled(number), NOW - 3 * DAY)
    before = trained(world)
    scores = [story.score for story in before.lists["storm"]]
    assert len(scores) == 7
    least = (scores[1] + scores[2]) / 2
    run = trained(world, rules={"min_probability": least})
    assert sets(run)["storm"] == {"rain", "flood"}
    for source, stories in before.lists.items():
        kept = [story.id for story in stories if story.score >= least]
        assert lists(run)[source] == kept
    assert lists(run)["own10"] == []
    assert latest(run) == latest(before)


def test_near_duplicates_are_not_in_each_others_lists(world: World) -> None:
    for name in "wc":
        world.article(name, STORM, NOW - HOUR)
    world.article("o", "quite another matter", NOW - HOUR)
    assert sets(trained(world, texts={"near_identical": 0})) == everybody("wco")
    found = lists(trained(world))
    assert (found["w"], found["c"]) == (["o"], ["o"])
    assert found["o"] in (["w"], ["c"]), "one of the two"


@pytest.mark.parametrize("undated", [True, False])
def test_undated_articles_are_recommended_by_lists_undated(world: World, undated: bool) -> None:
    world.article("a", spelled(1), NOW - HOUR)
    world.article("u", spelled(2), None)
    world.article("v", spelled(3), None)
    world.session("reader", NOW - HOUR, ["v"])
    run = trained(world, lists={"undated": undated})
    assert sets(run) == everybody("auv", but="" if undated else "u")
    assert ("u" in latest(run)) == undated


def test_withdrawn_and_future_articles_are_neither_source_nor_target(world: World) -> None:
    for name, at in (("a", -HOUR), ("b", -HOUR), ("w", -HOUR), ("n", 0), ("l", HOUR)):
        more = {"withdrawn": "yes"} if name == "w" else {}
        world.article(name, spelled(ord(name)), NOW + at, **more)
    run = trained(world)
    assert sets(run) == {"a": {"b"}, "b": {"a"}}
    assert set(latest(run)) == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[rules]\nnot_to = ['']", "rules.not_to.0 = '': string should have at least 1 character"),
        ("[rules]\nnot_from = ['a', '']", "rules.not_from.1 = '': string should have at least"),
        ("[rules]\nnot_to = 'sport'", "rules.not_to = 'sport': must be a valid list"),
        ("[rules]\napart = [['a', '']]", "rules.apart.0.1 = '': string should have at least 1"),
        ("[rules]\napart = [['a']]", "rules.apart.0.1: it is missing; set it"),
        ("[rules]\nmax_sponsored = 1.5", "rules.max_sponsored = 1.5: must be less than or"),
        ("[rules]\nmax_paywalled = -1", "rules.max_paywalled = -1: must be greater than"),
        ("[rules]\nmin_probability = 2", "rules.min_probability = 2: must be less than or"),
        ("[rules]\nnot_too = ['a']", "unknown key rules.not_too; did you mean not_to?"),
        ("[rules.max_age]\nsport = '7 days'", "rules.max_age.sport = '7 days': write a duration"),
        ("[rules]\nmax_age = '3d'", "rules.max_age = '3d': must be a valid dictionary"),
        ("[[page]]\nkey = 'lates'", "page.0.key = 'lates': must be 'latest', 'weekly',"),
        ("[[page]]\nkey = 'latest'\nslot = 3", "unknown key page.0.slot; did you mean slots?"),
        ("[[page]]\nslots = 3", "page.0.key: it is missing; set it"),
        ("[rules.max_age]\n'' = '7d'", "string should have at least 1 character"),
    ],
)
def test_an_error_names_the_mistake_in_the_rules(world: World, text: str, expected: str) -> None:
    file = world.folder / "ymal.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
