"""Each bad file ends in one line: where, what was found, what to do."""

import gzip
import json
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from training.config import Config
from training.data import TooManyBadRows, read_key, read_site, write_quarantine
from training.errors import DataError, OutputError, UsageError
from training.records import Site

KEY = bytes(32)
T = "2023-04-27T12:00:00Z"


def write(folder: Path, name: str, *lines: bytes) -> str:
    path = folder / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def config(share: float = 1.0, **sections: Any) -> Config:
    return Config.model_validate({"data": {"max_bad_share": share}, **sections})


def bad(site: Site) -> list[tuple[int, str, str]]:
    return [(row.line, row.reason, row.value) for row in site.quarantine]


def test_a_folder_of_other_files_holds_no_data(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "notes.txt").write_bytes(b"id\n1\n")
    (tmp_path / ".hidden.csv").write_bytes(b"id\n1\n")
    with pytest.raises(DataError, match="is a directory without data files"):
        read_site(Config(), [str(tmp_path)], [], key=KEY)


def test_no_input_at_all() -> None:
    with pytest.raises(UsageError, match="--articles or --views"):
        read_site(Config(), [], [], key=KEY)


@pytest.mark.parametrize(
    ("header", "columns", "missing"),
    [
        (b"user,article", {}, "views.time"),
        (b"article,time", {}, "views.user"),
        (b"user,time", {}, "views.article"),
        (b"session,article,time", {"user": "reader"}, "views.user"),
        (b"user,article,time", {"session": "session"}, "views.session"),
        (b"user,article,time", {"article": ""}, "views.article"),
    ],
)
def test_missing_columns_of_views(
    tmp_path: Path, header: bytes, columns: dict[str, str], missing: str
) -> None:
    path = write(tmp_path, "views.csv", header, b"x" + b",x" * header.count(b","))
    with pytest.raises(DataError, match=rf"views\.csv: column .* is missing \({missing}\)"):
        read_site(config(views=columns), [], [path], key=KEY)


def test_bad_csv_rows_and_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        b"id,title,published_at",
        b"1,fine,",
        b"",
        b'2,"two',
        b'lines",',
        b"3,short",
        b"4,too,,long",
        b"5,\xff,",
        b",no id,",
        b"6,late,yesterday",
        b"7,early,86400",
        b'8,"x"y,',
        b"9,fine," + T.encode(),
    )
    site = read_site(config(), [path], [], key=KEY)
    assert list(site.ids) == ["1", "2", "9"]
    assert bad(site) == [
        (6, "too few columns", "2 columns instead of 3"),
        (7, "too many columns", "4 columns instead of 3"),
        (8, "not UTF-8", "5,?,"),
        (9, "no id", ""),
        (10, "time cannot be read", "yesterday"),
        (11, "time that cannot be right", "86400"),
        (12, "quote out of place", '8,"x"y,'),
    ]
    assert site.read["articles"] == 3 + 7
    assert site.left_out == dict.fromkeys((reason for _, reason, _ in bad(site)), 1)
    assert {row.file for row in site.quarantine} == {path}


def test_bad_json_lines_and_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.jsonl",
        b'{"id": 1}',
        b"",
        b'{"id": 2',
        b"[]",
        b'{"id": "\xff"}',
        b"{}",
        b'{"id": 3}',
    )
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(Path(path).read_bytes()))
    for name in (path, str(packed)):
        site = read_site(config(), [name], [], key=KEY)
        assert list(site.ids) == ["1", "3"]
        assert bad(site) == [
            (3, "not valid JSON", '{"id": 2'),
            (4, "not a JSON object", "[]"),
            (5, "not UTF-8", '{"id": "?"}'),
            (6, "no id", ""),
        ]


def test_bad_views_never_show_the_reader(tmp_path: Path) -> None:
    lines = [b'{"user": "secret", "article": "a", "time": "%s"}' % T.encode()] * 2
    lines += [b'{"user": "secret"', b'{"user": "secret", "time": "x", "article": "a"}']
    lines += [b'{"user": "secret\xff"}', b'{"user": "", "article": "a", "time": "2023"}']
    jsonl = write(tmp_path, "v.jsonl", *lines)
    csv = write(
        tmp_path, "v.csv", b"user,article,time", b'"secret"x,a,x', b"secret,a", b"u,a," + T.encode()
    )
    site = read_site(config(), [], [jsonl, csv], key=KEY)
    assert [row.line for row in site.quarantine] == [3, 4, 5, 6, 2, 3]
    assert "secret" not in str(site.quarantine)
    assert "'x'" in str(site.quarantine)


def test_parquet_rows_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    duckdb.sql(
        "COPY (SELECT 'u' AS user, 'a' AS article, unnest([1682596800, 5, NULL]) AS time) "
        f"TO '{path}' (FORMAT parquet)"
    )
    site = read_site(config(), [], [str(path)], key=KEY)
    assert bad(site) == [(2, "time that cannot be right", "5"), (3, "no time", "")]


def test_too_many_bad_rows_stop_the_run_and_carry_them(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        b"id,published_at",
        *[b"x%d," % i for i in range(18)],
        b"y,tomorrow",
        b",",
    )
    assert len(read_site(config(0.1), [path], [], key=KEY).ids) == 18
    with pytest.raises(TooManyBadRows) as caught:
        read_site(config(0.09), [path], [], key=KEY)
    assert [row.line for row in caught.value.quarantine] == [20, 21]
    message = str(caught.value)
    for part in (f"{path}:21 ''", "no id", "2 of 20 rows of the articles (10.0%)", "max_bad_share"):
        assert part in message
    out = tmp_path / "quarantine.jsonl"
    write_quarantine(out, caught.value.quarantine)
    first = json.loads(out.read_text().splitlines()[0])
    assert first == {
        "file": path,
        "line": 20,
        "reason": "time cannot be read",
        "value": "tomorrow",
    }


def test_a_share_of_zero_accepts_good_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id", b"1")
    assert list(read_site(config(0.0), [path], [], key=KEY).ids) == ["1"]


def test_a_thousand_rows_of_each_reason_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id,title", b"1,x", *[b",x"] * 1500, *[b"short"] * 1200)
    site = read_site(config(), [path], [], key=KEY)
    assert site.left_out == {"no id": 1500, "too few columns": 1200}
    assert len(site.quarantine) == 1000 + 1000


@pytest.mark.parametrize(("given", "right"), [("s", "ms"), ("ms", "us"), ("ns", "s"), ("us", "ns")])
def test_the_error_of_an_impossible_unit_names_the_right_one(
    tmp_path: Path, given: str, right: str
) -> None:
    time = b"1682596800" + {"s": b"", "ms": b"0" * 3, "us": b"0" * 6, "ns": b"0" * 9}[right]
    path = write(tmp_path, "v.csv", b"user,article,time", b"u,a," + time, b"u,b," + time)
    with pytest.raises(DataError) as caught:
        read_site(config(views={"time_unit": given}), [], [path], key=KEY)
    message = str(caught.value)
    assert f"{path}:2: {time.decode()!r} cannot be a time in {given}" in message
    assert f'they fit {right}: set views.time_unit = "{right}"' in message
    for unit in ("auto", right):
        site = read_site(config(views={"time_unit": unit}), [], [path], key=KEY)
        assert site.views.newest == 1_682_596_800_000_000


@pytest.mark.parametrize(
    ("text", "zone", "seconds"),
    [
        ("2023-04-27T12:00:00", "UTC", 1_682_596_800),
        ("2023-04-27T12:00:00", "Europe/Oslo", 1_682_596_800 - 2 * 3600),
        ("2023-01-27 12:00", "Europe/Oslo", 1_674_820_800 - 3600),
        ("2023-04-27T12:00:00Z", "Europe/Oslo", 1_682_596_800),
        ("2023-04-27T12:00:00-05:30", "Europe/Oslo", 1_682_596_800 + 5 * 3600 + 1800),
        ("2023-04-27", "America/New_York", 1_682_596_800 - 12 * 3600 + 4 * 3600),
        ("1682596800", "Europe/Oslo", 1_682_596_800),
        ("1682596800.25", "UTC", 1_682_596_800.25),
    ],
)
def test_times_and_zones(tmp_path: Path, text: str, zone: str, seconds: float) -> None:
    path = write(tmp_path, "v.csv", b"user,article,time", b"u,a," + text.encode())
    site = read_site(config(views={"time_zone": zone}), [], [path], key=KEY)
    assert site.views.newest == seconds * 1_000_000


def test_nanoseconds_are_truncated_exactly(tmp_path: Path) -> None:
    path = write(tmp_path, "v.csv", b"user,article,time", b"u,a,1682596800123456999")
    assert read_site(Config(), [], [path], key=KEY).views.newest == 1_682_596_800_123_456


def test_key_is_created_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    artifacts = tmp_path / "new" / "artifacts"
    key = read_key(artifacts)
    assert len(key) == 32
    assert read_key(artifacts) == key
    assert stat.S_IMODE((artifacts / "key").stat().st_mode) == 0o600
    assert read_key(tmp_path / "other") != key


def test_key_of_wrong_size_and_unwritable_directory(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(OutputError, match="has 5 bytes instead of 32"):
        read_key(tmp_path)
    with pytest.raises(OutputError, match="make the directory writable"):
        read_key(tmp_path / "key")
