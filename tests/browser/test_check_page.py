"""The page of `ymal check` in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tabs import LOOKS, OVERFLOW, needs_chromium, violations
from tests.training.checking.worlds import good
from tests.training.worlds import NOW
from training import Config
from training.checking.counting import collect_facts
from training.checking.page import render
from training.checking.report import refusal, report
from training.errors import DataError

pytestmark = needs_chromium

HOSTILE = '<img src="x" onerror="alert(1)">' + "W" * 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check")
    world = good(path)
    world.article("", "no id")
    world.article(f"{HOSTILE}\u202e", "text")
    for number in range(200):
        world.session(f"s{number}", NOW - 600_000_000, [f"{HOSTILE}{number}"])
    site = world.read(Config(rules={"not_to": [HOSTILE]}))
    found = report(site, collect_facts(site, NOW))
    (path / "check.html").write_text(render(found), encoding="utf-8")
    stopped = refusal(DataError(f"{HOSTILE}.csv: is empty; leave it out"), Config(), None)
    (path / "stopped.html").write_text(render(stopped), encoding="utf-8")
    return path


@pytest.fixture
def show(open_file: Callable[..., Page], folder: Path) -> Callable[..., Page]:
    return lambda width, name="check.html", **more: open_file(width, folder / name, **more)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_is_whole_and_accessible(show: Callable[..., Page], width: int, scheme: str) -> None:
    tab = show(width, color_scheme=scheme)
    expect(tab.get_by_role("heading", level=1)).to_have_text(
        "Training may start; 2 findings harm the lists."
    )
    expect(tab.locator("section")).to_have_count(10)
    expect(tab.get_by_role("img")).to_have_count(3)
    assert tab.evaluate(OVERFLOW) <= 0
    tab.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert tab.evaluate(OVERFLOW) <= 0
    assert violations(tab) == []  # open, it shows all that it shows when closed


def test_a_plot_has_a_description_and_its_numbers(show: Callable[..., Page]) -> None:
    tab = show(1280)
    plot = tab.get_by_role("img").first
    expect(plot).to_have_accessible_name(
        "Views by day (UTC) 6 bars, 2024-10-04 to 2024-10-09; the highest, 2024-10-09, is 450."
    )
    expect(plot.locator("rect")).to_have_count(6)
    section = tab.get_by_role("region", name="Views by day (UTC)", exact=True)
    expect(section.get_by_role("table")).to_have_count(0)
    tab.keyboard.press("Tab")
    expect(section.locator("summary")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(section.get_by_role("row").last).to_have_text("2024-10-0945044.4%")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_what_stops_training_alone(show: Callable[..., Page], width: int, scheme: str) -> None:
    tab = show(width, "stopped.html", color_scheme=scheme)
    expect(tab.locator("dt b")).to_have_text(["stops"])
    assert tab.evaluate(OVERFLOW) <= 0
    assert violations(tab) == []
