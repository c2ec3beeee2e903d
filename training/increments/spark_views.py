"""Views as Spark reads them: what `data` makes of files on one machine, from any path of a lake."""

# The SQL here is put together from our own names and from quoted literals.

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from training.config import BLOCKS, Config
from training.data import TooManyBadRows
from training.data.columns import find_columns, view_input
from training.data.files import FORMATS, format_of
from training.data.partitions import as_glob, is_partitioned, overlapping
from training.data.stage import EXAMPLES
from training.data.tables import AFTER, BEFORE, STRANGERS
from training.data.times import IMPOSSIBLE, UNREADABLE, microseconds
from training.errors import DataError, UsageError
from training.increments.spark_times import MICROSECONDS, moment, number
from training.records import HOUR, Quarantined, Traffic

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_UNKNOWN: Final = "unknown article"
_FORGOTTEN: Final = "forgotten reader"
_GOOD: Final = ""
_SAMPLE: Final = 1000
"""Lines of JSON that are looked at to see which columns there are."""

_BLOCKS: Final = ", ".join(f"'{key}'" for key in BLOCKS)
_BLOCK: Final = f"nullif(array_position(array({_BLOCKS}), lower(trim(referrer_block))), 0) - 1"
_STAY: Final = f"({number('read_time')})"
_READ_TIME: Final = f"CASE WHEN {_STAY} BETWEEN 0 AND 1e9 THEN least({_STAY}, 3600) END"
_HASH: Final = (
    "CAST(CAST(conv(left(sha2(concat('{key}', {text}), 256), 16), 16, 10) AS DECIMAL(20, 0)) "
    "- 9223372036854775808 AS BIGINT)"
)
"""As `data.tables` and `data.forgotten` have it; keys are hexadecimal digits."""


@dataclass(frozen=True)
class Files:
    """Files of views, of one format, and their size in bytes together."""

    paths: Sequence[str]
    format: str
    bytes: int


@dataclass(frozen=True)
class Rows:
    """What became of the rows of a window.

    Attributes
    ----------
    traffic : those that can be used, by the hour.
    reasons : how many are bad, by reason.
    left_out : how many others are not used, by reason.
    read : all of them.
    good : those of known articles, exact duplicates among them.
    first, newest : times of the first and the last of these, µs UTC; 0 and -1 where there are none.
    """

    traffic: Traffic
    reasons: Counter[str]
    left_out: Counter[str]
    read: int
    good: int
    first: int
    newest: int


def find(
    spark: "SparkSession", paths: Sequence[str], config: Config, start: int, end: int
) -> Files:
    """Find files of views on any file system that Spark reads, those of [start, end) alone.

    Raises
    ------
    DataError
        If a path matches nothing, or files are of different formats or of one that Spark lacks.
    """
    sizes: dict[str, int] = {}
    for path in paths:
        sizes |= _listed(spark, path, config.views.format, start, end)
    formats = {format_of(file, "views", config.views) for file in sizes}
    if len(formats) > 1:
        raise DataError(f"{paths[0]}: files of {', '.join(sorted(formats))}: count one at a time")
    for file in sizes:
        if file.endswith((".xz", ".zst")):
            raise DataError(f"{file}: Spark does not read this compression; write .gz or Parquet")
    return Files(sorted(sizes), min(formats, default="parquet"), sum(sizes.values()))


def _listed(spark: "SparkSession", path: str, named: str, start: int, end: int) -> dict[str, int]:
    """List the files of a path, with their sizes."""
    jvm: Any = spark.sparkContext._jvm  # noqa: SLF001 - Hadoop lists what Spark reads
    hadoop: Any = spark.sparkContext._jsc  # noqa: SLF001
    place = jvm.org.apache.hadoop.fs.Path(as_glob(path))
    system = place.getFileSystem(hadoop.hadoopConfiguration())
    matches = {str(status.getPath()): status for status in system.globStatus(place) or ()}
    if not matches:
        raise DataError(f"{path}: matches nothing that Spark sees; check the path")
    kept = overlapping(path, list(matches), start, end) if is_partitioned(path) else matches
    sizes = {}
    for name in kept:
        if matches[name].isFile():
            sizes[name] = int(matches[name].getLen())
            continue
        inside = system.listFiles(matches[name].getPath(), True)
        while inside.hasNext():
            status = inside.next()
            file = str(status.getPath())
            if _is_data(file.removeprefix(name), named):
                sizes[file] = int(status.getLen())
    return sizes


def _is_data(inside: str, named: str) -> bool:
    if any(part.startswith((".", "_")) for part in inside.split("/") if part):
        return False
    bare = inside.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".xz")
    return named != "auto" or bare.endswith(tuple(FORMATS))


def stage(spark: "SparkSession", files: Files, config: Config) -> "DataFrame":
    """Give every row of some files, its time converted, and what is wrong with it.

    Returns
    -------
    DataFrame
        `file`, the fields as text (NULL where absent or empty), `time` in µs UTC, `reason` (NULL
        for a good row) and `found`, as the table that `data.stage` makes.

    Raises
    ------
    UsageError
        If views name articles by address.
    DataError
        If a column is missing.
    """
    if config.views.article_by == "url":
        raise UsageError(
            'views.article_by = "url": Spark counts by id alone; let views name the id'
        )
    kind = view_input(config)
    if not files.paths:
        texts = ", ".join(f"CAST(NULL AS STRING) AS {name}" for name in _STAGED)
        return spark.sql(f"SELECT {texts}, CAST(NULL AS BIGINT) AS time WHERE false")
    readers = {"parquet": _parquet, "jsonl": _json, "csv": _csv, "tsv": _csv}
    frame, columns = readers[files.format](spark, files)
    fields = find_columns(kind, files.paths[0], columns)
    if files.format == "jsonl":  # a line further down may have what those at the beginning lack
        fields = {field: name or kind.column(field) or None for field, name in fields.items()}
    rows: DataFrame = frame(fields)
    written, zone = "time", config.views.time_zone
    micros = microseconds(written, "number", "moment", config.views.time_unit, MICROSECONDS)
    absent = " ".join(f"WHEN {key} IS NULL THEN 'no {key}'" for key in kind.keys)
    return (
        rows.selectExpr("*", f"{number(written)} AS number")
        .selectExpr("*", f"CASE WHEN number IS NULL THEN {moment(written, zone)} END AS moment")
        .selectExpr("*", f"{micros} AS micros")
        .selectExpr(
            "*",
            f"CASE WHEN broken IS NOT NULL THEN broken {absent} WHEN micros IS NOT NULL THEN NULL "
            f"WHEN number IS NULL AND moment IS NULL THEN '{UNREADABLE}' ELSE '{IMPOSSIBLE}' END "
            "AS reason",
        )
        .selectExpr(
            "*",
            f"CASE WHEN reason IN ('{UNREADABLE}', '{IMPOSSIBLE}') THEN {written} ELSE '' END "
            "AS found",
        )
        .selectExpr(*_STAGED, "micros AS time")
    )


_STAGED: Final = (
    "file",
    "article",
    "user",
    "session",
    "read_time",
    "referrer_block",
    "reason",
    "found",
)
_FIELDS: Final = ("article", "time", "user", "session", "read_time", "referrer_block")


def _selected(frame: "DataFrame", values: dict[str, str], broken: str) -> "DataFrame":
    texts = [f"nullif(CAST({values[field]} AS STRING), '') AS {field}" for field in _FIELDS]
    return frame.selectExpr("_metadata.file_path AS file", *texts, f"{broken} AS broken")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _parquet(spark: "SparkSession", files: Files) -> tuple[Any, list[str]]:
    from pyspark.sql import types

    frame = spark.read.parquet(*files.paths)
    kinds = {entry.name: entry.dataType for entry in frame.schema.fields}

    def value(name: str | None) -> str:
        if name is None:
            return "NULL"
        column = _quoted(name)
        if isinstance(kinds[name], types.TimestampType):  # the session's zone is UTC
            return f"concat(CAST({column} AS STRING), 'Z')"
        if isinstance(kinds[name], types.FloatType | types.DoubleType):
            return (
                f"CASE WHEN isnan({column}) THEN NULL WHEN {column} = rint({column}) AND "
                f"abs({column}) < 1e15 THEN CAST(CAST({column} AS BIGINT) AS STRING) "
                f"ELSE CAST({column} AS STRING) END"
            )
        return column

    def rows(fields: dict[str, str | None]) -> "DataFrame":
        values = {field: value(fields[field]) for field in _FIELDS}
        return _selected(frame, values, "CAST(NULL AS STRING)")

    return rows, list(kinds)


def _json(spark: "SparkSession", files: Files) -> tuple[Any, list[str]]:
    lines = spark.read.text(list(files.paths))
    keys: dict[str, None] = {}
    for row in lines.limit(_SAMPLE).collect():
        try:
            told = json.loads(row.value)
        except ValueError:
            continue
        keys |= dict.fromkeys(told) if isinstance(told, dict) else {}

    def rows(fields: dict[str, str | None]) -> "DataFrame":
        parsed = lines.filter("length(trim(value)) > 0").selectExpr(
            "*", "_metadata", "try_parse_json(value) AS object"
        )
        values = {
            field: "NULL" if name is None else _in_object(name) for field, name in fields.items()
        }
        broken = (
            "CASE WHEN object IS NULL THEN 'not valid JSON' WHEN schema_of_variant(object) "
            "NOT LIKE 'OBJECT%' THEN 'not a JSON object' END"
        )
        return _selected(parsed, values, broken)

    # Where no line is an object there are no columns to miss: every row says why it is bad.
    return rows, list(keys) or list(_FIELDS)


def _in_object(name: str) -> str:
    literal = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"try_variant_get(object, '$[\"{literal}\"]', 'string')"


def _csv(spark: "SparkSession", files: Files) -> tuple[Any, list[str]]:
    first = spark.read.text(files.paths[0]).first()
    line = "" if first is None else str(first.value).removeprefix("\ufeff")
    delimiters = "\t" if files.format == "tsv" else ",;\t"
    delimiter = max(delimiters, key=line.count)
    header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    schema = ", ".join(f"{_quoted(name)} STRING" for name in [*header, "_bad"])
    frame = spark.read.csv(
        list(files.paths),
        schema=schema,
        sep=delimiter,
        header=True,
        quote='"',
        escape='"',
        nullValue="",
        mode="PERMISSIVE",
        columnNameOfCorruptRecord="_bad",
        enforceSchema=False,
    )

    def rows(fields: dict[str, str | None]) -> "DataFrame":
        values = {
            field: "NULL" if fields[field] is None else _quoted(str(fields[field]))
            for field in _FIELDS
        }
        return _selected(frame, values, "CASE WHEN _bad IS NOT NULL THEN 'other columns' END")

    return rows, header


def hashed(
    staged: "DataFrame", key: bytes, forgotten: Sequence[int], start: int, end: int
) -> "DataFrame":
    """Put hashes for readers and sessions, and say what becomes of each row.

    Returns
    -------
    DataFrame
        `id`, `time`, `reader`, `session`, `read_time` and `block` as in `Views` (NULL where
        absent), `status` (why a row is not used, empty where it is), `bad` (whether it never can
        be).
    """
    reader, session = (_HASH.format(key=key.hex(), text=text) for text in ("user", "session"))
    listed = ", ".join(map(str, forgotten)) or "NULL"
    return staged.selectExpr(
        "article AS id",
        "time",
        f"{reader} AS reader",
        f"coalesce({session}, 0) AS session",
        f"{_READ_TIME} AS read_time",
        f"{_BLOCK} AS block",
        "reason",
    ).selectExpr(
        "*",
        f"CASE WHEN reason IS NOT NULL THEN reason WHEN time < {start} THEN '{BEFORE}' "
        f"WHEN time >= {end} THEN '{AFTER}' WHEN reader IN ({listed}) THEN '{_FORGOTTEN}' "
        f"ELSE '{_GOOD}' END AS status",
        "reason IS NOT NULL AS bad",
    )


def examine(rows: "DataFrame", known: "DataFrame") -> Rows:
    """Count what becomes of the rows, in one pass; `known` has `id` and `row`."""
    from pyspark.sql.functions import broadcast

    status = f"CASE WHEN status = '{_GOOD}' AND row IS NULL THEN '{_UNKNOWN}' ELSE status END"
    counts = (
        rows.join(broadcast(known), "id", "left")
        .selectExpr(f"{status} AS what", "bad", "time")
        .selectExpr(
            "what",
            "bad",
            f"CASE WHEN what IN ('{_GOOD}', '{_UNKNOWN}') THEN time - time % {HOUR} END AS hour",
            "time",
        )
    )
    counts.createOrReplaceTempView("what_becomes")
    told = counts.sparkSession.sql(
        "SELECT what, bad, hour, COUNT(*) AS n, MIN(time) AS first, MAX(time) AS newest "
        "FROM what_becomes GROUP BY what, bad, hour"
    ).collect()
    reasons, left_out = Counter[str](), Counter[str]()
    by_hour: dict[int, list[int]] = {}
    for row in told:
        if row.bad:
            reasons[row.what] += row.n
        elif row.what != _GOOD:
            left_out[row.what] += row.n
        if row.hour is not None:
            views = by_hour.setdefault(row.hour, [0, 0])
            views[0] += row.n
            views[1] += row.n * (row.what == _UNKNOWN)
    hours = np.array([(hour, *views) for hour, views in sorted(by_hour.items())], np.int64)
    hour, views_, unknown = hours.reshape(-1, 3).T.copy()
    strangers = _strangers(rows, known) if left_out[_UNKNOWN] else {}
    good = [row for row in told if row.what == _GOOD and not row.bad]
    return Rows(
        traffic=Traffic(hour, views_, unknown, strangers),
        reasons=reasons,
        left_out=left_out,
        read=sum(row.n for row in told),
        good=sum(row.n for row in good),
        first=min((row.first for row in good), default=0),
        newest=max((row.newest for row in good), default=-1),
    )


def _strangers(rows: "DataFrame", known: "DataFrame") -> dict[str, int]:
    from pyspark.sql.functions import broadcast, col

    unknown = rows.filter(f"status = '{_GOOD}'").join(broadcast(known), "id", "left_anti")
    most = unknown.groupBy("id").count().orderBy(col("count").desc(), "id").limit(STRANGERS)
    return {row["id"]: row["count"] for row in most.collect()}


def check_share(staged: "DataFrame", found: Rows, config: Config) -> list[Quarantined]:
    """Give rows that cannot be used, the first thousand as they come.

    Raises
    ------
    TooManyBadRows
        If there are more of them than `data.max_bad_share`.
    """
    bad = found.reasons.total()
    if not bad:
        return []
    rows = staged.filter("reason IS NOT NULL").select("file", "reason", "found").limit(EXAMPLES)
    quarantine = [Quarantined(row.file, 0, row.reason, row.found or "") for row in rows.collect()]
    most = config.data.max_bad_share
    if bad > most * found.read:
        reason = max(sorted(found.reasons), key=found.reasons.__getitem__)
        example = next((row for row in quarantine if row.reason == reason), quarantine[0])
        raise TooManyBadRows(
            f"{example.file} {example.value!r}: {example.reason}; like it, {bad:,} of "
            f"{found.read:,} rows of the views ({bad / found.read:.1%}) cannot be used, "
            f"data.max_bad_share is {most:.1%}; check [views]",
            quarantine,
        )
    return quarantine


def duplicates(found: Rows, views: int) -> Counter[str]:
    """Count the rows that say what others say, given how many views there are."""
    return Counter({"exact duplicate": found.good - views})


def viewed_ids(rows: "DataFrame") -> list[str]:
    """Give the ids that the good rows speak of, ascending."""
    return sorted(row["id"] for row in rows.filter("NOT bad").select("id").distinct().collect())


def window_views(rows: "DataFrame", known: "DataFrame", end: int) -> "DataFrame":
    """Give the table `window_views` of the SQL texts: exact duplicates gone, articles by row."""
    from pyspark.sql.functions import broadcast

    return (
        rows.filter(f"status = '{_GOOD}' AND time < {end}")
        .join(broadcast(known), "id")
        .groupBy("time", "reader", "session", "row")
        .agg({"read_time": "max", "block": "max"})
        .selectExpr(
            "time",
            "reader",
            "session",
            "row AS article",
            "CAST(rint(coalesce(`max(read_time)`, -1)) AS INT) AS read_time",
            "CAST(coalesce(`max(block)`, -1) AS INT) AS block",
        )
    )
