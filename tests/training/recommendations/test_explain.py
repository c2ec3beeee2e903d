"""Explanations: every stage at which a pair can be excluded, and figures that add up."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from tests.thorough import scaled
from tests.training.worlds import (
    COARSE,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    STORM,
    VOTE,
    World,
    busy,
    spelled,
)
from training import Config, Run
from training.ranking.rules import ARTICLE_RULES, ONE_OF_RULES, PAIR_RULES, SHARE_RULES
from training.recommendations.explain import MAX_TERMS, Explanation

Sections = dict[str, dict[str, object]]

SMALL_SECTIONS: Sections = {
    "ranking": {
        "text_candidates": 1,
        "recent_text_candidates": 0,
        "section_candidates": 0,
        "hottest_candidates": 1,
        "steady_candidates": 0,
        "latest_candidates": 1,
    }
}
"""Only the nearest, the most read and the latest are candidates."""

Added = tuple[str, str, int | None, dict[str, object]]
"""An article more: its id, text, hours from now, and other fields."""


def config(sections: Sections) -> Config:
    """Give a config with some sections as given; no two stories tell of one event by default."""
    ranking = {"every": "6h", "min_transitions": 100}
    plain: Sections = {"ranking": ranking, "lists": {"event_cosine": 0}}
    return Config(
        **{name: plain.get(name, {}) | sections.get(name, {}) for name in plain | sections}
    )


def explained(world: World, source: str, target: str, **sections: dict[str, object]) -> Explanation:
    """Explain a pair of a site, and check what holds for every pair."""
    run = world.train(config=config(sections))
    found = run.explain(source, target)
    agrees(run, found)
    return found


def agrees(run: Run, found: Explanation) -> None:
    """Check that an explanation agrees with the list, and with itself."""
    source, target = found.source, found.target
    listed = {story.id: story for story in run.lists[source]} if source in run.lists else {}
    assert (found.stage == "listed") == (target in listed)
    if target in listed:
        assert (found.rank, found.rules) == (listed[target].rank, [])
        assert found.message == f"it is item {found.rank} of the list"
        assert found.probability == pytest.approx(listed[target].score, rel=1e-6)
    else:
        assert found.rank is None
    if found.stage == "outranked":
        assert found.rules == []
        assert found.behind is not None
        assert found.behind >= 0, "nothing that it is better than stands in its place"
        assert len(listed) == run.config.lists.max_items, "there was no room for it"
        assert found.message == f"the last item of the list has {found.behind:.3f} more log-odds"
    else:
        assert found.behind is None
    if found.stage not in {"listed", "outranked"}:
        assert found.stage == found.rules[0]
    assert sum(found.parts.values()) == pytest.approx(found.order, abs=1e-6)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Four stories, all of which stand in the lists of the others."""
    world = World(tmp_path)
    world.article("source", f"{STORM} dawn", NOW - 9 * HOUR, "news")
    world.article("near", f"{STORM} noon", NOW - 8 * HOUR, "news")
    world.article("far", spelled(1), NOW - 7 * HOUR, "sport")
    world.article("late", spelled(2), NOW - 6 * HOUR, "sport")
    return world


NIGHT = f"{STORM} night"
OLD: Added = ("old", f"{STORM} night", -72, {"section": "news"})
COPY: Added = ("copy", f"{STORM} dawn", -1, {})
DANISH: Added = ("dansk", f"{STORM} nat", -1, {"language": "da"})
ENGLISH: Added = ("english", f"{STORM} night", -1, {"language": "en-GB"})
MOSTLY_UNDATED: list[Added] = [
    (name, f"{NIGHT} {name}", None, {}) for name in ("undated", "one", "two", "three", "four")
]
"""On such a site a story without a publish time is no draft."""

NOT_FROM_NEWS: Sections = {"rules": {"not_from": ["news"]}}
APART: Sections = {"rules": {"apart": [("sport", "news")]}}


@pytest.mark.parametrize(
    ("added", "pair", "sections", "stage"),
    [
        ([], ("source", "near"), {}, "listed"),
        ([("gone", STORM, -1, {"withdrawn": "yes"})], ("gone", "near"), {}, "source"),
        ([("gone", STORM, 0, {})], ("gone", "near"), {}, "source"),
        ([("gone", NIGHT, -1, {"withdrawn": "yes"})], ("source", "gone"), {}, "withdrawn"),
        ([("soon", NIGHT, 0, {})], ("source", "soon"), {}, "known"),
        ([("soon", NIGHT, 1, {})], ("source", "soon"), {}, "known"),
        (MOSTLY_UNDATED, ("source", "undated"), {}, "undated"),
        (
            [("undated", NIGHT, None, {})],
            ("source", "undated"),
            {"lists": {"undated": True}},
            "listed",
        ),
        ([OLD], ("source", "old"), {}, "listed"),
        ([OLD], ("source", "old"), {"lists": {"max_age": "2d"}}, "max_age"),
        ([OLD], ("source", "old"), {"rules": {"max_age": {"news": "2d"}}}, "section_max_age"),
        ([], ("source", "near"), {"rules": {"not_to": ["news"]}}, "not_to"),
        ([DANISH, ENGLISH], ("dansk", "english"), {}, "language"),
        ([ENGLISH], ("source", "english"), {}, "listed"),  # the source has no language
        ([DANISH, ENGLISH], ("dansk", "english"), {"rules": {"cross_languages": True}}, "listed"),
        ([COPY], ("source", "copy"), {}, "near_identical"),
        ([COPY], ("source", "copy"), {"texts": {"near_identical": 0}}, "listed"),
        ([], ("source", "near"), NOT_FROM_NEWS, "not_from"),
        ([], ("far", "near"), NOT_FROM_NEWS, "listed"),
        ([], ("source", "far"), APART, "apart"),
        ([], ("far", "source"), APART, "apart"),
    ],
)
def test_the_first_rule_that_speaks_against_a_pair_is_named(
    world: World, added: list[Added], pair: tuple[str, str], sections: Sections, stage: str
) -> None:
    for name, text, hours, more in added:
        world.article(name, text, None if hours is None else NOW + hours * HOUR, **more)
    found = explained(world, *pair, **sections)
    assert found.stage == stage
    assert found.message == MESSAGES.get(stage, found.message)


MESSAGES = {
    "source": "the source has no list: it is withdrawn, or not known yet",
    "withdrawn": "it is withdrawn",
    "known": "it is not known yet",
}


def test_a_target_that_nothing_proposed(world: World) -> None:
    for number in range(5):
        world.session(f"r{number}", NOW - HOUR, ["late"])
    assert explained(world, "source", "far").stage == "listed"
    found = explained(world, "source", "far", **SMALL_SECTIONS)
    assert found.stage == "candidate"
    assert found.message.startswith("it is not a candidate")
    assert explained(world, "source", "near", **SMALL_SECTIONS).stage == "listed"
    assert explained(world, "source", "late", **SMALL_SECTIONS).stage == "listed"


def test_a_target_that_is_hardly_opened(world: World) -> None:
    likely, hardly = (explained(world, "source", name).probability for name in ("near", "far"))
    rules = {"min_probability": (likely + hardly) / 2}
    assert explained(world, "source", "near", rules=rules).stage == "listed"
    assert explained(world, "source", "far", rules=rules).stage == "min_probability"


def test_a_better_one_of_the_event_is_named(world: World) -> None:
    world.article("recount", f"{VOTE} recount", NOW - 2 * HOUR)
    world.article("vote", f"{VOTE} turnout", NOW - 3 * HOUR)
    assert explained(world, "source", "vote").stage == "listed"
    found = explained(world, "source", "vote", lists={"event_cosine": 0.5})
    assert found.stage == "one_of_event"
    assert found.message.endswith("of the same event is in the list (lists.event_cosine): recount")


def test_a_better_one_of_nearly_the_same_text_is_named(world: World) -> None:
    world.article("copy", VOTE, NOW - 2 * HOUR)
    world.article("vote", VOTE, NOW - 3 * HOUR)
    assert explained(world, "source", "vote", texts={"near_identical": 0}).stage == "listed"
    found = explained(world, "source", "vote")
    assert found.stage == "one_of_near_identical"
    assert found.message.endswith("a better story with nearly the same text is in the list: copy")


def paid_and_own(world: World, paid: int = 3, own: int = 4) -> None:
    """Sponsored stories on the source's subject, and others that are on none."""
    for number in range(paid):
        text = f"{STORM} {spelled(10 + number)}"
        world.article(f"paid{number}", text, NOW - (2 + number) * HOUR, sponsored="yes")
    for number in range(own):
        world.article(f"own{number}", spelled(20 + number), NOW - (10 + number) * HOUR)


def test_one_too_many_is_passed_over(world: World) -> None:
    paid_and_own(world)
    rules = {"max_sponsored": 0.4}
    assert explained(world, "source", "paid1", lists={"max_items": 5}).stage == "listed"
    stages = [
        explained(world, "source", f"paid{number}", lists={"max_items": 5}, rules=rules).stage
        for number in range(3)
    ]
    assert stages == ["listed", "listed", "max_sponsored"]


def test_one_too_many_of_the_hottest_is_passed_over(world: World) -> None:
    paid_and_own(world, paid=2, own=12)
    world.session("reader", NOW - HOUR, ["paid0"])
    assert explained(world, "source", "paid0", lists={"max_items": 3}).stage == "listed"
    found = explained(world, "source", "paid0", lists={"max_items": 3, "max_hot": 0})
    assert (found.stage, found.rules) == ("max_hot", ["max_hot"])


def test_one_too_many_for_subscribers_is_passed_over(world: World) -> None:
    for number in range(3):
        text = f"{STORM} {spelled(10 + number)}"
        world.article(f"plus{number}", text, NOW - (2 + number) * HOUR, paywalled="yes")
    few: Sections = {"lists": {"max_items": 4}}
    assert explained(world, "source", "plus2", **few).stage == "listed"
    found = explained(world, "source", "plus2", **few, rules={"max_paywalled": 0.2})
    assert (found.stage, found.rules) == ("max_paywalled", ["max_paywalled"])


def test_one_too_many_is_passed_over_where_the_list_has_room(world: World) -> None:
    """All that is worse stands in the list, and there is room left: yet it does not."""
    paid_and_own(world, paid=0)
    world.article("paid", spelled(30), NOW - 20 * DAY, sponsored="yes")
    assert explained(world, "source", "own3").stage == "listed"
    assert explained(world, "source", "paid", rules={"max_sponsored": 0}).stage == "max_sponsored"


def test_one_too_many_is_passed_over_where_nothing_else_is_there(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("source", STORM, NOW - HOUR)
    world.article("paid", f"{STORM} noon", NOW - HOUR, sponsored="yes")
    assert explained(world, "source", "paid", rules={"max_sponsored": 0}).stage == "max_sponsored"


def test_one_too_many_is_passed_over_though_the_last_item_is_better(world: World) -> None:
    """The second sponsored one comes last, as soon as there is room; the third is worse than it."""
    paid_and_own(world)
    few: Sections = {"lists": {"max_items": 7}, "rules": {"max_sponsored": 0.2}}
    assert explained(world, "source", "paid1", **few).rank == 7
    assert explained(world, "source", "paid2", **few).stage == "max_sponsored"


def test_nothing_is_outranked_by_what_is_worse(world: World) -> None:
    """The best of the event is itself passed over."""
    world.article("paid", f"{VOTE} recount", NOW - HOUR, sponsored="yes")
    world.article("vote", f"{VOTE} turnout", NOW - 2 * HOUR)
    few = {"max_items": 3, "event_cosine": 0.5}
    assert explained(world, "source", "vote", lists=few).stage == "one_of_event"
    explained(world, "source", "vote", lists=few, rules={"max_sponsored": 0})


def test_what_is_outranked_is_behind_the_last_item(world: World) -> None:
    last = explained(world, "source", "late", lists={"max_items": 2})
    found = explained(world, "source", "far", lists={"max_items": 2})
    assert (last.rank, found.stage) == (2, "outranked")
    assert found.behind == pytest.approx(last.order - found.order)
    assert found.behind > 0


def test_every_rule_that_speaks_against_a_pair_is_named(world: World) -> None:
    world.article("gone", f"{STORM} dawn", NOW - 3 * DAY, "news", withdrawn="yes")
    rules = {"not_to": ["news"], "not_from": ["news"], "max_age": {"news": "2d"}}
    found = explained(world, "source", "gone", rules=rules)
    expected = ["withdrawn", "section_max_age", "not_to", "near_identical", "not_from"]
    assert found.rules == expected


def test_every_rule_has_its_test_here() -> None:
    tables = (*ARTICLE_RULES, *PAIR_RULES, *ONE_OF_RULES, *SHARE_RULES)
    written = Path(__file__).read_text(encoding="utf-8")
    for stage in ("source", "candidate", "listed", "outranked", *(rule.name for rule in tables)):
        assert f'"{stage}"' in written, stage


def test_the_terms_that_two_texts_share(world: World) -> None:
    found = explained(world, "source", "near")
    words = {*STORM.split(), "news"}
    assert set(found.terms) <= words
    assert len(found.terms) == min(MAX_TERMS, len(words))
    assert list(found.terms.values()) == sorted(found.terms.values(), reverse=True)
    assert sum(found.terms.values()) == pytest.approx(found.cosine)
    vectors = world.train().state.texts.vectors.toarray()
    rows = world.train().state.catalogue.rows
    assert found.cosine == pytest.approx(vectors[rows["source"]] @ vectors[rows["near"]], abs=1e-5)
    apart = explained(world, "source", "far")
    assert (apart.terms, apart.cosine) == ({}, 0.0)


def test_no_more_than_the_heaviest_terms_are_named(world: World) -> None:
    world.article("long", f"{STORM} {VOTE}", NOW - 3 * HOUR)
    world.article("longer", f"{STORM} {VOTE} noon", NOW - 2 * HOUR)
    found = explained(world, "long", "longer")
    assert len(found.terms) == MAX_TERMS
    assert sum(found.terms.values()) < found.cosine <= 1


def test_what_readers_opened_of_the_two(world: World) -> None:
    """An hour ago one went from the source over another to the target, and one came back at once.

    What is read in five minutes counts as read at their end.
    """
    world.session("there", NOW - HOUR - 5 * MINUTE, ["source", "late", "far"])
    world.session("back", NOW - HOUR - 4 * MINUTE, ["far", "source"])
    found = explained(world, "source", "far")
    faded = {f"{life}h": 2 ** (-1 / life) for life in (1, 4, 24, 336)}
    assert found.pairs == {
        **{name: pytest.approx((left / 2, left)) for name, left in faded.items()},
        "direct": pytest.approx((0, faded["336h"])),
    }
    assert set(explained(world, "near", "late").pairs.values()) == {(0.0, 0.0)}


def test_an_article_is_not_explained_by_itself_nor_one_that_is_unknown(world: World) -> None:
    run = world.train()
    with pytest.raises(ValueError, match="an article is never in its own list"):
        run.explain("near", "near")
    for pair in (("source", "nobody"), ("nobody", "source")):
        with pytest.raises(KeyError, match="nobody"):
            run.explain(*pair)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A site with readers, from whom a model was learned; some of its stories are sponsored."""
    world = busy(World(tmp_path_factory.mktemp("busy")))
    for article in world.articles[::3]:
        article["sponsored"] = "yes"
    sections: Sections = {
        "lists": {"max_items": 9, "max_hot": 3, "event_cosine": 0.6},
        "rules": {"max_sponsored": 0.4},
    }
    run = world.train(config=config(sections))
    assert run.state.model.kind == "learned"
    return run


def test_every_item_of_every_list_is_explained_as_it_stands_there(lively: Run) -> None:
    orders = {}
    for source, stories in lively.lists.items():
        for story in stories:
            found = lively.explain(source, story.id)
            agrees(lively, found)
            orders[source, story.rank] = found.order
    assert len(orders) == len(lively.recommendations.lists.items)


def test_figures_of_any_pair_add_up(tmp_path: Path) -> None:
    run = busy(World(tmp_path)).train(config=COARSE)
    pairs = list(permutations(run.state.catalogue.ids, 2))
    for at in np.random.default_rng(7).choice(len(pairs), scaled(300), replace=False).tolist():
        found = run.explain(*pairs[at])
        agrees(run, found)
        assert sum(found.terms.values()) <= found.cosine + 1e-9
        assert found.cosine <= 1 + 1e-6
        assert 0 <= found.probability <= 1


def test_an_explanation_is_json(lively: Run) -> None:
    found = lively.explain("n39", "n38")
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == {
        **vars(found),
        "pairs": {name: list(sums) for name, sums in found.pairs.items()},
    }
