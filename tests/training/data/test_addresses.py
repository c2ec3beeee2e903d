"""All forms of an address are one article."""

from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.config import Config
from training.data import read_site
from training.data.addresses import address
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
]


CONNECTION = duckdb.connect()


def one_form(text: str, *keys: str) -> str:
    found = CONNECTION.execute(f"SELECT {address('a', keys)} FROM (SELECT $1 AS a)", [text])
    return str(found.fetchall()[0][0])


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_an_address_have_one_normal_form(form: str) -> None:
    assert one_form(form) == "news.example/politics/tunnel"


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
    ],
)
def test_the_normal_form_of_an_address(text: str, form: str) -> None:
    assert one_form(text) == form


def test_identifying_parameters_are_kept() -> None:
    one = one_form("https://news.example/a.php?utm=1&id=7&page=2#x", "page", "id")
    assert one == one_form("http://www.news.example/a.php?id=7&page=2", "page", "id")
    assert one == "news.example/a.php&page=2&id=7"
    assert one != one_form("https://news.example/a.php?id=8&page=2", "page", "id")
    assert one_form("https://news.example/a?grid=7", "id") == "news.example/a"


@settings(max_examples=scaled(60))
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_percent_encoding_makes_no_difference(parts: list[str]) -> None:
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    assert one_form(f"https://news.example{path}x") == one_form(f"news.example{path}x/?a#b")


@settings(max_examples=scaled(200))
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_has_a_normal_form(text: str) -> None:
    assert one_form(text, "id")


ARTICLES = "id,url\n1,https://news.example/one\n2,https://www.news.example/two/\n3,\n"


def site(folder: Path, views: list[str], articles: str = ARTICLES, **columns: object) -> Site:
    (folder / "a.csv").write_text(articles)
    rows = "".join(f'u{n},"{view}",2023-05-01T10:0{n}:00Z\n' for n, view in enumerate(views))
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
    (tmp_path / "v.csv").write_text("user,article,time\nu,/one,2023-05-01T10:00:00Z\n")
    config = Config.model_validate({"views": {"article_by": "url"}})
    found = read_site(
        config,
        [],
        [str(tmp_path / "v.csv")],
        key=KEY,
        known=["7"],
        known_urls=["https://news.example/one"],
    )
    assert seen(found) == ["7"]
