"""Read rows with Spark: fields as text, converted times, and a reason for each bad row."""

# The SQL is built only from our own names and from quoted literals.

import csv
import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from training.config import Config
from training.data.columns import find_columns, view_input
from training.data.dialects import dialect_of_text
from training.data.formats import FORMATS
from training.data.scan import nested_paths
from training.data.times import (
    IMPOSSIBLE,
    UNREADABLE,
    is_digits,
    is_no_time,
    microseconds,
)
from training.data.values import KEYS, NOTHING, READER
from training.errors import DataError, UsageError
from training.increments.spark.files import SparkFiles
from training.increments.spark.times import MICROSECONDS, moment, number

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SAMPLE_LINES: Final = 1000
"""Number of lines whose keys determine the columns of JSON, and whose quotes those of text."""


def stage(spark: "SparkSession", files: SparkFiles, config: Config) -> "DataFrame":
    """Return every row of the files with its converted time, and the reason if it is bad.

    Returns
    -------
    DataFrame
        `file`, the fields as text (NULL if absent or empty), `time` in µs UTC, `place`
        (ascending in each part of a file), `reason` (NULL for a good row) and `found`, as in the
        table of `data.stage`.

    Raises
    ------
    UsageError
        If views identify articles by URL.
    DataError
        If a column is missing, or if Spark has no reader of the format.
    """
    if config.views.article_by == "url":
        raise UsageError(
            'views.article_by = "url": Spark matches views by id only; export the ids, or count '
            "with duckdb"
        )
    if config.views.only:
        raise UsageError(
            "views.only: Spark counts all rows; export the page views alone, or count with "
            'readers.engine = "duckdb"'
        )
    if config.views.time_order != "auto":
        raise UsageError(
            f'views.time_order = "{config.views.time_order}": Spark reads ISO 8601 and numbers; '
            'write such times, or count with readers.engine = "duckdb"'
        )
    kind = view_input(config)
    if not files.paths:
        kinds = {"place": "BIGINT", "time": "BIGINT"}
        empty = (f"CAST(NULL AS {kinds.get(n, 'STRING')}) AS {n}" for n in (*_STAGED, "time"))
        return spark.sql(f"SELECT {', '.join(empty)} WHERE false")
    read = _READERS.get(files.format)
    if read is None:
        name, names = FORMATS[files.format].name, ", ".join(FORMATS[key].name for key in _READERS)
        raise DataError(
            f"{files.paths[0]}: Spark does not read {name}; write it as one of {names}, or count "
            "with duckdb"
        )
    frame, columns = read(spark, files)
    fields = find_columns(kind, files.paths[0], columns)
    if files.format == "jsonl":  # a later line may have a key that the first ones lack
        fields = {field: name or kind.column(field) or None for field, name in fields.items()}
    rows: DataFrame = frame(fields)
    time_text, zone = "time", config.views.time_zone
    micros = microseconds(time_text, "number", "moment", config.views.time_unit, MICROSECONDS)
    in_digits = is_digits(time_text, "number", "regexp_like")
    absent = " ".join(f"WHEN {key} IS NULL THEN 'no {key}'" for key in kind.keys)
    return (
        rows.selectExpr("*", f"CASE WHEN instant IS NULL THEN {number(time_text)} END AS number")
        .selectExpr(
            "*",
            "CASE WHEN instant IS NOT NULL THEN instant "
            f"WHEN number IS NULL THEN {moment(time_text, zone)} END AS moment",
        )
        # Times in digits, such as 2026112809, are bad rows here, and no seconds.
        .selectExpr("*", f"CASE WHEN {in_digits} THEN NULL ELSE {micros} END AS micros")
        .selectExpr(
            "*",
            f"CASE WHEN broken IS NOT NULL THEN broken {absent} WHEN micros IS NOT NULL THEN NULL "
            f"WHEN number IS NULL AND moment IS NULL THEN '{UNREADABLE}' ELSE '{IMPOSSIBLE}' END "
            "AS reason",
        )
        .selectExpr(
            "*",
            f"CASE WHEN reason IN ('{UNREADABLE}', '{IMPOSSIBLE}') THEN {time_text} ELSE '' END "
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
    "place",
    "reason",
    "found",
)
_FIELDS: Final = ("article", "time", "user", "session", "read_time", "referrer_block")


def _select_fields(
    frame: "DataFrame", values: dict[str, str], broken: str, instant: str = "CAST(NULL AS BIGINT)"
) -> "DataFrame":
    """Select the fields as text, the reason of a broken row, and µs UTC for a time type."""
    texts = [f"{_present(values[field], field)} AS {field}" for field in _FIELDS]
    place = "monotonically_increasing_id() AS place"
    marks = f"{broken} AS broken", f"{instant} AS instant", place
    return frame.selectExpr("_metadata.file_path AS file", *texts, *marks)


def _present(value: str, field: str) -> str:
    """Return SQL of a field as text, NULL where it says that there is no value."""
    text = f"CAST({value} AS STRING)"
    if field in KEYS:
        text = f"trim({text})"
    words = ", ".join(map(quote, ("", *(() if field in READER else NOTHING))))
    none = f"{text} IN ({words})"
    if field == "time":
        none = f"{none} OR {is_no_time(text)}"
    return f"CASE WHEN {none} THEN NULL ELSE {text} END"


def quote(text: str) -> str:
    """Return Spark's literal of a text."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quote_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _parquet(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
    from pyspark.sql import types

    frame = spark.read.parquet(*files.paths)
    kinds: dict[str, Any] = {}
    columns: dict[str, str] = {}
    left = [(entry.name, _quote_name(entry.name), entry.dataType) for entry in frame.schema.fields]
    while left:
        path, column, kind = left.pop(0)
        if path in kinds:  # a column of this name goes before the path
            continue
        kinds[path], columns[path] = kind, column
        left += [
            (f"{path}.{entry.name}", f"{column}.{_quote_name(entry.name)}", entry.dataType)
            for entry in (kind.fields if isinstance(kind, types.StructType) else ())
        ]

    def value(name: str | None) -> str:
        if name is None:
            return "NULL"
        column = columns[name]
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
            frame, values, "CAST(NULL AS STRING)", f"unix_micros({columns[time]})"
        )

    return rows, list(kinds)


def _json(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
    lines = spark.read.text(list(files.paths))
    keys: dict[str, None] = {}
    paths: dict[str, None] = {}
    for row in lines.limit(_SAMPLE_LINES).collect():
        try:
            parsed = json.loads(row.value)
        except ValueError:
            continue
        if isinstance(parsed, dict):
            keys |= dict.fromkeys(parsed)
            paths |= nested_paths(parsed)

    def rows(fields: dict[str, str | None]) -> "DataFrame":
        parsed = lines.filter("length(trim(value)) > 0").selectExpr(
            "*", "_metadata", "try_parse_json(value) AS object"
        )
        values = {
            field: "NULL" if name is None else _in_object(name, keys)
            for field, name in fields.items()
        }
        broken = (
            "CASE WHEN object IS NULL THEN 'not valid JSON' WHEN schema_of_variant(object) "
            "NOT LIKE 'OBJECT%' THEN 'not a JSON object' END"
        )
        return _select_fields(parsed, values, broken)

    # If no line is an object, every row is already bad, so no column counts as missing.
    return rows, list(keys | paths) or list(_FIELDS)


def _in_object(name: str, keys: Collection[str]) -> str:
    """Return SQL of a value: a key of the row, else by its path."""
    literal = name.replace("\\", "\\\\").replace("'", "\\'")
    parts = [literal] if name in keys else literal.split(".")
    at = "".join(f'["{part}"]' for part in parts)
    return f"try_variant_get(object, '${at}', 'string')"


def _csv(spark: "SparkSession", files: SparkFiles) -> tuple[Any, list[str]]:
    head = spark.read.text(files.paths[0]).limit(_SAMPLE_LINES)
    first = [str(row.value) for row in head.collect()]
    line = first[0].removeprefix("\ufeff") if first else ""
    delimiters = "\t" if files.format == "tsv" else ",;\t"
    delimiter = max(delimiters, key=line.count)
    header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    dialect = dialect_of_text("\n".join(first).encode(), delimiter)
    schema = ", ".join(f"{_quote_name(name)} STRING" for name in [*header, "_bad"])
    frame = spark.read.csv(
        list(files.paths),
        schema=schema,
        sep=delimiter,
        header=True,
        quote=dialect.quote or "\0",
        escape=dialect.escape or "\0",
        nullValue="",
        mode="PERMISSIVE",
        columnNameOfCorruptRecord="_bad",
        enforceSchema=False,
    )

    def rows(fields: dict[str, str | None]) -> "DataFrame":
        values = {
            field: "NULL" if fields[field] is None else _quote_name(str(fields[field]))
            for field in _FIELDS
        }
        return _select_fields(frame, values, "CASE WHEN _bad IS NOT NULL THEN 'other columns' END")

    return rows, header


_READERS: Final = {"parquet": _parquet, "jsonl": _json, "tsv": _csv, "csv": _csv}
"""How Spark reads a format, by its key in `data.formats.FORMATS`."""
