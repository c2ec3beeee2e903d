"""Loading files into a table: one row per row of a file, its time converted, and why it is bad.

The table of an input `articles` is `staged_articles`: `file` (index), the fields as text (NULL
where absent or empty), `time` in µs UTC, `reason` (NULL for a good row) and `found`. Its rowid
follows the order of the files and of their rows.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import duckdb

from training.data.columns import Input, find_columns
from training.data.database import Database, translate_errors
from training.data.files import format_of, unpack
from training.data.lines import lines_of
from training.data.scan import Scan, Source, quoted
from training.data.times import IMPOSSIBLE, UNREADABLE, check_zone, fitting_unit, microseconds
from training.errors import DataError
from training.records import InputFile, QuarantinedRow

MAX_QUARANTINED = 1000
"""Bad rows of each reason that are kept."""

NOT_UTF8 = "not UTF-8"
_REJECTED = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "UNQUOTED VALUE": "quote out of place",
    "INVALID ENCODING": NOT_UTF8,
    "LINE SIZE OVER MAXIMUM": "line too long",
}
_MAX_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class StagedRows:
    """The rows of the files of one input, in a table.

    Attributes
    ----------
    kind : the input.
    table : name of the table, which has bad rows too.
    read : rows read, including those that DuckDB rejected.
    reasons : number of bad rows by reason.
    quarantine : bad rows, the first thousand of each reason.
    inputs : the files.
    """

    kind: Input
    table: str
    read: int
    reasons: Counter[str]
    quarantine: Sequence[QuarantinedRow]
    inputs: Sequence[InputFile]


def stage(
    database: Database,
    kind: Input,
    paths: Sequence[str],
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> StagedRows:
    """Load all files of one input into its table.

    Parameters
    ----------
    engine : Engine
        The database where the table is created.
    kind : Input
        What the files are.
    paths : Sequence[str]
        The files, globs expanded.
    beside : callable
        Returns a context that is entered while DuckDB reads a file and Python is idle.

    Raises
    ------
    DataError
        If a file cannot be read or lacks a column, if there is no row in any of them, or if the
        configured unit of time cannot be right.
    ConfigError
        If there is no such time zone.
    """
    table = f"staged_{kind.name}"
    texts = ", ".join(f'"{field}" VARCHAR' for field in kind.fields if field != kind.time)
    database.connection.execute(
        f"CREATE TEMP TABLE {table} (file INTEGER, {texts}, "
        "time BIGINT, reason VARCHAR, found VARCHAR)"
    )
    check_zone(database.connection, kind.config.time_zone, f"{kind.name}.time_zone")
    read, reasons, inputs = 0, Counter[str](), []
    quarantine: list[QuarantinedRow] = []
    for number, path in enumerate(paths):
        format_ = format_of(path, kind.name, kind.config)
        source, record = unpack(path, format_, database.folder)
        with translate_errors(path), beside():
            scan = format_.scan(database.connection, source)
            rows, why, bad = _stage_file(database.connection, kind, table, source, scan, number)
        source.discard()
        read += rows
        reasons += why
        quarantine += bad
        inputs.append(record)
    if paths and not read:
        raise DataError(f"{paths[0]}: holds no row (a header alone?); check how it was written")
    staged = StagedRows(kind, table, read, reasons, _first(quarantine), inputs)
    _check_unit(staged)
    return staged


def _stage_file(
    connection: duckdb.DuckDBPyConnection,
    kind: Input,
    table: str,
    source: Source,
    scan: Scan,
    number: int,
) -> tuple[int, Counter[str], list[QuarantinedRow]]:
    """Append a file's rows; return their number, the bad ones by reason, and where those stand."""
    # If no line is an object, no column is missing: every row has the reason why it is bad.
    columns = dict.fromkeys(kind.fields)
    if scan.columns:
        columns = find_columns(kind, source.path, scan.columns)
    (before,) = connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0]
    connection.execute(f"SET TimeZone = {quoted(kind.config.time_zone)}")
    connection.execute(f"INSERT INTO {table} {_checked(kind, scan.rows(columns), number)}")
    connection.execute("SET TimeZone = 'UTC'")
    rejected = _rejected(connection, kind) if scan.records else {}
    of_file = f"FROM {table} WHERE rowid >= {before}"
    by_reason = dict(
        connection.sql(f"SELECT reason, count(*) {of_file} GROUP BY reason").fetchall()
    )
    bad = connection.sql(
        f"SELECT rowid - {before}, reason, found {of_file} AND reason IS NOT NULL QUALIFY "
        f"row_number() OVER (PARTITION BY reason ORDER BY rowid) <= {MAX_QUARANTINED} "
        "ORDER BY rowid"
    ).fetchall()
    read = sum(by_reason.values()) + len(rejected)
    by_reason.pop(None, None)
    reasons = Counter(by_reason) + Counter(reason for reason, _ in rejected.values())
    lines = _lines(source, scan, rejected, [index for index, _, _ in bad])
    rows = [(lines[0].get(record, record), *what) for record, what in rejected.items()]
    rows += [(lines[1].get(index, index + 1), reason, found) for index, reason, found in bad]
    return read, reasons, [QuarantinedRow(source.path, *row) for row in sorted(rows)]


def _checked(kind: Input, rows: str, number: int) -> str:
    """Return the SQL that converts a file's time and says what is wrong with each row."""
    written = f'"{kind.time}"'
    micros = microseconds(written, "number", "epoch_us(moment)", kind.config.time_unit)
    fields = ", ".join(f'"{field}"' for field in kind.fields if field != kind.time)
    present = ", ".join(f'nullif("{field}", \'\') AS "{field}"' for field in kind.fields)
    absent = " ".join(f"WHEN \"{key}\" IS NULL THEN 'no {key}'" for key in kind.keys)
    text = "length(raw) || ' characters'" if kind.private else f"left(raw, {_MAX_SHOWN_CHARACTERS})"
    return f"""
        SELECT {number}, {fields}, micros, reason,
            CASE WHEN reason IS NULL THEN NULL WHEN broken IS NOT NULL THEN {text}
                WHEN reason IN ('{UNREADABLE}', '{IMPOSSIBLE}') THEN {written} ELSE '' END
        FROM (SELECT *, CASE WHEN broken IS NOT NULL THEN broken {absent}
            WHEN {written} IS NULL OR micros IS NOT NULL THEN NULL
            WHEN number IS NULL AND moment IS NULL THEN '{UNREADABLE}'
            ELSE '{IMPOSSIBLE}' END AS reason
        FROM (SELECT *, {micros} AS micros
        FROM (SELECT *,
            CASE WHEN number IS NULL THEN try_cast({written} AS TIMESTAMPTZ) END AS moment
        FROM (SELECT *, try_cast({written} AS DOUBLE) AS number
        FROM (SELECT {present}, broken, raw FROM ({rows}))))))"""


def _rejected(connection: duckdb.DuckDBPyConnection, kind: Input) -> dict[int, tuple[str, str]]:
    """Return the rows that DuckDB rejected since the last call: reason and value by record."""
    # A row may have several errors, and a file may have been scanned twice.
    errors = connection.sql(
        "SELECT line, min_by(error_type::VARCHAR, byte_position), any_value(csv_line), "
        "min_by(error_message, byte_position) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    connection.execute("TRUNCATE reject_errors")
    connection.execute("TRUNCATE reject_scans")
    rejected = {}
    for record, error, text, message in errors:
        reason = _REJECTED.get(error, error.lower())
        counts = re.findall(r"Number of Columns: (\d+) Found: (\d+)", message)
        if counts:
            value = f"{counts[0][1]} columns instead of {counts[0][0]}"
        else:
            value = f"{len(text)} characters" if kind.private else text[:_MAX_SHOWN_CHARACTERS]
        rejected[record] = (reason, value)
    return rejected


def _lines(
    source: Source, scan: Scan, rejected: dict[int, tuple[str, str]], accepted: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find the lines of bad rows; where rows have no lines, the number of a row stands for it."""
    if not scan.records or not (rejected or accepted):
        return {}, {index: index + 1 for index in accepted}
    return lines_of(scan.records(source.plain), rejected, set(accepted))


def _first(rows: Sequence[QuarantinedRow]) -> list[QuarantinedRow]:
    """Return the first rows of each reason."""
    kept: list[QuarantinedRow] = []
    seen = Counter[str]()
    for row in rows:
        seen[row.reason] += 1
        if seen[row.reason] <= MAX_QUARANTINED:
            kept.append(row)
    return kept


def _check_unit(staged: StagedRows) -> None:
    """Raise an error if most times are impossible in the configured unit."""
    kind, wrong = staged.kind, staged.reasons[IMPOSSIBLE]
    if kind.config.time_unit == "auto" or wrong <= staged.read / 2:
        return
    examples = [row for row in staged.quarantine if row.reason == IMPOSSIBLE]
    unit = fitting_unit([row.value for row in examples])
    if unit is not None:
        first = examples[0]
        raise DataError(
            f"{first.file}:{first.line}: {first.value!r} cannot be a time in "
            f"{kind.config.time_unit}, nor can {wrong:,} of {staged.read:,} times; they fit "
            f'{unit}: set {kind.name}.time_unit = "{unit}"'
        )
