"""How DuckDB reads each format: one SELECT that gives every field as text.

Text keeps ids exactly as they are written (`007`). A row that cannot be parsed does not stop the
reading: JSON Lines give the reason in `broken`, CSV leaves it to DuckDB's reject tables.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import duckdb

from training.data.encodings import advice
from training.data.lines import Records, csv_records, json_records
from training.errors import DataError

MAX_LINE = 100_000_000
"""Longest line of a text file, in bytes."""

_NOTHING = "NULL::VARCHAR AS broken, NULL::VARCHAR AS raw"


@dataclass(frozen=True)
class Source:
    """An input file: its path as given, and where its bytes lie to be read, decompressed."""

    path: str
    plain: Path

    def discard(self) -> None:
        """Remove the decompressed copy if there is one, never the file itself."""
        if self.plain != Path(self.path):
            self.plain.unlink()


@dataclass(frozen=True)
class Scan:
    """How to read a file by SQL.

    Attributes
    ----------
    columns : the names that the file gives its columns.
    rows : returns the SQL that selects columns as text, from a map of field to column (NULL where
        it has none); two fields follow, `broken`, why a row cannot be parsed, and `raw`, its text,
        both NULL where it can.
    records : walks the numbers and lines of the file's records; None where rows have no lines and
        DuckDB rejects none.
    multiline : whether a record may span several lines.
    """

    columns: Sequence[str]
    rows: Callable[[Mapping[str, str | None]], str]
    records: Callable[[Path], Records] | None = None
    multiline: bool = False


def quoted(text: str) -> str:
    """Return a text as a SQL literal."""
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
    """Return a path as a SQL literal in which DuckDB sees no glob."""
    return quoted("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def scan_csv(
    connection: duckdb.DuckDBPyConnection,  # noqa: ARG001 - as other formats are scanned
    source: Source,
    delimiters: str,
) -> Scan:
    """Scan a CSV file; of several delimiters the most frequent in its header is the one.

    Raises
    ------
    DataError
        If the header is missing, not UTF-8, or names a column twice.
    """
    header, delimiter = _header(source, delimiters)
    # By position, so that no column name can break the SQL; and without DuckDB's type detection,
    # which looks at the first rows and may take a story full of semicolons for a table.
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    table = (
        f"read_csv({_file(source.plain)}, auto_detect=false, header=true, delim={quoted(delimiter)}"
        f", quote='\"', escape='\"', columns={{{columns}}}, max_line_size={MAX_LINE}"
        ", ignore_errors=true, store_rejects=true)"
    )

    def rows(fields: Mapping[str, str | None]) -> str:
        return _select(fields, lambda name: f"c{header.index(name)}", _NOTHING, table)

    return Scan(header, rows, partial(csv_records, delimiter=delimiter), multiline=True)


def _header(source: Source, delimiters: str) -> tuple[list[str], str]:
    try:
        with source.plain.open("rb") as file:
            first = file.readline().decode("utf-8-sig")
            if first.startswith("{"):
                raise DataError(
                    f"{source.path}: holds JSON; let its name end in .jsonl, or set its format"
                )
            delimiter = max(delimiters, key=first.count)
            # Line by line, since a row below the header need not be UTF-8.
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


def scan_json(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    """Scan a JSON Lines file; its columns are the keys of all its objects."""
    # One column per line, never split: a line that is not JSON is then one bad row, not an error.
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
    return Scan(columns, lambda fields: _json_rows(fields, table), json_records)


def _json_rows(fields: Mapping[str, str | None], table: str) -> str:
    names = [name for name in fields.values() if name is not None]
    pointers = [quoted("/" + name.replace("~", "~0").replace("/", "~1")) for name in names]

    def value(name: str) -> str:
        at = names.index(name)
        text = f"texts[{at + 1}]"
        # The number 7.0 is an id that a missing value in its column made a float; the text "7.0"
        # stays as it is.
        return (
            f"CASE WHEN ends_with({text}, '.0') THEN CASE json_type(object, {pointers[at]}) "
            f"WHEN 'DOUBLE' THEN {text}[:-3] ELSE {text} END ELSE {text} END"
        )

    texts = f"json_extract_string(object, [{', '.join(pointers)}]::VARCHAR[]) AS texts"
    return _select(fields, value, "broken, line AS raw", f"(SELECT *, {texts} FROM {table})")


def scan_parquet(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    """Scan a Parquet file.

    Raises
    ------
    duckdb.Error
        If it cannot be read.
    """
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
