"""How texts of files become values: quotes, words for nothing, ids written otherwise, times."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.config import Config
from training.data import read_site
from training.data.documents import is_document
from training.data.times import time_micros
from training.errors import DataError
from training.records import NEVER, Site

KEY = bytes(32)
T = "2026-05-01T08:00:00Z"


def read(folder: Path, articles: str, views: str = "", **settings: object) -> Site:
    """Read a site from texts of CSV, or of TSV where the header has tabs."""
    files = []
    for name, text in (("a", articles), ("v", views)):
        path = folder / f"{name}.{'tsv' if chr(9) in text.partition(chr(10))[0] else 'csv'}"
        path.write_text(text)
        files.append([str(path)] if text else [])
    return read_site(Config.model_validate(settings), *files, key=KEY)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ('id,title\n1,"He said \\"no\\", then"\n2,"C:\\\\"\n', ['He said "no", then', "C:\\"]),
        ('id,title\n1,"ends with \\"\n2,"a ""b"" c"\n', ["ends with \\", 'a "b" c']),
        ('id\ttitle\n1\t"No," he said\n2\t"Never\n3\tx "y" z\n', ['"No," he said', '"Never',
                                                                   'x "y" z']),
        ('id\ttitle\n1\t"a\tb"\n2\t"say ""x"""\n', ["a b", 'say "x"']),
        ('"id"\t"title"\n"1"\t"whole"\n', ["whole"]),
    ],
)  # fmt: skip
def test_quotes_as_others_write_them(tmp_path: Path, text: str, titles: list[str]) -> None:
    site = read(tmp_path, text)
    assert list(site.articles.title) == titles
    assert not site.quarantine


FIELD = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from('"\\\t\n,'), min_size=1)


@settings(max_examples=scaled(60))
@given(titles=st.lists(FIELD, min_size=1, max_size=5))
def test_mysql_tables_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    """Whatever stands in a text, `SELECT * INTO OUTFILE` and the reader agree on it."""
    folder = tmp_path_factory.mktemp("mysql")
    posts = [
        (f"{n}", "1", "2026-05-01 08:00:00", "2026-05-01 08:00:00", "text", f"x{title}x", "",
         "publish", "open", "open", "", "s", "", "", "", "", "", "0", "g", "0", "post", "", "0")
        for n, title in enumerate(titles)
    ]  # fmt: skip
    marked = str.maketrans({sign: f"\\{sign}" for sign in '\\\t\n"'})
    rows = ("\t".join(field.translate(marked) for field in post) + "\n" for post in posts)
    (folder / "wp.tsv").write_text("".join(rows), newline="")
    quoted = (",".join(f'"{field.translate(marked)}"' for field in post) + "\n" for post in posts)
    (folder / "wp.csv").write_text("".join(quoted), newline="")
    config = Config.model_validate({"articles": {"id": "ID", "title": "post_title"}})
    for name in ("wp.tsv", "wp.csv"):
        site = read_site(config, [str(folder / name)], [], key=KEY)
        found = dict(zip(site.articles.id, site.articles.title, strict=True))
        clean = ["".join(" " if c in "\t\n" else c for c in f"x{title}x") for title in titles]
        assert found == {str(n): title for n, title in enumerate(clean)}


@pytest.mark.parametrize("word", ["NULL", "null", "\\N", "None", "nan", "NaN", "<NA>", " NULL "])
def test_words_for_nothing(tmp_path: Path, word: str) -> None:
    site = read(
        tmp_path, f"id,title,section,published_at\n1,{word},{word},{word}\n2,Null hope,a,\n"
    )
    assert list(site.articles.title) == ["", "Null hope"]
    assert list(site.articles.section) == ["", "a"]
    assert site.articles.published.tolist() == [NEVER, NEVER]


@pytest.mark.parametrize(
    ("ids", "viewed"),
    [
        (["A1B2-C3", "D4"], "a1b2-c3"),
        (["A1B2-C3", "D4"], "{A1B2-C3}"),
        (["a1  ", "b"], " a1"),
        (["7.0", "8.0"], "7"),
        (["7", "8"], "7.0"),
    ],
)
def test_views_find_an_article_whose_id_is_written_otherwise(
    tmp_path: Path, ids: list[str], viewed: str
) -> None:
    site = read(
        tmp_path,
        "id,title\n" + "".join(f"{id_},t\n" for id_ in ids),
        f"user,article,time\nu,{viewed},{T}\n",
    )
    assert site.views.connection.sql("SELECT article FROM views").fetchall() == [(0,)]


def test_an_id_that_two_articles_could_mean_names_none(tmp_path: Path) -> None:
    site = read(tmp_path, "id,title\nAb,t\nAB,t\nx,t\n", f"user,article,time\nu,ab,{T}\nu,Ab,{T}\n")
    assert site.left_out == {"unknown article": 1}


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("24.05.2022", "auto", (2022, 5, 24)),
        ("24.05.2022 14:05", "auto", (2022, 5, 24, 14, 5)),
        ("11/12/2019 2:14:46 PM", "day-first", (2019, 12, 11, 14, 14, 46)),
        ("11/12/2019 2:14:46 PM", "month-first", (2019, 11, 12, 14, 14, 46)),
        ("11/12/2019 2:14:46 PM", "auto", None),
        ("2026112809", "auto", (2026, 11, 28, 9)),
        ("20261128", "auto", (2026, 11, 28)),
        ("202611280905", "auto", (2026, 11, 28, 9, 5)),
        ("1780000000", "auto", (2026, 5, 28, 20, 26, 40)),
        ("Sat, 30 May 2026 08:55:27 +0200", "auto", (2026, 5, 30, 6, 55, 27)),
        ("Sat, 30 May 2026 08:55:27 GMT", "auto", (2026, 5, 30, 8, 55, 27)),
        ("May 5, 2026 3:04 PM", "auto", (2026, 5, 5, 15, 4)),
        ("1901-05-03T06:00:00Z", "auto", (1901, 5, 3, 6)),
        ("-2166890400", "auto", (1901, 5, 3, 6)),
        ("1599-12-31T00:00:00Z", "auto", None),
        ("32.05.2022", "auto", None),
        ("soon", "auto", None),
    ],
)
def test_times(text: str, order: str, expected: tuple[int, ...] | None) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    micros = time_micros("text", "auto", order, articles=True)  # type: ignore[arg-type]
    ((found,),) = connection.execute(f"SELECT {micros} FROM (SELECT $1 AS text)", [text]).fetchall()
    seconds = None if expected is None else datetime(*expected, tzinfo=UTC).timestamp()  # type: ignore[misc]
    assert found == (None if seconds is None else round(seconds * 1_000_000))


@pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "1970-01-01T00:00:00Z", "0"])
def test_the_first_moment_is_no_time(tmp_path: Path, text: str) -> None:
    site = read(tmp_path, f"id,title,published_at\n1,t,{text}\n")
    assert site.articles.published.tolist() == [NEVER]
    assert not site.quarantine


PATHS = st.lists(st.sampled_from(["posts", "data", "result"]), max_size=3)


@settings(max_examples=scaled(80))
@given(
    path=PATHS,
    ids=st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1), min_size=1),
    indent=st.sampled_from([None, 2]),
    title=st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)
def test_rows_are_found_however_a_document_wraps_them(
    tmp_path_factory: pytest.TempPathFactory,
    path: list[str],
    ids: list[str],
    indent: int | None,
    title: str,
) -> None:
    """Brackets and quotes inside of texts are no brackets of the document."""
    rows: object = [{"id": f"i{id_}", "title": f'[{{"{title}', "tags": [{"a": 1}]} for id_ in ids]
    for at, key in enumerate(reversed(path)):
        rows = {key: rows, "meta": {"pages": 1}}
        rows = {"db": [rows]} if at else rows  # as Ghost does
    file = tmp_path_factory.mktemp("documents") / "a.json"
    file.write_text(json.dumps(rows, indent=indent, ensure_ascii=False))
    site = read_site(Config(), [str(file)], [], key=KEY)
    assert {*site.articles.id} == {f"i{id_}".strip() for id_ in ids}
    assert all(text.startswith('[{"') for text in site.articles.title)


def test_nested_fields_and_bad_rows_of_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{"posts": [\n {"id": 1, "title": {"text": "One"}},\n {"title": 2},\n {"id": 3}]}'
    )
    config = {"articles": {"title": "title.text"}, "data": {"max_bad_share": 0.5}}
    site = read_site(Config.model_validate(config), [str(path)], [], key=KEY)
    assert list(site.articles.title) == ["One", ""]
    assert [(row.line, row.reason) for row in site.quarantine] == [(3, "no id")]
    wrong = Config.model_validate({"articles": {"title": "title.txt"}})
    with pytest.raises(
        DataError, match=r"column 'title.txt' is missing .*did you mean 'title.text'"
    ):
        read_site(wrong, [str(path)], [], key=KEY)
    other = Config.model_validate({"articles": {"rows": "pages"}})
    with pytest.raises(DataError, match=r"no array 'pages' \(articles.rows\); arrays found: posts"):
        read_site(other, [str(path)], [], key=KEY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"id": 1}]', True),
        ('{"posts": [{"id": 1}]}', True),
        ('{"posts": [],\n "meta": {}}', True),
        ('{\n "data": []}', True),
        ('{"id": 1, "tags": [{"id": 2}]}\n', False),
        ('{"user": "u", "items": []}\n{"user": "u", "items": []}\n', False),
        (
            '{"user": "u", "items": [{"a": 1}], "more": "text of many words"}\n{"user": "v"}\n',
            False,
        ),
        ("id,title\n", False),
    ],
)
def test_documents_and_lines_are_told_apart(text: str, expected: bool) -> None:
    assert is_document(text.encode()) == expected
