"""Random input files for `ymal check` and `ymal train`.

Bytes, texts and tables are drawn by seed: known and unknown columns, valid and invalid cells, in
every format and compression, whole or damaged, under right and wrong names. Each file is checked,
and trained on in a copy of a directory with a published version, in one process. Every command must
exit with 0 or a named code, and print one line if it fails. Both must agree: `check` exits with 0
exactly if `train` publishes or the gate refuses. The version published before must be unchanged to
the byte, and served unless the training has published.
"""

import gzip
import io
import json
import lzma
import random
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.faults import damage
from training import errors
from training.cli import run
from training.data.files import zstd

NAMED: Final = frozenset(
    code
    for name, code in vars(errors).items()
    if name.startswith("EXIT_") and name != "EXIT_FAILURE"
)

COLUMNS: Final = {
    "articles": (
        *("id", "title", "body", "section", "tags", "url", "language", "published_at"),
        *("withdrawn", "sponsored", "paywalled"),
    ),
    "views": (
        *("user", "article", "time", "session", "read_time"),
        *("referrer_block", "referrer_slot", "referrer_version"),
    ),
}
NEEDED: Final = {"articles": ("id",), "views": ("user", "article", "time")}
TIMES: Final = ("published_at", "time")

ODD: Final = (
    "", " ", "\0", "\x01", "\x02", "\ufeff", "\u202e", "a\nb", "a\r\nb", 'a"b', "a'b", "a,b;c\td",
    "👩‍👩‍👧", "日本語の記事", "ß" * 300, "x" * 10_000, "<p>" * 500, "&amp;" * 50, "\\ud800", "NULL",
    "nan", "-1", "1e999", "9" * 40, "0x10", "true", "[]", "{}", '["a", null, 3]', "../..", "%s{0}",
    "https://news.example/a?b=c#d", "//", "?", "%FF%zz",
)  # fmt: skip
ODD_TIMES: Final = (
    "", "0", "-1", "1e12", "1717200000", "1717200000000", "1717200000000000", "2024-06-01",
    "17172000000000000000", "2024-06-01T00:00:00", "2024-06-01T00:00:00+99:00", "2024-13-01",
    "0000-01-01", "9999-12-31T23:59:59Z", "infinity", "-infinity", "epoch", "now", "nan", "inf",
    "yesterday", "2024-10-27 02:30:00 Europe/Oslo", "294247-01-10", "\0",
)  # fmt: skip
WORDS: Final = (
    "storm", "vote", "harbour", "minister", "goal", "flood", "опера", "台風", "선거", "ข่าว",
)  # fmt: skip

SETTINGS: Final = (
    "", "", "", "[data]\nmax_bad_share = 1.0\n", "[data]\nmax_bad_share = 1.0\n",
    "[data]\nmax_bad_share = 0.5\n[lists]\nundated = true\n", '[views]\narticle_by = "url"\n',
    '[views]\narticle_by = "url"\nurl_keys = ["b"]\n[data]\nmax_bad_share = 1.0\n',
    '[views]\ntime_unit = "ms"\n', '[articles]\ntime_zone = "Europe/Oslo"\nduplicates = "error"\n',
    '[articles]\nbody = ""\n[ranking]\nmin_transitions = 20\n[data]\nmax_bad_share = 1.0\n',
)  # fmt: skip


def cell(column: str, draw: random.Random, odd: float) -> str:
    """Draw a cell: a valid one for the column, or an odd one."""
    if draw.random() < odd:
        return draw.choice(ODD_TIMES if column in TIMES else ODD)
    if column in TIMES:
        return (
            f"2024-06-{draw.randint(1, 9):02}T{draw.randint(0, 23):02}:00:{draw.randint(0, 59):02}Z"
        )
    if column in ("id", "article"):
        return f"a{draw.randint(0, 30)}"
    if column in ("user", "session"):
        return f"u{draw.randint(0, 9)}"
    return " ".join(draw.choices(WORDS, k=draw.randint(1, 6)))


def rows(kind: str, draw: random.Random) -> list[dict[str, str]]:
    """Draw the rows of a table: mostly with the columns that it needs."""
    columns = [c for c in COLUMNS[kind] if c in NEEDED[kind] or draw.random() < 0.6]
    if draw.random() < 0.1:
        columns = draw.sample(
            [*columns, "other", 'naïve, "one"', ""], draw.randint(1, len(columns))
        )
    draw.shuffle(columns)
    odd = draw.choice((0, 0, 0.01, 0.1, 0.5, 1))
    count = draw.choice((0, 1, 2, 20, 100, 400))
    return [{column: cell(column, draw, odd) for column in columns} for _ in range(count)]


def delimited_text(table: list[dict[str, str]], delimiter: str, draw: random.Random) -> bytes:
    """Write a table with a delimiter, with or without correct quoting."""
    careful = draw.random() < 0.8
    end = draw.choice(("\n", "\n", "\r\n"))

    def field(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if careful else text

    lines = [delimiter.join(field(text) for text in row.values()) for row in table]
    head = delimiter.join(field(name) for name in table[0]) if table else "id"
    text = end.join([head, *lines, ""])
    return draw.choice((b"", b"", b"\xef\xbb\xbf")) + text.encode(
        draw.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-16", "cp1252")), "replace"
    )


def objects(table: list[dict[str, str]], draw: random.Random) -> bytes:
    """Write a table as JSON Lines, some with values of other types in it."""
    typed = draw.random() < 0.3
    values = (None, 1, -0.0, 7.0, 1e300, True, [], {}, ["a"], {"a": [1]}, "\ud800")
    lines = [
        json.dumps(
            {
                name: draw.choice(values) if typed and draw.random() < 0.2 else text
                for name, text in row.items()
            }
        )
        for row in table
    ]
    if draw.random() < 0.1:
        lines.insert(draw.randint(0, len(lines)), draw.choice(("", "[1]", "{", "null", '{"id": 1')))
    return "\n".join([*lines, ""]).encode()


def parquet(table: list[dict[str, str]], draw: random.Random) -> bytes:
    """Write a table as Parquet, now and then with other column types."""
    with tempfile.TemporaryDirectory() as folder:
        lines, path = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        lines.write_bytes(
            b"".join(json.dumps(row).encode() + b"\n" for row in table or [{"id": "1"}])
        )
        kind = draw.choice(("VARCHAR", "BLOB", "VARCHAR[]"))
        columns = "*" if draw.random() < 0.7 else f"COLUMNS(*)::VARCHAR::{kind}"
        with duckdb.connect() as connection:
            try:
                connection.execute(
                    f"COPY (SELECT {columns} FROM read_json('{lines}', format='nd')) "
                    f"TO '{path}' (FORMAT parquet)"
                )
            except duckdb.Error:  # these rows have no such type
                return b"PAR1"
        return path.read_bytes()


def damage_bytes(data: bytes, draw: random.Random) -> bytes:
    """Damage bytes: flip, cut, add, repeat, blank."""
    if not data:
        return draw.randbytes(3)
    at, length = draw.randrange(len(data)), draw.choice((1, 4, 100))
    part = data[at : at + length]
    count = len(part)
    new = (b"", bytes(count), draw.randbytes(count), part * 5, b'"', b"\0", b"\xff\xfe", b"\n")
    rest = (data[at + length :], data[at:], b"")
    return data[:at] + draw.choice(new) + draw.choice(rest)


def content(kind: str, form: str, draw: random.Random) -> bytes:
    """Draw a file's content: noise, a text, or a table in a format."""
    what = draw.random()
    if what < 0.05:
        return draw.randbytes(draw.choice((0, 1, 30, 3000)))
    if what < 0.1:
        return "".join(draw.choices([*ODD, *WORDS, "\n", ",", '"'], k=50)).encode()
    table = rows(kind, draw)
    if form == "parquet":
        data = parquet(table, draw)
    elif form in ("jsonl", "json", "ndjson"):
        data = objects(table, draw)
    else:
        data = delimited_text(
            table, {"tsv": "\t", "txt": "|"}.get(form, draw.choice(",,;\t")), draw
        )
    return damage_bytes(data, draw) if draw.random() < 0.2 else data


PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def write(folder: Path, kind: str, draw: random.Random) -> str:
    """Draw a file of a kind; return its path, which now and then is missing or a folder."""
    form = draw.choice(("csv", "csv", "csv", "tsv", "jsonl", "jsonl", "parquet", "json", "txt"))
    packing = draw.choice(("", "", "", "", ".gz", ".xz", ".zst"))
    data = content(kind, form, draw)
    if packing:
        data = PACK[packing](data)
        data = damage_bytes(data, draw) if draw.random() < 0.15 else data
    if draw.random() < 0.05:
        form = draw.choice(("csv", "jsonl", "parquet", "xml"))
    if draw.random() < 0.05:
        packing = draw.choice(("", *PACK))
    path = folder / f"{kind}.{form}{packing}"
    if draw.random() < 0.02:
        path.mkdir()
    elif draw.random() > 0.01:
        path.write_bytes(data)
    return str(path)


def command(*arguments: str) -> tuple[int, str]:
    """Run a command in this process; return its exit code, and what is wrong with its end."""
    stdout, stderr = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr), warnings.catch_warnings():
            warnings.simplefilter("error")
            code = run([*arguments])
    except Exception as error:
        return -1, "".join(traceback.format_exception(error))
    lines = [x for x in stderr.getvalue().splitlines() if not x.startswith("ymal: warning: ")]
    if code not in NAMED:
        return code, f"code {code}: {stderr.getvalue()}"
    if arguments[0] == "train" and len(lines) != (code != 0):
        return code, f"{len(lines)} lines on stderr: {lines[:3]}"
    return code, ""


def held(artifacts: Path, name: str) -> dict[str, bytes]:
    """Return all files of a version and of its state."""
    folders = (artifacts / "versions" / name, artifacts / "states" / name)
    return {str(path): path.read_bytes() for f in folders for path in sorted(f.iterdir())}


class Files:
    """Draws cases by a seed; training starts from the artifacts directory of a trained site."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._sound = folder / "sound" / "artifacts"

    def examine(self, number: int) -> Iterator[tuple[str, str]]:
        """Draw a case; yield each command and its outcome."""
        draw = random.Random(f"{self._seed}/{number}")  # noqa: S311 - no secret
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            case = Path(place)
            config = case / "ymal.toml"
            config.write_text(draw.choice(SETTINGS))
            kinds = draw.choice((*[("articles", "views")] * 2, ("articles",), ("views",)))
            files = [part for kind in kinds for part in (f"--{kind}", write(case, kind, draw))]
            given = ["--config", str(config), *files, "--quiet"]
            checked, fault = command("check", *given, *draw.choice(([], ["--json"])))
            yield "check", f"fault: {fault}" if fault else f"code {checked}"
            artifacts = case / "artifacts"
            damage.copy_by_links(self._sound, artifacts)
            name = (artifacts / "current").read_text().strip()
            before = held(artifacts, name)
            force = draw.choice(([], ["--force", "--why", "a random site"]))
            given += ["--artifacts", str(artifacts), "--jobs", "1", *force]
            trained, fault = command("train", *given)
            fault = fault or wrong(artifacts, name, before, checked, trained)
            yield "train", f"fault: {fault}" if fault else f"code {trained}"


def wrong(artifacts: Path, name: str, before: dict[str, bytes], checked: int, trained: int) -> str:
    """Return what is wrong after a training, "" where nothing is."""
    if held(artifacts, name) != before:
        return "the published version was touched"
    if trained != errors.EXIT_OK and (artifacts / "current").read_text().strip() != name:
        return "another version is served"
    expected = errors.EXIT_OK if trained == errors.EXIT_REFUSED else trained
    return "" if checked == expected else f"check ended with {checked}, train with {trained}"
