"""A case of the catalogue of bad inputs, and what such files are made of."""

import gzip
import json
import lzma
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from training.data.files import zstd
from training.errors import EXIT_CONFIG, EXIT_DATA, EXIT_OK

Content = bytes | Callable[[Path], object]
"""What a file holds, or what writes it."""

ARTICLES: Final = b"""id,title,published_at
1,Storm floods the harbour,2026-05-01T06:00:00Z
2,Harbour storm rescue goes on,2026-05-01T07:00:00Z
3,Parliament votes on the budget,2026-05-01T08:00:00Z
4,Budget vote splits the coalition,2026-05-01T09:00:00Z
"""
VIEWS: Final = b"user,article,time\n" + b"".join(
    b"u%d,%d,2026-05-01T1%d:0%d:00Z\n" % (user, (user + step) % 4 + 1, user % 5, step)
    for user in range(8)
    for step in range(3)
)


@dataclass(frozen=True)
class Case:
    """An input of which something is wrong, or odd.

    Attributes
    ----------
    what : what is wrong, in words.
    files : what lies there beside good files, by name; None for a folder.
    options : of `ymal train`.
    code : its exit code.
    says : its line on stderr, without the `ymal: ` before it; `…` stands for what may differ.
    kept : articles and views that it trains on, where it does.
    left_out : rows that it leaves out, by reason.
    now : the moment that it trains for, where a time is what is odd.
    asked : an article whose list is asked for.
    large : whether it is run in a process of its own, whose memory is looked at.
    note : what a reader may want to know besides.
    """

    what: str
    files: Mapping[str, Content | None]
    options: Sequence[str]
    code: int = EXIT_OK
    says: str = ""
    kept: tuple[int, int] = (0, 0)
    left_out: Mapping[str, int] = field(default_factory=dict)
    now: str = ""
    asked: str = ""
    large: bool = False
    note: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """What no file can show, and the test that does: `path::name` below `tests`."""

    what: str
    code: int | None
    says: str
    test: str
    note: str = ""


def articles(what: str, name: str, content: Content | None, says: str = "", **more: Any) -> Case:
    """Return a case of an articles file beside good views; `: …` is said of the file."""
    options = ["--articles", name, "--views", "views.csv"]
    return _case(what, {name: content}, options, says, more)


def alike(says: str, *cases: Any) -> list[Case]:
    """Return cases of articles of which the same is said; what differs stands behind the file."""
    return [
        articles(what, name, content, says.format(*words)) for what, name, content, *words in cases
    ]


def views(what: str, name: str, content: Content, says: str = "", **more: Any) -> Case:
    """Return a case of a file of views beside good articles."""
    options = ["--articles", "articles.csv", "--views", name]
    return _case(what, {name: content}, options, says, more)


def moment(what: str, time: bytes, zone: str, now: str, note: str) -> Case:
    """Return a case of one view, whose time tells the moment that is trained for."""
    config = f'[views]\ntime_zone = "{zone}"\n'.encode() if zone else b""
    files = {"v.csv": b"user,article,time\nu,1,%s\n" % time, "ymal.toml": config}
    return Case(what, files, ["--views", "v.csv"], kept=(1, 1), now=now, note=note)


def given(what: str, options: str, says: str = "", **more: Any) -> Case:
    """Return a case of what is asked for, where the files are good."""
    return _case(what, {}, options.split(" "), says, more)


def configured(what: str, config: bytes, says: str) -> Case:
    """Return a case of a config that is refused."""
    return given(what, "--articles articles.csv", says, config=config, code=EXIT_CONFIG)


def unusable(found: str, fix: str) -> str:
    """Return the line for rows that cannot be used, too many to leave out."""
    return f"{found}; in all …; {fix}; artifacts/quarantine.jsonl lists them"


def _case(
    what: str,
    files: dict[str, Content | None],
    options: Sequence[str],
    says: str,
    more: dict[str, Any],
) -> Case:
    says = f"{next(iter(files))}{says}" if says.startswith(":") else says
    if "config" in more:
        files["ymal.toml"] = more.pop("config")
    more.setdefault("code", EXIT_OK if "kept" in more else EXIT_DATA)
    return Case(what, files, options, says=says, **more)


def lines(*rows: Mapping[str, object]) -> bytes:
    """Write JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def titled(*titles: str) -> str:
    """Write a CSV file of articles that have nothing but a title."""
    return "id,title\n" + "".join(f"{at},{title}\n" for at, title in enumerate(titles, 1))


def unclosed() -> bytes:
    """Write articles whose markup opens ten thousand tags and closes none."""
    rows = (row.split(",")[:2] for row in ARTICLES.decode().splitlines()[1:])
    tags = "<div><b><table>" * 3_333
    return lines(*({"id": i, "title": title, "body": tags + title} for i, title in rows))


def parquet(sql: str) -> Callable[[Path], object]:
    """Write what a query gives."""
    return lambda path: duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")


def csv(sql: str) -> Callable[[Path], object]:
    """Write what a query gives."""
    return lambda path: duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT csv)")


def damaged(data: bytes) -> bytes:
    """Damage compressed bytes in the middle."""
    return data[:900] + bytes(4) + data[904:]


ONE_ARTICLE: Final[dict[str, Any]] = {"kept": (1, 6), "left_out": {"unknown article": 18}}
TWO_ARTICLES: Final[dict[str, Any]] = {"kept": (2, 12), "left_out": {"unknown article": 12}}
LARGE_ARTICLES: Final = ARTICLES + b"".join(
    b"a%d,some title,%s\n" % (i, b"" if i else b"2026-05-01") for i in range(40_000)
)
GZIP: Final = gzip.compress(LARGE_ARTICLES, mtime=0)
XZ: Final = lzma.compress(LARGE_ARTICLES)
ZSTD: Final = zstd.compress(LARGE_ARTICLES, options={zstd.CompressionParameter.checksum_flag: True})
ONE_VIEW: Final = b"user,article,time\nu,1,%s\n"
SECONDS: Final = b"user,article,time\n" + b"".join(b"u,%d,1777622400\n" % i for i in range(1, 4))
MILLISECONDS: Final = SECONDS.replace(b"1777622400", b"1777622400000")
ODD_IDS: Final = ("a b", "/news/2026?x=1#y", '"it\'s"', "line\nbreak", "🗞️🇳🇴", "x" * 10_000)

DANISH = titled(
    "Regeringen vil sænke afgiften på grøn strøm",
    "Sådan bliver vejret i påsken",
    "København åbner ny børnehave på Nørrebro",
)
POLISH = titled(
    "Rząd przyjął projekt ustawy o źródłach energii",
    "Łódź: zamknięto główną ulicę",
    "Święta będą ciepłe i słoneczne",
)
TURKISH = titled(
    "İstanbul'da yağış uyarısı: sağanak bekleniyor",
    "Cumhurbaşkanı açıkladı: seçim tarihi değişti",
    "Altın fiyatları güne yükselişle başladı",
)
RUSSIAN = titled(
    "Правительство утвердило новый бюджет",
    "В Москве открылась выставка современного искусства",
    "Погода на выходные",
)
GREEK = titled("Η κυβέρνηση ανακοίνωσε νέα μέτρα", "Καιρός: βροχές και καταιγίδες στην Αθήνα")
JAPANESE = titled("政府は新しい経済対策を発表した", "東京で桜が満開、花見客でにぎわう")
CHINESE = titled("国务院召开常务会议部署稳经济措施", "北京今日迎来大风降温天气")
KOREAN = '{"id": "1", "title": "서울에 벚꽃이 활짝 피었다"}\n'
