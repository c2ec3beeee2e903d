"""What may be wrong with a site's input, and what `ymal train` does about each: the catalogue.

Each case is run by `test_cases.py`, through the command line, beside a version that is published;
`docs/errors.md` is written from the same table.
"""

import gzip
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
    ONE_VIEW,
    POLISH,
    RUSSIAN,
    SECONDS,
    TURKISH,
    VIEWS,
    XZ,
    ZSTD,
    Case,
    Elsewhere,
    articles,
    csv,
    damaged,
    given,
    lines,
    moment,
    parquet,
    unclosed,
    views,
)
from training.errors import (
    EXIT_ARTIFACT,
    EXIT_BUSY,
    EXIT_CONFIG,
    EXIT_INTERRUPTED,
    EXIT_OUTPUT,
    EXIT_REFUSED,
    EXIT_USAGE,
)

FILES = [
    given(
        "no such file",
        "--articles artciles.csv",
        says="artciles.csv: no such file; did you mean articles.csv?",
    ),
    given(
        "a glob that matches nothing",
        "--articles none/*.csv",
        says="none/*.csv: the glob matches no file; check the folder and the pattern",
    ),
    given(
        "an empty path, as of an unset variable",
        "--articles ",
        code=EXIT_USAGE,
        says="an empty path among the files; is a variable of the shell unset?",
    ),
    given(
        "no file at all",
        "--quiet",
        code=EXIT_USAGE,
        says="no input: give --articles or --views, or set paths.articles or paths.views",
    ),
    articles(
        "a folder in the place of a file",
        "export.csv",
        None,
        says=(
            "export.csv: is a directory without files of data; name a file, or a glob such as "
            "'export.csv/*.log'"
        ),
    ),
    articles(
        "a name that tells no format",
        "articles.txt",
        ARTICLES,
        says=(
            "articles.txt: its name does not tell the format; name it .parquet, .jsonl, .ndjson, "
            ".json, .tsv, .csv (with or without .gz, .xz, .zst), or set articles.format"
        ),
    ),
    articles(
        "an empty file", "a.csv", b"", says="a.csv: is empty; leave it out, or write it again"
    ),
    articles(
        "nothing inside a compressed file",
        "a.csv.gz",
        gzip.compress(b"", mtime=0),
        says="a.csv.gz: is empty inside; leave it out, or write it again",
    ),
    articles(
        "a header alone",
        "a.csv",
        b"id,title\n",
        says="a.csv: holds no row (a header alone?); check how it was written",
    ),
    articles(
        "blank lines alone",
        "a.jsonl",
        b"\n\n",
        says="a.jsonl: holds no row (a header alone?); check how it was written",
    ),
    articles(
        "gzip under the name of a plain file",
        "a.csv",
        GZIP,
        says="a.csv: holds gzip; let its name end in .gz",
    ),
    articles(
        "xz under the name of a plain file",
        "a.csv",
        XZ,
        says="a.csv: holds xz; let its name end in .xz",
    ),
    articles(
        "zstd under the name of a plain file",
        "a.jsonl",
        ZSTD,
        says="a.jsonl: holds zstd; let its name end in .zst",
    ),
    articles(
        "a plain file under the name of gzip",
        "a.csv.gz",
        ARTICLES,
        says="a.csv.gz: is no gzip (it starts with b'id,t'); take .gz off its name",
    ),
    articles(
        "xz under the name of gzip",
        "a.csv.gz",
        XZ,
        says="a.csv.gz: is no gzip (it starts with b'\\xfd7zX'); take .gz off its name",
    ),
    articles(
        "gzip under the name of xz",
        "a.csv.xz",
        GZIP,
        says="a.csv.xz: is no xz (it starts with b'\\x1f\\x8b\\x08\\x00'); take .xz off its name",
    ),
    articles(
        "a plain file under the name of zstd",
        "a.csv.zst",
        ARTICLES,
        says="a.csv.zst: is no zstd (it starts with b'id,t'); take .zst off its name",
    ),
    articles(
        "CSV under the name of Parquet",
        "a.parquet",
        ARTICLES,
        says="a.parquet: is no Parquet file, or was cut short; write it again, or set its format",
    ),
    articles(
        "Parquet under the name of CSV",
        "a.csv",
        parquet("SELECT 1 AS id, 'x' AS title"),
        says="a.csv: holds Parquet; let its name end in .parquet, or set its format",
    ),
    articles(
        "an Excel workbook under the name of CSV",
        "a.csv",
        b"PK\3\4\x14\0\6\0\x08\0",
        says="a.csv: holds a ZIP archive or an Excel workbook; unpack it, or save it as CSV",
    ),
    articles(
        "CSV under the name of JSON Lines",
        "a.jsonl",
        ARTICLES,
        says=(
            "a.jsonl:1 'id,title,published_at': not valid JSON; in all 5 of 5 rows of the "
            "articles (100.0%) cannot be used, data.max_bad_share is 5.0%; write one JSON object "
            "per line; artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "JSON Lines under the name of CSV",
        "a.csv",
        lines({"id": "1", "title": "x"}),
        says="a.csv: holds JSON; let its name end in .jsonl, or set its format",
    ),
    articles(
        "one JSON array for all",
        "a.json",
        b'[\n{"id": "1"},\n{"id": "2"}\n]\n',
        says=(
            "a.json:1 '[': not valid JSON; in all …; write one JSON object per line; "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "lines of JSON that are no objects",
        "a.jsonl",
        b"[1]\n[2]\n",
        says=(
            "a.jsonl:1 '[1]': not a JSON object; in all …; write one JSON object per line; "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "gzip that was cut short",
        "a.csv.gz",
        GZIP[:-20],
        says="a.csv.gz: gzip cut short or damaged (…); write it again",
    ),
    articles(
        "gzip that is damaged",
        "a.csv.gz",
        damaged(GZIP),
        says="a.csv.gz: gzip cut short or damaged (…); write it again",
    ),
    articles(
        "xz that was cut short",
        "a.csv.xz",
        XZ[:-20],
        says="a.csv.xz: xz cut short or damaged (…); write it again",
    ),
    articles(
        "xz that is damaged",
        "a.csv.xz",
        damaged(XZ),
        says="a.csv.xz: xz cut short or damaged (…); write it again",
    ),
    articles(
        "zstd that was cut short",
        "a.csv.zst",
        ZSTD[:-20],
        says="a.csv.zst: zstd cut short or damaged (…); write it again",
    ),
    articles(
        "zstd of which the head alone is there",
        "a.csv.zst",
        ZSTD[:5],
        says="a.csv.zst: zstd cut short or damaged (…); write it again",
    ),
    articles(
        "zstd that is damaged",
        "a.csv.zst",
        damaged(ZSTD),
        says="a.csv.zst: zstd cut short or damaged (…); write it again",
    ),
    articles(
        "Parquet that was cut short",
        "a.parquet",
        b"PAR1 no more than this",
        says="a.parquet: is no Parquet file, or was cut short; write it again, or set its format",
    ),
]

ENCODINGS = [
    articles(
        "Danish in Windows-1252",
        "a.csv",
        DANISH.encode("cp1252"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Windows-1252); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Polish in Windows-1250",
        "a.csv",
        POLISH.encode("cp1250"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Windows-1250); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Turkish in Windows-1254",
        "a.csv",
        TURKISH.encode("cp1254"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Windows-1254); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Russian in Windows-1251",
        "a.csv",
        RUSSIAN.encode("cp1251"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Windows-1251); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Russian in KOI8-R",
        "a.csv",
        RUSSIAN.encode("koi8-r"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be KOI8-R); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Greek in Windows-1253",
        "a.csv",
        GREEK.encode("cp1253"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Windows-1253); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Japanese in Shift-JIS",
        "a.csv",
        JAPANESE.encode("shift-jis"),
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be Shift-JIS); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Chinese in GB18030",
        "a.csv.gz",
        gzip.compress(CHINESE.encode("gb18030"), mtime=0),
        says=(
            "a.csv.gz:2 …: not UTF-8; in all …; save the file as UTF-8 (it may be GB18030); "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "Korean in EUC-KR",
        "a.jsonl",
        KOREAN.encode("euc-kr"),
        says=(
            "a.jsonl:1 …: not UTF-8; in all …; save the file as UTF-8 (it may be EUC-KR or "
            "Windows-874); artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "a header that is not UTF-8",
        "a.csv",
        "id,Überschrift\n1,x\n".encode("cp1252"),
        says="a.csv: its first line is not UTF-8; save the file as UTF-8 (it may be Windows-1252)",
    ),
    articles(
        "bytes that are no text at all",
        "a.csv",
        b"id,title\n" + bytes(range(128, 256)) * 9,
        says=(
            "a.csv:2 …: not UTF-8; in all …; save the file as UTF-8; "
            "artifacts/quarantine.jsonl lists them"
        ),
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
        kept=(1, 6),
        left_out={"unknown article": 18},
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
        says="a.csv: UTF-16 cut short or damaged (…); save it as UTF-8",
    ),
    articles(
        "NUL bytes and control characters",
        "a.csv",
        b"id,title\n1,a\0b\x07c\x1bd\n2,x\x7fy\n",
        note="they become spaces",
        kept=(2, 12),
        left_out={"unknown article": 12},
    ),
    articles(
        "NUL bytes and control characters in JSON",
        "a.jsonl",
        lines({"id": "1", "title": "a\0b\x07c"}),
        note="the same",
        kept=(1, 6),
        left_out={"unknown article": 18},
    ),
    articles(
        "a NUL byte in an id",
        "a.jsonl",
        lines({"id": "1\0", "title": "a"}, {"id": "2", "title": "b"}),
        kept=(2, 6),
        left_out={"unknown article": 18},
    ),
]

COLUMNS = [
    articles(
        "semicolons between columns",
        "a.csv",
        ARTICLES.replace(b",", b";"),
        note="the header tells",
        kept=(4, 24),
    ),
    articles(
        "tabs between columns",
        "a.csv",
        ARTICLES.replace(b",", b"\t"),
        note="the same",
        kept=(4, 24),
    ),
    articles(
        "quotes, separators and line ends inside fields",
        "a.csv",
        b'id,title\n1,"a ""b"", c;\nd"\n2,"x\r\ny"\n',
        kept=(2, 12),
        left_out={"unknown article": 12},
    ),
    articles(
        "a quote that nothing closes",
        "a.csv",
        b'id,title\n1,"a\n2,b\n3,c\n',
        says=(
            "a.csv:2 '1,\"a\\n2,b\\n3,c\\n': quote out of place; in all …; quote whole fields, "
            "write quotes inside them twice, close each; artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "text after a closing quote",
        "a.csv",
        b'id,title\n1,"a"b\n2,x\n',
        says=(
            "a.csv:2 '1,\"a\"b': quote out of place; in all …; quote whole fields, write quotes "
            "inside them twice, close each; artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "rows of too few or too many columns",
        "a.csv",
        b"id,title\n1,a\n2\n3,b,c\n",
        says=(
            "a.csv:3 '1 columns instead of 2': too few columns; in all …; write all columns in "
            "every row; artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "line ends of both kinds",
        "a.csv",
        b"id,title\r\n1,x\n2,y\r\n",
        says=(
            "a.csv: its rows cannot be separated, because lines end in LF here and in CR LF there "
            "or a quote stands open; write all line ends alike and quote fields that hold any"
        ),
    ),
    articles(
        "a column by another name",
        "a.csv",
        b"article_id,title\n1,x\n",
        says=(
            "a.csv: column 'id' is missing (articles.id); columns found: article_id, title; did "
            "you mean 'article_id'? Set articles.id = \"article_id\""
        ),
    ),
    articles(
        "a column that is not there",
        "a.jsonl",
        b'{"key": 1}\n',
        says="a.jsonl: column 'id' is missing (articles.id); columns found: key; set articles.id",
    ),
    articles(
        "a column that the config names and is not there",
        "a.csv",
        ARTICLES,
        config=b'[articles]\nbody = "story"\n',
        says=(
            "a.csv: column 'story' is missing (articles.body); columns found: id, title, "
            "published_at; set articles.body"
        ),
    ),
    articles(
        "a column that stands twice",
        "a.csv",
        b"id,id\n1,2\n",
        says="a.csv: column 'id' stands twice in the header; rename one",
    ),
    articles(
        "a first line that is blank",
        "a.csv",
        b"\nid\n1\n",
        says="a.csv: its first line is blank; write the columns' names there",
    ),
    views(
        "views without a reader",
        "v.csv",
        b"article,time\n1,2026-05-01\n",
        says=(
            "v.csv: column 'user' is missing (views.user); columns found: article, time; set "
            "views.user"
        ),
    ),
]

IDS = [
    articles(
        "empty ids",
        "a.csv",
        b"id,title\n,x\n2,y\n3,z\n",
        says=(
            "a.csv:2 '': no id; in all …; check the columns set in [articles]; "
            "artifacts/quarantine.jsonl lists them"
        ),
    ),
    articles(
        "one empty id of many",
        "a.csv",
        ARTICLES + b",no id,\n" + b"".join(b"a%d,x,\n" % i for i in range(20)),
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
            {"id": "1", "title": "Harbour storm"},
        ),
        asked=ODD_IDS[-1],
        note="ids stay as they are",
        kept=(7, 6),
        left_out={"unknown article": 18},
    ),
    articles(
        "an id in two rows",
        "a.csv",
        ARTICLES + b"1,Storm over,\n",
        note="the last row holds",
        kept=(4, 24),
        left_out={"duplicate id": 1},
    ),
    articles(
        'the same with articles.duplicates = "error"',
        "a.csv",
        ARTICLES + b"1,Storm over,\n",
        config=b'[articles]\nduplicates = "error"\n',
        says=(
            "a.csv: id '1' is in rows 1 and 5 of the articles; remove one row, or set "
            'articles.duplicates = "last"'
        ),
    ),
]

TIMES = [
    views(
        "seconds where milliseconds are declared",
        "v.csv",
        SECONDS,
        config=b'[views]\ntime_unit = "ms"\n',
        says=(
            "v.csv:2: '1777622400' cannot be a time in ms, nor can 3 of 3 times; they fit s: set "
            'views.time_unit = "s"'
        ),
    ),
    views(
        "milliseconds where seconds are declared",
        "v.csv",
        MILLISECONDS,
        config=b'[views]\ntime_unit = "s"\n',
        says=(
            "v.csv:2: '1777622400000' cannot be a time in s, nor can 3 of 3 times; they fit ms: "
            'set views.time_unit = "ms"'
        ),
    ),
    views(
        "times that cannot be read",
        "v.csv",
        ONE_VIEW % b"1st of May",
        says=(
            "v.csv:2 '1st of May': time cannot be read; in all …; write times as ISO 8601 or "
            "as numbers; artifacts/quarantine.jsonl lists them"
        ),
    ),
    views(
        "times before 1980",
        "v.csv",
        ONE_VIEW % b"86400",
        says=(
            "v.csv:2 '86400': time before 1980 or after 2100; in all …; check views.time_unit; "
            "artifacts/quarantine.jsonl lists them"
        ),
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
    given(
        "a time zone that does not exist",
        "--articles articles.csv",
        code=EXIT_CONFIG,
        config=b'[articles]\ntime_zone = "Europe/Olso"\n',
        says="articles.time_zone = 'Europe/Olso': no such time zone; did you mean Europe/Oslo?",
    ),
    given(
        "articles and views after now",
        "--articles articles.csv --views views.csv --now 2026-05-01T08:30:00Z",
        kept=(3, 0),
        says=(
            "warning: only 0.00% of the views lie in the seven days before 2026-05-01T08:30:00Z: "
            "the lists will miss today's readers; check --now, the time unit and zone"
        ),
    ),
    given(
        "all of them after now",
        "--articles articles.csv --views views.csv --now 2020-01-01",
        says=("no article is known before 2020-01-01T00:00:00Z; check --now and the publish times"),
    ),
    given(
        "a now that is no time",
        "--articles articles.csv --now yesterday",
        code=EXIT_USAGE,
        says="--now yesterday: not a time; write ISO 8601, such as 2026-06-01T06:00:00Z",
    ),
]

CONFIG = [
    given(
        "a key that nobody knows",
        "--articles articles.csv",
        code=EXIT_CONFIG,
        config=b"[texts]\nmaxterms = 3\n",
        says="ymal.toml: unknown key texts.maxterms; did you mean max_terms?",
    ),
    given(
        "a value out of range",
        "--articles articles.csv",
        code=EXIT_CONFIG,
        config=b"[data]\nmax_bad_share = 5\n",
        says="ymal.toml: data.max_bad_share = 5: input should be less than or equal to 1",
    ),
    given(
        "a config that is no TOML",
        "--articles articles.csv",
        code=EXIT_CONFIG,
        config=b"[texts\n",
        says="ymal.toml: not valid TOML: … (at line 1, column 7)",
    ),
    given(
        "a config that is not there",
        "--config site.toml",
        code=EXIT_CONFIG,
        says="site.toml: cannot be read (No such file or directory); name a config file",
    ),
    given(
        "a folder in the place of the config",
        "--config .",
        code=EXIT_CONFIG,
        says=".: cannot be read (Is a directory); name a config file",
    ),
    given(
        "an option that nobody knows",
        "--article articles.csv",
        code=EXIT_USAGE,
        says="No such option: --article (Possible options: --articles, …) See ymal train --help.",
    ),
]

SITES = [
    views(
        "all views before all articles",
        "v.csv",
        VIEWS.replace(b"2026-05-01", b"2026-04-01"),
        kept=(4, 24),
        says=(
            "warning: only 0.00% of the views lie in the seven days before 2026-05-01T09:00:01Z: "
            "the lists will miss today's readers; check --now, the time unit and zone"
        ),
    ),
    views(
        "views of unknown articles alone",
        "v.csv",
        VIEWS.replace(b",1,", b",x1,")
        .replace(b",2,", b",x2,")
        .replace(b",3,", b",x3,")
        .replace(b",4,", b",x4,"),
        kept=(4, 0),
        left_out={"unknown article": 24},
        says=(
            "warning: none of the 24 views names a known article; check views.article, "
            "views.article_by and articles.id (ymal check shows both)"
        ),
    ),
    given("articles alone", "--articles articles.csv", kept=(4, 0)),
    given("views alone", "--views views.csv", kept=(4, 24)),
    articles(
        "one article",
        "a.csv",
        b"id,title\n1,Storm\n",
        asked="1",
        kept=(1, 6),
        left_out={"unknown article": 18},
    ),
    articles(
        "no article with an id",
        "a.csv",
        b"id,title\n,x\n",
        config=b"[data]\nmax_bad_share = 1.0\n",
        says="a.csv: no article left; see which rows were left out and mend them",
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
        kept=(2, 12),
        left_out={"unknown article": 12},
    ),
    articles(
        "a line of more than 100 MB",
        "a.jsonl",
        lambda p: p.write_bytes(lines({"id": "1", "body": "x" * 100_000_001}, {"id": "2"})),
        large=True,
        says=(
            'a.jsonl:1 \'{"id": "1", "body": "…\': line too long; in all …; cut its longest '
            "field: a line has 100 MB at most; artifacts/quarantine.jsonl lists them"
        ),
    ),
    views(
        "a reader with a million views",
        "v.csv",
        csv(
            "SELECT if(i < 1000000, 'robot', 'u' || i % 100) AS user, 1 + i % 4 AS article, "
            "1777618800000 + i * 7 AS time FROM range(1002000) t(i)"
        ),
        large=True,
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
        large=True,
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
        "…/list_items.npy: its bytes are not those that the manifest lists…",
        "training/cli/test_commands.py::test_a_damaged_version_is_found",
    ),
]

GROUPS: dict[str, Sequence[Case]] = {
    "Files": FILES,
    "Encodings": ENCODINGS,
    "Columns and separators": COLUMNS,
    "Ids": IDS,
    "Times": TIMES,
    "Sites": SITES,
    "Much of something": MUCH,
    "Configuration and command line": CONFIG,
}
