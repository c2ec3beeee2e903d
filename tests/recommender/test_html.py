"""The page as an HTML document: its texts come back as they were given, and nothing else does."""

import shutil
import sys
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import recommender
from recommender import Block, Page, RelatedStory
from recommender.html import render_story
from tests.processes import run_program
from tests.recommender.worlds import TOY
from tests.thorough import scaled

NOW = datetime(2026, 6, 1, 5, 59, tzinfo=UTC)
SIZES = {"latest": 6, "weekly": 12, "related": 5, "popular": 5, "must_reads": 5}
HOSTILE = "</title></style></a><script>alert('1')</script>\" onclick='x' &amp; &#60;b&#62; <!--"
ATTRIBUTES = {
    "html": {"lang"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "h1": {"dir"},
    "h2": {"dir", "id"},
    "p": {"class", "dir", "id", "lang", "role"},
    "time": {"datetime"},
    "main": {"class"},
    "div": {"class"},
    "section": {"class", "aria-labelledby"},
    "a": {"href", "dir", "aria-describedby"},
}
BARE = {"head", "title", "style", "body", "header", "ol", "li", "code"}
VOID = {"meta"}


class Outline(HTMLParser):
    """What a document holds: each element's attributes, and its text by tag or class."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.foreign: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        assert len(attributes) == len(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, attributes))
            self.texts.setdefault(attributes.get("class") or tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for tag, attributes in self.open:
            self.texts[attributes.get("class") or tag][-1] += data

    def handle_comment(self, data: str) -> None:
        self.foreign.append(data)

    def handle_pi(self, data: str) -> None:
        self.foreign.append(data)

    def unknown_decl(self, data: str) -> None:
        self.foreign.append(data)

    def all(self, tag: str, attribute: str) -> list[str | None]:
        return [attributes[attribute] for name, attributes in self.elements if name == tag]


def story(title: str = "Rain", url: str = "/7", section: str = "local") -> RelatedStory:
    return RelatedStory("7", title, url, section, NOW, 1, None, "latest", "Just in")


def page(*stories: RelatedStory, key: str = "related") -> Page:
    return Page("source-7", "20260601T055913Z-001", (Block(key, "You May Also Like", stories),))


def outline(given_page: Page, title: str = "Wind", section: str = "world") -> Outline:
    return Outline(render_story(given_page, title=title, section=section, now=NOW))


TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        [HOSTILE, "", " ", "a\nb\r\nc", "x" * 500, "عاجل: الرئيس", "👩‍👩‍👧 🔥", "&lt;"]
    ),
)
STORIES = st.builds(
    RelatedStory,
    id=TEXTS.filter(str.strip),
    title=TEXTS,
    url=st.one_of(
        TEXTS, TEXTS.map("https://news.example/{}".format), TEXTS.map("javascript:".join)
    ),
    section=TEXTS,
    published_at=st.none(),
    rank=st.integers(1, 50),
    score=st.none() | st.floats(0, 1),
    reason=TEXTS,
    why=TEXTS,
)
BLOCKS = st.builds(
    Block,
    key=st.sampled_from(sorted(SIZES)) | TEXTS,
    title=TEXTS,
    items=st.lists(STORIES, max_size=11).map(tuple),
)
PAGES = st.builds(
    Page,
    source=TEXTS.filter(str.strip),
    version=TEXTS,
    blocks=st.lists(BLOCKS, max_size=5).map(tuple),
)


@settings(max_examples=scaled(100))
@given(PAGES, TEXTS, TEXTS, TEXTS)
@example(page(story(HOSTILE, HOSTILE, HOSTILE)), HOSTILE, HOSTILE, HOSTILE)
def test_the_given_texts_come_back_and_nothing_foreign(
    pg: Page, title: str, section: str, language: str
) -> None:
    seen = Outline(render_story(pg, title=title, section=section, now=NOW, language=language))
    for tag, attributes in seen.elements:
        assert tag in BARE | ATTRIBUTES.keys()
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()), tag
    assert not seen.open
    assert not seen.foreign
    stories = [item for block in pg.blocks for item in block.items]
    headline = title.strip() or pg.source
    labels = [section] + [
        item.section
        for block in pg.blocks
        if block.key in {"related", "weekly"}
        for item in block.items
    ]
    why = [f"{item.why} {item.reason}" for item in stories]
    assert seen.texts["title"] == seen.texts["h1"] == [headline]
    assert seen.texts.get("h2", []) == [block.title for block in pg.blocks]
    assert seen.texts.get("a", []) == [item.title.strip() or item.id for item in stories]
    assert seen.texts.get("label", []) == [label for label in labels if label.strip()]
    assert seen.texts.get("why", []) == why
    assert seen.texts["version"] == [f"Version {pg.version}, data up to 2026-06-01 05:59 UTC"]
    assert seen.all("html", "lang") == [language]
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert seen.all("a", "aria-describedby") == [name for name in ids if name and "why" in name]


@given(STORIES)
def test_an_address_is_as_given_or_none(item: RelatedStory) -> None:
    (href,) = outline(page(item)).all("a", "href")
    assert href
    assert href in {"#", item.url.strip()}
    assert urlsplit("".join(c for c in href if c > " ")).scheme in {"", "http", "https"}


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a?b=c&d=e:f#g",
        "HTTP://news.example/",
        "/world/a:b",
        "world.html",
        "?id=7",
        "//news.example/7",
        "/أخبار/٧",
    ],
)
def test_web_and_relative_addresses_are_linked(url: str) -> None:
    assert outline(page(story(url=url))).all("a", "href") == [url]


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " \x01javascript:alert(1)",
        "\u00a0javascript:alert(1)",
        "\x85\u2003 javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript\r:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@b.example",
    ],
)
def test_no_other_address_is(url: str) -> None:
    assert outline(page(story(url=url))).all("a", "href") == ["#"]


def test_time_is_told_in_utc() -> None:
    now = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    seen = Outline(render_story(page(), title="", section="", now=now))
    assert seen.texts["time"] == ["2026-06-01 05:59 UTC"]
    assert seen.all("time", "datetime") == ["2026-06-01T05:59:00Z"]


def test_it_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(Path(recommender.__file__).parent, tmp_path / "our_lookup")
    TOY.publish(tmp_path / "artifacts")
    script = (
        "import sys; from datetime import UTC, datetime; from our_lookup import Page, Recommender; "
        "from our_lookup.html import render_story; now = datetime.now(UTC); "
        "print(render_story(Page('7', 'v', ()), title='Wind', section='', now=now)); "
        "print(Recommender.open('artifacts').related_ids('storm', 2)); "
        "assert 'recommender' not in sys.modules"
    )
    done = run_program([sys.executable, "-c", script], cwd=tmp_path, check=True)
    assert '<h1 dir="auto">Wind</h1>' in done.stdout
    assert done.stdout.endswith("['rain', 'snow']\n")
