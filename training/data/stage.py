"""Loading files into a table: one row per row of a file, its time converted, and why it is bad.

The table of an input `articles` is `staged_articles`: `file` (index), the fields as text (NULL
where absent or empty), `time` in µs UTC, `unpublished` (the column by which a row is no published
article, or no page view, else NULL), `reason` (NULL for a good row) and `found`. Its rowid follows
the order of the files and of their rows.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import duckdb

from training.data.columns import Input, find_columns
from training.data.database import Database, translate_errors
from training.data.files import format_of, unpack
from training.data.lines import lines_of
from training.data.pictures import without_pictures
from training.data.quarantine import first_of_each_reason
from training.data.scan import Scan, Source, Wanted, sql_literal
from training.data.times import (
    IMPOSSIBLE,
    UNREADABLE,
    check_zone,
    fitting_unit,
    moment_of,
    time_micros,
)
from training.data.unmapped import UnmappedStateError, find_unmapped_states
from training.data.values import value_of
from training.errors import DataError
from training.records import InputFile, QuarantinedRow, quantity

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
_IDS = frozenset({"id", "article", "user", "session"})


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
    rejected : numbers of the records that DuckDB rejected, by file.
    unmapped : errors of files with a column of states that nobody has mapped, to be raised once
        the withdrawals are in force.
    """

    kind: Input
    table: str
    read: int
    reasons: Counter[str]
    quarantine: Sequence[QuarantinedRow]
    inputs: Sequence[InputFile]
    rejected: Sequence[Collection[int]] = ()
    unmapped: Sequence[UnmappedStateError] = ()


def stage(
    database: Database,
    kind: Input,
    paths: Sequence[str],
    background: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> StagedRows:
    """Load all files of one input into its table.

    Parameters
    ----------
    database : Database
        Where the table is created.
    kind : Input
        What the files are.
    paths : Sequence[str]
        The files, globs expanded.
    background : callable
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
        "time BIGINT, unpublished VARCHAR, reason VARCHAR, found VARCHAR)"
    )
    check_zone(database.connection, kind.config.time_zone, f"{kind.name}.time_zone")
    read, reasons, inputs = 0, Counter[str](), []
    quarantine: list[QuarantinedRow] = []
    rejected: list[Collection[int]] = []
    unmapped: list[UnmappedStateError] = []
    for number, path in enumerate(paths):
        format_ = format_of(path, kind.name, kind.config)
        wanted = Wanted(kind.name, kind.config.rows)
        source, record = unpack(path, format_, database.folder, wanted)
        with translate_errors(path), background():
            scan = format_.scan(database.connection, source)
            error = find_unmapped_states(database.connection, kind, path, scan)
            rows, why, bad, out = _stage_file(
                database.connection, kind, table, source, scan, number
            )
        source.discard()
        read += rows
        reasons += why
        quarantine += bad
        rejected.append(out)
        inputs.append(record)
        unmapped += [error] if error else []
    if paths and not read:
        raise DataError(f"{paths[0]}: has no row (only a header?); check its export")
    kept = first_of_each_reason(quarantine, MAX_QUARANTINED)
    staged = StagedRows(kind, table, read, reasons, kept, inputs, rejected, unmapped)
    _check_unit(staged)
    return staged


def _stage_file(
    connection: duckdb.DuckDBPyConnection,
    kind: Input,
    table: str,
    source: Source,
    scan: Scan,
    number: int,
) -> tuple[int, Counter[str], list[QuarantinedRow], Collection[int]]:
    """Append a file's rows.

    Returns
    -------
    int, Counter, list, collection of int
        Their number, the bad ones by reason, those with their lines, and the numbers of the records
        that DuckDB rejected.
    """
    # If no line is an object, no column is missing: every row has the reason why it is bad.
    columns = dict.fromkeys((*kind.fields, *kind.filters))
    if scan.columns:
        columns = find_columns(kind, source.path, scan.columns, scan.has)
    (before,) = connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0]
    connection.execute(f"SET TimeZone = {sql_literal(kind.config.time_zone)}")
    connection.execute(f"INSERT INTO {table} {_checking_query(kind, scan.rows(columns), number)}")
    connection.execute("SET TimeZone = 'UTC'")
    if not scan.is_typed:
        _undo_floats(connection, kind, table, before)
    rejected = _take_rejected(connection, kind) if scan.records else {}
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
    lines = _find_lines(source, scan, rejected, [index for index, _, _ in bad])
    rows = [(lines[0].get(record, record), *what) for record, what in rejected.items()]
    rows += [(lines[1].get(index, index + 1), reason, found) for index, reason, found in bad]
    bad_rows = [QuarantinedRow(source.path, *row) for row in sorted(rows)]
    return read, reasons, bad_rows, rejected.keys()


def find_line(database: Database, staged: StagedRows, place: int) -> tuple[str, int]:
    """Return file and line of a staged row, by its rowid. The file is read again."""
    (file,), *_ = database.connection.sql(
        f"SELECT file FROM {staged.table} WHERE rowid = {place:d}"
    ).fetchall()
    (first,), *_ = database.connection.sql(
        f"SELECT min(rowid) FROM {staged.table} WHERE file = {file:d}"
    ).fetchall()
    path, index = staged.inputs[file].path, place - first
    format_ = format_of(path, staged.kind.name, staged.kind.config)
    wanted = Wanted(staged.kind.name, staged.kind.config.rows)
    source, _ = unpack(path, format_, database.folder, wanted)
    with translate_errors(path):
        scan = format_.scan(database.connection, source)
        rejected = dict.fromkeys(staged.rejected[file], ("", ""))
        lines = _find_lines(source, scan, rejected, [index])[1]
    source.discard()
    return path, lines.get(index, index + 1)


def _undo_floats(
    connection: duckdb.DuckDBPyConnection, kind: Input, table: str, before: int
) -> None:
    """Write 7.0 as 7 in columns of ids that are all written so: a missing value made them floats.

    pandas does it to a column of whole numbers that lacks one.
    """
    for field in _IDS.intersection(kind.fields):
        filled = f'{table} WHERE rowid >= {before} AND "{field}" IS NOT NULL'
        first = connection.sql(f'SELECT "{field}" FROM {filled} LIMIT 1').fetchall()
        if not first or not first[0][0].endswith(".0"):
            continue
        (all_floats,) = connection.sql(
            f"SELECT bool_and(regexp_full_match(\"{field}\", '-?[0-9]+[.]0')) FROM {filled}"
        ).fetchall()[0]
        if all_floats:
            connection.execute(
                f'UPDATE {table} SET "{field}" = "{field}"[:-3] WHERE rowid >= {before}'
            )


def _checking_query(kind: Input, rows: str, number: int) -> str:
    """Return the SQL that converts a file's time and says what is wrong with each row."""
    time_text = f'"{kind.time}"'
    config, articles = kind.config, kind.name == "articles"
    micros = time_micros(
        time_text, config.time_unit, config.time_order,
        articles=articles, number="number", moment="moment",
    )  # fmt: skip
    other = moment_of(time_text, config.time_order)
    every = (*kind.fields, *kind.filters)
    values = {field: value_of(field, is_time=field == kind.time) for field in every}
    if "body" in values:
        values["body"] = without_pictures(values["body"])
    present = ", ".join(f'{value} AS "{field}"' for field, value in values.items())
    fields = ", ".join(f'"{field}"' for field in kind.fields if field != kind.time)
    # Another event than a page view may lack what a page view has.
    other_event = "" if articles else "WHEN unpublished IS NOT NULL THEN NULL "
    absent = " ".join(f"WHEN \"{key}\" IS NULL THEN 'no {key}'" for key in kind.keys)
    text = "length(raw) || ' characters'" if kind.private else f"left(raw, {_MAX_SHOWN_CHARACTERS})"
    return f"""
        SELECT {number}, {fields}, micros, unpublished, reason,
            CASE WHEN reason IS NULL THEN NULL WHEN broken IS NOT NULL THEN {text}
                WHEN reason IN ('{UNREADABLE}', '{IMPOSSIBLE}') THEN {time_text} ELSE '' END
        FROM (SELECT *, CASE WHEN broken IS NOT NULL THEN broken {other_event}{absent}
            WHEN {time_text} IS NULL OR micros IS NOT NULL OR unpublished IS NOT NULL THEN NULL
            WHEN number IS NULL AND {other} IS NULL THEN '{UNREADABLE}'
            ELSE '{IMPOSSIBLE}' END AS reason
        FROM (SELECT *, {micros} AS micros, {_unpublished(kind)} AS unpublished
        FROM (SELECT *,
            CASE WHEN number IS NULL THEN try_cast({time_text} AS TIMESTAMPTZ) END AS moment
        FROM (SELECT *, try_cast({time_text} AS DOUBLE) AS number
        FROM (SELECT {present}, broken, raw FROM ({rows}))))))"""


def _unpublished(kind: Input) -> str:
    """Return the SQL of the first column by which a row passes no filter, else NULL."""
    cases = (
        f"WHEN NOT {rule.passes(field)} THEN {sql_literal(rule.column)}"
        for field, rule in kind.filters.items()
    )
    return f"CASE {' '.join(cases)} END" if kind.filters else "NULL"


def _take_rejected(
    connection: duckdb.DuckDBPyConnection, kind: Input
) -> dict[int, tuple[str, str]]:
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
            value = f"{quantity(int(counts[0][1]), 'column')} instead of {counts[0][0]}"
        else:
            value = (
                quantity(len(text), "character") if kind.private else text[:_MAX_SHOWN_CHARACTERS]
            )
        rejected[record] = (reason, value)
    return rejected


def _find_lines(
    source: Source, scan: Scan, rejected: dict[int, tuple[str, str]], accepted: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Find the lines of bad rows; where rows have no lines, the number of a row stands for it."""
    if not scan.records or not (rejected or accepted):
        return {}, {index: index + 1 for index in accepted}
    return lines_of(scan.records(source.plain), rejected, set(accepted))


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
