"""What may be wrong with a site's input, and what `ymal train` does about each: the catalogue.

Each case is run by `test_cases.py`, through the command line, beside a version that is published;
`docs/errors.md` is written from the same table.
"""

import gzip
import re
from collections.abc import Sequence

from tests.bad_inputs.case import (
    ARTICLES,
    CHINESE,
    DANISH,
    GREEK,
    GZIP,
    JAPANESE,
    KOREAN,
    LARGE_ARTICLES,
    MILLISECONDS,
    ODD_IDS,
    ONE_ARTICLE,
    ONE_VIEW,
    POLISH,
    RUSSIAN,
    SECONDS,
    TURKISH,
    TWO_ARTICLES,
    VIEWS,
    XZ,
    ZSTD,
    Case,
    Elsewhere,
    alike,
    articles,
    configured,
    csv,
    damaged,
    given,
    lines,
    moment,
    parquet,
    unclosed,
    unusable,
    views,
)
from training.errors import (
    EXIT_ARTIFACT,
    EXIT_BUSY,
    EXIT_CONFIG,
    EXIT_INTERRUPTED,
    EXIT_OUTPUT,
    EXIT_REFUSED,
    EXIT_UNKNOWN_WITHDRAWAL,
    EXIT_USAGE,
)

NOT_PARQUET = ": is not a Parquet file, or is truncated; export it again, or set its format"
TIMES = "write times as ISO 8601 or as numbers, or set views.time_order (for 11/12/2019)"
NO_ROW = ": has no row (only a header?); check its export"
TOO_EARLY = (
    "warning: only 0.00% of the views lie in the seven days before {}: "
    "the lists will miss today's readers; check --now, the time unit and zone"
)

FILES = [
    given(
        "no such file",
        "--articles artciles.csv",
        "artciles.csv: no such file; did you mean articles.csv?",
    ),
    given(
        "a glob that matches nothing",
        "--articles none/*.csv",
        "none/*.csv: the glob matches no file; check the folder and the pattern",
    ),
    given(
        "an empty path, as of an unset variable",
        "--articles ",
        "an empty path among the files; is a variable of the shell unset?",
        code=EXIT_USAGE,
    ),
    given(
        "no file at all",
        "--quiet",
        "no input: give --articles or --views, or set paths.articles or paths.views",
        code=EXIT_USAGE,
    ),
    articles(
        "a folder in the place of a file",
        "export.csv",
        None,
        ": is a directory without data files; name a file, or a glob such as 'export.csv/*.log'",
    ),
    articles(
        "a name that tells no format",
        "articles.txt",
        ARTICLES,
        ": its name does not show the format; end it in .parquet, .db, .sqlite, .sqlite3, .xml, "
        ".rss, .atom, .rdf, .json, .jsonl, .ndjson, .tsv, .csv (with or without .gz, .xz, .zst), "
        "or set articles.format",
    ),
    *alike(
        ": is empty{}; leave it out, or export it again",
        ("an empty file", "a.csv", b"", ""),
        (
            "nothing inside a compressed file",
            "a.csv.gz",
            gzip.compress(b"", mtime=0),
            " when decompressed",
        ),
    ),
    articles("a header alone", "a.csv", b"id,title\n", NO_ROW),
    articles("blank lines alone", "a.jsonl", b"\n\n", NO_ROW),
    *alike(
        ": contains {}; end its name in .{}",
        ("gzip under the name of a plain file", "a.csv", GZIP, "gzip", "gz"),
        ("xz under the name of a plain file", "a.csv", XZ, "xz", "xz"),
        ("zstd under the name of a plain file", "a.jsonl", ZSTD, "zstd", "zst"),
    ),
    *alike(
        ": is not {} (it starts with {}); remove {} from its name",
        ("a plain file under the name of gzip", "a.csv.gz", ARTICLES, "gzip", b"id,t", ".gz"),
        ("xz under the name of gzip", "a.csv.gz", XZ, "gzip", XZ[:4], ".gz"),
        ("gzip under the name of xz", "a.csv.xz", GZIP, "xz", GZIP[:4], ".xz"),
        ("a plain file under the name of zstd", "a.csv.zst", ARTICLES, "zstd", b"id,t", ".zst"),
    ),
    articles("CSV under the name of Parquet", "a.parquet", ARTICLES, NOT_PARQUET),
    articles(
        "Parquet under the name of CSV",
        "a.csv",
        parquet("SELECT 1 AS id, 'x' AS title"),
        ": contains Parquet; end its name in .parquet, or set its format",
    ),
    articles(
        "an Excel workbook under the name of CSV",
        "a.csv",
        b"PK\3\4\x14\0\6\0\x08\0",
        ": is a ZIP archive or an Excel workbook; unpack it, or save it as CSV",
    ),
    articles(
        "CSV under the name of JSON Lines",
        "a.jsonl",
        ARTICLES,
        ":1 'id,title,published_at': not valid JSON; in all 5 of 5 rows of the articles (100.0%) "
        "cannot be used, data.max_bad_share is 5.0%; write one JSON object per line; "
        "artifacts/quarantine.jsonl lists them",
    ),
    articles(
        "JSON Lines under the name of CSV",
        "a.csv",
        lines({"id": "1", "title": "x"}),
        ": contains JSON; end its name in .jsonl, or set its format",
    ),
    articles(
        "a JSON document that was cut short",
        "a.json",
        b'[\n{"id": "1"},\n{"id": "2"}\n',
        ": JSON that ends in the middle (1 bracket is open); export it again",
    ),
    articles(
        "lines of JSON that are no objects",
        "a.jsonl",
        b"[1]\n[2]\n",
        ": has no JSON object, so no row; write a list of objects, or one object per line",
    ),
    articles(
        "XML that is no feed",
        "a.xml",
        b"<svg></svg>",
        ":1: is XML, <svg>, and no feed, sitemap or WordPress export",
    ),
    articles(
        "XML that declares entities",
        "a.xml",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>&a;</rss>",
        ":1: declares entities, which no feed needs; they are not read",
    ),
    *alike(
        ": its {} is truncated or damaged (…); export it again",
        ("gzip that was cut short", "a.csv.gz", GZIP[:-20], "gzip"),
        ("gzip that is damaged", "a.csv.gz", damaged(GZIP), "gzip"),
        ("xz that was cut short", "a.csv.xz", XZ[:-20], "xz"),
        ("xz that is damaged", "a.csv.xz", damaged(XZ), "xz"),
        ("zstd that was cut short", "a.csv.zst", ZSTD[:-20], "zstd"),
        ("zstd of which the head alone is there", "a.csv.zst", ZSTD[:5], "zstd"),
        ("zstd that is damaged", "a.csv.zst", damaged(ZSTD), "zstd"),
    ),
    articles("Parquet that was cut short", "a.parquet", b"PAR1 no more than this", NOT_PARQUET),
]

GB18030 = gzip.compress(CHINESE.encode("gb18030"), mtime=0)
ENCODINGS = [
    *alike(
        unusable(":{} …: not UTF-8", "save the file as UTF-8 (it may be {})"),
        ("Danish in Windows-1252", "a.csv", DANISH.encode("cp1252"), 2, "Windows-1252"),
        ("Polish in Windows-1250", "a.csv", POLISH.encode("cp1250"), 2, "Windows-1250"),
        ("Turkish in Windows-1254", "a.csv", TURKISH.encode("cp1254"), 2, "Windows-1254"),
        ("Russian in Windows-1251", "a.csv", RUSSIAN.encode("cp1251"), 2, "Windows-1251"),
        ("Russian in KOI8-R", "a.csv", RUSSIAN.encode("koi8-r"), 2, "KOI8-R"),
        ("Greek in Windows-1253", "a.csv", GREEK.encode("cp1253"), 2, "Windows-1253"),
        ("Japanese in Shift-JIS", "a.csv", JAPANESE.encode("shift-jis"), 2, "Shift-JIS"),
        ("Chinese in GB18030", "a.csv.gz", GB18030, 2, "GB18030"),
        ("Korean in EUC-KR", "a.jsonl", KOREAN.encode("euc-kr"), 1, "EUC-KR or Windows-874"),
    ),
    articles(
        "a header that is not UTF-8",
        "a.csv",
        "id,Überschrift\n1,x\n".encode("cp1252"),
        ": its first line is not UTF-8; save the file as UTF-8 (it may be Windows-1252)",
    ),
    articles(
        "bytes that are no text at all",
        "a.csv",
        b"id,title\n" + bytes(range(128, 256)) * 9,
        unusable(":2 …: not UTF-8", "save the file as UTF-8"),
    ),
    articles(
        "one row of many that is not UTF-8",
        "a.csv",
        LARGE_ARTICLES + b"x,\xff,\n",
        kept=(40004, 24),
        left_out={"not UTF-8": 1},
    ),
    articles("a byte order mark", "a.csv", b"\xef\xbb\xbf" + ARTICLES, kept=(4, 24)),
    articles(
        "the same before JSON",
        "a.jsonl",
        b"\xef\xbb\xbf" + lines({"id": "1", "title": "x"}),
        **ONE_ARTICLE,
    ),
    articles(
        "UTF-16, as Excel writes it", "a.csv", ARTICLES.decode().encode("utf-16"), kept=(4, 24)
    ),
    articles(
        "UTF-16 without a byte order mark",
        "a.csv",
        ARTICLES.decode().encode("utf-16-be"),
        kept=(4, 24),
    ),
    articles(
        "UTF-16 that is damaged",
        "a.csv",
        ARTICLES.decode().encode("utf-16") + b"\0\xd8x\0\n\0",
        ": its UTF-16 is truncated or damaged (…); save it as UTF-8",
    ),
    articles(
        "NUL bytes and control characters",
        "a.csv",
        b"id,title\n1,a\0b\x07c\x1bd\n2,x\x7fy\n",
        note="they become spaces",
        **TWO_ARTICLES,
    ),
    articles(
        "NUL bytes and control characters in JSON",
        "a.jsonl",
        lines({"id": "1", "title": "a\0b\x07c"}),
        note="the same",
        **ONE_ARTICLE,
    ),
    articles(
        "a NUL byte in an id",
        "a.jsonl",
        lines({"id": "1\0", "title": "a"}, {"id": "2", "title": "b"}),
        kept=(2, 6),
        left_out={"unknown article": 18},
    ),
]

SEMICOLONS, TABS = ARTICLES.replace(b",", b";"), ARTICLES.replace(b",", b"\t")
COLUMNS = [
    articles(
        "semicolons between columns", "a.csv", SEMICOLONS, note="the header tells", kept=(4, 24)
    ),
    articles("tabs between columns", "a.csv", TABS, note="the same", kept=(4, 24)),
    articles(
        "quotes, separators and line ends inside fields",
        "a.csv",
        b'id,title\n1,"a ""b"", c;\nd"\n2,"x\r\ny"\n',
        **TWO_ARTICLES,
    ),
    *alike(
        unusable(
            ":2 {}: quote out of place",
            "quote whole fields, double the quotes inside them, and close each",
        ),
        (
            "a quote that nothing closes",
            "a.csv",
            b'id,title\n1,"a\n2,b\n3,c\n',
            "'1,\"a\\n2,b\\n3,c\\n'",
        ),
        ("text after a closing quote", "a.csv", b'id,title\n1,"a"b\n2,x\n', "'1,\"a\"b'"),
    ),
    articles(
        "rows of too few or too many columns",
        "a.csv",
        b"id,title\n1,a\n2\n3,b,c\n",
        unusable(":3 '1 column instead of 2': too few columns", "write all columns in every row"),
    ),
    articles(
        "line ends of both kinds",
        "a.csv",
        b"id,title\r\n1,x\n2,y\r\n",
        ": its rows cannot be separated: line ends are mixed (LF and CR LF), or a quote is not "
        "closed; write the same line ends everywhere, and quote fields that contain any",
    ),
    *alike(
        ": column '{}' is missing ({}); columns found: {}",
        (
            "a column by another name",
            "a.csv",
            b"article_id,title\n1,x\n",
            "id",
            "articles.id",
            "article_id, title; did you mean 'article_id'? Set articles.id = \"article_id\"",
        ),
        (
            "a column that is not there",
            "a.jsonl",
            b'{"key": 1}\n',
            "id",
            "articles.id",
            "key; set articles.id",
        ),
    ),
    articles(
        "a column that the config names and is not there",
        "a.csv",
        ARTICLES,
        ": column 'story' is missing (articles.body); columns found: id, title, published_at; "
        "set articles.body",
        config=b'[articles]\nbody = "story"\n',
    ),
    articles(
        "a column that articles.only names and is not there",
        "a.csv",
        ARTICLES,
        ": column 'status' is missing (articles.only); columns found: id, title, published_at; "
        "set articles.only",
        config=b'[articles]\nonly = { status = ["publish"] }\n',
    ),
    articles(
        "a column that tells drafts from published rows, and that nobody has mapped",
        "a.jsonl",
        lines({"id": 1, "status": "publish"}, {"id": 2, "status": "draft"}),
        ": 'status' holds 'draft' (1), 'publish' (1), which tells published rows from others, and "
        'is not mapped; write only = { status = ["publish"] } in [articles]; or, if it says '
        'something else, ignore = ["status"]',
    ),
    articles(
        "rows of which none is published",
        "a.jsonl",
        lines({"id": 1, "status": "draft"}, {"id": 2, "status": "trash"}),
        ": no article is left; not published (status): 2 rows; check articles.only and "
        "articles.published_at",
        config=b'[articles]\nonly = { status = ["publish"] }\n',
    ),
    articles(
        "drafts beside published rows",
        "a.csv",
        ARTICLES.replace(b"at\n", b"at,status\n").replace(b"Z\n", b"Z,publish\n")
        + b"5,A secret,,draft\n",
        config=b'[articles]\nonly = { status = ["publish"] }\n',
        kept=(4, 24),
        left_out={"not published (status)": 1},
    ),
    articles(
        "a column that appears twice",
        "a.csv",
        b"id,id\n1,2\n",
        ": column 'id' appears twice in the header; rename one",
    ),
    articles(
        "a first line that is blank",
        "a.csv",
        b"\nid\n1\n",
        ": its first line is blank; write the column names there",
    ),
    views(
        "views without a reader",
        "v.csv",
        b"article,time\n1,2026-05-01\n",
        ": column 'user' is missing (views.user); columns found: article, time; set views.user",
    ),
]

IDS = [
    articles(
        "empty ids",
        "a.csv",
        b"id,title\n,x\n2,y\n3,z\n",
        unusable(":2 '': no id", "check the columns set in [articles]"),
    ),
    articles(
        "one empty id of many",
        "a.csv",
        ARTICLES + b",no id,\n" + b"".join(b"a%d,x,2026-05-01\n" % i for i in range(20)),
        kept=(24, 24),
        left_out={"no id": 1},
    ),
    articles(
        "ids with spaces, slashes, quotes, line ends, emoji, and of 10,000 characters",
        "a.jsonl",
        lines(
            *(
                {"id": i, "title": f"Storm floods the harbour {at}", "published_at": "2026-05-01"}
                for at, i in enumerate(ODD_IDS)
            ),
            {"id": "1", "title": "Harbour storm", "published_at": "2026-05-01"},
        ),
        asked=ODD_IDS[-1],
        note="ids stay as they are",
        kept=(7, 6),
        left_out={"unknown article": 18},
    ),
    articles(
        "an id in two rows",
        "a.csv",
        ARTICLES + b"1,Storm over,2026-05-01T09:00:00Z\n",
        note="the last row is used",
        kept=(4, 24),
        left_out={"duplicate id": 1},
    ),
    articles(
        'the same with articles.duplicates = "error"',
        "a.csv",
        ARTICLES + b"1,Storm over,2026-05-01T09:00:00Z\n",
        ": id '1' is in rows 1 and 5 of the articles; remove one row, or set "
        'articles.duplicates = "last"',
        config=b'[articles]\nduplicates = "error"\n',
    ),
]

FLAGS = [
    articles(
        "t, 1.0, on, WAHR and a time of deletion in `withdrawn`",
        "a.csv",
        b"id,title,withdrawn\n1,a,f\n2,b,\n3,c,t\n4,d,1.0\n5,e,on\n6,f,WAHR\n7,g,2026-05-01\n",
        kept=(2, 24),
        left_out={},
        note="what is withdrawn stands in no list",
    ),
    articles(
        "a value in `withdrawn` that is neither a known yes nor a known no",
        "a.csv",
        b"id,title,withdrawn\n1,a,t\n2,b,f\n3,c,maybe\n4,d,soon\n5,e,maybe\n",
        code=EXIT_UNKNOWN_WITHDRAWAL,
        says=(
            "a.csv:4: 'maybe' in withdrawn means neither yes nor no (so in 3 rows, with 1 other "
            "value): nothing new is published; add 'maybe' to articles.true_values or to "
            "articles.false_values"
        ),
    ),
    articles(
        "the same in `sponsored`",
        "a.csv",
        ARTICLES.replace(b"published_at\n", b"published_at,sponsored\n").replace(
            b"Z\n", b"Z,Acme\n"
        ),
        kept=(4, 24),
        says=(
            "warning: a.csv:2: 'Acme' in sponsored means neither yes nor no (so in 4 rows): it "
            "counts as yes; add 'Acme' to articles.true_values or to articles.false_values"
        ),
    ),
    articles(
        "a word of `articles.true_values` in `withdrawn`",
        "a.csv",
        b"id,title,withdrawn\n1,a,gone\n2,b,here\n",
        config=b'[articles]\ntrue_values = ["gone"]\nfalse_values = ["here"]\n',
        kept=(1, 12),
        left_out={"unknown article": 12},
    ),
]

TIMES = [
    views(
        "seconds where milliseconds are declared",
        "v.csv",
        SECONDS,
        ":2: '1777622400' cannot be a time in ms, nor can 3 of 3 times; they fit s: set "
        'views.time_unit = "s"',
        config=b'[views]\ntime_unit = "ms"\n',
    ),
    views(
        "milliseconds where seconds are declared",
        "v.csv",
        MILLISECONDS,
        ":2: '1777622400000' cannot be a time in s, nor can 3 of 3 times; they fit ms: "
        'set views.time_unit = "ms"',
        config=b'[views]\ntime_unit = "s"\n',
    ),
    views(
        "times that cannot be read",
        "v.csv",
        ONE_VIEW % b"1st of May",
        unusable(":2 '1st of May': time cannot be read", TIMES),
    ),
    views(
        "times before 1980",
        "v.csv",
        ONE_VIEW % b"86400",
        unusable(":2 '86400': time that cannot be right", "check views.time_unit"),
    ),
    moment(
        "a time without a zone",
        b"2026-05-01 14:00:00",
        "",
        "2026-05-01T14:00:01Z",
        "14:00 is taken for UTC",
    ),
    moment(
        "the same where the config names the zone",
        b"2026-05-01 14:00:00",
        "Europe/Oslo",
        "2026-05-01T12:00:01Z",
        "",
    ),
    moment(
        "a time in the hour that daylight saving repeats",
        b"2025-10-26 02:30:00",
        "Europe/Oslo",
        "2025-10-26T01:30:01Z",
        "02:30 in Oslo is taken for the later of the two, that of standard time: 01:30 UTC",
    ),
    moment(
        "a time in the hour that daylight saving skips",
        b"2026-03-29 02:30:00",
        "Europe/Oslo",
        "2026-03-29T01:30:01Z",
        "02:30 in Oslo is taken as if the clock had not been put forward: 01:30 UTC",
    ),
    configured(
        "a time zone that does not exist",
        b'[articles]\ntime_zone = "Europe/Olso"\n',
        "articles.time_zone = 'Europe/Olso': no such time zone; did you mean Europe/Oslo?",
    ),
    given(
        "articles and views after now",
        "--articles articles.csv --views views.csv --now 2026-05-01T08:30:00Z",
        TOO_EARLY.format("2026-05-01T08:30:00Z"),
        kept=(3, 0),
    ),
    given(
        "all of them after now",
        "--articles articles.csv --views views.csv --now 2020-01-01",
        "no article is known before 2020-01-01T00:00:00Z; check --now and the publish times",
    ),
    given(
        "a now that is no time",
        "--articles articles.csv --now yesterday",
        "--now yesterday: not a time; write ISO 8601, such as 2026-06-01T06:00:00Z",
        code=EXIT_USAGE,
    ),
]

CONFIG = [
    configured(
        "a key that nobody knows",
        b"[texts]\nmaxterms = 3\n",
        "ymal.toml: unknown key texts.maxterms; did you mean max_terms?",
    ),
    configured(
        "a value out of range",
        b"[data]\nmax_bad_share = 5\n",
        "ymal.toml: data.max_bad_share = 5: must be less than or equal to 1",
    ),
    configured(
        "a config that is no TOML",
        b"[texts\n",
        "ymal.toml: not valid TOML: … (at line 1, column 7)",
    ),
    given(
        "a config that is not there",
        "--config site.toml",
        "site.toml: cannot be read (No such file or directory); name a config file",
        code=EXIT_CONFIG,
    ),
    given(
        "a folder in the place of the config",
        "--config .",
        ".: cannot be read (Is a directory); name a config file",
        code=EXIT_CONFIG,
    ),
    given(
        "an option that nobody knows",
        "--article articles.csv",
        "No such option: --article (Possible options: --articles, …); see ymal train --help",
        code=EXIT_USAGE,
    ),
]

UNKNOWN_VIEWS = re.sub(rb",(\d),", rb",x\1,", VIEWS)
SITES = [
    views(
        "all views before all articles",
        "v.csv",
        VIEWS.replace(b"2026-05-01", b"2026-04-01"),
        TOO_EARLY.format("2026-05-01T09:00:01Z"),
        kept=(4, 24),
    ),
    views(
        "views of unknown articles alone",
        "v.csv",
        UNKNOWN_VIEWS,
        "warning: none of the 24 views names a known article; check views.article, "
        "views.article_by and articles.id (ymal check shows both)",
        kept=(4, 0),
        left_out={"unknown article": 24},
    ),
    given("articles alone", "--articles articles.csv", kept=(4, 0)),
    given("views alone", "--views views.csv", kept=(4, 24)),
    articles("one article", "a.csv", b"id,title\n1,Storm\n", asked="1", **ONE_ARTICLE),
    articles(
        "no article with an id",
        "a.csv",
        b"id,title\n,x\n",
        ": no article is left; correct the rows that were left out",
        config=b"[data]\nmax_bad_share = 1.0\n",
    ),
    articles(
        "texts that are all empty", "a.csv", b"id,title\n1,\n2,\n3,\n4,\n", asked="1", kept=(4, 24)
    ),
    articles(
        "texts of one word, the same everywhere",
        "a.csv",
        b"id,title\n1,storm\n2,storm\n3,storm\n4,storm\n",
        asked="1",
        note="they are one story, so no list holds another",
        kept=(4, 24),
    ),
    articles("HTML that never closes", "a.jsonl", unclosed(), asked="1", kept=(4, 24)),
]

MUCH = [
    articles(
        "a body of 50 MB",
        "a.jsonl",
        lambda p: p.write_bytes(
            lines(
                {"id": "1", "title": "Storm", "body": "storm flood harbour rescue " * 1_850_000},
                {"id": "2", "title": "Storm flood"},
            )
        ),
        asked="1",
        large=True,
        note="in less than 2 GB of memory",
        **TWO_ARTICLES,
    ),
    articles(
        "a line of more than 100 MB",
        "a.jsonl",
        lambda p: p.write_bytes(lines({"id": "1", "body": "x" * 100_000_001}, {"id": "2"})),
        unusable(
            ':1 \'{"id": "1", "body": "…\': line too long',
            "shorten its longest field: the limit of a line is 100 MB",
        ),
        large=True,
    ),
    views(
        "a reader with a million views",
        "v.csv",
        csv(
            "SELECT if(i < 1000000, 'robot', 'u' || i % 100) AS user, 1 + i % 4 AS article, "
            "1777618800000 + i * 7 AS time FROM range(1002000) t(i)"
        ),
        large=True,
        config=b"[gate]\nmax_one_reader = 1\n",
        note="what is beyond sessions.max_views and sessions.max_day_views does not count",
        kept=(4, 150),
    ),
    views(
        "an article in every session",
        "v.csv",
        csv(
            "SELECT i // 2 AS user, if(i % 2 = 0, 1, 2 + i // 2 % 3) AS article, "
            "1777618800 + i AS time FROM range(4000) t(i)"
        ),
        asked="2",
        kept=(4, 4000),
    ),
]

MACHINE = [
    Elsewhere(
        "the disk is full while it writes",
        EXIT_OUTPUT,
        "…: cannot be written (No space left on device)…",
        "faults/test_disk.py::test_a_full_disk_is_one_line_and_leaves_what_is_served",
    ),
    Elsewhere(
        "the artifacts directory cannot be written",
        EXIT_OUTPUT,
        "file: cannot be written (File exists); name another directory by --artifacts, or …",
        "training/cli/test_commands.py::test_artifacts_that_cannot_be_written",
    ),
    Elsewhere(
        "standard output is full",
        EXIT_OUTPUT,
        "standard output: cannot be written (No space left on device)",
        "training/cli/test_rough_use.py::test_a_full_standard_output_is_one_line",
    ),
    Elsewhere(
        "SIGINT or SIGTERM at any moment of `init`, `check`, `train` or `refresh`",
        EXIT_INTERRUPTED,
        "interrupted; nothing is left half written",
        "faults/test_signals.py::test_a_signal_at_any_moment_is_one_line_and_leaves_nothing",
        "`interrupted before it started` while it loads; 0 where it was done already",
    ),
    Elsewhere(
        "killed at any moment",
        None,
        "",
        "faults/test_kills.py::test_what_is_served_is_whole_after_every_kill",
        "what is served is whole, and the next run removes what was left",
    ),
    Elsewhere(
        "the power goes at any moment",
        None,
        "",
        "faults/test_power.py::test_nothing_is_lost_and_nothing_is_broken",
        "the same",
    ),
    Elsewhere(
        "two runs of one command at once",
        EXIT_BUSY,
        "artifacts/.refresh.lock: another ymal refresh is running here (process …); …",
        "training/cli/test_release_commands.py::test_a_second_run_is_refused",
    ),
    Elsewhere(
        "what was made differs too much from what is served",
        EXIT_REFUSED,
        "version … was written but is not served: … Compare by ymal diff …; serve it by …",
        "training/cli/test_release_commands.py::test_a_refused_training_is_one_line_and_a_code",
    ),
    Elsewhere(
        "the served version is damaged",
        EXIT_ARTIFACT,
        "…/list_items.npy: its size or SHA-256 is not that of the manifest…",
        "training/cli/test_commands.py::test_a_damaged_version_is_found",
    ),
]

GROUPS: dict[str, Sequence[Case]] = {
    "Files": FILES,
    "Encodings": ENCODINGS,
    "Columns and separators": COLUMNS,
    "Ids": IDS,
    "Flags": FLAGS,
    "Times": TIMES,
    "Sites": SITES,
    "Much of something": MUCH,
    "Configuration and command line": CONFIG,
}
