"""Each rule finds what it is for, in a toy site; in a good one nothing is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.checking.worlds import found_in, good
from tests.training.worlds import DAY, HOUR, NOW, START, World
from training import Config
from training.checking.findings import (
    GATE_RULES,
    RULES,
    TOO_MANY_BAD_ROWS,
    UNMAPPED,
    UNREADABLE,
    refusal_finding,
)
from training.checking.view_stats import MAX_PERSON_VIEWS
from training.checking.view_stats import MIN_ROBOT_REPEATS as REPEATS
from training.data import TooManyBadRows
from training.errors import DataError

Change = Callable[[World], None]
NOTHING: Change = lambda _world: None  # noqa: E731


def changed(**fields: object) -> Change:
    """Put something else into a field of every second article."""

    def change(world: World) -> None:
        for article in world.articles[::2]:
            article.update(fields)

    return change


def without(*fields: str) -> Change:
    return changed(**dict.fromkeys(fields, ""))


def undated(world: World) -> None:
    for article in world.articles[::2]:
        del article["published_at"]


def mostly_undated(world: World) -> None:
    undated(world)
    del world.articles[1]["published_at"]


def unknown(world: World) -> None:
    world.articles = [a for a in world.articles if str(a["id"]) < "n64"]


def every_view_a_reader(world: World) -> None:
    world.views = [(f"u{n}", *view[1:]) for n, view in enumerate(world.views)]


def one_reader(world: World) -> None:
    """Too few views for the gate to measure who reads."""
    world.views = [("u", *view[1:]) for view in world.views[:400]]


NIL = "00000000-0000-0000-0000-000000000000"


def refused_consent(world: World) -> None:
    world.views += [
        ("00000000-0000-0000-0000-000000000000", *view[1:]) for view in world.views[:200]
    ]
    world.views += [("", *view[1:]) for view in world.views[:100]]


def few(world: World) -> None:
    """Too few articles for the gate to measure them."""
    del world.articles[10:]


def robot(world: World) -> None:
    world.session("robot", START + 5 * DAY, ["n00", "n01"] * (MAX_PERSON_VIEWS // 2 + 1))


def again(world: World) -> None:
    world.session("robot", START + 5 * DAY, ["n00", "n01"] * REPEATS)


def hours_earlier(world: World) -> None:
    for article in world.articles:
        article["published_at"] = str(article["published_at"]).replace("Z", "-02:00")


def a_wrong_clock(world: World) -> None:
    world.session("r", NOW + 30 * DAY, ["n00"])


def twice(world: World) -> None:
    world.views += world.views[:100]


def gone(world: World) -> None:
    world.views = [view for view in world.views if not view[2].startswith("2024-10-07")]


def an_id_with_a_space(world: World) -> None:
    world.article("two words", at=START)


def one_unreadable(world: World) -> None:
    world.article("", at=START)


def an_id_twice(world: World) -> None:
    world.articles.append(world.articles[0])


def archive(world: World) -> None:
    for number in range(80):
        world.article(f"archive{number}", f"words of {number}", START)


def large_archive(world: World) -> None:
    for number in range(800):
        world.article(f"archive{number}", f"words of {number}", START - 90 * DAY)


def in_languages(world: World) -> None:
    for number, article in enumerate(world.articles):
        article["language"] = ("da", "en", "")[number % 3]


def no_views(world: World) -> None:
    world.views.clear()


def no_articles(world: World) -> None:
    world.articles.clear()


def sponsors(world: World) -> None:
    for article in world.articles[::2]:
        article["sponsored"] = "Acme"


def perhaps_gone(world: World) -> None:
    world.articles[3]["withdrawn"] = "perhaps"


CASES: list[tuple[str, Change, int, dict[str, Any], str]] = [
    ("nothing-known", no_views, START - DAY, {}, "none of 72 articles is known before 2024-10-03"),
    ("unknown-withdrawals", perhaps_gone, NOW, {}, "jsonl:4: 'perhaps' in withdrawn means neither"),
    ("unknown-flags", sponsors, NOW, {}, "'Acme' in sponsored means neither yes nor no (so in 36"),
    ("nothing-eligible", few, NOW, {"lists": {"max_age": "1m"}}, "every list is empty"),
    ("unknown-articles", unknown, NOW, {}, "are of unknown articles, such as 'n6"),
    ("early-views", hours_earlier, NOW, {}, "came before their article's publication"),
    ("ignored-views", NOTHING, NOW - DAY, {}, "250 views at 2024-10-09T00:00:00Z or later"),
    ("old-views", NOTHING, NOW + 9 * HOUR, {}, "2024-10-09T23:54:00Z, is 9 hours before now"),
    ("few-lately", a_wrong_clock, NOW + 31 * DAY, {}, "1 of 1,501 views are in the seven days"),
    ("one-reader", one_reader, NOW, {}, "400 of 400 views are by one reader (100.0%)"),
    (
        "no-reader",
        refused_consent,
        NOW,
        {},
        f"300 of 1,800 views are without a reader (16.7%): {NIL!r} in 200",
    ),
    ("single-views", every_view_a_reader, NOW, {}, "1,500 of 1,500 sessions have one view"),
    (
        "robots",
        robot,
        NOW,
        {},
        f"are by robots (11.9%): 1, with up to {MAX_PERSON_VIEWS + 2} views a day",
    ),
    (
        "robots",
        again,
        NOW,
        {},
        f"1, with up to {2 * REPEATS} views a day, {REPEATS} of one article",
    ),
    ("few-next-reads", NOTHING, NOW, {"ranking": {"min_transitions": 601}}, "600 next clicks in"),
    ("uncovered-views", without("title", "body"), NOW, {}, "are on articles without text"),
    ("no-text", without("title", "body"), NOW, {}, "36 of 72 articles have neither"),
    ("no-title", without("title"), NOW, {}, "36 of 72 articles have no title (50.0%)"),
    ("same-body", changed(body="Cookies?"), NOW, {}, "(50.0%), 36 of them the same one"),
    ("rules-section", NOTHING, NOW, {"rules": {"not_to": ["kids"]}}, "'kids'"),
    ("bad-rows", one_unreadable, NOW, {}, "1 of 1,573 rows are left out"),
    ("no-views", no_views, NOW, {}, "there are no views"),
    ("no-articles", no_articles, NOW, {}, "there is no article file"),
    ("no-body", without("body"), NOW, {}, "36 of 72 articles have no body (50.0%)"),
    ("no-section", without("section"), NOW, {}, "36 of 72 articles have no section (50.0%)"),
    ("no-time", mostly_undated, NOW, {}, "37 of 72 articles have no publish time"),
    ("unpublished", undated, NOW, {}, "36 of 72 article rows are left out (50.0%), not published"),
    ("future-articles", NOTHING, NOW - DAY, {}, "12 of 72 articles are published at now or later"),
    ("duplicate-ids", an_id_twice, NOW, {}, "1 of 73 rows have an id that a later row has"),
    ("duplicate-views", twice, NOW, {}, "100 of 1,600 views appear twice"),
    (
        "languages",
        in_languages,
        NOW,
        {},
        "are in 2 languages, and pages do not mix them; 24 of 72",
    ),
    ("odd-ids", an_id_with_a_space, NOW, {}, "1 of 73 ids are odd (1.4%), such as 'two words'"),
    ("few-eligible", large_archive, NOW, {}, "only 72 of 872 articles may be recommended (8.3%)"),
    ("never-viewed", archive, NOW, {}, "80 of 152 articles have no view"),
    (
        "limited-views",
        NOTHING,
        NOW,
        {"sessions": {"max_views": 4}},
        "300 of 1,500 views are beyond",
    ),
    ("short-history", NOTHING, NOW, {"ranking": {"learn_days": 7}}, "views span 5.0 days"),
    ("missing-days", gone, NOW, {}, "1 of the last thirty days has no view"),
    ("thin-blocks", NOTHING, NOW, {"page": [{"key": "popular", "slots": 80}]}, "popular has 72"),
]


def test_a_good_site_has_no_findings(tmp_path: Path) -> None:
    assert found_in(good(tmp_path).read(Config())) == {}


@pytest.mark.parametrize(("key", "change", "now", "config", "words"), CASES)
def test_each_rule_finds_its_case(
    tmp_path: Path, key: str, change: Change, now: int, config: dict[str, Any], words: str
) -> None:
    world = good(tmp_path)
    change(world)
    found = found_in(world.read(Config(**config)), now)
    assert words in found.get(key, ""), found


def test_every_rule_has_its_case() -> None:
    by_reading = {TOO_MANY_BAD_ROWS.key, UNREADABLE.key, UNMAPPED.key}
    by_the_gate = {rule.key for rule in GATE_RULES}  # see test_nonsense.py
    assert {rule.key for rule in RULES} - by_reading - by_the_gate == {key for key, *_ in CASES}
    assert len({rule.key for rule in RULES}) == len(RULES)


def test_the_most_serious_findings_come_first() -> None:
    levels = [rule.level for rule in RULES]
    assert levels == sorted(levels, key=["stops", "harms", "note"].index)


def test_a_read_error_is_a_finding_with_its_message() -> None:
    assert refusal_finding(DataError("a.csv: is empty")).found == "a.csv: is empty"
    assert refusal_finding(TooManyBadRows("too many", [])).key == TOO_MANY_BAD_ROWS.key


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_advice_names_existing_keys(rule: Any) -> None:
    config = Config().model_dump()
    named = [word.strip(",;:=") for word in rule.advice.split()]
    for section, _, key in (word.partition(".") for word in named):
        assert not key or key in config[section], rule.advice
