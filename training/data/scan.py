"""One way of asking DuckDB for columns, whatever the format: every value comes as text.

Text keeps ids exactly as they are written (`007`). A row that cannot be taken apart does not
stop the reading: JSON Lines give its reason in `broken`, CSV leaves it to DuckDB's reject tables.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb

from training.data.encodings import advice
from training.data.files import Format, Source
from training.errors import DataError

MAX_LINE = 100_000_000
"""Longest line of a text file, in bytes."""

_NOTHING = "NULL::VARCHAR AS broken, NULL::VARCHAR AS raw"


@dataclass(frozen=True)
class Scan:
    """How to read a file by SQL.

    Attributes
    ----------
    columns : the names that the file gives its columns.
    rows : gives the SQL that selects columns as text, from a map of field to column (NULL where
        it has none); two fields follow, `broken`, why a row cannot be taken apart, and `raw`, its
        text, both NULL where it can.
    delimiter : of a CSV file, else empty.
    """

    columns: Sequence[str]
    rows: Callable[[Mapping[str, str | None]], str]
    delimiter: str = ""


def scan(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    """Look at a file's columns and say how it is read.

    Raises
    ------
    DataError
        If the header of a CSV file is missing, not UTF-8, or names a column twice.
    duckdb.Error
        If a Parquet file cannot be read.
    """
    readers: dict[Format, Callable[[], Scan]] = {
        "csv": lambda: _csv(source, ",;\t"),
        "tsv": lambda: _csv(source, "\t"),
        "jsonl": lambda: _json(connection, source),
        "parquet": lambda: _parquet(connection, source),
    }
    return readers[source.format]()


def quoted(text: str) -> str:
    """Write a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _select(
    fields: Mapping[str, str | None], value: Callable[[str], str], rest: str, table: str
) -> str:
    values = (
        f'{value(column) if column is not None else "NULL"}::VARCHAR AS "{field}"'
        for field, column in fields.items()
    )
    return f"SELECT {', '.join(values)}, {rest} FROM {table}"


def _file(path: Path) -> str:
    """Write a path as a SQL literal in which DuckDB sees no glob."""
    return quoted("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def _csv(source: Source, delimiters: str) -> Scan:
    header, delimiter = _header(source, delimiters)
    # By position, so that no name can disturb the SQL; and without DuckDB's guesses, which look
    # at the first rows and may take a story full of semicolons for a table.
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    table = (
        f"read_csv({_file(source.plain)}, auto_detect=false, header=true, delim={quoted(delimiter)}"
        f", quote='\"', escape='\"', columns={{{columns}}}, max_line_size={MAX_LINE}"
        ", ignore_errors=true, store_rejects=true)"
    )

    def rows(fields: Mapping[str, str | None]) -> str:
        return _select(fields, lambda name: f"c{header.index(name)}", _NOTHING, table)

    return Scan(header, rows, delimiter)


def _header(source: Source, delimiters: str) -> tuple[list[str], str]:
    try:
        with source.plain.open("rb") as file:
            first = file.readline().decode("utf-8-sig")
            if first.startswith("{"):
                raise DataError(
                    f"{source.path}: holds JSON; let its name end in .jsonl, or set its format"
                )
            delimiter = max(delimiters, key=first.count)
            # Line by line, since rows below that are not UTF-8 are no matter of the header.
            text = chain([first], (line.decode() for line in file))
            header = [name.strip() for name in next(csv.reader(text, delimiter=delimiter), [])]
    except UnicodeDecodeError:
        raise DataError(
            f"{source.path}: its first line is not UTF-8; {advice(source.plain)}"
        ) from None
    except csv.Error as error:
        raise DataError(
            f"{source.path}: its first line is no line of CSV ({error}); write the columns' names "
            "there"
        ) from None
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise DataError(
            f"{source.path}: column {min(twice)!r} stands twice in the header; rename one"
        )
    if not any(header):
        raise DataError(f"{source.path}: its first line is blank; write the columns' names there")
    return header, delimiter


def _json(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    # One column, cut nowhere: a line that is no JSON is then one bad row instead of the end.
    lines = (
        f"read_csv({_file(source.plain)}, auto_detect=false, header=false, delim='\x01'"
        f", quote='', escape='', nullstr='\x02', columns={{'line': 'VARCHAR'}}"
        f", max_line_size={MAX_LINE}, strict_mode=false, ignore_errors=true, store_rejects=true)"
    )
    table = (
        "(SELECT *, CASE WHEN broken IS NULL THEN line END AS object FROM (SELECT line, CASE "
        "WHEN NOT json_valid(line) THEN 'not valid JSON' WHEN starts_with(line, '{') THEN NULL "
        f"WHEN json_type(line) <> 'OBJECT' THEN 'not a JSON object' END AS broken FROM {lines}))"
    )
    keys = connection.sql(f"SELECT DISTINCT unnest(json_keys(object)) AS key FROM {table}")
    columns = [str(key) for (key,) in keys.order("key").fetchall()]
    return Scan(columns, lambda fields: _json_rows(fields, table))


def _json_rows(fields: Mapping[str, str | None], table: str) -> str:
    names = [name for name in fields.values() if name is not None]
    pointers = [quoted("/" + name.replace("~", "~0").replace("/", "~1")) for name in names]

    def value(name: str) -> str:
        at = names.index(name)
        text = f"texts[{at + 1}]"
        # 7.0 is a number that a missing value beside it made a float; "7.0" is a text and stays.
        return (
            f"CASE WHEN ends_with({text}, '.0') THEN CASE json_type(object, {pointers[at]}) "
            f"WHEN 'DOUBLE' THEN {text}[:-3] ELSE {text} END ELSE {text} END"
        )

    texts = f"json_extract_string(object, [{', '.join(pointers)}]::VARCHAR[]) AS texts"
    return _select(fields, value, "broken, line AS raw", f"(SELECT *, {texts} FROM {table})")


def _parquet(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    table = f"read_parquet({_file(source.plain)}, binary_as_string=true)"
    shape = connection.sql(f"SELECT * FROM {table}")
    types = {name: str(kind) for name, kind in zip(shape.columns, shape.types, strict=True)}

    def rows(fields: Mapping[str, str | None]) -> str:
        return _select(fields, lambda name: _parquet_value(name, types[name]), _NOTHING, table)

    return Scan(list(types), rows)


def _parquet_value(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.endswith("]"):
        return f"to_json({column})"
    if kind in ("FLOAT", "DOUBLE"):
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {column} = trunc({column}) AND "
            f"abs({column}) < 1e15 THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        )
    return column
