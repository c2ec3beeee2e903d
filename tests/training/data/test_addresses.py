"""All forms of an address are one article."""

from functools import cache
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.config import Config
from training.data import read_site
from training.data.addresses import address, exact_address
from training.data.scan import sql_literal
from training.records import Site

KEY = bytes(32)
FORMS = [
    "https://news.example/politics/tunnel",
    "http://www.news.example/politics/tunnel/",
    "HTTPS://News.Example:443/politics/tunnel?utm_source=x&id=9#top",
    "//m.news.example/politics//tunnel",
    "news.example/politics/tunnel/index.html",
    " https://mobile.news.example/politics/tunnel/amp/\n",
    "https://amp.news.example/politics/tunnel.amp",
    "https://www.news.example/amp/politics/tunnel",
    "https://news-example.cdn.ampproject.org/c/s/news.example/politics/tunnel",
    "https://www.google.com/amp/s/www.news.example/politics/tunnel",
    "https://news.example/politics/%74unnel",
    "https://news.example/politics/%2574unnel%0A",
    "https://reader:secret@news.example.:8443/politics/tunnel",
    "https://news.example/a/b/../.././politics/./tunnel",
    "https://news.example/politics/tunnel;jsessionid=AB12.node3",
    "https://news.example/(S(abc123))/politics/tunnel",
    "https://www-news-example.translate.goog/politics/tunnel?_x_tr_sl=da",
    "https://web.archive.org/web/20260101000000/https://www.news.example/politics/tunnel",
    "https://news.example/politics/tunnel&utm_source=mail",
    "https://news.example/#!/politics/tunnel",
]

PARTS = [
    "/2", "/page/3", "/seite/2", "/pagina-2", "/comment-page-2/", "/print", "/2/print", "/slide/3",
    "/embed/", "/feed/atom", "/trackback", "/amp/2",
]  # fmt: skip


CONNECTION = duckdb.connect()


def one_form(text: str, *keys: str) -> str:
    return sql_of(exact_address("a", keys), text)


def loose_form(text: str) -> str:
    return sql_of(address("a"), text)


def sql_of(form: str, text: str) -> str:
    found = CONNECTION.execute(f"EXECUTE {prepared(form)}({sql_literal(text)})")
    return str(found.fetchall()[0][0])


@cache
def prepared(form: str) -> str:
    name = f"form_{hash(form) & 0xFFFFFFFF}"
    CONNECTION.execute(f"PREPARE {name} AS SELECT {form} FROM (SELECT $1::VARCHAR AS a)")
    return name


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_an_address_have_one_exact_form(form: str) -> None:
    assert one_form(form) == "news.example/politics/tunnel"


@pytest.mark.parametrize("part", ["", *PARTS])
def test_parts_of_a_page_have_its_loose_form(part: str) -> None:
    assert loose_form(f"https://news.example/Politics/Tunnel{part}") == loose_form(FORMS[0])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("/politics/tunnel/?x=1", "/politics/tunnel"),
        ("/amp/politics/tunnel", "/politics/tunnel"),
        ("https://news.example", "news.example/"),
        ("/", "/"),
        ("", "/"),
        ("https://news.example/Politics/T%C3%BCr", "news.example/Politics/Tür"),
        ("https://amp.example/x", "amp.example/x"),
        ("https://en.m.news.example/x", "en.m.news.example/x"),
        ("https://news.example/amplifier", "news.example/amplifier"),
        ("https://news.example/revamp", "news.example/revamp"),
        ("https://news.example/a%FFb", "news.example/a%FFb"),
        ("9737535", "9737535/"),
        ("post:7", "post:7/"),
        ("Ab", "Ab/"),
        ("https://news.example/artikel;art123,456", "news.example/artikel;art123,456"),
        ("https://news.example/story-2.html", "news.example/story-2.html"),
        ("https://news.example/2026/a%2Bb", "news.example/2026/a+b"),
        ("https://news.example/100%25-sure", "news.example/100%-sure"),
        ("https://xn--.example/x", "xn--.example/x"),
        ("https://xn--a-9999.example/x", "xn--a-9999.example/x"),
    ],
)
def test_the_exact_form_of_an_address(text: str, form: str) -> None:
    assert one_form(text) == form


def test_identifying_parameters_are_kept() -> None:
    one = one_form("https://news.example/a.php?utm=1&id=7&page=2#x", "page", "id")
    assert one == one_form("http://www.news.example/a.php?id=7&page=2", "page", "id")
    assert one == "news.example/a.php&page=2&id=7"
    assert one != one_form("https://news.example/a.php?id=8&page=2", "page", "id")
    assert one_form("https://news.example/a?grid=7", "id") == "news.example/a"


@settings(max_examples=scaled(40), deadline=None)
@given(st.text("ab-1\u00f1\u00fc\u0439\u6f22\uff71\U00010348", min_size=1, max_size=12))
def test_a_host_in_punycode_is_the_one_in_unicode(label: str) -> None:
    label = f"{normalize('NFC', label)}\u00f8"
    encoded = f"xn--{label.encode('punycode').decode()}"
    assert one_form(f"https://www.{encoded.upper()}.example/x") == f"{label}.example/x"


@settings(max_examples=scaled(60), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_percent_encoding_makes_no_difference(parts: list[str]) -> None:
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    assert one_form(f"https://news.example{path}x") == one_form(f"news.example{path}x/?a#b")


@settings(max_examples=scaled(200), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_has_both_forms(text: str) -> None:
    assert one_form(text, "id")
    assert isinstance(loose_form(text), str)


ARTICLES = "id,url\n1,https://news.example/one\n2,https://www.news.example/two/\n3,\n"


def site(folder: Path, views: list[str], articles: str = ARTICLES, **columns: object) -> Site:
    (folder / "a.csv").write_text(articles)
    rows = "".join(f'u{n},"{view}",2023-05-01T10:{n:02}:00Z\n' for n, view in enumerate(views))
    (folder / "v.csv").write_text("user,article,time\n" + rows)
    config = Config.model_validate({"views": {"article_by": "url", **columns}})
    files = [str(folder / "a.csv")] if articles else []
    return read_site(config, files, [str(folder / "v.csv")], key=KEY)


def seen(found: Site) -> list[str]:
    rows = found.views.connection.sql("SELECT article FROM views ORDER BY time").fetchall()
    return [found.ids[row] for (row,) in rows]


def test_views_name_articles_by_address(tmp_path: Path) -> None:
    views = ["http://m.news.example/one?x=1", "/two", "news.example/two#c", "/elsewhere", "3"]
    found = site(tmp_path, views)
    assert seen(found) == ["1", "2", "2", "3"]
    assert found.left_out == {"unknown article": 1}


def test_a_path_is_that_of_the_last_article_with_it(tmp_path: Path) -> None:
    articles = "id,url\na,https://one.example/x\nb,https://two.example/x\n"
    views = ["/x", "https://one.example/x/", "https://two.example/x", "https://three.example/x"]
    assert seen(site(tmp_path, views, articles)) == ["b", "a", "b"]


def test_the_address_may_be_the_id(tmp_path: Path) -> None:
    articles = "id\nhttps://news.example/one\nhttps://news.example/a?id=2\n"
    views = ["http://news.example/one/", "/a?utm=1&id=2", "/a?id=3"]
    found = site(tmp_path, views, articles, url_keys=["id"])
    assert seen(found) == ["https://news.example/one", "https://news.example/a?id=2"]


def test_without_articles_the_addresses_are_those_of_what_was_viewed(tmp_path: Path) -> None:
    found = site(tmp_path, ["https://news.example/one", "http://www.news.example/one/"], "")
    assert list(found.ids) == ["news.example/one"]
    assert found.views.count == 2


def test_articles_known_before_keep_their_addresses(tmp_path: Path) -> None:
    known_urls = [("8", "/one"), ("7", "/first"), ("7", "/one"), ("9", "/first"), ("7", "/now")]
    views = ["https://news.example/one", "/first", "/now"]
    rows = "".join(f"u,{view},2023-05-01T10:0{n}:00Z\n" for n, view in enumerate(views))
    (tmp_path / "v.csv").write_text("user,article,time\n" + rows)
    config = Config.model_validate({"views": {"article_by": "url"}})
    files = [str(tmp_path / "v.csv")]
    known = ["7", "8", "9"]
    found = read_site(config, [], files, key=KEY, known=known, known_urls=known_urls)
    assert seen(found) == ["7", "9", "7"]


LOOKALIKES = """id,url
upper,https://news.example/a/Xy3
lower,https://news.example/a/xY3
seven,https://news.example/news/7
news,https://news.example/news
story,https://news.example/story
part,https://news.example/story/2
long,https://news.example/long
plus,https://news.example/a+b
path,/Everywhere
"""


MEANT = [
    ("https://news.example/a/Xy3", "upper"),
    ("https://news.example/a/xY3", "lower"),
    ("https://news.example/a/xy3", None),
    ("https://news.example/news/7", "seven"),
    ("https://news.example/news/7/print", "seven"),
    ("https://news.example/news/8", None),
    ("https://news.example/NEWS", "news"),
    ("https://news.example/story/2", "part"),
    ("https://news.example/STORY", "story"),
    ("https://news.example/story/3", None),
    ("https://news.example/LONG/2", "long"),
    ("/Long/page/2", "long"),
    ("https://other.example/long/2", None),
    ("https://other.example/everywhere/2", "path"),
    ("https://news.example/a%20b", "plus"),
    ("https://news.example/2", None),
]


def test_a_loose_form_leads_to_an_article_if_it_is_that_of_no_other(tmp_path: Path) -> None:
    found = site(tmp_path, [view for view, _ in MEANT], LOOKALIKES)
    assert seen(found) == [article for _, article in MEANT if article]
    unknown = ["a/xy3", "news/8", "story/3", "2"]
    expected = {f"news.example/{path}": 1 for path in unknown}
    assert found.traffic.unknown_ids == expected | {"other.example/long/2": 1}


DECORATIONS = [
    lambda url: url.replace("https://", "http://www.").upper(),
    lambda url: url.replace("news.example", "news.example.:443"),
    lambda url: normalize("NFD", url),
    lambda url: f"{quote(quote(url, safe=':/;,+'), safe=':/;,+')}%0a",
    lambda url: f"{url}/?page=2&replytocom=7#comments",
    lambda url: f"{url};jsessionid=0A",
    lambda url: url.replace("example/", "example/x/..//"),
    *[lambda url, part=part: url + part for part in PARTS],
]


@settings(max_examples=scaled(15), deadline=None)
@given(
    st.lists(st.text("abcXYZ\u00e9\u00f8-;,+", min_size=1), min_size=2, unique_by=str.lower),
    st.lists(st.sampled_from(range(len(DECORATIONS))), min_size=1, max_size=8),
)
def test_any_form_of_an_address_leads_to_its_article_and_to_no_other(
    tmp_path_factory: pytest.TempPathFactory, slugs: list[str], chosen: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("site")
    slugs = [f"2026/s{slug.replace('+', 'p')}-{at}e" for at, slug in enumerate(slugs)]
    *known, unknown = [f"https://news.example/{slug}" for slug in slugs]
    rows = "".join(f'{at},"{url}"\n' for at, url in enumerate(known))
    forms = [DECORATIONS[number] for number in chosen]
    views = [form(known[number % len(known)]) for number, form in enumerate(forms)]
    found = site(folder, [*views, *(form(unknown) for form in forms)], "id,url\n" + rows)
    assert seen(found) == [str(number % len(known)) for number in range(len(forms))]
