"""`ymal check`, as a newcomer runs it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.training.checking.worlds import good
from tests.training.cli.commands import failure, ymal
from tests.training.worlds import World
from training.errors import EXIT_CONFIG, EXIT_DATA, EXIT_OUTPUT, EXIT_USAGE

FILES = ["--articles", "articles.jsonl", "--views", "views.csv"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    good(tmp_path).write()
    return tmp_path


def shape(value: Any) -> Any:
    """Give the names of a JSON value, and the types at their ends."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def written(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_good_site_may_be_trained(site: Path) -> None:
    before = written(site)
    done = ymal("check", *FILES, cwd=site)
    assert done.stdout.endswith("\nTraining may start.\n")
    assert re.search(r"kept +72 +1,500", done.stdout)
    assert "2024-10-09  250    0.0%                 ##############################" in done.stdout
    assert done.stderr == ""
    assert written(site) == before, "nothing is written"
    ymal("train", *FILES, "--now", "2024-10-10", cwd=site)


def test_findings_end_the_report_and_do_not_stop_training(site: Path) -> None:
    (site / "ymal.toml").write_text('[rules]\nnot_to = ["kids"]\n[ranking]\nlearn_days = 7\n')
    done = ymal("check", *FILES, cwd=site)
    last = done.stdout.splitlines()[-5:]
    assert last[0] == "harms  [rules] names 'kids', which no article has as its section"
    assert last[1].startswith("       -> ")
    assert last[2].startswith("note   views span 5.0 days")
    assert last[-1] == "Training may start; one finding harms the lists."


def too_many_bad_rows(folder: Path) -> None:
    with (folder / "views.csv").open("a") as file:
        file.writelines("ada@example.org,n01,tomorrow\n" for _ in range(100))


def empty_file(folder: Path) -> None:
    (folder / "views.csv").write_text("")


def no_good_row(folder: Path) -> None:
    (folder / "articles.jsonl").write_text('{"id": ""}\n{"id": ""}\n')


def drafts(folder: Path) -> None:
    with (folder / "articles.jsonl").open("a") as file:
        file.write('{"id": "x", "status": "draft"}\n')


STOPS = [
    (too_many_bad_rows, "too-many-bad-rows", "1502 'tomorrow': time cannot be read; in all 100"),
    (empty_file, "unreadable", "views.csv: is empty; leave it out"),
    (drafts, "unmapped-state", 'write only = { status = ["published"] } in [articles]'),
    (no_good_row, "too-many-bad-rows", "articles.jsonl:1 '': no id; in all 2 of 2 rows"),
]


@pytest.mark.parametrize(("spoil", "key", "text"), STOPS)
def test_what_stops_training_is_found_with_its_code(
    site: Path, spoil: Any, key: str, text: str
) -> None:
    spoil(site)
    done = ymal("check", *FILES, cwd=site, code=EXIT_DATA)
    assert f"Training would stop, with exit code {EXIT_DATA}.\n" in done.stdout
    assert text in done.stdout
    printed = json.loads(ymal("check", *FILES, "--json", cwd=site, code=EXIT_DATA).stdout)
    assert printed["may_train"] is False
    assert printed["findings"][0]["level"] == "stops"
    assert printed["findings"][0]["key"] == key
    assert text in printed["findings"][0]["found"]
    assert printed["findings"][0]["found"] in failure("train", *FILES, cwd=site, code=EXIT_DATA)
    assert "ada@example.org" not in done.stdout + json.dumps(printed)


def test_too_many_bad_rows_do_not_hide_the_others(site: Path) -> None:
    too_many_bad_rows(site)
    printed = json.loads(ymal("check", *FILES, "--json", cwd=site, code=EXIT_DATA).stdout)
    assert printed["facts"]["views"] == {
        "read": 1600,
        "kept": 1500,
        "quarantined": 100,
        "duplicate": 0,
        "unknown": 0,
        "unpublished": 0,
        "navigation": 0,
        "other_events": 0,
    }
    assert [row["line"] for row in printed["examples"]] == [1502, 1503, 1504]


def test_no_article_known_before_now_stops_training(site: Path) -> None:
    files = [*FILES[:2], "--now", "2020-01-01"]
    done = ymal("check", *files, cwd=site, code=EXIT_DATA)
    assert "none of 72 articles is known before 2020-01-01T00:00:00Z" in done.stdout
    failure("train", *files, cwd=site, code=EXIT_DATA)


OUTCOMES = [
    "read",
    "kept",
    "quarantined",
    "duplicate",
    "unknown",
    "unpublished",
    "navigation",
    "other_events",
]
COUNTS = dict.fromkeys(OUTCOMES, "int")
SHAPE: Mapping[str, Any] = {
    "may_train": "bool",
    "findings": [{"key": "str", "level": "str", "found": "str", "advice": "str"}],
    "facts": {
        "articles": COUNTS,
        "views": COUNTS,
        "bad": {"no id": "int"},
        "unpublished": {},
        "unknown_flags": {},
        "figures": dict.fromkeys(
            ["matched", "readers", "one_reader", "titled", "markup", "eligible"], "float"
        ),
        "causes": {"matched": "str", "view_age": "str"},
        "strangers": {"zzz": "int"},
        "times": {
            "now": "str",
            "oldest": "str",
            "newest": "str",
            "age_hours": "float",
            "history_days": "float",
            "days": [{"day": "str", "views": "int", "unknown": "int"}],
            "missing_days": "int",
            "hours": ["int"],
            "ignored": "int",
            "before_publication": "int",
            "lead_hours": "float",
        },
        "sessions": {
            "count": "int",
            "by_views": dict.fromkeys(["1", "2", "3-5", "6-10", "11-50", "51+"], "int"),
            "over_session": "int",
            "over_day": "int",
        },
        "readers": dict.fromkeys(
            ["count", "busiest", "robots", "robots_views", "most_in_a_day", "most_of_one"], "int"
        ),
        "without_reader": "int",
        "no_reader": {},
        "catalog": {
            "count": "int",
            "sections": "int",
            "without_text": "int",
            "without_title": "int",
            "without_body": "int",
            "without_section": "int",
            "without_time": "int",
            "future": "int",
            "same_body": "int",
            "most_same": "int",
            "odd_ids": "int",
            "odd": ["str"],
            "never_viewed": "int",
            "languages": {},
            "scripts": {"latin": "int"},
            "unknown_sections": ["str"],
        },
        "learning": {
            "next_reads": "int",
            "lately": "int",
            "from_5": "int",
            "from_20": "int",
            "sources": "int",
            "eligible": "int",
            "week": "int",
            "week_with_text": "int",
            "blocks": dict.fromkeys(
                ["latest", "weekly", "related", "popular", "must_reads"], "int"
            ),
        },
    },
    "examples": [{"file": "str", "line": "int", "reason": "str", "value": "str"}],
}


def test_json_has_all_of_it_under_fixed_names(tmp_path: Path) -> None:
    world = good(tmp_path)
    world.article("", "no id")
    world.article("two words", "text")
    world.session("r", 20_000 * 86_400_000_000, ["zzz"])
    world.write()
    (tmp_path / "ymal.toml").write_text('[rules]\nnot_to = ["kids"]\n')
    printed = json.loads(ymal("check", *FILES, "--json", "--quiet", cwd=tmp_path).stdout)
    assert shape(printed) == SHAPE


def test_a_page(site: Path) -> None:
    ymal("check", *FILES, "--html", "check.html", cwd=site)
    text = (site / "check.html").read_text()
    assert "<h1>Training may start.</h1>" in text
    assert text.count("<svg ") == 3
    assert "<script" not in text
    empty_file(site)
    ymal("check", *FILES, "--html", "check.html", cwd=site, code=EXIT_DATA)
    assert "Training would stop" in (site / "check.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], EXIT_USAGE, "give --articles or --views"),
        ([*FILES, "--now", "soon"], EXIT_USAGE, "--now soon: not a time"),
        ([*FILES, "--html", ""], EXIT_USAGE, "--html: name a file"),
        ([*FILES, "--html", "none/check.html"], EXIT_OUTPUT, "none"),
        ([*FILES, "--config", "none.toml"], EXIT_CONFIG, "none.toml: cannot be read"),
    ],
)
def test_a_mistake_is_one_line(site: Path, arguments: list[str], code: int, says: str) -> None:
    assert says in failure("check", *arguments, cwd=site, code=code)


def test_a_site_without_articles_or_without_views(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a", "one")
    world.session("r", 20_000 * 86_400_000_000, ["a"])
    world.write()
    assert "there are no views" in ymal("check", *FILES[:2], cwd=tmp_path).stdout
    assert "there is no article file" in ymal("check", *FILES[2:], cwd=tmp_path).stdout
