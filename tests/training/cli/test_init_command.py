"""`ymal init`, then `check` and `train` with what it wrote, unedited: on files of many makes."""

import csv
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest

from recommender import Recommender
from tests.training.cli.commands import failure, ymal
from training.config import load
from training.data.files import zstd
from training.errors import EXIT_DATA, EXIT_USAGE

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
GUIDE = (ROOT / "docs" / "own-files.md").read_text(encoding="utf-8")

Row = Mapping[str, object]
Mapped = dict[str, object]

TOWNS = ["ashby", "borley", "corfe", "diss", "eye", "frome"]
MATTERS = {
    "bridge": "The river bridge is open to cars, and engineers praise its steel arches.",
    "school": "Pupils of the school paint their classroom, and teachers give lessons.",
}
STORIES = [(number, *story) for number, story in enumerate(product(TOWNS, MATTERS))]
READS = [
    (n % 17, STORIES[n % 12], f"2026-06-{1 + n // 24:02d} {n % 24:02d}:30:00") for n in range(120)
]


def title(town: str, matter: str) -> str:
    return f"The {matter} of {town.title()} is ready"


def body(town: str, matter: str) -> str:
    return f"{town.title()}; in <b>{town}</b>:\n{MATTERS[matter]}"


def address(town: str, matter: str) -> str:
    return f"https://news.example/{matter}/{town}"


def published(number: int) -> str:
    return f"2026-05-{10 + number} 08:00:00"


def separated(path: Path, rows: Sequence[Row], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def lines(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(sql: str, folder: Path) -> None:
    """Run SQL of the guide as the guide says."""
    command = [sys.executable, "-c", "import duckdb, sys; duckdb.sql(sys.stdin.read())"]
    subprocess.run(command, input=sql, text=True, cwd=folder, check=True)


def guide(words: str) -> str:
    """Give the SQL of the guide that holds some words."""
    (found,) = (sql for sql in re.findall(r"```sql\n(.*?)```", GUIDE, re.S) if words in sql)
    return str(found)


def own(folder: Path) -> Mapped:
    articles = [
        {"id": n, "title": title(t, m), "body": body(t, m), "section": m, "url": address(t, m)}
        for n, t, m in STORIES
    ]
    lines(folder / "articles.jsonl", articles)
    views = [{"user": f"u{u}", "article": n, "time": f"{at}Z"} for u, (n, *_), at in READS]
    lines(folder / "views.jsonl", views)
    return {"articles.id": "id", "views.article": "article", "views.article_by": "id"}


def semicolons(folder: Path) -> Mapped:
    articles = [
        {"Artikel-ID": f"x {n}", "Titel": title(t, m), "Text": body(t, m), "Ressort": m,
         "Datum": published(n)}
        for n, t, m in STORIES
    ]  # fmt: skip
    separated(folder / "articles.csv", articles, ";")
    views = [
        {"Nutzer": f"n{u}", "Artikel": f"x {n}", "Zeit": at, "Verweildauer": u}
        for u, (n, *_), at in READS
    ]
    separated(folder / "views.csv", views, ";")
    return {
        "articles.id": "Artikel-ID", "articles.title": "Titel", "articles.body": "Text",
        "articles.section": "Ressort", "articles.published_at": "Datum", "views.user": "Nutzer",
        "views.article": "Artikel", "views.time": "Zeit", "views.read_time": "Verweildauer",
    }  # fmt: skip


def tabs_without_ids(folder: Path) -> Mapped:
    articles = [
        {"headline": title(t, m), "text": body(t, m), "link": address(t, m)} for _, t, m in STORIES
    ]
    separated(folder / "articles.tsv", articles, "\t")
    views = [
        {"visitor_id": u, "page_url": f"{address(*s).replace('//', '//m.')}/amp?utm_source=x",
         "timestamp": 1_780_000_000_000 + 60_000 * n, "session_id": "" if n % 9 else "s"}
        for n, (u, (_, *s), _) in enumerate(READS)
    ]  # fmt: skip
    separated(folder / "views.tsv", views, "\t")
    return {
        "articles.id": "link", "articles.url": "link", "articles.title": "headline",
        "views.article": "page_url", "views.article_by": "url", "views.session": "",
        "views.time": "timestamp",
    }  # fmt: skip


def compressed(folder: Path) -> Mapped:
    own(folder)
    for name in ("articles", "views"):
        plain = folder / f"{name}.jsonl"
        (folder / f"{name}.jsonl.zst").write_bytes(zstd.compress(plain.read_bytes()))
        plain.unlink()
    return {"articles.id": "id", "views.user": "user"}


def parquet(folder: Path) -> Mapped:
    own(folder)
    for name in ("articles", "views"):
        source, target = folder / f"{name}.jsonl", folder / f"{name}.parquet"
        duckdb.sql(f"COPY (FROM read_json('{source}')) TO '{target}' (FORMAT parquet)")
        source.unlink()
    return {"articles.id": "id", "views.time": "time", "views.time_zone": "UTC"}


def scripts(folder: Path) -> Mapped:
    articles = [
        {"nid": n, "title": title(t, m), "url": f"https://news.example/index.php?story={n}"}
        for n, t, m in STORIES
    ]
    separated(folder / "articles.csv", articles)
    views = [
        {"client_id": u, "page_path": f"/index.php?story={n}&from={u}", "time": f"{at}Z"}
        for u, (n, *_), at in READS
    ]
    separated(folder / "views.csv", views)
    return {
        "articles.id": "nid", "views.article": "page_path", "views.article_by": "url",
        "views.url_keys": ["story"],
    }  # fmt: skip


def wordpress_table(folder: Path) -> Mapped:
    articles = [
        {"ID": n, "post_author": 1, "post_date": published(n), "post_date_gmt": published(n),
         "post_content": body(t, m), "post_title": title(t, m), "post_excerpt": "",
         "post_status": "publish", "post_name": f"{m}-{t}", "post_type": "post",
         "guid": f"https://news.example/?p={n}"}
        for n, t, m in STORIES
    ]  # fmt: skip
    separated(folder / "articles.csv", articles)
    views = [
        {"user": u, "url": f"https://news.example/?p={n}", "time": f"{at}Z"}
        for u, (n, *_), at in READS
    ]
    separated(folder / "views.csv", views)
    return {
        "articles.id": "ID", "articles.title": "post_title", "articles.body": "post_content",
        "articles.url": "guid", "articles.published_at": "post_date_gmt",
        "views.url_keys": ["p"],
    }  # fmt: skip


ITEM = """<item><title>{title}</title><link>{link}</link><guid>x</guid>
<content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded>short</excerpt:encoded>
<wp:post_id>{id}</wp:post_id><wp:post_date_gmt>{date}</wp:post_date_gmt>
<wp:comment_status>open</wp:comment_status><wp:status>{status}</wp:status>
<wp:post_type>post</wp:post_type><category domain="post_tag" nicename="t">{town}</category>
<category domain="category" nicename="m">{matter}</category></item>
"""
WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>News</title>{}</channel></rss>"""


def wordpress_xml(folder: Path) -> Mapped:
    posts = [(n, t, m, "publish") for n, t, m in STORIES] + [(99, "eye", "bridge", "draft")]
    items = [
        ITEM.format(
            title=escape(title(t, m)), link=address(t, m), body=body(t, m), id=n, town=t,
            date="2026-05-20 08:00:00", status=status, matter=m,
        )
        for n, t, m, status in posts
    ]  # fmt: skip
    (folder / "export.xml").write_text(WXR.format("".join(items)))
    printed = failure("init", "--articles", "export.xml", cwd=folder, code=EXIT_DATA)
    assert "examples/wordpress.py" in printed
    with (folder / "articles.jsonl").open("w") as out:
        script = ROOT / "examples" / "wordpress.py"
        subprocess.run([sys.executable, script, "export.xml"], cwd=folder, stdout=out, check=True)
    first = json.loads((folder / "articles.jsonl").read_text().splitlines()[0])
    assert first == {
        "id": "0", "title": "The bridge of Ashby is ready", "body": body("ashby", "bridge"),
        "section": "bridge", "tags": ["ashby"], "url": "https://news.example/bridge/ashby",
        "published_at": "2026-05-20T08:00:00Z",
    }  # fmt: skip
    return {"articles.id": "id", "articles.tags": "tags", "articles.time_zone": "UTC"}


def access_log(folder: Path) -> Mapped:
    wordpress_xml(folder)
    line = (
        '10.0.0.{u} - - [0{d}/Jun/2026:07:18:15 +0200] "GET {path} HTTP/1.1" {code} 123 "-" '
        '"{by}"\n'
    )
    reads = [
        line.format(u=u, d=1 + u % 7, path=f"/{m}/{t}?x=1", code=200, by="Mozilla/5.0 Firefox")
        for u, (_, t, m), _ in READS
    ]
    others = [
        line.format(u=1, d=1, path="/logo.PNG", code=200, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/gone", code=404, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/robot", code=200, by="Examplebot/1.0"),
        "no log line\n",
    ]
    (folder / "access.log").write_text("".join(others + reads))
    printed = failure("init", "--views", "access.log", cwd=folder, code=EXIT_DATA)
    assert "examples/access_log.py" in printed
    with (folder / "access.log").open() as log, (folder / "views.tsv").open("w") as out:
        script = ROOT / "examples" / "access_log.py"
        subprocess.run([sys.executable, script], stdin=log, stdout=out, check=True)
    written = (folder / "views.tsv").read_text().splitlines()
    assert len(written) == 1 + len(READS)
    assert re.fullmatch(r"[0-9a-f]{16}\t/bridge/ashby\?x=1\t2026-06-01T07:18:15\+02:00", written[1])
    return {"views.user": "user", "views.article": "url", "views.article_by": "url"}


def ga4(folder: Path) -> Mapped:
    own(folder)
    events = [
        {"event_name": name, "event_timestamp": str(1_780_000_000_000_000 + 60_000_000 * n),
         "user_pseudo_id": f"{u}.17", "event_params": [
             {"key": "ga_session_id", "value": {"string_value": None, "int_value": str(u)}},
             {"key": "page_location", "value": {"string_value": address(*s), "int_value": None}}]}
        for n, (u, (_, *s), _) in enumerate(READS)
        for name in ("page_view", "scroll")
    ]  # fmt: skip
    lines(folder / "events.jsonl", events)
    printed = failure("init", "--views", "events.jsonl", cwd=folder, code=EXIT_DATA)
    assert "docs/own-files.md" in printed
    run(guide("event_params"), folder)
    (folder / "views.jsonl").unlink()
    return {
        "views.user": "user_pseudo_id", "views.session": "ga_session_id",
        "views.article": "page_location", "views.time": "event_timestamp",
        "views.article_by": "url",
    }  # fmt: skip


def from_database(folder: Path, sql: str, tables: Mapping[str, Sequence[Row]]) -> None:
    """Write the views that a query of the guide gives."""
    database = sqlite3.connect(":memory:")
    for name, rows in tables.items():
        columns = ", ".join(rows[0])
        database.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" * len(rows[0]))
        values = [tuple(row.values()) for row in rows]
        database.executemany(f"INSERT INTO {name} VALUES ({marks})", values)
    found = database.execute(sql)
    names = [name for name, *_ in found.description]
    separated(folder / "views.csv", [dict(zip(names, row, strict=True)) for row in found])
    database.close()
    (folder / "views.jsonl").unlink()


def matomo(folder: Path) -> Mapped:
    own(folder)
    visits = [
        {"idvisitor": u.to_bytes(8, "big"), "idvisit": u, "server_time": at, "idaction_url": n,
         "time_spent": u}
        for u, (n, *_), at in READS
    ]  # fmt: skip
    actions = [
        {"idaction": n, "name": address(*s).removeprefix("https://"), "type": 1}
        for n, *s in STORIES
    ]
    tables = {"matomo_log_link_visit_action": visits, "matomo_log_action": actions}
    from_database(folder, guide("matomo"), tables)
    return {
        "views.user": "idvisitor", "views.session": "idvisit", "views.article": "url",
        "views.time": "server_time", "views.read_time": "time_spent", "views.article_by": "url",
    }  # fmt: skip


def plausible(folder: Path) -> Mapped:
    own(folder)
    events = [
        {"timestamp": at, "name": name, "hostname": "news.example", "pathname": f"/{m}/{t}",
         "user_id": 10**18 + u, "session_id": 10**18 + 7 * u}
        for u, (_, t, m), at in READS
        for name in ("pageview", "Outbound Link: Click")
    ]  # fmt: skip
    from_database(folder, guide("pageview'"), {"events_v2": events})
    return {
        "views.user": "user_id", "views.session": "session_id", "views.article": "pathname",
        "views.time": "timestamp", "views.article_by": "url",
    }  # fmt: skip


KNOWN = {
    wordpress_table: "the articles are an export of WordPress",
    ga4: "the views are an export of GA4",
    matomo: "the views are an export of Matomo",
    plausible: "the views are an export of Plausible",
}
MAKES = [own, semicolons, tabs_without_ids, compressed, parquet, scripts, wordpress_xml, access_log]


def mapping(folder: Path) -> Mapped:
    """Give the columns that a written config names, and what goes with them."""
    config = load(folder / "ymal.toml").config
    sections = {"articles": config.articles, "views": config.views}
    return {f"{n}.{key}": value for n, section in sections.items() for key, value in section}


def inputs(folder: Path) -> list[str]:
    """Give the options that name the files of a folder."""
    return [
        part
        for kind in ("articles", "views")
        for file in sorted(folder.glob(f"{kind}.*"))
        for part in (f"--{kind}", file.name)
    ]


@pytest.mark.parametrize("make", [*MAKES, *KNOWN], ids=lambda make: make.__name__)
def test_files_of_many_makes(tmp_path: Path, make: Callable[[Path], Mapped]) -> None:
    expected = make(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    printed = ymal("init", *inputs(tmp_path), cwd=tmp_path)
    assert printed.stderr == ""
    assert printed.stdout.splitlines()[-1] == "next: ymal check, then ymal train"
    assert (
        (f"note: {KNOWN[make]}" in printed.stdout)
        if make in KNOWN
        else "export" not in printed.stdout
    )
    assert mapping(tmp_path).items() >= expected.items()
    assert "Training may start" in ymal("check", cwd=tmp_path).stdout
    summary: dict[str, Any] = json.loads(ymal("train", "--json", cwd=tmp_path).stdout)
    assert summary["counts"]["articles"] == len(STORIES)
    assert summary["counts"]["views"] == (0 if make is wordpress_xml else len(READS))
    assert "unknown article" not in summary["left_out"]
    served = Recommender.open(tmp_path / "artifacts")
    id_of = {heading: id_ for id_, (heading, *_) in served.snapshot().articles()}
    (story, *_) = served.related(id_of["The bridge of Ashby is ready"], 5)
    assert "bridge" in story.title or "Ashby" in story.title
    assert all(file.read_bytes() == data for file, data in before.items())


def test_what_is_written_and_said(tmp_path: Path) -> None:
    semicolons(tmp_path)
    printed = ymal("init", "--articles", "articles.csv", "--views", "*.csv", "--views", "views.csv",
                cwd=tmp_path, code=EXIT_DATA)  # fmt: skip
    assert "articles.csv, views.csv: no column that all have" in printed.stderr
    assert not (tmp_path / "ymal.toml").exists()
    printed = ymal("init", "--articles", "articles.csv", "--views", "./views.csv", cwd=tmp_path)
    assert printed.stdout.splitlines()[0].split() == ["key", "value", "how", "sure", "why"]
    assert "wrote ymal.toml; look at the lines marked unsure" in printed.stdout
    text = (tmp_path / "ymal.toml").read_text(encoding="utf-8")
    assert 'views = "./views.csv"\n' in text
    assert 'title = "Titel"  # named so; 28 letters on average\n' in text
    assert 'time_zone = "UTC"  # unsure: the times name no zone: UTC is assumed\n' in text
    ymal("train", "--config", tmp_path / "ymal.toml", cwd=tmp_path.parent)


def test_an_existing_config_stays_without_force(tmp_path: Path) -> None:
    own(tmp_path)
    (tmp_path / "ymal.toml").write_text("# mine\n")
    printed = failure("init", "--articles", "articles.jsonl", cwd=tmp_path, code=EXIT_USAGE)
    assert printed == "ymal: ymal.toml exists; --force overwrites it\n"
    assert (tmp_path / "ymal.toml").read_text() == "# mine\n"
    ymal("init", "--articles", "articles.jsonl", "--force", cwd=tmp_path)
    assert load(tmp_path / "ymal.toml").config.paths.articles == ["articles.jsonl"]


def test_json(tmp_path: Path) -> None:
    own(tmp_path)
    printed = json.loads(ymal("init", *inputs(tmp_path), "--json", cwd=tmp_path).stdout)
    assert printed["config"] == "ymal.toml"
    assert printed["guesses"][0] == {
        "key": "articles.id",
        "value": "id",
        "sure": "sure",
        "why": "named so; 12 different values in 12 rows",
    }
    assert printed["forms"] == {}
    assert printed["notes"] == []


def test_without_files_or_with_wrong_ones(tmp_path: Path) -> None:
    printed = failure("init", cwd=tmp_path, code=EXIT_USAGE)
    assert printed == "ymal: no input: give --articles, --views, or both\n"
    failure("init", "--articles", "no.csv", cwd=tmp_path, code=EXIT_DATA)
    (tmp_path / "v.csv").write_text("a,b\n1,2\n")
    printed = failure("init", "--views", "v.csv", cwd=tmp_path, code=EXIT_DATA)
    assert "no column for views.article; columns found: a, b" in printed
    assert not (tmp_path / "ymal.toml").exists()


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("ebnerd", {"articles": "articles.jsonl.gz", "views": "views.tsv.gz"}),
        ("globo", {"views": "clicks.parquet"}),
        ("newswire", {"articles": "articles.jsonl.gz"}),
        ("headlines", {"articles": "headlines.tsv.gz"}),
    ],
)
def test_real_sites_are_mapped_as_in_the_examples(
    tmp_path: Path, name: str, files: dict[str, str]
) -> None:
    options = [part for kind, file in files.items() for part in (f"--{kind}", DATA / name / file)]
    ymal("init", *options, cwd=tmp_path)
    found, texts = mapping(tmp_path), load(tmp_path / "ymal.toml").config.texts
    example = load(ROOT / "examples" / f"{name}.toml").config
    for kind, section in (("articles", example.articles), ("views", example.views)):
        for key, column in section if kind in files else ():
            given_by_size = key == "time_unit"
            filled_there = (name, key) == ("globo", "session")
            if not given_by_size and not filled_there:
                assert found[f"{kind}.{key}"] == column, f"{kind}.{key}"
    if name == "ebnerd":
        assert (texts.section, texts.tags) == (0, 0)
