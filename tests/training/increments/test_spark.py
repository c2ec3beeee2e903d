"""Spark counts what DuckDB counts, to the last integer."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from tests.training.increments.cluster import on_spark
from tests.training.increments.stores import same, tables
from training.config import Config
from training.errors import DataError, UsageError
from training.increments import CountJob, engine_of, run_job
from training.increments.spark.files import find
from training.progress import Stages
from training.records import DAY, HOUR, utc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = on_spark

START = 20_000 * DAY
LIMITS = Config(
    sessions={"gap": "30m", "max_views": 6, "max_day_views": 9},
    readers={"block_discount": 0.3},
    views={"time_zone": "Europe/Oslo"},
    data={"max_bad_share": 0.9},
)
HEADER = "user", "session", "article", "time", "read_time", "referrer_block"


def job(
    folder: Path,
    store: str,
    now: int | None = None,
    config: Config = LIMITS,
    views: str = "views.csv",
) -> CountJob:
    return CountJob(config, (), [str(folder / views)], folder / store, b"key", now=now)


def both(first: CountJob, other: Path) -> None:
    """Do a job on both engines, and see that they hold the same."""
    run_job(first, engine_of(first.config, "duckdb"), Stages())
    run_job(replace(first, path=other), engine_of(first.config, "spark"), Stages())
    same(first.path, other)


def write(folder: Path, rows: Sequence[Sequence[object]]) -> None:
    """Write the same views as CSV and as JSON Lines."""
    with (folder / "views.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    lines = (json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in rows)
    (folder / "views.jsonl").write_text("".join(lines))


times = st.integers(0, 40).map(lambda step: START + DAY - 4 * HOUR + step * 11 * HOUR // 60)
written = st.one_of(
    times.map(utc),
    times.map(lambda time: time // 1_000_000),
    times.map(lambda time: time // 1_000),
    times.map(lambda time: time * 1_000 + 999),
    times.map(lambda time: utc(time)[:-1]),
    times.map(lambda time: utc(time)[:-1] + "+05:30"),
    st.sampled_from(["", "soon", "12", "2024-10-27 02:30:00", "2024-03-31T02:30", "1.7e9"]),
)
row = st.tuples(
    st.sampled_from(["a", "b", "c", "d", "e", "é 'ü", ""]),
    st.sampled_from(["", "", "s", "t"]),
    st.sampled_from(["1", "2", "3", "007", 'æ,"ø"']),
    written,
    st.sampled_from(["", "0", "7.5", "8.5", "9999", "-1", "nan", "12d"]),
    st.sampled_from(["", "", "related", " Popular ", "elsewhere"]),
)


@pytest.mark.usefixtures("spark")
@settings(max_examples=scaled(5), suppress_health_check=list(HealthCheck))
@given(st.lists(row, min_size=40, max_size=300), times)
def test_both_engines_count_the_same(rows: list[tuple[str, ...]], cut: int) -> None:
    assume(len({*rows}) > 20)  # the first that is drawn is one row again and again
    with TemporaryDirectory() as name:
        folder = Path(name)
        once = utc(START + DAY), utc(START + DAY + HOUR // 6)
        write(
            folder,
            [
                *rows,
                *rows[::9],  # exact duplicates
                *(
                    ["u", "", article, time, "", ""]
                    for article, time in zip("12", once, strict=True)
                ),
            ],
        )
        for now, views in (cut + 1, "views.csv"), (START + 3 * DAY, "views.jsonl"):
            both(job(folder, "duckdb", now, views=views), folder / "spark")


def test_files_by_the_hour_are_read_once_each(tmp_path: Path, spark: "SparkSession") -> None:
    """Also: thousands of views of a reader in a day, an article in every session, typed times."""
    connection = duckdb.connect()
    connection.execute(
        f"""CREATE TABLE lake AS
        SELECT 'r' || (n % 97) AS user, CASE n % 3 WHEN 0 THEN 0 ELSE n % 13 END AS article,
            {START // 10**6} + n * 3 AS time, n % 40 / 4 AS read_time
        FROM range(3600) t(n) UNION ALL
        SELECT 'robot', n % 31, {START // 10**6} + n // 2, NULL FROM range(6000) t(n)"""
    )
    for hour in range(3):
        folder = tmp_path / "lake" / utc(START + hour * HOUR)[:10] / f"{hour:02}"
        folder.mkdir(parents=True)
        begin = (START + hour * HOUR) // 10**6
        connection.execute(
            "COPY (SELECT * REPLACE (to_timestamp(time) AS time) FROM lake "
            f"WHERE time >= {begin} AND time < {begin + 3600}) "
            f"TO '{folder}/views.parquet' (FORMAT parquet)"
        )
        (folder / "_SUCCESS").touch()
    paths = [str(tmp_path / "lake" / "%Y-%m-%d" / "%H")]
    end = START + 2 * HOUR
    for engine in "duckdb", "spark":
        made = CountJob(Config(), (), paths, tmp_path / engine, b"key", now=end)
        summary, _ = run_job(made, engine_of(Config(), engine), Stages())
        assert summary["files_opened"] == 2
    same(tmp_path / "duckdb", tmp_path / "spark")
    (left,) = find(spark, paths, Config(), end, START + 3 * HOUR).paths
    assert left.endswith("/02/views.parquet")
    counted = [views for part in tables(tmp_path / "spark")["day_views"] for *_, views in part]
    assert max(counted) > 5000


@pytest.mark.usefixtures("spark")
def test_files_that_spark_cannot_read_are_one_line_errors(tmp_path: Path) -> None:
    write(tmp_path, [("u", "", "1", "soon", "", "")])
    strict = Config()
    with pytest.raises(DataError, match="in all 1 of 1"):
        run_job(job(tmp_path, "one", config=strict), engine_of(strict, "spark"), Stages())
    addresses = Config(views={"article_by": "url"})
    named = Config(views={"article": "stroy"})
    nowhere = replace(job(tmp_path, "three"), views=[str(tmp_path / "none" / "%Y")])
    for asked, error, words in (
        (job(tmp_path, "two", config=addresses), UsageError, "Spark matches views by id only"),
        (nowhere, DataError, "matches no file"),
        (job(tmp_path, "four", config=named), DataError, "column 'stroy' is missing"),
    ):
        with pytest.raises(error, match=words):
            run_job(asked, engine_of(strict, "spark"), Stages())
