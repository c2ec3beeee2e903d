"""Read rows with Spark: fields as text, converted times, and a reason for each bad row."""

# The SQL is built only from our own names and from quoted literals.

import csv
import json
from typing import TYPE_CHECKING, Any, Final

from training.config import Config
from training.data.columns import find_columns, view_input
from training.data.times import IMPOSSIBLE, UNREADABLE, microseconds
from training.errors import UsageError
from training.increments.spark.files import SparkFiles
from training.increments.spark.times import MICROSECONDS, moment, number

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SAMPLE_LINES: Final = 1000
"""Number of JSON lines whose keys determine the columns."""


def stage(spark: "SparkSession", files: SparkFiles, config: Config) -> "DataFrame":
    """Return every row of the files with its converted time, and the reason if it is bad.

    Returns
    -------
    DataFrame
        `file`, the fields as text (NULL if absent or empty), `time` in µs UTC, `reason` (NULL
        for a good row) and `found`, as in the table of `data.stage`.

    Raises
    ------
    UsageError
        If views identify articles by URL.
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
    if files.format == "jsonl":  # a later line may have a key that the first ones lack
        fields = {field: name or kind.column(field) or None for field, name in fields.items()}
    rows: DataFrame = frame(fields)
    written, zone = "time", config.views.time_zone
    micros = microseconds(written, "number", "moment", config.views.time_unit, MICROSECONDS)
    absent = " ".join(f"WHEN {key} IS NULL THEN 'no {key}'" for key in kind.keys)
    return (
        rows.selectExpr("*", f"CASE WHEN instant IS NULL THEN {number(written)} END AS number")
        .selectExpr(
            "*",
            "CASE WHEN instant IS NOT NULL THEN instant "
            f"WHEN number IS NULL THEN {moment(written, zone)} END AS moment",
        )
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


def _select_fields(
    frame: "DataFrame", values: dict[str, str], broken: str, instant: str = "CAST(NULL AS BIGINT)"
) -> "DataFrame":
    """Select the fields as text, the reason of a broken row, and µs UTC for a time type."""
    texts = [f"nullif(CAST({values[field]} AS STRING), '') AS {field}" for field in _FIELDS]
    marks = f"{broken} AS broken", f"{instant} AS instant"
    return frame.selectExpr("_metadata.file_path AS file", *texts, *marks)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _parquet(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
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
        time = fields["time"]
        if time is None or not isinstance(kinds[time], types.TimestampType):
            return _select_fields(frame, values, "CAST(NULL AS STRING)")
        return _select_fields(
            frame, values, "CAST(NULL AS STRING)", f"unix_micros({_quoted(time)})"
        )

    return rows, list(kinds)


def _json(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
    lines = spark.read.text(list(files.paths))
    keys: dict[str, None] = {}
    for row in lines.limit(_SAMPLE_LINES).collect():
        try:
            parsed = json.loads(row.value)
        except ValueError:
            continue
        keys |= dict.fromkeys(parsed) if isinstance(parsed, dict) else {}

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
        return _select_fields(parsed, values, broken)

    # If no line is an object, every row is already bad, so no column counts as missing.
    return rows, list(keys) or list(_FIELDS)


def _in_object(name: str) -> str:
    literal = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"try_variant_get(object, '$[\"{literal}\"]', 'string')"


def _csv(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
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
        return _select_fields(frame, values, "CASE WHEN _bad IS NOT NULL THEN 'other columns' END")

    return rows, header
