"""The page of `ymal evaluate --html` in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.training.cli.commands import ymal
from tests.training.worlds import START, World, busy
from training.evaluation.evaluate import evaluate
from training.evaluation.html.page import render
from training.evaluation.html.plots import PLOTS
from training.records import DAY, HOUR

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
LOOKS = [(width, scheme) for width in (375, 1280) for scheme in ("light", "dark")]
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
HOSTILE = '<img src="x" onerror="alert(1)">$^$ \u65b0\u805e ' + "W" * 300
PAPER = 718
"""Pixels between the margins of an A4 sheet."""

MOST = 5_000_000
"""Bytes of a page."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a site with hostile texts: of several systems, and of one that says nothing."""
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
        report, _ = evaluate(world.read(), now=now, last=DAY, every=every, systems=systems)
        (path / name).write_text(render(report, f"ymal evaluate {HOSTILE}"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM)


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page at a width; at the end of the test the browser must have said nothing."""
    said: list[str] = []
    contexts = []

    def open_tab(width: int, file: Path, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(error.message))
        tab.on("request", lambda request: said.append(request.url))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.goto(file.as_uri())
        assert said.pop() == file.as_uri()
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert said == [], "it loads nothing and runs nothing"


def check(tab: Page, plots: int = len(PLOTS)) -> None:
    """Every plot is there and tells what it shows, nothing is too wide, axe has no complaint."""
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
    assert complaints(tab) == []
    tab.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert tab.evaluate(OVERFLOW) <= 0
    assert complaints(tab) == []


def complaints(tab: Page) -> list[tuple[str, str]]:
    """What axe finds; it cannot tell the contrast of what a drawing or a scrolled table covers."""
    found = Axe().run(tab, options={"resultTypes": ["violations", "incomplete"]}).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    unsure = [rule for rule in found["incomplete"] if rule["id"] != "color-contrast"]
    return [(r["id"], r["nodes"][0]["html"]) for r in found["violations"] + unsure]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_is_whole_and_accessible(
    show: Callable[..., Page], folder: Path, width: int, scheme: str
) -> None:
    file = folder / "report.html"
    assert file.stat().st_size < MOST
    tab = show(width, file, color_scheme=scheme)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("of 10 next reads, against")
    check(tab)


def test_on_paper_nothing_is_cut_off(show: Callable[..., Page], folder: Path) -> None:
    tab = show(PAPER, folder / "report.html", color_scheme="dark")
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 250)"
    tables = tab.locator(".wide:visible")
    assert tables.count() > 5
    wide = tables.evaluate_all("all => all.filter(w => w.scrollWidth > w.clientWidth).length")
    assert wide == 0
    assert tab.evaluate(OVERFLOW) <= 0


def test_a_plot_is_told_in_words_and_in_numbers(show: Callable[..., Page], folder: Path) -> None:
    tab = show(1280, folder / "report.html")
    section = tab.get_by_role("region", name="Rank of the target", exact=True)
    said = tab.locator("#ranks-said").text_content() or ""
    assert "within five" in said
    expect(section.get_by_role("img")).to_have_accessible_name(f"Rank of the target {said}")
    expect(section.get_by_role("table")).to_have_count(0)
    section.locator("summary").focus()
    tab.keyboard.press("Enter")
    expect(section.get_by_role("row")).to_have_count(1 + 20)


def test_what_readers_opened_is_marked(show: Callable[..., Page], folder: Path) -> None:
    tab = show(1280, folder / "report.html")
    samples = tab.locator("article")
    assert samples.count() > 10
    for sample in samples.all():
        assert sample.locator(".opened").count(), "a sample is a next read"
        expect(sample.locator("ol")).to_have_count(2)
    expect(tab.locator("h3", has_text="<img").first).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS[1:3])
def test_a_system_that_says_nothing_of_its_lists(
    show: Callable[..., Page], folder: Path, width: int, scheme: str
) -> None:
    tab = show(width, folder / "alone.html", color_scheme=scheme)
    for name in ("calibration", "features", "reasons"):
        expect(tab.locator(f"[data-plot={name}] svg")).to_have_count(0)
        expect(tab.locator(f"[data-plot={name}] p")).to_be_visible()
    check(tab, plots=len(PLOTS) - 3)


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_ebnerd(show: Callable[..., Page], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ymal(
        "evaluate", "--config", "examples/ebnerd.toml", "--last", "1d", "--every", "1h",
        "--systems", "ymal,popular,coview", "--html", file, cwd=ROOT,
    )  # fmt: skip
    assert file.stat().st_size < MOST
    for width, scheme in (LOOKS[0], LOOKS[-1]):
        tab = show(width, file, color_scheme=scheme)
        check(tab)
        expect(tab.locator("article")).to_have_count(20)
