"""A sample of a site's files: their columns, and some thousand values of each."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import duckdb

from training.config import ArticlesConfig
from training.data.addresses import exact_address
from training.data.database import Database, translate_errors
from training.data.files import find, format_of, formats_by_content, read_head, unpack_beginning
from training.data.flags import read_flag
from training.data.formats import FORMATS, Format
from training.data.patterns import columns_in, fill_pattern, usual_patterns
from training.data.scan import Scan, Source, Wanted
from training.data.times import are_times, day_or_month_first
from training.data.values import is_nothing
from training.errors import DataError

SAMPLE_BYTES: Final = 64_000_000
"""Bytes of text of a file that are sampled."""

_MAX_FILES: Final = 3
_MAX_CELLS: Final = 1_000_000
_MAX_ROWS: Final = 50_000
_MAX_CHARACTERS: Final = 2000
"""Characters of a value: the beginning of a body suffices."""

_MAX_TESTED: Final = 2000
"""Values of a column that determine what it holds."""

_ADDRESS = re.compile(r"\s*((https?:)?//[^\s/]+|/(\s*$|[^\s/])|([\w-]+\.)+[a-z]{2,}(:\d+)?/)", re.I)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TIME_IN_DIGITS = re.compile(r"(19[89]|20\d)\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d\d){0,3}")
_CLOCK_WITH_ZONE = re.compile(r"\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?|UTC|GMT)\s*$", re.I)
_STRUCTURE = re.compile(r"\s*(\[\s*)*\{\s*[\"}]")
_LOG_LINE = re.compile(rb'\S+ \S+ .*\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "')


@dataclass(frozen=True)
class Column:
    """The values of a column, as text.

    Attributes
    ----------
    name : as in the file.
    rows : rows of the sample.
    values : the ones that are not empty, in the order of the rows.
    dated : share of the first values that can be read as times.
    """

    name: str
    rows: int
    values: Sequence[str]
    dated: float = 0.0

    @property
    def filled(self) -> float:
        """Share of the rows that have a value."""
        return len(self.values) / self.rows if self.rows else 0.0

    @cached_property
    def different(self) -> int:
        """Number of different values."""
        return len(set(self.values))

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows of each value, the most frequent first; `""` for the empty ones."""
        counts = Counter(self.values)
        if empty := self.rows - len(self.values):
            counts[""] = empty
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @property
    def distinct(self) -> float:
        """Share of different values: 1 if none is repeated."""
        return self.different / len(self.values) if self.values else 0.0

    @cached_property
    def addresses(self) -> float:
        """Share of the values that look like URLs or paths."""
        return self._share(_ADDRESS.match)

    @cached_property
    def numbers(self) -> float:
        """Share of the values that are numbers."""
        return self._share(_NUMBER.fullmatch)

    @cached_property
    def truths(self) -> float:
        """Share of the values that mean yes or no."""
        return self._share(lambda value: read_flag(value) is not None)

    @cached_property
    def spaced(self) -> float:
        """Share of the values with spaces inside."""
        return self._share(lambda value: len(value.split()) > 1)

    @cached_property
    def length(self) -> float:
        """Mean length of a value in characters."""
        return sum(map(len, self.tested)) / len(self.tested) if self.tested else 0.0

    @cached_property
    def zoned(self) -> bool:
        """Whether all times have a zone, or are numbers since 1970."""
        return self._share(_is_zoned) == 1.0

    @cached_property
    def structured(self) -> float:
        """Share of the values that are JSON objects, or lists of them."""
        return self._share(_STRUCTURE.match)

    @cached_property
    def number_lists(self) -> float:
        """Share of the values that are lists of numbers."""
        return self._share(lambda value: value[:1] == "[" and not value.strip("[]0123456789, "))

    @property
    def tested(self) -> Sequence[str]:
        """The first values, which determine what the column holds."""
        return self.values[:_MAX_TESTED]

    def _share(self, holds: Callable[[str], object]) -> float:
        return sum(bool(holds(value)) for value in self.tested) / max(1, len(self.tested))


def _is_zoned(text: str) -> bool:
    since_1970 = _NUMBER.fullmatch(text) and not _TIME_IN_DIGITS.fullmatch(text)
    return bool(since_1970 or _CLOCK_WITH_ZONE.search(text))


@dataclass(frozen=True)
class Sample:
    """A sample of the files of one input.

    Attributes
    ----------
    paths : as given.
    columns : the ones that all sampled files have, in the order of the first.
    format : the key to configure, `auto` where the names of the files tell it.
    rows : the table that is sampled, if the files hold several.
    tables : all of their tables.
    is_part : whether they are of a format that holds only some articles of a site.
    """

    paths: Sequence[str]
    columns: Sequence[Column]
    format: str = "auto"
    rows: str = ""
    tables: Sequence[str] = ()
    is_part: bool = False

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def take_sample(database: Database, paths: Sequence[str], kind: str) -> Sample:
    """Read the beginning of the first, the middle and the last of some files of an input.

    Raises
    ------
    DataError
        If a file cannot be read, is no table, or has no row; or if the files share no column.
    """
    files = find(paths)
    chosen = list(dict.fromkeys((files[0], files[len(files) // 2], files[-1])))[:_MAX_FILES]
    configured, formats = _formats(chosen)
    tables = []
    for path, format_ in zip(chosen, formats, strict=True):
        with translate_errors(path):
            table, source = _read(database, path, format_, len(chosen), kind)
            tables.append(table)
    names = [name for name in tables[0] if name and all(name in table for table in tables)]
    if not names:
        raise DataError(
            f"{', '.join(chosen)}: the files have no column in common; give them the same header"
        )
    columns = []
    whole = {name: [cell for table in tables for cell in table[name]] for name in names}
    if kind == "articles":
        whole |= _addresses(whole)
    for name, cells in whole.items():
        values = [cell for cell in cells if cell and not is_nothing(cell)]
        dated = _time_share(database.connection, values[:_MAX_TESTED], kind)
        columns.append(Column(name, len(cells), values, dated))
    if not columns[0].rows:
        raise DataError(f"{chosen[0]}: has no row (only a header?); check its export")
    is_part = any(format_.is_part for format_ in formats)
    return Sample(paths, columns, configured, source.rows, source.tables, is_part)


def _addresses(table: Mapping[str, Sequence[str | None]]) -> dict[str, list[str | None]]:
    """Return the addresses that columns make by the usual patterns, by pattern."""
    found = {}
    for pattern in usual_patterns([*table]):
        names = columns_in(pattern)
        rows = zip(*(table[name] for name in names), strict=True)
        found[pattern] = [fill_pattern(pattern, dict(zip(names, row, strict=True))) for row in rows]
    return found


def normalise(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], keys: Sequence[str]
) -> list[str]:
    """Return addresses in their exact form; see `addresses.exact_address`."""
    found = connection.execute(
        f"SELECT {exact_address('text', keys)} FROM (SELECT unnest($1::VARCHAR[]) AS text)",
        [list(texts)],
    )
    return [form for (form,) in found.fetchall()]


def _formats(paths: Sequence[str]) -> tuple[str, list[Format]]:
    """Return the formats by name; if a name does not tell, all by the content of the first."""
    try:
        return "auto", [format_of(path, "articles", ArticlesConfig()) for path in paths]
    except DataError:
        found = _format_by_content(paths[0])
        return found.key, [found] * len(paths)


def _format_by_content(path: str) -> Format:
    first = read_head(path).partition(b"\n")[0]
    if _LOG_LINE.match(first):
        raise DataError(
            f"{path}: is the log of a web server, not a table; convert it by "
            "examples/access_log.py (docs/own-files.md)"
        )
    if first.lstrip()[:9].lower() in (b"<!doctype", b"<html>") or first.startswith(b"<html"):
        raise DataError(f"{path}: is a page of HTML and no table; fetch what it stands for")
    found = formats_by_content(path, FORMATS.values())
    if not found:
        names = ", ".join(row.name for row in FORMATS.values())
        raise DataError(
            f"{path}: neither its name nor its first line shows the format; write it as one of "
            f"{names}"
        )
    return found[0]


def _read(
    database: Database, path: str, format_: Format, files: int, kind: str
) -> tuple[dict[str, list[str | None]], Source]:
    """Read the first rows of a file: cells by column, and what of the file was read."""
    source = unpack_beginning(path, format_, database.folder, SAMPLE_BYTES, Wanted(kind))
    scan = format_.scan(database.connection, source)
    if scan.multiline:
        _drop_last_record(source, scan)
    fields = {f"f{at}": name for at, name in enumerate(scan.columns)}
    if not fields:
        raise DataError(
            f"{path}: has no JSON object, so no row; write a list of objects, or one object per "
            "line"
        )
    cells = ", ".join(f"left({field}, {_MAX_CHARACTERS}) AS {field}" for field in fields)
    max_rows = min(_MAX_ROWS, max(1000, _MAX_CELLS // len(fields))) // files
    rows = database.connection.sql(
        f"SELECT {cells} FROM ({scan.rows(fields)}) WHERE broken IS NULL LIMIT {max_rows}"
    ).fetchall()
    source.discard()
    columns = zip(*rows, strict=True) if rows else ([] for _ in fields)
    table = {name: list(column) for name, column in zip(scan.columns, columns, strict=True)}
    return table, source


def _drop_last_record(source: Source, scan: Scan) -> None:
    """Cut the copy before its last record, which may end in the middle of a quoted field."""
    if scan.records is None or source.plain.stat().st_size < SAMPLE_BYTES:
        return
    last = max((int(lines[-1]) for _, lines in scan.records(source.plain) if len(lines)), default=0)
    with source.plain.open("r+b") as file:
        for _ in range(last - 1):
            file.readline()
        if last > 1:
            file.truncate(file.tell())


def _time_share(connection: duckdb.DuckDBPyConnection, values: Sequence[str], kind: str) -> float:
    """Return the share of texts that training would read as times."""
    order = day_or_month_first(values)
    times = are_times(connection, values, order, articles=kind == "articles")
    return sum(times) / max(1, len(values))
