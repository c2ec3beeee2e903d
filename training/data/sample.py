"""A sample of a site's files: their columns, and some thousand values of each."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import duckdb

from training.config import ArticlesConfig
from training.data.addresses import address
from training.data.database import Database, translate_errors
from training.data.files import find, format_of, formats_by_content, read_head, unpack_beginning
from training.data.formats import FORMATS, Format
from training.data.scan import Scan, Source
from training.data.times import microseconds
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
_CLOCK_WITH_ZONE = re.compile(r"\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?|UTC|GMT)\s*$", re.I)
_TRUTHS = frozenset({"true", "false", "yes", "no", "y", "n", "1", "0"})
_LOG_LINE = re.compile(rb'\S+ \S+ .*\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "')


def words_of(name: str) -> list[str]:
    """Split a column's name into words in lower case, without accents.

    Examples
    --------
    >>> words_of("wp:postTitle"), words_of("ID_Artículo")
    (['wp', 'post', 'title'], ['id', 'articulo'])
    """
    apart = re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", bare.lower())


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
    def distinct(self) -> float:
        """Share of different values: 1 if none is repeated."""
        return self.different / len(self.values) if self.values else 0.0

    @cached_property
    def addresses(self) -> float:
        """Share of the values that look like addresses or paths."""
        return self._share(_ADDRESS.match)

    @cached_property
    def numbers(self) -> float:
        """Share of the values that are numbers."""
        return self._share(_NUMBER.fullmatch)

    @cached_property
    def truths(self) -> float:
        """Share of the values that mean yes or no."""
        return self._share(lambda value: value.strip().lower() in _TRUTHS)

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
        """Whether all times have a zone, or are numbers."""
        return self._share(lambda v: _NUMBER.fullmatch(v) or _CLOCK_WITH_ZONE.search(v)) == 1.0

    @property
    def tested(self) -> Sequence[str]:
        """The first values, which determine what the column holds."""
        return self.values[:_MAX_TESTED]

    def _share(self, holds: Callable[[str], object]) -> float:
        return sum(bool(holds(value)) for value in self.tested) / max(1, len(self.tested))


@dataclass(frozen=True)
class Sample:
    """A sample of the files of one input.

    Attributes
    ----------
    paths : as given.
    columns : the ones that all sampled files have, in the order of the first.
    format : the key to configure, `auto` where the names of the files tell it.
    """

    paths: Sequence[str]
    columns: Sequence[Column]
    format: str = "auto"

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def take_sample(database: Database, paths: Sequence[str]) -> Sample:
    """Read the beginning of the first, the middle and the last of some files.

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
            tables.append(_read(database, path, format_, len(chosen)))
    names = [name for name in tables[0] if name and all(name in table for table in tables)]
    if not names:
        raise DataError(f"{', '.join(chosen)}: no column that all have; give them one header")
    columns = []
    for name in names:
        cells = [cell for table in tables for cell in table[name]]
        values = [cell for cell in cells if cell]
        dated = _dated(database.connection, values[:_MAX_TESTED])
        columns.append(Column(name, len(cells), values, dated))
    if not columns[0].rows:
        raise DataError(f"{chosen[0]}: holds no row (a header alone?); check how it was written")
    return Sample(paths, columns, configured)


def normalise(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], keys: Sequence[str]
) -> list[str]:
    """Return addresses in their normal form; see `addresses.address`."""
    found = connection.execute(
        f"SELECT {address('text', keys)} FROM (SELECT unnest($1::VARCHAR[]) AS text)", [list(texts)]
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
            f"{path}: is the log of a web server and no table; examples/access_log.py makes one of "
            "it, see docs/own-files.md"
        )
    if first.lstrip().startswith(b"<"):
        raise DataError(
            f"{path}: is XML and no table; from WordPress, examples/wordpress.py makes one of it, "
            "see docs/own-files.md"
        )
    found = formats_by_content(path, FORMATS.values())
    if not found:
        names = ", ".join(row.name for row in FORMATS.values())
        raise DataError(
            f"{path}: neither its name nor its first line tells the format; write it as one of "
            f"{names}"
        )
    return found[0]


def _read(
    database: Database, path: str, format_: Format, files: int
) -> dict[str, list[str | None]]:
    """Read the first rows of a file: cells by column."""
    source = unpack_beginning(path, format_, database.folder, SAMPLE_BYTES)
    scan = format_.scan(database.connection, source)
    if scan.multiline:
        _cut(source, scan)
    fields = {f"f{at}": name for at, name in enumerate(scan.columns)}
    if not fields:
        raise DataError(f"{path}: no line is a JSON object; write one JSON object per line")
    cells = ", ".join(f"left({field}, {_MAX_CHARACTERS}) AS {field}" for field in fields)
    most = min(_MAX_ROWS, max(1000, _MAX_CELLS // len(fields))) // files
    rows = database.connection.sql(
        f"SELECT {cells} FROM ({scan.rows(fields)}) WHERE broken IS NULL LIMIT {most}"
    ).fetchall()
    source.discard()
    columns = zip(*rows, strict=True) if rows else ([] for _ in fields)
    return {name: list(column) for name, column in zip(scan.columns, columns, strict=True)}


def _cut(source: Source, scan: Scan) -> None:
    """Cut the copy before its last record, which may end in the middle of a quoted field."""
    if scan.records is None or source.plain.stat().st_size < SAMPLE_BYTES:
        return
    last = max((int(lines[-1]) for _, lines in scan.records(source.plain) if len(lines)), default=0)
    with source.plain.open("r+b") as file:
        for _ in range(last - 1):
            file.readline()
        if last > 1:
            file.truncate(file.tell())


def _dated(connection: duckdb.DuckDBPyConnection, values: Sequence[str]) -> float:
    """Return the share of texts that training would read as times."""
    micros = microseconds("text", "number", "epoch_us(moment)", "auto")
    (share,) = connection.execute(
        f"SELECT coalesce(avg(({micros} IS NOT NULL)::INTEGER), 0) FROM (SELECT *, "
        "CASE WHEN number IS NULL THEN try_cast(text AS TIMESTAMPTZ) END AS moment FROM "
        "(SELECT *, try_cast(text AS DOUBLE) AS number FROM "
        "(SELECT unnest($1::VARCHAR[]) AS text)))",
        [list(values)],
    ).fetchall()[0]
    return float(share)
