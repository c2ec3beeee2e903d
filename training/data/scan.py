"""How DuckDB reads each format: one SELECT that gives every field as text.

Text keeps ids exactly as they are written (`007`). A row that cannot be parsed does not stop the
reading: JSON Lines give the reason in `broken`, CSV leaves it to DuckDB's reject tables.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np

from training.data.dialects import dialect_of
from training.data.encodings import advice
from training.data.lines import Records, csv_records, json_records
from training.data.patterns import columns_in, is_pattern, pattern_sql
from training.data.pictures import without_pictures
from training.errors import DataError
from training.records import Int64

MAX_LINE = 100_000_000
"""Longest line of a text file, in bytes."""

_NESTED_ROWS = 500
"""First rows whose inner objects are looked into."""

_MAX_DEPTH = 5
_MAX_PATHS = 1000

_NEVER_BROKEN = "NULL::VARCHAR AS broken, NULL::VARCHAR AS raw"


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a file that may hold more than one table.

    Attributes
    ----------
    kind : the input, `articles` or `views`.
    rows : name of the table, as `articles.rows` and `views.rows` give it; `""` finds it.
    partial : whether the beginning of the file is enough.
    """

    kind: str
    rows: str = ""
    partial: bool = False


@dataclass(frozen=True)
class Source:
    """An input file, and where its bytes lie to be read: decompressed, and one table alone.

    Attributes
    ----------
    path : as given.
    plain : where the bytes lie.
    lines : the line of the file that each row begins on, if `plain` was converted from others.
    rows : name of the table, if the file holds several.
    tables : names of all its tables.
    """

    path: str
    plain: Path
    lines: Int64 | None = None
    rows: str = ""
    tables: Sequence[str] = ()

    def discard(self) -> None:
        """Remove the copy if there is one, never the file itself."""
        if self.plain != Path(self.path):
            self.plain.unlink(missing_ok=True)


@dataclass(frozen=True)
class Scan:
    """How to read a file by SQL.

    Attributes
    ----------
    columns : the names that the file gives its columns; a field inside of another by its path, such
        as `title.rendered`.
    rows : returns the SQL that selects columns as text, from a map of field to column (NULL where
        it has none); two fields follow, `broken`, why a row cannot be parsed, and `raw`, its text,
        both NULL where it can.
    records : walks the numbers and lines of the file's records; None where rows have no lines and
        DuckDB rejects none.
    multiline : whether a record may span several lines.
    is_typed : whether numbers and texts are told apart, so that the text `7.0` is no 7.
    has : tells whether a path leads to a value that the first rows lack.
    """

    columns: Sequence[str]
    rows: Callable[[Mapping[str, str | None]], str]
    records: Callable[[Path], Records] | None = None
    multiline: bool = False
    is_typed: bool = True
    has: Callable[[str], bool] = lambda _name: False


def sql_literal(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _select(
    fields: Mapping[str, str | None], value: Callable[[str], str], rest: str, table: str
) -> str:
    def of(column: str | None) -> str:
        if column is None:
            return "NULL"
        return pattern_sql(column, value, sql_literal) if is_pattern(column) else value(column)

    values = (f'{of(column)}::VARCHAR AS "{field}"' for field, column in fields.items())
    return f"SELECT {', '.join(values)}, {rest} FROM {table}"


def _file(path: Path) -> str:
    """Return a path as a SQL literal in which DuckDB sees no glob."""
    return sql_literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def scan_csv(
    connection: duckdb.DuckDBPyConnection,  # noqa: ARG001 - as other formats are scanned
    source: Source,
    delimiters: str,
    header: Sequence[str] = (),
) -> Scan:
    """Scan a CSV file; of several delimiters the most frequent in its header is the one.

    Of a file without a header, the names of the columns are given.

    Raises
    ------
    DataError
        If the header is missing, not UTF-8, or names a column twice.
    """
    has_header = not header
    header, delimiter = _header(source, delimiters) if has_header else (header, delimiters[0])
    # By position, so that no column name can break the SQL; and without DuckDB's type detection,
    # which looks at the first rows and may take a story full of semicolons for a table.
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    dialect = dialect_of(source.plain, delimiter)
    table = (
        f"read_csv({_file(source.plain)}, auto_detect=false, header={has_header}"
        f", delim={sql_literal(delimiter)}, quote={sql_literal(dialect.quote)}"
        f", escape={sql_literal(dialect.escape)}, columns={{{columns}}}, max_line_size={MAX_LINE}"
        ", ignore_errors=true, store_rejects=true)"
    )

    def rows(fields: Mapping[str, str | None]) -> str:
        return _select(fields, lambda name: f"c{header.index(name)}", _NEVER_BROKEN, table)

    first = 1 + has_header
    records: Callable[[Path], Records] = (
        partial(csv_records, delimiter=delimiter, dialect=dialect, first=first)
        if source.lines is None
        else _records_at(source.lines, first)
    )
    return Scan(header, rows, records, multiline=bool(dialect.quote), is_typed=False)


def _header(source: Source, delimiters: str) -> tuple[list[str], str]:
    try:
        with source.plain.open("rb") as file:
            first = file.readline().decode("utf-8-sig")
            if first.startswith("{"):
                raise DataError(
                    f"{source.path}: contains JSON; end its name in .jsonl, or set its format"
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
            f"{source.path}: its first line is not valid CSV ({error}); write the column names "
            "there"
        ) from None
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise DataError(
            f"{source.path}: column {min(repeated)!r} appears twice in the header; rename one"
        )
    if not any(header):
        raise DataError(f"{source.path}: its first line is blank; write the column names there")
    return header, delimiter


def scan_json(connection: duckdb.DuckDBPyConnection, source: Source) -> Scan:
    """Scan a JSON Lines file; its columns are the keys of all its objects.

    Keys of objects inside of them are columns too, by their paths, as far as the first rows have
    them.
    """
    # One column per line, never split: a line that is not JSON is then one bad row, not an error.
    lines = (
        f"read_csv({_file(source.plain)}, auto_detect=false, header=false, delim='\x01'"
        f", quote='', escape='', nullstr='\x02', columns={{'line': 'VARCHAR'}}"
        f", max_line_size={MAX_LINE}, strict_mode=false, ignore_errors=true, store_rejects=true)"
    )
    lines = f"(SELECT {without_pictures('line')} AS line FROM {lines})"
    table = (
        "(SELECT *, CASE WHEN broken IS NULL THEN line END AS object FROM (SELECT line, CASE "
        "WHEN NOT json_valid(line) THEN 'not valid JSON' WHEN starts_with(line, '{') THEN NULL "
        f"WHEN json_type(line) <> 'OBJECT' THEN 'not a JSON object' END AS broken FROM {lines}))"
    )
    keys = connection.sql(f"SELECT DISTINCT unnest(json_keys(object)) AS key FROM {table}")
    names = [str(key) for (key,) in keys.order("key").fetchall()]
    columns = [*names, *_nested_keys(connection, table, names)]

    def has(name: str) -> bool:
        at = sql_literal(_pointer(name, names))
        (found,) = connection.sql(
            f"SELECT coalesce(bool_or(json_exists(object, {at})), false) FROM {table}"
        ).fetchall()[0]
        return bool(found)

    def rows(fields: Mapping[str, str | None]) -> str:
        return _json_rows(fields, table, names)

    records = json_records if source.lines is None else _records_at(source.lines)
    return Scan(columns, rows, records, has=has)


def _records_at(lines: Int64, first: int = 1) -> Callable[[Path], Records]:
    """Return what walks the lines that the rows of a converted file come from."""

    def records(_plain: Path) -> Records:
        yield np.arange(first, len(lines) + first), lines

    return records


def _pointer(name: str, names: Sequence[str]) -> str:
    """Return the JSON pointer of a column: a key of the row, else a path."""
    keys = [name] if name in names else name.split(".")
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _nested_keys(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]
) -> list[str]:
    """Return the paths of what objects inside of the first rows hold, outer ones first."""
    first = connection.sql(
        f"SELECT object FROM {table} WHERE contains(substr(object, 2), '{{') LIMIT {_NESTED_ROWS}"
    ).fetchall()
    found: dict[str, None] = {}
    for (text,) in first:
        found |= nested_paths(json.loads(text))
        if len(found) > _MAX_PATHS:
            break
    known = {*names}
    return [path for path in found if path not in known]


def nested_paths(row: Mapping[str, object]) -> dict[str, None]:
    """Return the paths of what objects inside of a row hold, outer ones first.

    Examples
    --------
    >>> list(nested_paths({"id": 1, "title": {"rendered": "News", "raw": {"text": "N"}}}))
    ['title.rendered', 'title.raw', 'title.raw.text']
    """
    found: dict[str, None] = {}
    for name, value in row.items():
        _add_paths(found, name, value, _MAX_DEPTH)
    return found


def _add_paths(found: dict[str, None], path: str, value: object, depth: int) -> None:
    if isinstance(value, list) and path.startswith("_embedded"):  # as WordPress embeds its terms
        value = {str(at): one for at, one in enumerate(value[:2])}
    if isinstance(value, dict) and depth:
        for key, inside in value.items():
            found[f"{path}.{key}"] = None
            _add_paths(found, f"{path}.{key}", inside, depth - 1)


def _json_rows(fields: Mapping[str, str | None], table: str, keys: Sequence[str]) -> str:
    names = [name for column in fields.values() if column for name in columns_in(column)]
    pointers = [sql_literal(_pointer(name, keys)) for name in names]

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
    columns: dict[str, tuple[str, str]] = {}
    for name, kind in zip(shape.columns, shape.types, strict=True):
        columns[name] = (_identifier(name), str(kind))
    for name, kind in zip(shape.columns, shape.types, strict=True):
        _add_struct(columns, name, _identifier(name), kind)

    def rows(fields: Mapping[str, str | None]) -> str:
        return _select(fields, lambda name: _parquet_value(*columns[name]), _NEVER_BROKEN, table)

    return Scan(list(columns), rows)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _add_struct(
    columns: dict[str, tuple[str, str]], path: str, sql: str, kind: "duckdb.sqltypes.DuckDBPyType"
) -> None:
    """Add the fields of a struct by their paths: each with its SQL, and its type."""
    if kind.id != "struct":
        return
    for name, inside in kind.children:
        if not isinstance(inside, duckdb.sqltypes.DuckDBPyType):
            continue
        at = f"{sql}.{_identifier(name)}"
        columns.setdefault(f"{path}.{name}", (at, str(inside)))
        _add_struct(columns, f"{path}.{name}", at, inside)


def _parquet_value(column: str, kind: str) -> str:
    """Return the SQL of a value as text."""
    if kind.endswith("]") or kind.startswith("STRUCT("):
        return f"to_json({column})"
    if kind in ("FLOAT", "DOUBLE"):
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {column} = trunc({column}) AND "
            f"abs({column}) < 1e15 THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        )
    return column
