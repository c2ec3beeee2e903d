"""The search over titles against a naive one, which reads every title."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import Snapshot
from recommender.overrides import Override
from tests.thorough import scaled

from .test_page import opened
from .worlds import Article, World

NOON = datetime(2023, 5, 31, 12, tzinfo=UTC)
WORDS = [
    "Rain",
    "rainbow",
    "STRASSE",
    "Straße",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "Дождь",
    "雨",
    "مطر",
    "İ",
    "ﬁn",
]


def naive(world: World, withdrawn: set[str], text: str, n: int) -> list[str]:
    words = text.casefold().split()
    found = [
        (article.published_at is not None, article.published_at or NOON, place)
        for place, article in enumerate(world.articles)
        if article.known
        and article.id not in withdrawn
        and words
        and all(word in article.title.casefold() for word in words)
    ]
    return [world.articles[place].id for _, _, place in sorted(found, reverse=True)[:n]]


def ids(snapshot: Snapshot, text: str, n: int = 20) -> list[str]:
    return [article for article, _ in snapshot.search(text, n)]


def titled(*titles: str) -> World:
    """A site of these titles, each an hour newer than the one before."""
    return World(
        [
            Article(f"a{at}", title, f"/{at}", "x", NOON + timedelta(hours=at))
            for at, title in enumerate(titles)
        ]
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    word = st.sampled_from(WORDS) | st.text("aAbß ", max_size=3)
    time = st.none() | st.integers(-2, 2).map(lambda hours: NOON + timedelta(hours=hours))
    count = draw(st.integers(1, 8))
    return World(
        [
            Article(
                f"a{at}",
                " ".join(draw(st.lists(word, max_size=4))),
                published_at=draw(time),
                known=draw(st.booleans()) or at == 0,
            )
            for at in range(count)
        ]
    )


TEXTS = st.lists(
    st.sampled_from([*WORDS, "rAiN", "ss", "fi", "i"])
    | st.text("aAbßS\ud800 \u3000\n", max_size=3),
    max_size=3,
).map(" ".join)


@settings(max_examples=scaled(100))
@given(worlds(), st.sets(st.sampled_from(["a0", "a1", "a2", "no article"])), st.data())
def test_it_finds_what_reading_every_title_finds(
    world: World, withdrawn: set[str], data: st.DataObject
) -> None:
    gone = [Override(f"o {story}", "withdraw", story) for story in sorted(withdrawn)]
    snapshot = opened(world, gone).snapshot()
    for _ in range(3):
        text, n = data.draw(TEXTS), data.draw(st.integers(0, 9))
        assert ids(snapshot, text, n) == naive(world, withdrawn, text, n)


def large(order: str) -> World:
    """A site of more titles than are searched at a time, by several thousand."""
    draw = Random(order)  # noqa: S311

    def time(at: int) -> datetime | None:
        if order == "none":
            return None
        hours = {"rising": at, "falling": -at, "random": draw.randrange(300)}[order]
        return NOON + timedelta(hours=hours) if draw.random() < 0.95 else None

    return World(
        [
            Article(
                f"a{at}",
                " ".join(draw.choices([*WORDS, "the"], [1] * len(WORDS) + [20], k=3)),
                published_at=time(at),
                known=draw.random() < 0.9,
            )
            for at in range(3000)
        ]
    )


@pytest.mark.parametrize("order", ["rising", "falling", "random", "none"])
@pytest.mark.parametrize("n", [1, 20, 5000])
def test_it_finds_the_same_in_a_large_catalogue(order: str, n: int) -> None:
    world = large(order)
    gone = {f"a{at}" for at in range(0, 3000, 7)}
    overrides = [Override(f"o {story}", "withdraw", story) for story in sorted(gone)]
    snapshot = opened(world, overrides).snapshot()
    for text in ("the", "rain", "雨 дождь", "ΜΟ", "rainbow straße the", "nothing has it"):
        assert ids(snapshot, text, n) == naive(world, gone, text, n)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("straße", ["a1", "a0"]),
        ("STRASSE", ["a1", "a0"]),
        ("open Stras", ["a1"]),
        ("gate open", ["a2"]),
        ("nachtopen", []),
        ("the", []),
        ("", []),
        (" \n\u3000", []),
    ],
)
def test_words_in_any_case_and_order(text: str, found: list[str]) -> None:
    world = titled("Auf der STRASSE bei Nacht", "Open Straße", "Open gate")
    assert ids(opened(world).snapshot(), text) == found


def test_a_result_has_all_that_is_shown_of_it() -> None:
    (found,) = opened(titled("Storm")).snapshot().search("storm")
    assert found == ("a0", ("Storm", "/0", "x", NOON, {}))


def test_what_has_no_time_comes_last() -> None:
    world = World(
        [
            Article("old", "Rain", published_at=datetime(1, 1, 1, tzinfo=UTC)),
            Article("no time", "Rain"),
            Article("new", "Rain", published_at=NOON),
        ]
    )
    assert ids(opened(world).snapshot(), "rain") == ["new", "old", "no time"]
