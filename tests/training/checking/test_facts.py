"""The facts of toy sites are what was put into them."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.training.checking.worlds import facts_of, good
from tests.training.worlds import DAY, HOUR, MINUTE, NOW, START, World, spelled
from training import Config, read
from training.checking.counting import MAX_EXAMPLES, collect_facts
from training.checking.facts import DayTraffic, RowCounts
from training.config import BlockConfig
from training.data import first_of_each_reason, read_site
from training.records import QuarantinedRow, utc
from training.texts.scripts import script_of


def test_a_good_site(tmp_path: Path) -> None:
    facts = facts_of(good(tmp_path))
    assert facts.articles == RowCounts(read=72, kept=72, quarantined=0, duplicate=0, unknown=0)
    assert facts.views == RowCounts(read=1500, kept=1500, quarantined=0, duplicate=0, unknown=0)
    assert [day.views for day in facts.times.days] == [250] * 6
    assert facts.times.hours == [0] * 23 + [1500]
    assert facts.times.newest == utc(START + 5 * DAY + 23 * HOUR + 54 * MINUTE)
    assert facts.times.age_hours == 0.1
    assert (facts.times.missing_days, facts.times.ignored) == (0, 0)
    assert facts.sessions.count == facts.sessions.by_views["3-5"] == 6 * 50
    assert (facts.readers.count, facts.readers.robots) == (50, 0)
    assert facts.catalog.count == 72
    assert facts.catalog.sections == 3
    assert facts.catalog.scripts == {"latin": 72}
    assert facts.catalog.languages == {}
    assert facts.learning.next_reads == 6 * 50 * 4
    assert facts.learning.lately == 3 * 50 * 4
    assert facts.learning.sources == facts.learning.eligible == 72
    assert facts.learning.week == facts.learning.week_with_text == 1500
    json.dumps(asdict(facts), allow_nan=False)


def test_rows_by_outcome(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title\n1,old\n1,new\n,none\n2,two\n")
    rows = ["u,1,{0}", "u,1,{0}", "u,9,{0}", "v,9,{0}", "v,8,{0}", "v,2,soon", ",2,{0}", "v,2,{0}"]
    text = "\n".join(row.format("2024-10-05T10:00:00Z") for row in rows)
    (tmp_path / "v.csv").write_text(f"user,article,time\n{text}\n")
    lenient = Config(data={"max_bad_share": 1.0})
    site = read_site(lenient, [str(tmp_path / "a.csv")], [str(tmp_path / "v.csv")], key=b"")
    facts = collect_facts(site, NOW)
    assert facts.articles == RowCounts(read=4, kept=2, quarantined=1, duplicate=1, unknown=0)
    assert facts.views == RowCounts(read=8, kept=3, quarantined=1, duplicate=1, unknown=3)
    assert facts.bad == {"no id": 1, "time cannot be read": 1}
    assert (facts.without_reader, facts.no_reader) == (1, {"": 1})
    assert facts.strangers == {"9": 2, "8": 1}
    assert facts.times.days == [DayTraffic("2024-10-05", 7, 3)]
    examples = first_of_each_reason(site.quarantine, MAX_EXAMPLES)
    shown = [(row.line, row.reason, row.value) for row in examples]
    assert shown == [
        (4, "no id", ""),
        (7, "time cannot be read", "soon"),
    ]


def test_three_examples_of_each_reason() -> None:
    rows = [QuarantinedRow("f", line, "ab"[line % 2], "") for line in range(10)]
    assert [row.line for row in first_of_each_reason(rows, MAX_EXAMPLES)] == [0, 1, 2, 3, 4, 5]


def test_sessions_by_length(tmp_path: Path) -> None:
    world = World(tmp_path)
    names = [f"a{number}" for number in range(60)]
    for name in names:
        world.article(name)
    for length in (1, 2, 3, 5, 6, 10, 11, 50, 51, 60):
        world.session(f"r{length}", START + HOUR, names[:length])
    facts = facts_of(world)
    bins = {"1": 1, "2": 1, "3-5": 2, "6-10": 2, "11-50": 2, "51+": 2}
    assert facts.sessions.by_views == bins
    assert facts.sessions.over_session == (51 - 50) + (60 - 50)


def test_what_articles_lack(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("whole", spelled(1), START, "news")
    world.article("bare", "", None)
    world.article("spaced out", "", START, "news", title="t", body=" ")
    world.article("soon", "", NOW, "sport", body="cookie notice")
    world.article("x" * 201, "", START, "", title="t", body="cookie notice")
    world.session("r", START, ["whole"])
    found = facts_of(world, lists={"undated": True}).catalog
    assert found.count == 5
    assert found.sections == 2
    assert found.without_title == 2
    assert found.without_body == 2
    assert found.without_text == 1
    assert found.without_section == 2
    assert found.without_time == 1
    assert found.future == 1
    assert found.same_body == found.most_same == 2
    assert found.odd_ids == 2
    assert found.odd == ["spaced out", "x" * 80 + "…"]
    assert found.never_viewed == 4


def test_sections_of_the_rules_without_articles(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a", section="news")
    rules = {"not_to": ["news", "old"], "apart": [["news", "kids"]], "max_age": {"new": "1d"}}
    assert facts_of(world, rules=rules).catalog.unknown_sections == ["kids", "new", "old"]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Die Straße", "latin"),
        ("<b>Новости</b> of today", "cyrillic"),
        ("الأخبار", "arabic"),
        ("日本語新聞", "cjk"),
        ("서울의 오늘", "hangul"),
        ("ข่าววันนี้", "thai"),
        ("<p>2024 – 12:30</p>", ""),
        ("", ""),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


def test_eligible_stories_by_block(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("old", spelled(1), NOW - 40 * DAY, "a")
    world.article("weeks", spelled(2), NOW - 10 * DAY, "a")
    world.article("new", spelled(3), NOW - DAY, "b")
    world.article("unread", spelled(4), NOW - DAY, "b")
    world.article("withdrawn", spelled(5), NOW - DAY, "b", withdrawn="yes")
    for number in range(10):
        world.session(f"r{number}", NOW - 2 * HOUR, ["old", "weeks", "new"])
    found = facts_of(world).learning
    assert (found.sources, found.eligible) == (4, 3)
    assert found.blocks == {"latest": 3, "weekly": 1, "related": 3, "popular": 2, "must_reads": 1}
    assert (found.from_5, found.from_20) == (2, 0)
    one = facts_of(world, page=[BlockConfig(key="popular", min_views=11)]).learning.blocks
    assert one == {"popular": 0}


def test_days_without_views_and_views_without_text(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("bare")
    world.article("text", spelled(1))
    world.session("r", START, ["bare"])
    world.session("r", START + 4 * DAY, ["bare", "bare", "text"])
    facts = facts_of(world)
    assert facts.times.missing_days == 3
    assert facts.times.history_days == 4.0
    assert facts.learning.week_with_text == facts.learning.week - 2


def test_query_strings_of_ids_are_not_shown(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("/a")
    world.session("r", START, ["/a", "/b?mail=ada@example.org", "/b?mail=bob@example.org", "/c"])
    facts = facts_of(world)
    assert facts.strangers == {"/b…": 2, "/c": 1}
    assert "example" not in json.dumps(asdict(facts))


def test_the_notebook_has_the_same_site(tmp_path: Path) -> None:
    articles, views = good(tmp_path).write()
    assert collect_facts(read(articles=articles, views=views), NOW) == facts_of(good(tmp_path))
