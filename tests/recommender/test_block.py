"""A front page's block is that of a page of the section that has no other and is listed nowhere."""

from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import Block, Snapshot
from recommender.overrides import Override
from tests.thorough import scaled

from .test_page import FULL, IDS, Builder, block, opened, some_overrides, worlds
from .worlds import TOY, Article, World


def shown(found: Block) -> list[tuple[str, str]]:
    return [(story.id, story.reason) for story in found.items]


def ids(found: Block) -> list[str]:
    return [story.id for story in found.items]


def alone(world: World, section: str, key: str, slots: int, most: int) -> World:
    """The site with one article more, of a section, and one block on its pages."""
    front = Article("front", section=section)
    page = [block(key, slots, most)] if slots else []
    return World(**{**vars(world), "articles": [*world.articles, front], "page": page})


@settings(max_examples=scaled(100))
@given(
    worlds(),
    some_overrides(),
    st.sampled_from(["", "x", "y", "z", "nowhere"]),
    st.none() | st.integers(0, 9),
    st.lists(st.sampled_from([*IDS, "nobody knows it"]), max_size=3),
)
def test_a_block_is_what_one_would_build_by_hand(
    world: World, overrides: list[Override], section: str, n: int | None, exclude: list[str]
) -> None:
    snapshot = opened(world, overrides).snapshot()
    for plan in world.page:
        key, slots, most = str(plan["key"]), int(str(plan["slots"])), int(str(plan["most"]))
        if key == "related":
            continue
        found = snapshot.block(key, section, n, exclude)
        asked = slots if n is None else n
        share = ceil(Fraction(most, slots) * asked)
        built = Builder(alone(world, section, key, asked, share), overrides)
        assert shown(found) == built.page("front", exclude).get(key, [])
        assert [story.rank for story in found.items] == list(range(1, len(found.items) + 1))
        assert found.key == key
        assert found.title == str(plan["title"]).replace("{section}", section).strip()


@pytest.fixture(scope="module")
def full() -> Snapshot:
    return opened(FULL).snapshot()


@pytest.mark.parametrize("section", ["", "nowhere"])
def test_the_front_of_the_site_has_the_latest_of_all(full: Snapshot, section: str) -> None:
    assert ids(full.block("latest", section)) == ["a40", "a39", "a38", "a37", "a36", "a35"]
    assert full.block("latest", section).title == f"{section} Latest Stories".strip()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("related",), "key must be one of latest, weekly, popular, must_reads: 'related'"),
        (("LATEST",), "key must be one of latest, .*: 'LATEST'"),
        ((None,), "key must be one of"),
        (("latest", "", -1), "n must not be negative: -1"),
    ],
)
def test_a_call_that_means_nothing(
    full: Snapshot, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        full.block(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("latest", None), "section must be a str, not NoneType: None"),
        (("latest", "", "5"), "n must be an int, not str: '5'"),
        (("latest", "", None, "a1"), "exclude must be ids in a list or set, not one str"),
        (("latest", "", None, [105]), "exclude must be ids, each a str, not int: 105; write '105'"),
    ],
)
def test_a_call_of_the_wrong_kind(full: Snapshot, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        full.block(*arguments)


def test_a_block_that_the_page_has_not() -> None:
    world = World(TOY.articles, popular=TOY.popular, page=[block("popular"), block("related")])
    snapshot = opened(world).snapshot()
    assert ids(snapshot.block("popular")) == ["goal", "storm", "snow"]
    with pytest.raises(ValueError, match="key must be one of popular: 'latest'"):
        snapshot.block("latest")
