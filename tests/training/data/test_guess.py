"""Guesses for toy tables with an obvious answer."""

import csv
import gzip
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.cli.init import format_config
from training.config import load
from training.data import sample as sampling
from training.data.fields import ARTICLE_FIELDS, VIEW_FIELDS
from training.data.guess import GuessedConfig, guess_config
from training.data.guessed_settings import GuessedSetting
from training.errors import DataError, UsageError

Rows = Sequence[dict[str, object]]

TOWNS = ["Ashby", "Borley", "Corfe", "Diss", "Eye", "Frome", "Goole", "Hythe", "Ilam", "Jarrow"]
ARTICLES: Rows = [
    {
        "id": f"a{n}",
        "title": f"The mayor of {town} opens a bridge",
        "body": f"In {town} the bridge is open at last. " * 8,
        "section": "north" if n % 2 else "south",
        "url": f"https://news.example/{town.lower()}/bridge",
        "published_at": f"2026-05-{n + 1:02d}T08:00:00Z",
    }
    for n, town in enumerate(TOWNS)
]
VIEWS: Rows = [
    {"user": f"u{n % 7}", "article": f"a{n % 10}", "time": f"2026-06-01T{n % 24:02d}:{n % 60:02d}Z"}
    for n in range(60)
]


def renamed(rows: Rows, **names: str) -> Rows:
    """Return rows with other names for some columns; without those named `""`."""
    return [
        {names.get(name, name): value for name, value in row.items() if names.get(name) != ""}
        for row in rows
    ]


def added(rows: Rows, **columns: Sequence[object]) -> Rows:
    return [
        {**row, **{name: values[n % len(values)] for name, values in columns.items()}}
        for n, row in enumerate(rows)
    ]


def written_as_csv(path: Path, rows: Rows) -> list[str]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return [str(path)]


def found(folder: Path, articles: Rows = (), views: Rows = ()) -> GuessedConfig:
    return guess_config(
        written_as_csv(folder / "a.csv", articles) if articles else [],
        written_as_csv(folder / "v.csv", views) if views else [],
    )


def values(findings: GuessedConfig) -> dict[str, object]:
    return {guess.key: guess.value for guess in findings.guesses}


def of(findings: GuessedConfig, key: str) -> GuessedSetting:
    return next(guess for guess in findings.guesses if guess.key == key)


def test_our_own_names(tmp_path: Path) -> None:
    findings = found(tmp_path, ARTICLES, VIEWS)
    assert values(findings) == {
        **{f"articles.{name}": name for name in ARTICLES[0]},
        "articles.complete": True,
        **{f"views.{name}": name for name in VIEWS[0]},
    }
    assert {g.sure for g in findings.guesses if g.key != "articles.complete"} == {"sure"}
    assert not findings.notes


@pytest.mark.parametrize(
    "names",
    [
        {"id": "ID", "title": "post_title", "body": "post_content", "published_at": "PostDate"},
        {"id": "articleId", "title": "headline", "body": "bodyText", "published_at": "pubDate"},
        {"id": "artikel_id", "title": "Überschrift", "body": "Inhalt", "section": "Ressort"},
        {"id": "id_artículo", "title": "Titular", "body": "Cuerpo", "section": "Sección"},
        {"id": "nid", "title": "Titre", "body": "Texte", "published_at": "date_publication"},
        {"title": "rubrik", "body": "brödtext", "section": "sektion", "published_at": "Datum"},
        {"title": "заголовок", "body": "текст", "section": "рубрика", "published_at": "дата"},
        {"title": "标题", "body": "正文", "section": "分类", "published_at": "日期"},
        {"id": "wp:post_id", "title": "dc:title", "url": "link", "published_at": "created_at"},
    ],
)
def test_articles_by_other_names(tmp_path: Path, names: dict[str, str]) -> None:
    got = values(found(tmp_path, renamed(ARTICLES, **names)))
    expected = {name: names.get(name, name) for name in ARTICLES[0]}
    if names.get("body") == "Texte":
        del expected["body"]
        assert got.pop("articles.body") == "Texte"
    assert {key.removeprefix("articles."): got[key] for key in got if key[9:] in expected} == (
        expected
    )


@pytest.mark.parametrize(
    "names",
    [
        {"user": "visitor_id", "article": "page_id", "time": "timestamp"},
        {"user": "userId", "article": "contentId", "time": "eventTime"},
        {"user": "Nutzer-ID", "article": "Artikel-ID", "time": "Zeitpunkt"},
        {"user": "cookie", "article": "click_article_id", "time": "click_timestamp"},
        {"user": "usuario", "article": "articulo_id", "time": "fecha_hora"},
    ],
)
def test_views_by_other_names(tmp_path: Path, names: dict[str, str]) -> None:
    expected = {f"views.{name}": other for name, other in names.items()}
    assert values(found(tmp_path, views=renamed(VIEWS, **names))) == expected
    assert expected.items() <= values(found(tmp_path, ARTICLES, renamed(VIEWS, **names))).items()


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("language", ["da", "en-GB"], True),
        ("Sprache", ["deutsch", "englisch", ""], True),
        ("lang_code", [1, 2], False),
        ("locale", [f"/{town.lower()}/" for town in TOWNS], False),
    ],
)
def test_a_language(tmp_path: Path, name: str, given: list[object], taken: bool) -> None:
    got = values(found(tmp_path, added(ARTICLES, **{name: given})))
    assert got.get("articles.language", "") == (name if taken else "")


def test_columns_without_known_names_are_recognised_by_their_values(tmp_path: Path) -> None:
    names = dict(zip(ARTICLES[0], "abcdef", strict=True))
    findings = found(tmp_path, renamed(ARTICLES, **names))
    got = values(findings)
    assert got["articles.title"] == "b"
    assert got["articles.body"] == "c"
    assert (got["articles.id"], got["articles.url"]) == ("e", "e")
    assert got["articles.published_at"] == "f"
    assert "articles.section" not in got
    assert of(findings, "articles.title").sure == "unsure"


def test_a_column_whose_values_contradict_its_name(tmp_path: Path) -> None:
    """A Swedish `rubrik` is a headline, a German one a section."""
    swedish = renamed(ARTICLES, title="rubrik", section="")
    german = renamed(ARTICLES, section="rubrik")
    assert values(found(tmp_path, swedish))["articles.title"] == "rubrik"
    got = values(found(tmp_path, german))
    assert (got["articles.title"], got["articles.section"]) == ("title", "rubrik")


def test_the_fuller_of_two_columns(tmp_path: Path) -> None:
    views = renamed(VIEWS, user="client_id")
    views = added(views, user_id=["", "", "", "", "m1"], page_title=["x"])
    assert values(found(tmp_path, views=views))["views.user"] == "client_id"


def test_a_session_that_is_mostly_empty_is_left_out(tmp_path: Path) -> None:
    rare = found(tmp_path, views=added(VIEWS, session_id=["s1", "", "", ""]))
    full = found(tmp_path, views=added(VIEWS, session_id=["s1", "s2"]))
    assert of(rare, "views.session").value == ""
    assert of(rare, "views.session").why == "'session_id' is left out: 75 % of its rows are empty"
    assert of(full, "views.session").value == "session_id"


def test_a_session_stands_for_a_reader_who_has_no_column(tmp_path: Path) -> None:
    got = values(found(tmp_path, views=renamed(VIEWS, user="session_id")))
    assert got["views.session"] == "session_id"
    assert "views.user" not in got


@pytest.mark.parametrize(
    ("name", "seconds", "value"),
    [
        ("time_spent", ["3", "40.5", ""], "time_spent"),
        ("read_time", ["3000", "40500"], ""),
        ("engagement_time_msec", ["30", "400"], ""),
        ("duration", ["1:30"], ""),
    ],
)
def test_seconds_on_the_page(tmp_path: Path, name: str, seconds: list[str], value: str) -> None:
    got = values(found(tmp_path, views=added(VIEWS, **{name: seconds})))
    assert got["views.read_time"] == value


def test_the_referrer_columns_of_a_view(tmp_path: Path) -> None:
    led = {"ref_block": ["related", "popular", "", "home"], "ref_slot": ["1", "5", "", ""]}
    led["ref_version"] = ["20260601T060000Z-001", "20260601T061500Z-001", "", ""]
    got = values(found(tmp_path, views=added(VIEWS, **led)))
    fields = ("referrer_block", "referrer_slot", "referrer_version")
    assert [got[f"views.{field}"] for field in fields] == ["ref_block", "ref_slot", "ref_version"]
    other = {"referrer_block": ["home", "newsletter"], "referrer_slot": ["top", "left"]}
    got = values(found(tmp_path, views=added(VIEWS, **other)))
    assert got["views.referrer_block"] == got["views.referrer_slot"] == ""


def test_times_without_a_zone(tmp_path: Path) -> None:
    local = [{**row, "time": str(row["time"]).removesuffix("Z")} for row in VIEWS]
    numbers = [{**row, "time": 1_780_000_000 + n} for n, row in enumerate(VIEWS)]
    assert of(found(tmp_path, views=local), "views.time_zone").sure == "unsure"
    assert of(found(tmp_path, views=renamed(local, time="date_gmt", x="")), "views.time").sure
    utc = of(found(tmp_path, views=renamed(local, time="utc_time")), "views.time_zone")
    assert (utc.value, utc.sure) == ("UTC", "sure")
    for rows in (VIEWS, numbers):
        assert "views.time_zone" not in values(found(tmp_path, views=rows))


def test_addresses_are_the_ids_where_there_are_no_others(tmp_path: Path) -> None:
    findings = found(tmp_path, renamed(ARTICLES, id=""))
    assert values(findings)["articles.id"] == values(findings)["articles.url"] == "url"
    assert of(findings, "articles.id").sure == "likely"


@pytest.mark.parametrize(
    "form",
    [
        "https://news.example/{}/bridge?utm_source=x",
        "http://www.news.example/{}/bridge/",
        "news.example/{}/bridge",
        "/{}/bridge",
    ],
)
def test_views_that_name_addresses(tmp_path: Path, form: str) -> None:
    views = [
        {"user": row["user"], "time": row["time"], "page": form.format(TOWNS[n % 10].lower())}
        for n, row in enumerate(VIEWS)
    ]
    findings = found(tmp_path, ARTICLES, views)
    assert values(findings)["views.article"] == "page"
    assert values(findings)["views.article_by"] == "url"
    assert "views.url_keys" not in values(findings)
    assert of(findings, "views.article").why.startswith("10 of its 10 values are found")
    bare = found(tmp_path, renamed(ARTICLES, url=""), views)
    assert bare.notes == [
        "views name articles by URL ('page'), but the articles have no column of URLs: "
        "add one to their export"
    ]


@pytest.mark.parametrize("with_articles", [True, False])
def test_a_query_parameter_that_identifies_articles(tmp_path: Path, with_articles: bool) -> None:
    place = "https://news.example/show.php?id={}&from=rss"
    articles = [{**row, "url": place.format(n)} for n, row in enumerate(ARTICLES)]
    views = [
        {"user": row["user"], "time": row["time"], "url": f"/show.php?utm_id={n}&id={n % 10}"}
        for n, row in enumerate(VIEWS)
    ]
    got = values(found(tmp_path, articles if with_articles else (), views))
    assert (got["views.article_by"], got["views.url_keys"]) == ("url", ["id"])


def test_the_articles_column_that_the_views_refer_to(tmp_path: Path) -> None:
    articles = added(ARTICLES, legacy_key=[f"k{n}" for n in range(10)])
    views = [{**row, "article": f"k{n % 10}"} for n, row in enumerate(VIEWS)]
    findings = found(tmp_path, articles, views)
    assert values(findings)["articles.id"] == "legacy_key"
    assert of(findings, "articles.id").why == "10 of 10 articles of the views are found here"


def test_a_column_of_views_without_a_known_name_that_holds_ids(tmp_path: Path) -> None:
    got = values(found(tmp_path, ARTICLES, renamed(VIEWS, article="target")))
    assert got["views.article"] == "target"


def test_views_of_another_site(tmp_path: Path) -> None:
    strange = [{**row, "article": f"z{n}"} for n, row in enumerate(VIEWS)]
    findings = found(tmp_path, ARTICLES, strange)
    assert of(findings, "views.article").sure == "unsure"
    assert findings.notes[0].startswith("none of the 60 articles in 'article' of the views")


def test_numbers_are_no_words(tmp_path: Path) -> None:
    rows = added(ARTICLES, section=["7", "12"], tags=["[]", "[133, 4]"])
    assert values(found(tmp_path, rows)).items() >= {"texts.section": 0, "texts.tags": 0}.items()


def test_articles_alone_without_times_may_be_recommended(tmp_path: Path) -> None:
    undated = renamed(ARTICLES, published_at="")
    assert values(found(tmp_path, undated))["lists.undated"] is True
    assert "lists.undated" not in values(found(tmp_path, undated, VIEWS))
    assert "lists.undated" not in values(found(tmp_path, ARTICLES))


def test_flags(tmp_path: Path) -> None:
    rows = added(ARTICLES, deleted=["true", "false"], is_premium=["0", "1"], sponsored=["Acme"])
    got = values(found(tmp_path, rows))
    assert (got["articles.withdrawn"], got["articles.paywalled"]) == ("deleted", "is_premium")
    assert got["articles.sponsored"] == ""


@pytest.mark.parametrize(
    ("name", "held", "sure"),
    [
        ("withdrawn", ["t", "f"], "sure"),
        ("is_deleted", ["WAHR", "FALSCH"], "sure"),
        ("deleted_at", ["", "", "2026-05-01 10:00:00"], "sure"),
        ("deleted", [""], "sure"),
        ("retracted", ["by the court", ""], "unsure"),
    ],
)
def test_a_column_of_withdrawals_is_never_left_out(
    tmp_path: Path, name: str, held: list[str], sure: str
) -> None:
    guesses = found(tmp_path, added(ARTICLES, **{name: held})).guesses
    (guess,) = [guess for guess in guesses if guess.key == "articles.withdrawn"]
    assert (guess.value, guess.sure) == (name, sure)


@pytest.mark.parametrize(
    ("articles", "views", "words"),
    [
        (renamed(ARTICLES, id="", url="", title="", body=""), (), "no column for articles.id"),
        ((), renamed(VIEWS, article=""), "no column for views.article; columns found: user, time"),
        ((), renamed(VIEWS, user=""), "no column for views.user"),
        ((), renamed(VIEWS, time=""), "no column for views.time; columns found: user, article"),
        (
            (),
            [{**row, "time": "27/Apr/2026:07:18:15"} for row in VIEWS],
            "'time' cannot be read as times ('27/Apr/2026:07:18:15'); write ISO 8601 or numbers",
        ),
    ],
)
def test_a_required_column_that_cannot_be_found(
    tmp_path: Path, articles: Rows, views: Rows, words: str
) -> None:
    with pytest.raises(DataError, match=words.replace("(", r"\(").replace(")", r"\)")):
        found(tmp_path, articles, views)


def test_no_files() -> None:
    with pytest.raises(UsageError, match="give --articles, --views, or both"):
        guess_config([], [])


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (renamed(ARTICLES, id="ID", title="post_title", body="post_content"), "WordPress"),
        (renamed(VIEWS, user="idvisitor", article="url", time="server_time"), "Matomo"),
    ],
)
def test_known_exports(tmp_path: Path, rows: Rows, name: str) -> None:
    kind = "articles" if name == "WordPress" else "views"
    assert found(tmp_path, **{kind: rows}).forms == {kind: name}


@pytest.mark.parametrize(
    ("names", "columns", "words"),
    [
        (
            {"user": "user_pseudo_id", "article": "event_params", "time": "event_timestamp"},
            {},
            "the URL of the page is inside event_params",
        ),
        (
            {"user": "idvisitor", "article": "idaction_url", "time": "server_time"},
            {},
            "idaction_url is a key of another table",
        ),
    ],
)
def test_exports_that_are_no_plain_tables(
    tmp_path: Path, names: dict[str, str], columns: dict[str, list[str]], words: str
) -> None:
    with pytest.raises(DataError, match=words) as raised:
        found(tmp_path, views=added(renamed(VIEWS, **names), **columns))
    assert "docs/own-files.md" in str(raised.value)


def test_a_column_of_flags_is_no_session_and_no_reader(tmp_path: Path) -> None:
    """As in Parse.ly's raw data, where `session` says whether the session is known."""
    views = renamed(VIEWS, user="visitor_site_id")
    views = added(views, session=["true"], visitor=["true", "false"])
    got = values(found(tmp_path, views=views))
    assert got["views.session"] == ""
    assert got.get("views.user") == "visitor_site_id"


def test_objects_are_no_titles(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"id": n, "title": {"rendered": row["title"]}} for n, row in enumerate(ARTICLES)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert values(guess_config([str(path)], []))["articles.title"] == "title.rendered"


def test_what_is_known_of_one_input_is_kept(tmp_path: Path) -> None:
    articles = written_as_csv(tmp_path / "a.csv", ARTICLES)
    views = written_as_csv(tmp_path / "v.csv", renamed(VIEWS, time=""))
    findings = guess_config(articles, views)
    assert values(findings)["articles.title"] == "title"
    assert "no column for views.time" in findings.failures["views"]
    assert not any(key.startswith("views") for key in values(findings))


@pytest.mark.parametrize(
    ("times", "order", "sure"),
    [
        (["13/02/2026 8:00 AM", "01/02/2026 8:00 AM"], "day-first", "sure"),
        (["02/13/2026", "02/01/2026"], "month-first", "sure"),
        (["01/02/2026", "03/04/2026"], "day-first", "unsure"),
    ],
)
def test_the_day_or_the_month_is_first(
    tmp_path: Path, times: list[str], order: str, sure: str
) -> None:
    findings = found(tmp_path, added(ARTICLES, published_at=times))
    guess = of(findings, "articles.time_order")
    assert (guess.value, guess.sure) == (order, sure)


def test_addresses_that_are_put_together(tmp_path: Path) -> None:
    """As in WordPress's `wp_posts`, where `guid` is no address that readers see."""
    articles = [
        {"ID": n, "post_title": row["title"], "post_content": row["body"], "post_name": f"s{n}",
         "post_date": f"2026-05-{n + 1:02d} 08:00:00", "guid": f"https://news.example/?p={n}"}
        for n, row in enumerate(ARTICLES)
    ]  # fmt: skip
    views = renamed(VIEWS, article="page")
    views = [
        {**row, "page": f"https://news.example/2026/05/s{n % 10}/"} for n, row in enumerate(views)
    ]
    got = values(found(tmp_path, articles, views))
    assert got["articles.url"] == "/{post_date:%Y/%m}/{post_name}/"
    assert of(found(tmp_path, articles), "articles.url").sure == "unsure"


def test_page_views_are_told_from_other_events(tmp_path: Path) -> None:
    events = {"user": "user_pseudo_id", "article": "page_location", "time": "event_timestamp"}
    rows = renamed(VIEWS, **events)
    cases = {
        "event_name": ["page_view", "scroll"],
        "action": ["pageview", "heartbeat", "heartbeat"],
        "eventType": ["Page View", "click", ""],
    }
    for name, named in cases.items():
        only = of(found(tmp_path, views=added(rows, **{name: named})), "views.only")
        assert (only.value, only.sure) == ({name: named[:1]}, "sure"), only
    device = found(tmp_path, views=added(rows, device_type=["phone", "desktop"]))
    assert "views.only" not in values(device)


def test_a_page_of_an_api_is_not_the_whole_site(tmp_path: Path) -> None:
    ghost = {"slug": ["s"], "html": ["text"], "feature_image": ["i"], "visibility": ["public"]}
    whole = added(renamed(ARTICLES, url=""), **ghost)
    assert values(found(tmp_path, whole))["articles.complete"] is True
    api = found(tmp_path, added(ARTICLES, **ghost))
    assert api.forms == {"articles": "Ghost Content API"}
    assert "articles.complete" not in values(api)


def test_states_become_a_filter(tmp_path: Path) -> None:
    states = {"post_status": ["publish", "draft"], "post_type": ["post"], "is_live": ["t", "t"]}
    rows = added(renamed(ARTICLES, id="ID"), **states, entry_status=[2, 1])
    findings = found(tmp_path, rows)
    only = of(findings, "articles.only")
    assert only.value == {"post_status": ["publish"], "post_type": ["post"], "is_live": ["t"]}
    assert only.why.startswith("'post_status' holds 'draft' (5), 'publish' (5); 'post_type' holds")
    assert findings.notes == [
        "'entry_status' holds '1' (5), '2' (5): name the values of published rows in "
        "articles.only, or the column in articles.ignore"
    ]


def test_the_time_of_the_last_change(tmp_path: Path) -> None:
    times = [f"2026-06-{day:02}T08:00:00Z" for day in range(1, 11)]
    rows = added(ARTICLES, post_modified_gmt=times, updated=["yes", "no"])
    assert values(found(tmp_path, rows))["articles.modified_at"] == "post_modified_gmt"


def test_only_a_single_file_is_taken_for_the_whole_site(tmp_path: Path) -> None:
    written_as_csv(tmp_path / "a.csv", ARTICLES)
    for paths, whole in ((["a.csv"], True), (["*.csv"], False), (["."], False)):
        given = [str(tmp_path / path) for path in paths]
        assert ("articles.complete" in values(guess_config(given, []))) == whole


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("access.log", '1.2.3.4 - - [01/Jun/2026:07:18:15 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n',
         "is the log of a web server"),
        ("page.xml", "<?xml version='1.0'?><svg/>", "is XML, <svg>, and no feed"),
        ("bomb.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><rss>&a;</rss>", "declares entities"),
        ("cut.xml", "<rss><channel><item><title>a</title>", "not well-formed XML"),
        ("cut.json", '{"posts": [{"id": 1}', "JSON that ends in the middle"),
        ("notes.txt", "hello\n", "neither its name nor its first line shows the format"),
        ("empty.csv", "", "is empty"),
        ("head.csv", "id,title\n", "has no row"),
        ("x.jsonl", "[1, 2]\n", "has no JSON object, so no row"),
    ],
)  # fmt: skip
def test_files_that_are_not_tables(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=words):
        guess_config([str(tmp_path / name)], [])


@pytest.mark.parametrize("end", ["tsv", "csv", "jsonl", "parquet"])
def test_a_name_that_does_not_tell_the_format(tmp_path: Path, end: str) -> None:
    path = tmp_path / "articles.dump"
    written_as_csv(tmp_path / "a.csv", ARTICLES)
    options = {"tsv": "delimiter '\t'", "csv": "delimiter ';'", "jsonl": "format json"}.get(end)
    duckdb.sql(f"COPY (FROM '{tmp_path}/a.csv') TO '{path}' ({options or 'format parquet'})")
    findings = guess_config([str(path)], [])
    assert of(findings, "articles.format").value == end
    assert values(findings).items() >= {"articles.id": "id", "articles.title": "title"}.items()


def test_a_large_file_is_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies behind is not even unpacked, and a quoted field that is cut there is no matter."""
    monkeypatch.setattr(sampling, "SAMPLE_BYTES", 5000)
    numbers = range(200)
    rows = [
        {**ARTICLES[n % 10], "body": f"A {sha256(bytes([n])).hexdigest()}\nline.\n" * 9}
        for n in numbers
    ]
    (path,) = written_as_csv(tmp_path / "a.csv", rows)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(Path(path).read_bytes())[:-500])
    for name in (path, str(packed)):
        guesses = guess_config([name], []).guesses
        assert {guess.key: guess.value for guess in guesses}["articles.body"] == "body"
    lines = tmp_path / "a.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert values(guess_config([str(lines)], []))["articles.title"] == "title"


def test_columns_that_only_some_files_have(tmp_path: Path) -> None:
    for number in range(4):
        rows = VIEWS if number != 1 else added(VIEWS, read_time=["7"])
        written_as_csv(tmp_path / f"v{number}.csv", rows)
    written_as_csv(tmp_path / "v0.csv", added(VIEWS, session=["s"]))
    assert "views.session" not in values(guess_config([], [str(tmp_path)]))


def test_the_words_of_a_field_are_distinct() -> None:
    for fields in (ARTICLE_FIELDS, VIEW_FIELDS):
        for field in fields:
            words = field.words.split()
            assert len(words) == len({*words})
            assert all(field.name_fit(word) > 0 for word in words)
            assert field.name_fit(words[0]) == 1


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=scaled(200))
@given(st.lists(NAMES, min_size=1, max_size=3), NAMES, NAMES)
def test_any_names_make_a_config_that_loads(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str], column: str, note: str
) -> None:
    guesses = [
        GuessedSetting("articles.id", column, "unsure", note),
        GuessedSetting("articles.title", column, "sure", column),
        GuessedSetting("articles.only", {column: [note or "x"]}, "sure", note),
        GuessedSetting("views.url_keys", ["id"], "likely", note),
        GuessedSetting("lists.undated", True, "sure", note),
    ]
    file = tmp_path_factory.mktemp("names") / "ymal.toml"
    text = format_config({"articles": paths, "views": []}, GuessedConfig(guesses, [note], {}))
    file.write_bytes(text.encode())
    config = load(file).config
    assert config.paths.articles == paths
    assert config.articles.id == config.articles.title == column
    assert config.articles.only == {column: [note or "x"]}
    assert config.views.url_keys == ["id"]
    assert config.lists.undated
