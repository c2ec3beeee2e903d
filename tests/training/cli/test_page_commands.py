"""The page, its editors and its explanations, by the real commands."""

import json
from pathlib import Path

import pytest

from recommender import Recommender
from tests.pages import SLOTS, check_full, withdraw
from tests.training.cli.commands import failure, simulate_site, ymal
from training.errors import EXIT_ARTIFACT, EXIT_DATA, EXIT_USAGE

EMPTY = '{"format": 1, "overrides": []}'


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated site, trained once."""
    folder = simulate_site(tmp_path_factory.mktemp("site"), 200, 4, 300)
    ymal("train", "--quiet", cwd=folder)
    return folder


@pytest.fixture
def site(trained: Path) -> Path:
    """The same, with nothing overridden."""
    (trained / "artifacts" / "overrides.json").write_text(EMPTY)
    return trained


def newest(site: Path) -> str:
    """A source that is still read."""
    return max(Recommender.open(site / "artifacts").snapshot().ids())


def related(site: Path, source: str) -> list[str]:
    stories = json.loads(ymal("related", source, "--json", cwd=site).stdout)
    return [story["id"] for story in stories]


def test_every_page_is_full(site: Path) -> None:
    check_full(site / "artifacts")
    withdraw(site / "artifacts", 0.3)
    check_full(site / "artifacts")


def test_a_page_is_printed(site: Path) -> None:
    source = newest(site)
    page = json.loads(ymal("page", source, "--json", cwd=site).stdout)
    assert {block["key"]: len(block["items"]) for block in page["blocks"]} == SLOTS
    printed = ymal("page", source, cwd=site).stdout
    for block in page["blocks"]:
        assert block["title"] in printed
        assert all(story["title"] in printed for story in block["items"])


def test_a_page_is_written(site: Path) -> None:
    assert ymal("page", newest(site), "--html", "page.html", cwd=site).stdout == "page.html\n"
    html = (site / "page.html").read_text(encoding="utf-8")
    assert html.count("<h2") == 5
    assert html.count("<a ") == 33
    message = failure("page", "nobody", "--html", "x.html", cwd=site, code=EXIT_DATA)
    assert "no article 'nobody' in version" in message
    assert not (site / "x.html").exists()


def test_pin_ban_withdraw_and_lift(site: Path) -> None:
    source = newest(site)
    first, second, *_, last = related(site, source)
    pinned = json.loads(
        ymal(
            "pin", last, "--slot", 1, "--article", source, "--why", "big", "--json", cwd=site
        ).stdout
    )
    assert pinned["slot"] == 1
    assert pinned["who"]
    assert pinned["when"].endswith("Z")
    assert related(site, source)[:2] == [last, first]
    ymal("ban", first, "--article", source, cwd=site)
    assert related(site, source)[:2] == [last, second]
    done = ymal("withdraw", last, "--why", "court\norder", "--who", "Ann", cwd=site)
    assert related(site, source)[0] == second
    listed = [line.split() for line in ymal("overrides", cwd=site).stdout.splitlines()]
    assert [line[1] for line in listed] == ["pin", "ban", "withdraw"]
    assert listed[2][-3:] == ["Ann:", "court", "order"]
    one, two, three = (line[0] for line in listed)
    assert f"ymal overrides --lift {three}" in done.stdout
    message = failure("related", last, cwd=site, code=EXIT_DATA)
    assert f"is withdrawn; ymal overrides --lift {three} ends that" in message
    ymal("overrides", "--lift", three, "--lift", two, cwd=site)
    assert related(site, source)[:2] == [last, first]
    ymal("overrides", "--lift", one, cwd=site)
    assert "nothing is pinned" in ymal("overrides", cwd=site).stdout
    assert json.loads(ymal("overrides", "--json", cwd=site).stdout) == []


def test_what_is_withdrawn_stays_so_through_train_and_refresh(site: Path) -> None:
    source = newest(site)
    gone = related(site, source)[0]
    ymal("withdraw", gone, cwd=site)
    ymal("train", "--quiet", cwd=site)
    assert gone not in related(site, source)
    ymal("refresh", "--now", "2026-06-02T07:00:00Z", "--quiet", cwd=site)
    assert gone not in related(site, source)
    (site / "artifacts" / "overrides.json").write_text("{broken")
    done = ymal("related", source, "--json", cwd=site)
    assert gone not in [story["id"] for story in json.loads(done.stdout)]
    done = ymal("train", "--quiet", cwd=site)
    assert "warning: " in done.stderr
    assert "overrides.json: it is not valid JSON" in done.stderr


def test_a_refresh_takes_up_what_the_config_says_of_the_page(site: Path) -> None:
    source, config = newest(site), site / "ymal.toml"
    before = config.read_text()
    done = json.loads(ymal("refresh", "--json", cwd=site).stdout)
    assert done["nothing_new"]
    blocks = '[[page]]\nkey = "popular"\ntitle = "Meistgelesen"\nslots = 3\n'
    config.write_text(f"{before}\n{blocks}")
    assert not json.loads(ymal("refresh", "--json", cwd=site).stdout)["nothing_new"]
    page = json.loads(ymal("page", source, "--json", cwd=site).stdout)
    assert [(b["title"], len(b["items"])) for b in page["blocks"]] == [("Meistgelesen", 3)]
    config.write_text(before)
    ymal("refresh", "--quiet", cwd=site)


def test_mistakes_are_one_line(site: Path) -> None:
    for arguments, warning in (
        (
            ("pin", "a", "--block", "lates"),
            "--block lates: no such block; choose one of latest, weekly",
        ),
        (("ban", "a", "--article", "b", "--section", "c"), "exclude each other"),
        (("ban", "a", "--until", "soon"), "--until soon: not a time"),
        (("ban", "a", "--until", "2020-01-01"), "is in the past; give a later time"),
        (("withdraw", ""), "ID is empty"),
        (("ban", "a", "--section", ""), "--section is empty; leave it out for every page"),
        (("overrides", "--lift", "o7"), "no such override"),
        (("explain", "a", "a"), "an article is never in its own list"),
    ):
        assert warning in failure(*arguments, cwd=site, code=EXIT_USAGE)
    (site / "artifacts" / "overrides.json").write_text("{broken")
    message = failure("ban", "a000001", cwd=site, code=EXIT_ARTIFACT)
    assert "it is not valid JSON" in message
    assert (site / "artifacts" / "overrides.json").read_text() == "{broken"


def test_what_cannot_act_is_refused_and_the_nearest_is_proposed(site: Path) -> None:
    source = newest(site)
    for arguments, message, code in (
        (("pin", source[:-1]), f"has no such article; did you mean {source[:-1]}", EXIT_DATA),
        (("ban", f" {source.upper()} "), f"did you mean {source}?", EXIT_DATA),
        (
            ("withdraw", "nobody"),
            "check the id. For a story still to come add --unknown",
            EXIT_DATA,
        ),
        (("ban", source, "--article", f"0{source}"), f"did you mean {source}", EXIT_DATA),
        (("ban", source, "--section", "sprots"), "did you mean SPORTS?", EXIT_DATA),
        (("pin", source, "--article", source), "never shown on its own page", EXIT_USAGE),
    ):
        assert message in failure(*arguments, cwd=site, code=code)
    assert json.loads(ymal("overrides", "--json", cwd=site).stdout) == []
    ymal("pin", "still to come", "--section", "new", "--unknown", cwd=site)
    ymal("withdraw", source, cwd=site)
    assert "is withdrawn (o" in failure("pin", source, cwd=site, code=EXIT_USAGE)


def test_a_section_is_named_in_any_case(site: Path) -> None:
    banned = json.loads(
        ymal("ban", newest(site), "--section", " sports", "--json", cwd=site).stdout
    )
    assert banned["section"] == "SPORTS"


def test_what_may_be_a_mistake_is_doubted(site: Path) -> None:
    source = newest(site)
    for warning in ("block related has only 5 slots on the page", "it goes before o"):
        assert warning in ymal("pin", source, "--slot", 9, cwd=site).stderr


def test_a_takedown_needs_no_config_but_a_place(site: Path, tmp_path: Path) -> None:
    gone = newest(site)
    (tmp_path / "ymal.toml").write_text("not TOML")
    ymal("withdraw", gone, "--artifacts", site / "artifacts", cwd=tmp_path)
    failure("related", gone, cwd=site, code=EXIT_DATA)
    (tmp_path / "ymal.toml").unlink()
    failure("withdraw", gone, cwd=tmp_path, code=EXIT_ARTIFACT)
    assert not (tmp_path / "artifacts").exists()


def test_explain_adds_up(site: Path) -> None:
    source = newest(site)
    for rank, target in enumerate(related(site, source)[:2], 1):
        explained = json.loads(ymal("explain", source, target, "--json", cwd=site).stdout)
        assert explained["served_rank"] == rank
        if explained["stage"] == "listed":
            assert explained["rank"] == rank
        assert sum(explained["parts"].values()) == pytest.approx(explained["order"], abs=1e-6)
    printed = ymal("explain", source, related(site, source)[0], cwd=site).stdout
    assert "served now: rank 1" in printed
    assert "follow_up" in printed
    failure("explain", source, "nobody", cwd=site, code=EXIT_DATA)


def test_explain_shows_overrides(site: Path) -> None:
    source = newest(site)
    target = related(site, source)[0]
    ymal("ban", target, "--why", "dull", cwd=site)
    explained = json.loads(ymal("explain", source, target, "--json", cwd=site).stdout)
    assert explained["served_rank"] is None
    assert explained["overrides"][0]["why"] == "dull"
    assert "action ban, story" in ymal("explain", source, target, cwd=site).stdout
