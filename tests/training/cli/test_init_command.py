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

import pytest

from recommender import Recommender
from tests.training.cli.commands import failure, ymal
from training.config import load
from training.data.headerless import SNOWPLOW
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
    posts = [(n, t, m, "publish") for n, t, m in STORIES]
    items = [
        ITEM.format(
            title=escape(title(t, m)), link=address(t, m), body=body(t, m), id=n, town=t,
            date="2026-05-20 08:00:00", status=status, matter=m,
        )
        for n, t, m, status in posts
    ]  # fmt: skip
    (folder / "export.xml").write_text(WXR.format("".join(items)))
    (folder / "export.xml").rename(folder / "articles.xml")
    return {"articles.id": "id", "articles.tags": "tags", "articles.section": "section"}


def access_log(folder: Path) -> Mapped:
    own(folder)
    (folder / "views.jsonl").unlink()
    line = (
        '10.0.0.{u} - - [0{d}/Jun/2026:07:18:15 +0200] "GET {path} HTTP/1.1" {code} 123 "-" '
        '"{by}"\n'
    )
    reads = [
        line.format(
            u=u,
            d=1 + u % 7,
            path=f"/{m}/{t}?x=1",
            code=304 if u == 3 else 200,
            by="Mozilla/5.0 Firefox",
        )
        for u, (_, t, m), _ in READS
    ]
    others = [
        line.format(u=1, d=1, path="/logo.PNG", code=200, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/gone", code=404, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/robot", code=200, by="Examplebot/1.0"),
        line.format(u=1, d=1, path="/robot", code=200, by="Mozilla/5.0 HeadlessChrome/119"),
        line.format(u=1, d=1, path="/link", code=200, by="facebookexternalhit/1.1"),
        line.format(u=1, d=1, path="/library", code=200, by="okhttp/4.9"),
        line.format(u=1, d=1, path="/bridge/ashby/feed/", code=200, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/wp-json/wp/v2/posts", code=200, by="Mozilla/5.0 Firefox"),
        line.format(u=1, d=1, path="/?p=7&preview=true", code=200, by="Mozilla/5.0 Firefox"),
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


def wordpress_rest(folder: Path) -> Mapped:
    """Two pages of the API, each a list of posts on one line."""
    own(folder)
    (folder / "articles.jsonl").unlink()
    posts = [
        {"id": n, "date_gmt": published(n).replace(" ", "T"), "link": address(t, m),
         "title": {"rendered": title(t, m)},
         "content": {"rendered": body(t, m), "protected": False},
         "categories": [3], "_embedded": {"wp:term": [[{"id": 3, "name": m}], []]}}
        for n, t, m in STORIES
    ]  # fmt: skip
    for page, part in enumerate((posts[:7], posts[7:])):
        (folder / f"articles.{page}.json").write_text(json.dumps(part))
    return {
        "articles.title": "title.rendered", "articles.body": "content.rendered",
        "articles.url": "link", "articles.published_at": "date_gmt", "articles.time_zone": "UTC",
        "articles.section": "_embedded.wp:term.0.0.name",
    }  # fmt: skip


def wordpress_outfile(folder: Path) -> Mapped:
    """MySQL's `SELECT * INTO OUTFILE`: no header, a backslash before tabs and line ends."""
    own(folder)
    (folder / "articles.jsonl").unlink()
    posts = [
        (n, 1, published(n), published(n), body(t, m), title(t, m), "", "publish", "open", "open",
         "", f"{m}-{t}", "", "", published(n), published(n), "", 0, f"https://news.example/?p={n}",
         0, "post", "", 0)
        for n, t, m in STORIES
    ]  # fmt: skip
    rows = ("\t".join(str(v).replace("\n", "\\\n") for v in post) + "\n" for post in posts)
    (folder / "articles.tsv").write_text("".join(rows))
    return {"articles.id": "ID", "articles.title": "post_title", "views.article_by": "id"}


def ghost(folder: Path) -> Mapped:
    own(folder)
    (folder / "articles.jsonl").unlink()
    data = {
        "posts": [
            {"id": str(n), "title": title(t, m), "slug": f"{m}-{t}", "html": body(t, m),
             "feature_image": None, "visibility": "public", "status": "published", "type": "post",
             "published_at": f"{published(n).replace(' ', 'T')}.000Z"}
            for n, t, m in STORIES
        ],
        "tags": [{"id": f"t{m}", "name": m.title()} for m in MATTERS],
        "posts_tags": [
            {"post_id": str(n), "tag_id": f"t{m}", "sort_order": 0} for n, _, m in STORIES
        ],
    }  # fmt: skip
    export = {"db": [{"meta": {"version": "5.82"}, "data": data}]}
    (folder / "articles.json").write_text(json.dumps(export, indent=2))
    return {
        "articles.rows": "db.data.posts", "articles.body": "html", "articles.tags": "tags",
        "articles.section": "primary_tag.name",
    }  # fmt: skip


def drupal(folder: Path) -> Mapped:
    own(folder)
    (folder / "articles.jsonl").unlink()
    nodes = [
        {"type": "node--article", "id": str(n), "attributes": {
            "drupal_internal__nid": 70 + n, "langcode": "en", "status": True, "title": title(t, m),
            "created": f"{published(n).replace(' ', 'T')}+00:00", "path": {"alias": f"/{m}/{t}"},
            "body": {"value": body(t, m), "format": "full_html", "summary": ""}}}
        for n, t, m in STORIES
    ]  # fmt: skip
    answer = {"jsonapi": {"version": "1.0"}, "data": nodes, "links": {}}
    (folder / "articles.json").write_text(json.dumps(answer))
    return {
        "articles.rows": "data", "articles.title": "attributes.title",
        "articles.body": "attributes.body.value", "articles.url": "attributes.path.alias",
    }  # fmt: skip


def matomo_visits(folder: Path) -> Mapped:
    own(folder)
    (folder / "views.jsonl").unlink()
    visits = [
        {"idVisit": str(n), "visitorId": f"{u:016x}", "actionDetails": [
            {"type": "action", "url": address(*s), "timestamp": 1_780_000_000 + 600 * n,
             "timeSpent": "17"}], "userId": None}
        for n, (u, (_, *s), _) in enumerate(READS)
    ]  # fmt: skip
    (folder / "views.json").write_text(json.dumps(visits))
    return {
        "views.user": "visitorId", "views.session": "idVisit",
        "views.article": "actionDetails.url", "views.time": "actionDetails.timestamp",
        "views.read_time": "actionDetails.timeSpent", "views.article_by": "url",
    }  # fmt: skip


def parsely(folder: Path) -> Mapped:
    own(folder)
    events = [
        {
            "action": action,
            "url": address(*s),
            "visitor": True,
            "visitor_site_id": f"v{u}",
            "session": True,
            "session_id": u % 3,
            "ts_action": at,
            "metadata": True,
        }
        for u, (_, *s), at in READS
        for action in ("pageview", "heartbeat")
    ]
    lines(folder / "views.jsonl", events)
    return {
        "views.only": {"action": ["pageview"]}, "views.user": "visitor_site_id",
        "views.session": "session_id", "views.article": "url",
        "views.time": "ts_action", "views.time_zone": "UTC",
    }  # fmt: skip


def snowplow(folder: Path) -> Mapped:
    own(folder)
    (folder / "views.jsonl").unlink()
    events = []
    for n, ((u, (_, *s), at), event_name) in enumerate(product(READS, ("page_view", "page_ping"))):
        event = dict.fromkeys(SNOWPLOW, "")
        event |= {
            "app_id": "site",
            "event": event_name,
            "event_id": f"e-{n}",
            "page_url": address(*s),
        }
        event |= {"domain_userid": f"u-{u}", "domain_sessionid": f"s-{u}", "derived_tstamp": at}
        events.append("\t".join(event.values()) + "\n")
    (folder / "views.tsv").write_text("".join(events))
    return {
        "views.only": {"event": ["page_view"]}, "views.user": "domain_userid",
        "views.session": "domain_sessionid",
        "views.article": "page_url", "views.time": "derived_tstamp", "views.time_zone": "UTC",
    }  # fmt: skip


def rss(folder: Path) -> Mapped:
    own(folder)
    (folder / "articles.jsonl").unlink()
    items = [
        f"<item><title>{title(t, m)}</title><link>{address(t, m)}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{n}</guid><category>{m}</category><category>{t}</category>"
        f"<pubDate>Mon, {n + 1:02d} Jun 2026 08:00:00 +0200</pubDate>"
        f"<description><![CDATA[{body(t, m)}]]>&nbsp;</description></item>"
        for n, t, m in STORIES
    ]
    text = f"<?xml version='1.0'?><rss><channel><title>News</title>{''.join(items)}</channel></rss>"
    (folder / "articles.xml").write_text(text)
    return {"articles.id": "id", "articles.section": "section", "articles.url": "url"}


def atom(folder: Path) -> Mapped:
    own(folder)
    (folder / "articles.jsonl").unlink()
    items = [
        f"<entry><id>{n}</id><title>{title(t, m)}</title><category term='{m}'/>"
        f"<link rel='self' href='https://api.example/{n}'/><link href='{address(t, m)}'/>"
        f"<published>2026-06-{n + 1:02d}T08:00:00+02:00</published>"
        f"<content type='html'>{escape(body(t, m))}</content></entry>"
        for n, t, m in STORIES
    ]
    text = f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'>{''.join(items)}</feed>"
    (folder / "articles.atom").write_text(text)
    return {"articles.published_at": "published_at", "articles.language": "language"}


def sitemap(folder: Path) -> Mapped:
    access_log(folder)
    (folder / "articles.jsonl").unlink()
    items = [
        f"<url><loc>{address(t, m)}</loc><n:news><n:publication><n:name>News</n:name>"
        "<n:language>en</n:language></n:publication><n:publication_date>2026-05-20T08:00:00Z"
        f"</n:publication_date><n:title>{title(t, m)}</n:title></n:news></url>"
        for _, t, m in STORIES
    ]
    (folder / "articles.xml").write_text(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{''.join(items)}</urlset>"
    )
    return {"articles.id": "id", "articles.title": "title", "articles.url": "url"}


def sqlite(folder: Path) -> Mapped:
    own(folder)
    database = sqlite3.connect(folder / "articles.db")
    database.execute("CREATE TABLE users (id, name)")
    database.execute("CREATE TABLE blog_post (pk, headline, body_text, pub_date)")
    rows = [(n, title(t, m), body(t, m), f"{published(n)}+00:00") for n, t, m in STORIES]
    database.executemany("INSERT INTO blog_post VALUES (?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    (folder / "articles.jsonl").unlink()
    return {
        "articles.rows": "blog_post", "articles.id": "pk", "articles.title": "headline",
        "articles.published_at": "pub_date",
    }  # fmt: skip


KNOWN = {
    wordpress_rest: "the articles are an export of WordPress REST",
    wordpress_outfile: "the articles are an export of WordPress",
    ghost: "the articles are an export of Ghost",
    drupal: "the articles are an export of Drupal JSON:API",
    ga4: "the views are an export of GA4",
    matomo: "the views are an export of Matomo",
    matomo_visits: "the views are an export of Matomo visits",
    parsely: "the views are an export of Parse.ly",
    plausible: "the views are an export of Plausible",
    snowplow: "the views are an export of Snowplow",
}
MAKES = [
    own, semicolons, tabs_without_ids, wordpress_xml, access_log, rss, atom, sitemap, sqlite,
]  # fmt: skip


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


def test_what_init_writes_and_prints(tmp_path: Path) -> None:
    semicolons(tmp_path)
    printed = ymal("init", "--articles", "articles.csv", "--views", "*.csv", "--views", "views.csv",
                cwd=tmp_path, code=EXIT_DATA)  # fmt: skip
    assert "articles.csv, views.csv: the files have no column in common" in printed.stderr
    assert "ymal.toml has the articles alone: mend it, or init again with --force" in printed.stderr
    alone = load(tmp_path / "ymal.toml").config
    assert (alone.articles.title, alone.paths.views) == ("Titel", [])
    printed = ymal("init", "--force", "--articles", "articles.csv", "--views", "./views.csv",
                cwd=tmp_path)  # fmt: skip
    assert printed.stdout.splitlines()[0].split() == ["key", "value", "how", "sure", "why"]
    assert "wrote ymal.toml; look at the lines marked unsure" in printed.stdout
    text = (tmp_path / "ymal.toml").read_text(encoding="utf-8")
    assert 'views = "./views.csv"\n' in text
    assert 'title = "Titel"  # by its name; 28 letters on average\n' in text
    assert 'time_zone = "UTC"  # unsure: the times have no zone: UTC is assumed\n' in text
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
        "why": "by its name; 12 different values in 12 rows",
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
            is_a_guess = key == "complete"
            if not given_by_size and not filled_there and not is_a_guess:
                assert found[f"{kind}.{key}"] == column, f"{kind}.{key}"
    if name == "ebnerd":
        assert (texts.section, texts.tags) == (0, 0)
