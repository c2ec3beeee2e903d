"""The same small site in every format is the same site; odd ids come through unharmed."""

import csv
import gc
import gzip
import io
import json
import lzma
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.blocks import BLOCKS
from tests.thorough import representative, scaled
from training.config import Config
from training.data import default_now, read_site
from training.data.files import zstd
from training.data.navigation import NAVIGATION
from training.data.values import is_nothing
from training.errors import DataError
from training.records import NEVER, Flag, Site

KEY = bytes(range(32))
BLOCK = {key: place for place, key in enumerate(BLOCKS)}
SECOND = 1_000_000
NOON = 1_682_596_800 * SECOND  # 2023-04-27T12:00:00Z

ARTICLES = [
    {
        "id": "007",
        "title": 'A "quoted", title',
        "tags": "sea;wind",
        "published_at": str(NOON // SECOND),
        "sponsored": "yes",
        "paywalled": "1",
    },
    {
        "id": "7",
        "title": "Über\nLinien",
        "tags": "",
        "published_at": "",
        "sponsored": "",
        "paywalled": "",
    },
    {
        "id": "b",
        "title": "",
        "tags": "[133]",
        "published_at": str(NOON // SECOND + 60),
        "sponsored": "no",
        "paywalled": "True",
    },
]
UNDATED = Config.model_validate({"lists": {"undated": True}})
"""One of these articles has no time, and is published."""

VIEWS = [
    {"user": user, "article": article, "time": time, "session": session, "read_time": seconds}
    for user, article, time, session, seconds in (
        ("u2", "7", "2023-04-27T14:00:05+02:00", "", ""),
        ("u1", "007", "2023-04-27T12:00:01.5Z", "s", "12"),
        ("u1", "007", "2023-04-27 12:00:01.5", "s", "29.6"),
        ("u1", "gone", "2023-04-27T12:00:00Z", "s", "5"),
    )
]


PACK = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstd.compress}
ENDS = ["csv", "tsv", "jsonl", "parquet", "csv.gz", "tsv.gz", "jsonl.gz", "csv.xz", "jsonl.zst"]


def separated(rows: Sequence[Mapping[str, Any]], delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def json_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows in the format that the name tells."""
    name = path.stem if path.suffix in PACK else path.name
    if name.endswith(".parquet"):
        lines = path.with_suffix(".tmp")
        lines.write_bytes(json_lines(rows))
        duckdb.sql(
            f"COPY (FROM read_json('{lines}', format='nd', convert_strings_to_integers=false)) "
            f"TO '{path}' (FORMAT parquet)"
        )
        return str(path)
    data = (
        json_lines(rows)
        if name.endswith("l")
        else separated(rows, {"tsv": "\t", "csv": ",", "scsv": ";"}[name.rsplit(".", 1)[-1]])
    )
    path.write_bytes(PACK.get(path.suffix, bytes)(data))
    return str(path)


def content(site: Site) -> tuple[Any, ...]:
    """Return a site's values without its inputs."""
    articles = site.articles
    texts = [list(getattr(articles, f)) for f in ("id", "title", "body", "section", "tags", "url")]
    columns = "time, reader, session, article, read_time"
    views = site.views.connection.sql(f"SELECT {columns} FROM views").fetchall()
    times, flags = articles.published.tolist(), articles.flags.tolist()
    return list(site.ids), texts, times, flags, views, site.left_out, site.read


@pytest.mark.parametrize("end", ENDS)
def test_every_format_gives_the_same_site(tmp_path: Path, end: str) -> None:
    articles = write(tmp_path / f"articles.{end}", ARTICLES)
    views = write(tmp_path / f"views.{end}", VIEWS)
    site = read_site(UNDATED, [articles], [views], key=KEY)
    ids, texts, published, flags, rows, left_out, read = content(site)
    assert ids == ["007", "7", "b"]
    assert texts[:2] == [ids, ['A "quoted", title', "Über Linien", ""]]
    assert texts[4] == ["sea\nwind", "", "133"]
    assert published == [NOON, NEVER, NOON + 60 * SECOND]
    assert flags == [Flag.SPONSORED | Flag.PAYWALLED, 0, Flag.PAYWALLED]
    assert [(time, article, seconds) for time, _, _, article, seconds in rows] == [
        (NOON + SECOND * 3 // 2, 0, 30),
        (NOON + 5 * SECOND, 1, -1),
    ]
    assert rows[0][1] != rows[1][1]
    assert rows[0][2] != 0
    assert rows[1][2] == 0
    assert left_out == {"exact duplicate": 1, "unknown article": 1}
    assert read == {"articles": 3, "views": 4}
    assert (site.views.start, site.views.newest) == (rows[0][0], rows[1][0])
    assert default_now(site) == NOON + 61 * SECOND
    assert not site.quarantine


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    """As a log that is written by the hour, into a folder for each day."""
    for number, end in enumerate(("csv", "jsonl.gz", "parquet", "tsv.zst")):
        (tmp_path / f"day{number}").mkdir()
        write(tmp_path / f"day{number}" / f"views.{end}", VIEWS[number : number + 1])
    (tmp_path / "day0" / "_SUCCESS").touch()
    (tmp_path / "README.txt").write_text("hourly")
    whole = read_site(Config(), [], [write(tmp_path.with_suffix(".csv"), VIEWS)], key=KEY)
    parts = read_site(Config(), [], [str(tmp_path)], key=KEY)
    assert content(parts) == content(whole)
    assert [Path(file.path).parent.name for file in parts.inputs] == [
        "day0",
        "day1",
        "day2",
        "day3",
    ]


FORMS = ["a.{}", "./a.{}", ".//a.{}", "x/../a.{}", "{}/a.{}"]


@pytest.mark.parametrize(
    ("form", "end"),
    representative(
        [*((form, "csv.gz") for form in FORMS), *((FORMS[2], end) for end in ENDS)],
        [(form, end) for form in FORMS for end in ENDS],
    ),
)
def test_input_files_are_never_removed_however_their_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, end: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    write(tmp_path / f"a.{end}", ARTICLES)
    before = (tmp_path / f"a.{end}").read_bytes()
    path = form.format(tmp_path, end) if form.startswith("{}") else form.format(end)
    assert len(read_site(UNDATED, [path], [], key=KEY).ids) == 3
    assert (tmp_path / f"a.{end}").read_bytes() == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(separated(ARTICLES, delimiter))
    assert list(read_site(UNDATED, [str(path)], [], key=KEY).ids) == ["007", "7", "b"]


def test_globs_and_files_with_glob_signs_in_their_names(tmp_path: Path) -> None:
    for name, row in zip(("1.jsonl", "2.jsonl", "[x]*.jsonl"), ARTICLES, strict=True):
        write(tmp_path / name, [row])
    numbered = read_site(UNDATED, [f"{tmp_path}/?.jsonl"], [], key=KEY)
    assert list(numbered.ids) == ["007", "7"]
    assert [Path(file.path).name for file in numbered.inputs] == ["1.jsonl", "2.jsonl"]
    odd = read_site(UNDATED, [f"{tmp_path}/[x]*.jsonl"], [], key=KEY)
    assert list(odd.ids) == ["b"]


def test_numeric_ids_are_plain_decimals_and_texts_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 7}\n{"id": 8.0}\n{"id": "9.0"}\n{"id": 12345678901234567}\n')
    assert list(read_site(Config(), [str(path)], [], key=KEY).ids) == [
        "12345678901234567",
        "7",
        "8",
        "9.0",
    ]
    file = tmp_path / "v.parquet"
    duckdb.sql(
        "COPY (SELECT unnest([7.0, 8.5, NULL]::DOUBLE[]) AS article, 1 AS user, "
        "1682596800 AS time) "
        f"TO '{file}' (FORMAT parquet)"
    )
    config = Config.model_validate({"data": {"max_bad_share": 0.5}})
    site = read_site(config, [], [str(file)], key=KEY)
    assert list(site.ids) == ["7", "8.5"]
    assert site.left_out == {NAVIGATION: 1}


@pytest.mark.parametrize(
    "values", [["['x y', 'z']", '["x y","z"]', "x y,z", " x y ; z;"], [["x y", "z"]]]
)
@pytest.mark.parametrize("end", ["jsonl", "parquet"])
def test_tags_however_written(tmp_path: Path, values: list[object], end: str) -> None:
    rows = [{"id": str(at), "tags": value} for at, value in enumerate(values)]
    path = write(tmp_path / f"a.{end}", rows)
    tags = list(read_site(Config(), [path], [], key=KEY).articles.tags)
    assert tags == ["x y\nz"] * len(values)


MARKS: list[list[tuple[object, bool]]] = [
    [(True, True), (False, False), (None, False)],
    [("TRUE", True), (" yes ", True), ("y", True), ("1", True), ("no", False), (None, False)],
    [(1, True), (0, False), (None, False)],
    [(None, False)],
]
"""Values of one type, as a column holds them, and whether each is a mark."""


@pytest.mark.parametrize(
    "value",
    [
        [{"id": 7, "name": "x y", "slug": "x-y"}, {"id": 8, "name": "z", "slug": "z"}],
        "[{'id': 7, 'name': 'x y'}, {'id': 8, 'name': 'z'}]",
        {"nodes": [{"name": "x y"}, {"name": "z"}]},
        "['x y' 'z']",
        "x&nbsp;y, <b>z</b>",
    ],
)
@pytest.mark.parametrize("end", ["jsonl", "csv"])
def test_tags_are_names(tmp_path: Path, value: object, end: str) -> None:
    cell = value if isinstance(value, str) or end == "jsonl" else json.dumps(value)
    path = write(tmp_path / f"a.{end}", [{"id": "a", "tags": cell}])
    assert list(read_site(Config(), [path], [], key=KEY).articles.tags) == ["x y\nz"]


def test_no_entity_or_tag_reaches_what_readers_see(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "title": "Macron&#8217;s <em>plan</em>",
        "section": "Arts &amp; Culture",
        "author": "<a href='/lee'>Ann &quot;Bo&quot; Lee</a>",
        "url": "https://example.org/?a=1&amp;copy=2",
    }
    path = write(tmp_path / "a.jsonl", [row, {**row, "id": "b", "section": '{"name": "Arts"}'}])
    config = Config.model_validate({"articles": {"keep": ["author"]}})
    found = read_site(config, [path], [], key=KEY).articles
    assert list(found.title) == ["Macron’s plan"] * 2
    assert list(found.section) == ["Arts & Culture", "Arts"]
    assert json.loads(found.extra[0]) == {"author": 'Ann "Bo" Lee'}
    assert found.url[0] == "https://example.org/?a=1&copy=2"


@pytest.mark.parametrize("end", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("broken", ["", "\n"])
def test_a_picture_in_the_text_is_not_read(tmp_path: Path, end: str, broken: str) -> None:
    line = "iVBORw0KGgo+/AbC9" * 4 + broken
    body = f'<p>Snow</p><img src="data:image/png;base64,{broken}{line * 3}AbC=" alt="">\nfalls'
    path = write(tmp_path / f"a.{end}", [{"id": "a", "body": body}])
    (found,) = read_site(Config(), [path], [], key=KEY).articles.body
    assert found == '<p>Snow</p><img src=" " alt="">\nfalls'


@pytest.mark.parametrize("flag", ["withdrawn", "sponsored", "paywalled"])
@pytest.mark.parametrize("end", ["jsonl", "parquet"])
def test_a_mark_however_written(tmp_path: Path, flag: str, end: str) -> None:
    for column in MARKS:
        rows = [{"id": str(n), "title": "", flag: value} for n, (value, _) in enumerate(column)]
        path = write(tmp_path / f"a.{end}", rows)
        flags = read_site(Config(), [path], [], key=KEY).articles.flags.tolist()
        assert flags == [Flag[flag.upper()] if marked else 0 for _, marked in column]


def test_tags_tell_what_is_evergreen(tmp_path: Path) -> None:
    tags = ["how-to;sea", "Guides", "guide", "", '["HOW-TO", "wind"]']
    rows = [{"id": str(at), "tags": some, "withdrawn": at == 4} for at, some in enumerate(tags)]
    path = write(tmp_path / "a.csv", rows)
    config = Config.model_validate({"articles": {"evergreen": ["how-to", "guides"]}})
    lasting = Flag.EVERGREEN
    flags = [lasting, lasting, 0, 0, lasting | Flag.WITHDRAWN]
    assert read_site(config, [path], [], key=KEY).articles.flags.tolist() == flags
    assert read_site(Config(), [path], [], key=KEY).articles.flags.tolist()[:4] == [0] * 4


READ_TIMES = {
    "0": 0,
    "12.4": 12,
    "9999": 3600,
    **dict.fromkeys(("", "-3", "long", "1e12", "NaN", "inf"), -1),
}


@pytest.mark.parametrize("end", ["csv", "jsonl", "parquet"])
def test_a_text_that_is_no_number_of_seconds_is_no_read_time(tmp_path: Path, end: str) -> None:
    rows = [
        {"user": "u", "article": "a", "time": NOON + at, "read_time": value}
        for at, value in enumerate(READ_TIMES)
    ]
    site = read_site(Config(), [], [write(tmp_path / f"v.{end}", rows)], key=KEY)
    found = site.views.connection.sql("SELECT read_time FROM views ORDER BY time").fetchall()
    assert [seconds for (seconds,) in found] == [*READ_TIMES.values()]
    assert not site.quarantine


REFERRERS = [
    ("related", "2", "20260601T060000Z-001", (BLOCK["related"], 2, 0)),
    (" Must_Reads ", "100", "v", (BLOCK["must_reads"], 100, 1)),
    ("popular", "2.0", "", (BLOCK["popular"], 2, -1)),
    ("", "", "", (-1, -1, -1)),
    *(("newsletter", slot, "", (-1, -1, -1)) for slot in ("0", "101", "1.5", "top", "-1")),
]


@pytest.mark.parametrize("end", ["csv", "jsonl", "parquet"])
def test_an_unknown_block_or_slot_led_to_no_view(tmp_path: Path, end: str) -> None:
    rows = [
        {"user": "u", "article": "a", "time": NOON + at, "referrer_block": block}
        | {"referrer_slot": slot, "referrer_version": version}
        for at, (block, slot, version, _) in enumerate(REFERRERS)
    ]
    site = read_site(Config(), [], [write(tmp_path / f"v.{end}", rows)], key=KEY)
    columns = "SELECT block, slot, version FROM views ORDER BY time"
    found = site.views.connection.sql(columns).fetchall()
    assert found == [expected for *_, expected in REFERRERS]
    assert site.views.versions == ["20260601T060000Z-001", "v"]
    assert not site.quarantine


def test_without_referrer_columns_no_view_came_by_a_block(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", [{"user": "u", "article": "a", "time": NOON}])
    site = read_site(Config(), [], [path], key=KEY)
    found = site.views.connection.sql("SELECT block, slot, version FROM views").fetchall()
    assert found == [(-1, -1, -1)]
    named = Config(views={"referrer_block": "from"})
    with pytest.raises(DataError, match=r"column 'from' is missing \(views.referrer_block\)"):
        read_site(named, [], [path], key=KEY)


def test_of_duplicate_views_one_with_a_block_suffices(tmp_path: Path) -> None:
    row = {"user": "u", "article": "a", "time": NOON, "referrer_block": "", "referrer_slot": ""}
    rows = [row, {**row, "referrer_block": "weekly", "referrer_slot": "3"}]
    site = read_site(Config(), [], [write(tmp_path / "v.csv", rows)], key=KEY)
    found = site.views.connection.sql("SELECT block, slot FROM views").fetchall()
    assert found == [(BLOCK["weekly"], 3)]


def test_control_characters_become_spaces(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"id": "a", "title": "x\0y\nz", "body": "x\0y\nz"}])
    articles = read_site(Config(), [path], [], key=KEY).articles
    assert (articles.title[0], articles.body[0]) == ("x y z", "x y\nz")


def test_known_rows_keep_their_place(tmp_path: Path) -> None:
    articles = write(tmp_path / "a.csv", [{"id": i, "title": ""} for i in ("d", "a", "b")])
    views = write(
        tmp_path / "v.csv",
        [{"user": "u", "article": i, "time": NOON + k} for k, i in enumerate(("a", "z", "b"))],
    )
    site = read_site(Config(), [articles], [views], key=KEY, known=["z", "b"])
    assert list(site.ids) == ["z", "b", "a", "d"]
    assert list(site.articles.id) == ["a", "b", "d"]
    rows = site.views.connection.sql("SELECT article FROM views").fetchall()
    assert rows == [(2,), (0,), (1,)]


def test_without_article_files_the_articles_are_what_was_viewed(tmp_path: Path) -> None:
    views = write(tmp_path / "v.csv", VIEWS)
    site = read_site(Config(), [], [views], key=KEY)
    assert list(site.ids) == list(site.articles.id) == ["007", "7", "gone"]
    assert site.articles.published.tolist() == [NEVER] * 3
    assert site.views.count == 3
    assert site.left_out == {"exact duplicate": 1}


def test_without_a_user_column_the_session_is_the_user(tmp_path: Path) -> None:
    views = write(tmp_path / "v.csv", [{k: v for k, v in VIEWS[1].items() if k != "user"}])
    site = read_site(Config(), [], [views], key=KEY)
    ((reader, session),) = site.views.connection.sql("SELECT reader, session FROM views").fetchall()
    assert reader == session != 0


def test_the_temporary_folder_is_removed_with_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = write(tmp_path / "v.csv.gz", VIEWS)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    site = read_site(Config(), [], [views], key=KEY)
    assert [list(folder.iterdir()) for folder in temporary.iterdir()] == [[]]
    assert site.views.count_between(NOON, NOON + 5 * SECOND) == 2
    del site
    gc.collect()
    assert not list(temporary.iterdir())


def test_the_key_changes_every_reader(tmp_path: Path) -> None:
    views = write(tmp_path / "v.csv", VIEWS)
    sites = [read_site(Config(), [], [views], key=key) for key in (KEY, KEY, bytes(32))]
    readers = [s.views.connection.sql("SELECT reader FROM views").fetchall() for s in sites]
    assert readers[0] == readers[1]
    assert not set(readers[0]) & set(readers[2])


def test_row_order_does_not_matter_nor_are_files_changed(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [
        {"user": f"u{u}", "article": f"a{a}", "time": NOON + int(t) * SECOND}
        for u, a, t in rng.integers(0, 50, (2000, 3))
    ]
    shuffled = [rows[i] for i in rng.permutation(len(rows))]
    paths = [write(tmp_path / "1.csv", rows), write(tmp_path / "2.jsonl", shuffled)]
    before = [Path(path).read_bytes() for path in paths]
    sites = [content(read_site(Config(), [], [path], key=KEY)) for path in paths]
    assert [site[:4] for site in sites[:1]] == [site[:4] for site in sites[1:]]
    assert sorted(sites[0][4]) == sorted(sites[1][4])
    times = [row[0] for row in sites[0][4]]
    assert times == sorted(times)
    assert [Path(path).read_bytes() for path in paths] == before


IDS = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0 \t\r\n"), min_size=1
    ).filter(lambda text: not is_nothing(text))
    | st.sampled_from(["007", "7", "7.5", "1e3", "Null", '"', "'", ",", ";", "a\nb", "a b", "[]"]),
    min_size=1,
    max_size=24,
    unique=True,
)


@settings(max_examples=scaled(24))
@given(ids=IDS)
@pytest.mark.parametrize("end", ["csv", "jsonl"])
def test_any_id_without_spaces_around_is_kept_exactly(
    tmp_path_factory: pytest.TempPathFactory, end: str, ids: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    path = write(folder / f"a.{end}", [{"id": i, "title": f"t{i}"} for i in ids])
    views = write(folder / f"v.{end}", [{"user": i, "article": i, "time": NOON} for i in ids])
    site = read_site(Config(), [path], [views], key=KEY)
    assert list(site.ids) == sorted(ids)
    assert site.views.count == len(ids)
