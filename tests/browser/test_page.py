"""The page in a real browser: its look on a phone and a desk, by day and by night."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Page as Tab

from recommender import Block, Page, RelatedStory
from recommender.html import render

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

NOW = datetime(2026, 6, 1, 5, 59, tzinfo=UTC)
BLOCKS = {
    "latest": ("World Latest Stories", 6, "latest", "Just in"),
    "weekly": ("Weekly Best Articles", 12, "weekly", "Among the best of the week"),
    "related": ("You May Also Like", 5, "readers", "Readers of this story went on to this one"),
    "popular": ("Popular Now", 5, "popular", "Much read now"),
    "must_reads": ("Must-Reads", 5, "finished", "Readers read it to the end"),
}
TITLES = [
    "First aid flights land in Karamar after wildfire",
    "Transport minister Lindqvane out, Tobin Sandoval-Lind in after week of turmoil in parliament",
    "Analysis: the real test of the Wexwick school meals bill is still to come",
    "Delia Demarsh's “The Paper Violin”: five things to know before you go & one to forget",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen wird versteigert",
    "عاجل: رئيس الوزراء يعلن استقالته بعد أسابيع من الضغوط",
    "Meet Grimleigh's lollipop lady",
]
HOSTILE = [
    "W" * 500,
    "<script>alert(1)</script>",
    "עכשיו " * 30,
    "👩‍👩‍👧" * 60,
    "a\nb",
    "\"'>",
    "\u202eevil",
]
URLS = [
    "https://news.example/7",
    "/7",
    "",
    "javascript:alert(1)",
    " java\nscript:alert(1)",
    "data:,x",
]
SECTIONS = ["World", "Politics", "Culture", ""]
LOOKS = [(width, scheme) for width in (375, 1280) for scheme in ("light", "dark")]
PAPER = {"light": "rgb(253, 252, 250)", "dark": "rgb(20, 22, 26)"}
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


def document(titles: list[str], headline: str) -> str:
    """Write a full page of these titles, one after another."""
    blocks = tuple(
        Block(
            key,
            heading,
            tuple(
                RelatedStory(
                    f"{key} {place}",
                    titles[place % len(titles)],
                    URLS[place % len(URLS)],
                    SECTIONS[place % len(SECTIONS)],
                    NOW,
                    place + 1,
                    None,
                    code,
                    why,
                )
                for place in range(count)
            ),
        )
        for key, (heading, count, code, why) in BLOCKS.items()
    )
    page = Page("a001990", "20260601T055913Z-001", blocks)
    return render(page, title=headline, section="World", now=NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page")
    news = document(TITLES, "Sports halls become shelters as wildfire hits Karamar")
    (path / "news.html").write_text(news, encoding="utf-8")
    (path / "hostile.html").write_text(document(HOSTILE, "W" * 500), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM)


@pytest.fixture
def show(browser: Browser, folder: Path) -> Iterator[Callable[..., Tab]]:
    """Open a file at a width; at the end of the test the browser must have said nothing."""
    said: list[str] = []
    contexts = []

    def open_tab(width: int, name: str = "news.html", **settings: Any) -> Tab:
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(error.message))
        tab.on("requestfailed", lambda request: said.append(request.url))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.goto((folder / name).as_uri())
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert said == []


def complaints(tab: Tab) -> list[tuple[str, str]]:
    """Give what axe-core finds wrong or cannot decide: the rule, the first element."""
    found = Axe().run(tab, options={"resultTypes": ["violations", "incomplete"]}).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    return [(r["id"], r["nodes"][0]["html"]) for r in found["violations"] + found["incomplete"]]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_page_is_whole_and_accessible(show: Callable[..., Tab], width: int, scheme: str) -> None:
    tab = show(width, color_scheme=scheme)
    expect(tab.locator("body")).to_have_css("background-color", PAPER[scheme])
    expect(tab.locator("h2")).to_have_text([heading for heading, *_ in BLOCKS.values()])
    expect(tab.get_by_role("link")).to_have_count(33)
    assert tab.evaluate(OVERFLOW) <= 0
    tops = tab.locator("section").evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
    assert len(set(tops)) == (5 if width == 375 else 2)
    assert complaints(tab) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_why_shows_under_the_pointer_and_at_the_focus(
    show: Callable[..., Tab], width: int, scheme: str
) -> None:
    tab = show(width, color_scheme=scheme)
    shown = tab.locator(".why:visible")
    expect(shown).to_have_count(0)
    tab.locator("section").nth(2).get_by_role("link").nth(3).hover()
    expect(shown).to_have_text("Readers of this story went on to this one readers")
    expect(tab.get_by_role("tooltip")).to_have_count(1)
    tab.mouse.move(0, 0)
    expect(shown).to_have_count(0)
    for place in range(2):
        tab.keyboard.press("Tab")
        expect(tab.get_by_role("link").nth(place)).to_be_focused()
        expect(shown).to_have_text("Just in latest")
    expect(tab.get_by_role("link").nth(1)).to_have_accessible_description("Just in · latest")
    assert complaints(tab) == []


@pytest.mark.parametrize("scheme", PAPER)
def test_why_always_shows_where_nothing_hovers(show: Callable[..., Tab], scheme: str) -> None:
    tab = show(375, color_scheme=scheme, has_touch=True, is_mobile=True)
    expect(tab.locator(".why:visible")).to_have_count(33)
    assert tab.evaluate(OVERFLOW) <= 0
    assert complaints(tab) == []


def test_paper_is_light_and_shows_why(show: Callable[..., Tab]) -> None:
    tab = show(700, color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    expect(tab.locator(".why:visible")).to_have_count(33)
    expect(tab.locator("body")).to_have_css("background-color", PAPER["light"])


@pytest.mark.parametrize("width", [375, 800, 1280])
def test_no_text_breaks_the_page(show: Callable[..., Tab], width: int) -> None:
    tab = show(width, "hostile.html")
    assert tab.evaluate(OVERFLOW) <= 0
    expect(tab.get_by_role("link")).to_have_count(33)
    protocols = tab.evaluate("[...new Set([...document.links].map(link => link.protocol))].sort()")
    assert protocols == ["file:", "https:"]
    assert complaints(tab) == []
