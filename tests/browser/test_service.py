"""The service's pages for people in a real browser: the search, a story, the reference."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from recommender import Recommender
from recommender.overrides import EDITORS, Override, dump
from recommender.service.openapi import describe
from tests.browser.tabs import LOOKS, OVERFLOW, needs_chromium, violations
from tests.recommender.test_page import PLAN, block
from tests.recommender.worlds import Article, World
from tests.services import Service, serving
from tests.training.cli.commands import simulate_site, ymal

pytestmark = needs_chromium

PAPER = {"light": "rgb(253, 252, 250)", "dark": "rgb(20, 22, 26)"}
FOCUS = "getComputedStyle(document.activeElement).outlineStyle"

MARKED = "\"'><script>alert(1)</script><b id=x>&amp;"
ODD = {
    "a/b//c": "An id with slashes",
    "..": "Dots alone",
    "a/../../metrics": "Dots between slashes",
    MARKED: MARKED,
    "?q=x&id=y#z %2F+": "An id that an address would read",
    "👩‍👩‍👧 עברית العربية": "👩‍👩‍👧 عاجل: رئيس الوزراء يعلن استقالته",
    "W" * 500: "W" * 500,
    "javascript:alert(1)": "עכשיו " * 30,
    "no title": "",
    " \u202e\n": "\u202eevil",
}
PUBLISHED = datetime(2023, 5, 31, 12, 30, tzinfo=UTC)
HOSTILE = World(
    [
        Article(name, title, section=MARKED, published_at=PUBLISHED + timedelta(hours=number))
        for number, (name, title) in enumerate(ODD.items())
    ],
    popular=list(range(len(ODD))),
    latest=list(range(len(ODD))),
    weekly=list(range(len(ODD))),
    page=[block(key) for key in PLAN],
    why={"latest": MARKED},
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A simulated site, really trained, one story withdrawn."""
    folder = tmp_path_factory.mktemp("site")
    simulate_site(folder, 150, 3, 300)
    ymal("train", "--quiet", cwd=folder)
    artifacts = folder / "artifacts"
    (artifacts / EDITORS.name).write_bytes(dump([Override("o1", "withdraw", "a000030")]))
    with serving(artifacts, folder / "log", "--browse", "--workers=1") as service:
        yield service


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("hostile_site")
    artifacts = HOSTILE.publish(folder / "artifacts")
    with serving(artifacts, folder / "log", "--browse", "--workers=1") as service:
        yield service


@pytest.fixture
def show(open_address: Callable[..., Tab]) -> Iterator[Callable[..., Tab]]:
    """Open a page of a service; the browser must have logged and requested nothing else.

    The one exception is the message that a page has a status of 400 or more.
    """
    messages: list[str] = []

    def open_path(service: Service, path: str, width: int = 1280, **settings: Any) -> Tab:
        def check_request(url: str, kind: str) -> None:
            if not url.startswith(f"{service.url}/") or kind != "document":
                messages.append(f"{kind} {url}")

        listeners = {
            "console": lambda message: messages.append(message.text),
            "pageerror": lambda error: messages.append(error.message),
            "requestfailed": lambda request: messages.append(request.url),
            "dialog": lambda dialog: messages.append(dialog.message),
            "request": lambda request: check_request(request.url, request.resource_type),
        }
        return open_address(width, service.url + path, listeners, **settings)

    yield open_path
    assert [
        text for text in messages if not text.startswith("Failed to load resource: the s")
    ] == []


def story(name: str) -> str:
    return f"/story?id={quote(name, safe='')}"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("path", ["/?q=the", "/?q=xyzzy", story("a000100"), story("new"), "/docs"])
def test_a_page_is_whole_and_accessible(
    site: Service, show: Callable[..., Tab], path: str, width: int, scheme: str
) -> None:
    tab = show(site, path, width, color_scheme=scheme)
    expect(tab.locator("body")).to_have_css("background-color", PAPER[scheme])
    expect(tab.locator("h1")).to_have_count(1)
    assert tab.evaluate(OVERFLOW) <= 0
    assert violations(tab) == []


def test_a_story_is_found_by_words_of_its_title_and_opened(
    site: Service, show: Callable[..., Tab]
) -> None:
    served = Recommender.open(site.log.parent / "artifacts").snapshot()
    title, section = served.headline("a000100")
    words = " ".join(reversed(title.upper().split()))
    tab = show(site, "/")
    version = re.compile(rf"Version {served.version}, data up to\s+\S+ \S+ UTC, \d+ \w+ old")
    expect(tab.locator(".version")).to_contain_text(version)
    expect(tab.get_by_role("region")).to_have_count(0)
    tab.get_by_role("searchbox", name="Words of a title").fill(words)
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_role("searchbox")).to_have_value(words)
    tab.get_by_role("link", name=title).click()

    expect(tab.locator("h1")).to_have_text(title)
    expect(tab).to_have_title(title)
    headings = tab.locator("h2").all_inner_texts()
    assert [heading.removeprefix(section).strip() for heading in headings] == [
        b.title.removeprefix(section).strip() for b in served.page("a000100").blocks
    ]
    assert len(headings) == 5
    expect(tab.locator(".version")).to_contain_text(version)
    related = served.page("a000100")["related"]
    first = tab.get_by_role("region", name=related.title).get_by_role("link").first
    expect(tab.locator(".why:visible")).to_have_count(0)
    first.focus()
    expect(tab.locator(".why:visible")).to_have_text(
        f"{related.items[0].why} {related.items[0].reason}"
    )
    first.click()
    expect(tab.locator("h1")).to_have_text(related.items[0].title)
    tab.get_by_role("link", name="Search").click()
    expect(tab).to_have_url(f"{site.url}/")


def test_the_keyboard_alone_suffices(site: Service, show: Callable[..., Tab]) -> None:
    tab = show(site, "/")

    def go_on() -> None:
        tab.keyboard.press("Tab")
        assert tab.evaluate(FOCUS) == "solid"

    go_on()
    expect(tab.get_by_role("searchbox")).to_be_focused()
    tab.keyboard.type("week")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{site.url}/?q=week")
    go_on()
    go_on()
    expect(tab.get_by_role("button")).to_be_focused()
    go_on()
    result = tab.get_by_role("link").first
    expect(result).to_be_focused()
    title = result.inner_text()
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text(title)
    go_on()
    expect(tab.get_by_role("link", name="Search")).to_be_focused()
    stories = tab.locator("li a")
    for place in range(stories.count()):
        go_on()
        expect(stories.nth(place)).to_be_focused()
        expect(tab.locator(".why:visible")).to_have_count(1)
    title = stories.last.inner_text()
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text(title)
    go_on()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{site.url}/")


def test_a_search_says_what_it_found(site: Service, show: Callable[..., Tab]) -> None:
    tab = show(site, "/?q=E")
    found = tab.get_by_role("region", name="Found")
    expect(found.get_by_role("link")).to_have_count(20)
    expect(found).to_contain_text("These are the 20 newest; more words find others.")
    times = found.locator("time").all_inner_texts()
    assert times == sorted(times, reverse=True)
    tab.goto(f"{site.url}/?q=xyzzy")
    expect(found).to_have_text("No title has all these words.")
    tab.goto(f"{site.url}/?q=+%20")
    expect(found).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        (story("nobody"), 404, "has no article 'nobody'."),
        (story("a000030"), 404, "has no article 'a000030'."),
        (story(MARKED), 404, MARKED.replace("'", "\\'")),
        ("/story", 404, "has no article ''."),
        ("/story?id=%FF", 400, "The query is not UTF-8, percent-encoded."),
        ("/?page=2", 400, "Unknown parameter 'page'; known here: q."),
        (f"/?q={'w' * 201}", 400, "Q has more than 200 characters."),
    ],
)
def test_what_cannot_be_shown_is_a_page_too(
    site: Service, show: Callable[..., Tab], path: str, status: int, detail: str
) -> None:
    assert site.get(path).status == status
    tab = show(site, path, 375)
    expect(tab.locator("h1")).to_have_text("This page cannot be shown")
    expect(tab.locator("main > p")).to_contain_text(detail)
    if path == story(MARKED):
        assert violations(tab) == []
    tab.get_by_role("link", name="Search").click()
    expect(tab).to_have_url(f"{site.url}/")


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_a_story_of_any_id_opens(
    hostile_site: Service, show: Callable[..., Tab], name: str
) -> None:
    title = ODD[name].strip() or name
    tab = show(hostile_site, f"/?q={quote(title[:30])}" if ODD[name] else story("a/b//c"), 375)
    tab.get_by_role("link", name=title, exact=True).first.click()
    expect(tab.locator("h1")).to_have_text(title)
    expect(tab.get_by_role("region", name="Popular Now").get_by_role("link")).to_have_count(5)
    links = tab.locator("li a").evaluate_all("all => all.map(link => link.href)")
    assert len(set(links)) == len(links) == len(ODD) - 1
    assert all(link.startswith(f"{hostile_site.url}/story?id=") for link in links)
    assert tab.locator("#x").count() == 0
    assert tab.evaluate(OVERFLOW) <= 0
    if name in (MARKED, "no title"):  # each page lists all others
        assert violations(tab) == []


@pytest.mark.parametrize("words", [MARKED, "\u202e", "W" * 200, "a\u0000b", "%", "👩‍👩‍👧"])
def test_any_words_may_be_searched_for(
    hostile_site: Service, show: Callable[..., Tab], words: str
) -> None:
    tab = show(hostile_site, f"/?q={quote(words)}", 375)
    expect(tab.get_by_role("searchbox")).to_have_value(words.replace("\u0000", "\ufffd"))
    assert tab.locator("#x").count() == 0
    assert tab.evaluate(OVERFLOW) <= 0
    if words == MARKED:
        assert violations(tab) == []


def test_the_reference_has_everything_that_is_described(
    site: Service, show: Callable[..., Tab]
) -> None:
    described = describe()
    shared = described["components"]
    tab = show(site, "/docs", 375)
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    links = tab.get_by_role("navigation").get_by_role("link")
    expect(links).to_have_text([name for name, _ in operations])
    for number, (name, operation) in enumerate(operations):
        links.nth(number).click()
        part = tab.get_by_role("region", name=name)
        expect(part).to_be_in_viewport()
        expect(part).to_contain_text(operation["summary"])
        named = [parameter["name"] for parameter in operation.get("parameters", [])]
        if "requestBody" in operation:
            named = ["history", "n"]
            expect(part.locator("pre").first).to_contain_text('"history": [')
        expect(part.locator("dt code")).to_have_text([*named, *operation["responses"]])
        expect(part.get_by_role("heading", name="Answer", exact=True)).to_be_visible()
    related = tab.get_by_role("region", name="GET /v1/related/{id}")
    expect(related).to_contain_text("query · integer · 1 to 100 · by default 5")
    expect(related).to_contain_text("one of fallback, empty, error")
    expect(related).to_contain_text("at most 500")
    expect(related).to_contain_text('"published_at": "2026-06-01T05:12:00Z"')
    problems = tab.get_by_role("region", name="Problems")
    expect(problems.locator("pre")).to_have_count(len(shared["responses"]))
    expect(tab.get_by_role("region", name="A story").locator("dt code")).to_have_text(
        [*shared["schemas"]["Story"]["properties"]]
    )


@pytest.mark.parametrize("path", ["/", "/?q=e", story("a000100"), story("nobody"), "/docs"])
def test_no_other_site_may_frame_a_page(site: Service, path: str) -> None:
    headers = site.get(path).headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_there_are_no_pages_for_people_unless_asked_for(tmp_path: Path) -> None:
    artifacts = HOSTILE.publish(tmp_path / "artifacts")
    with serving(artifacts, tmp_path / "log", "--workers=1") as service:
        for path in ("/", "/?q=x", "/story", story("..")):
            assert service.get(path).status == 404
        assert service.get("/docs").status == 200
