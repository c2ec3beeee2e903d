"""The page in a real browser: its look on a phone and a desk, by day and by night."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from recommender import Block, Page, RelatedStory
from recommender.html import render_story
from tests.browser.tabs import LOOKS, OVERFLOW, needs_chromium, violations

pytestmark = needs_chromium

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
PAPER = {"light": "rgb(253, 252, 250)", "dark": "rgb(20, 22, 26)"}


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
    return render_story(page, title=headline, section="World", now=NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page")
    news = document(TITLES, "Sports halls become shelters as wildfire hits Karamar")
    (path / "news.html").write_text(news, encoding="utf-8")
    (path / "hostile.html").write_text(document(HOSTILE, "W" * 500), encoding="utf-8")
    return path


@pytest.fixture
def show(open_file: Callable[..., Tab], folder: Path) -> Callable[..., Tab]:
    return lambda width, name="news.html", **more: open_file(width, folder / name, **more)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_page_is_whole(show: Callable[..., Tab], width: int, scheme: str) -> None:
    tab = show(width, color_scheme=scheme)
    expect(tab.locator("body")).to_have_css("background-color", PAPER[scheme])
    expect(tab.locator("h2")).to_have_text([heading for heading, *_ in BLOCKS.values()])
    expect(tab.get_by_role("link")).to_have_count(33)
    assert tab.evaluate(OVERFLOW) <= 0
    tops = tab.locator("section").evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
    assert len(set(tops)) == (5 if width == 375 else 2)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_why_shows_under_the_pointer_and_at_the_focus_and_all_is_accessible(
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
    assert violations(tab) == []


@pytest.mark.parametrize("scheme", PAPER)
def test_why_always_shows_where_nothing_hovers(show: Callable[..., Tab], scheme: str) -> None:
    tab = show(375, color_scheme=scheme, has_touch=True, is_mobile=True)
    expect(tab.locator(".why:visible")).to_have_count(33)
    assert tab.evaluate(OVERFLOW) <= 0
    assert violations(tab) == []


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
    if width == 375:
        assert violations(tab) == []
