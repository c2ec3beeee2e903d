"""The page of `ymal evaluate --html` in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tabs import LOOKS, OVERFLOW, needs_chromium, violations
from tests.training.worlds import START, World, busy
from training import Config
from training.records import DAY, HOUR
from training.report.evaluate import evaluate
from training.report.page import render
from training.report.plots import PLOTS

pytestmark = needs_chromium

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
HOSTILE = '<img src="x" onerror="alert(1)">$^$ \u65b0\u805e ' + "W" * 300
PAPER = 718
"""Pixels between the margins of an A4 sheet."""

QUICK = Config(
    ranking={"every": "6h", "max_transitions": 1000, "min_transitions": 100},
    lists={"event_cosine": 0},
)
MAX_BYTES = 5_000_000
"""Bytes of a page."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a site with hostile texts: of several systems, and of one without reasons."""
    path = tmp_path_factory.mktemp("report")
    world = busy(World(path))
    for article in world.articles[::3]:
        article["title"] = f"{HOSTILE} {article['title']}"
        article["section"] = HOSTILE
    for systems, name in (
        (["ymal", "ymal-free", "popular", "coview", "latest-in-section"], "report.html"),
        (["popular"], "alone.html"),
    ):
        every = [6 * HOUR, 12 * HOUR] if len(systems) > 1 else [6 * HOUR]
        now = START + 5 * DAY
        site = world.read(QUICK)
        report, _ = evaluate(site, now=now, last=DAY, every=every, systems=systems)
        (path / name).write_text(render(report, f"ymal evaluate {HOSTILE}"), encoding="utf-8")
    return path


def check(tab: Page, plots: int = len(PLOTS)) -> None:
    """Every plot is there with a description, nothing overflows, axe finds nothing wrong.

    Axe cannot measure the contrast in drawings and scrolled tables.
    """
    drawn = tab.locator("[data-plot] svg[role=img]")
    expect(drawn).to_have_count(plots)
    for plot in drawn.all():
        assert plot.locator("title").text_content()
        assert plot.locator("desc").text_content()
        box = plot.bounding_box()
        assert box is not None
        assert box["width"] > 200
        assert box["height"] > 50
    names = tab.locator("[data-plot]").evaluate_all("all => all.map(one => one.dataset.plot)")
    assert names == list(PLOTS)
    assert tab.evaluate(OVERFLOW) <= 0
    tab.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert tab.evaluate(OVERFLOW) <= 0
    assert violations(tab, "color-contrast") == []  # open, it shows all that it shows when closed


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_is_whole_and_accessible(
    open_file: Callable[..., Page], folder: Path, width: int, scheme: str
) -> None:
    file = folder / "report.html"
    assert file.stat().st_size < MAX_BYTES
    tab = open_file(width, file, color_scheme=scheme)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("of 10 transitions, against")
    check(tab)


def test_on_paper_nothing_is_cut_off(open_file: Callable[..., Page], folder: Path) -> None:
    tab = open_file(PAPER, folder / "report.html", color_scheme="dark")
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 250)"
    tables = tab.locator(".wide:visible")
    assert tables.count() > 5
    wide = tables.evaluate_all("all => all.filter(w => w.scrollWidth > w.clientWidth).length")
    assert wide == 0
    assert tab.evaluate(OVERFLOW) <= 0


def test_a_plot_has_a_description_and_its_numbers(
    open_file: Callable[..., Page], folder: Path
) -> None:
    tab = open_file(1280, folder / "report.html")
    section = tab.get_by_role("region", name="Rank of the target", exact=True)
    description = tab.locator("#ranks-description").text_content() or ""
    assert "within five" in description
    expect(section.get_by_role("img")).to_have_accessible_name(f"Rank of the target {description}")
    expect(section.get_by_role("table")).to_have_count(0)
    section.locator("summary").focus()
    tab.keyboard.press("Enter")
    expect(section.get_by_role("row")).to_have_count(1 + 20)


def test_what_readers_opened_is_marked(open_file: Callable[..., Page], folder: Path) -> None:
    tab = open_file(1280, folder / "report.html")
    samples = tab.locator("article")
    assert samples.count() > 10
    for sample in samples.all():
        assert sample.locator(".opened").count(), "a sample is a transition"
        expect(sample.locator("ol")).to_have_count(2)
    expect(tab.locator("h3", has_text="$^$").first).to_be_visible()


def test_a_system_without_scores_and_reasons(open_file: Callable[..., Page], folder: Path) -> None:
    tab = open_file(375, folder / "alone.html", color_scheme="dark")
    for name in ("calibration", "features", "reasons"):
        expect(tab.locator(f"[data-plot={name}] svg")).to_have_count(0)
        expect(tab.locator(f"[data-plot={name}] p")).to_be_visible()
    check(tab, plots=len(PLOTS) - 3)
