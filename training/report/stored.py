"""Reads the files of an evaluation: its report, and the rows behind it."""

import glob
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from training.config import duration
from training.errors import DataError
from training.recommendations import LIST_REASONS
from training.replay.results import MISSES, ReplayResult, ReplayRows

Columns = dict[str, npt.NDArray[Any]]

_AS_WRITTEN: Final = [
    *("cut", "source_time", "target_time", "rank", "page_rank", "eligible", "hot", "new", "cold"),
    *("visited", "slots_hot", "slots_section", "slots_related", "age", "similarity", "overlap"),
]
"""Columns of `ReplayRows` that the file holds unchanged."""

_REASONS: Final = {code: number for number, code in enumerate(LIST_REASONS)}
_MISSES: Final = {code: number for number, code in enumerate(MISSES)}

_MEMORY: Final = "1GB"
"""Memory limit of DuckDB for reading the rows of one system."""


class UnpairedError(Exception):
    """Two runs cannot be paired by transition; the message has the reason."""


@dataclass(frozen=True)
class File:
    """A file that a report names: its path as it was given, SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Data:
    """What was evaluated on; see `evaluate.describe`."""

    articles: int
    views: int
    inputs: list[File]


@dataclass(frozen=True)
class Protocol:
    """How it was evaluated; see `evaluate.protocol`."""

    start: str
    end: str
    config: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True)
class Result:
    """The figures of a system at a refresh interval; see `Report.results`. None is missing."""

    every: str
    system: str
    metrics: dict[str, float | None]
    ci: dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class StoredReport:
    """A report as stored on disk.

    Attributes
    ----------
    path : the file that was read.
    data, protocol, results : as `ymal evaluate --json` writes them.
    rows : the file that `ymal evaluate --rows` wrote with it; None where it wrote none.
    """

    path: Path
    data: Data
    protocol: Protocol
    results: list[Result]
    rows: File | None = None


_STORED: Final = TypeAdapter(StoredReport)


def read_report(path: Path) -> StoredReport:
    """Read what `ymal evaluate --json` wrote.

    Raises
    ------
    DataError
        If the file cannot be read, or is not such a report.
    """
    try:
        stored = json.loads(path.read_bytes())
        return _STORED.validate_python({**stored, "path": path})
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); name a file of ymal evaluate --json"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
    except (ValueError, TypeError, RecursionError):
        where = "not a JSON object"
    raise DataError(f"{path}: is not a report of ymal evaluate --json ({where})")


def rows_file(stored: StoredReport) -> Path:
    """Find the rows of a report: at the path it names, or beside it under the same name.

    Raises
    ------
    UnpairedError
        If it names none, or no file with the checksum that it names.
    """
    if stored.rows is None:
        raise UnpairedError(f"{stored.path} names no rows: run ymal evaluate with --rows")
    named = Path(stored.rows.path)
    found = [path for path in (stored.path.parent / named.name, named) if path.is_file()]
    for path in found:
        if _digest(path) == stored.rows.sha256:
            return path
    wrong = f"{found[0]} holds other rows" if found else f"{named} is not there"
    raise UnpairedError(f"{stored.path} names its rows, but {wrong}")


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnpairedError(f"{path} cannot be read ({error.strerror})") from None


def read_rows(path: Path, every: str, system: str) -> Columns:
    """Read the rows of a system at a refresh interval, with the columns of `write_rows`.

    Raises
    ------
    UnpairedError
        If the file cannot be read.
    """
    query = "SELECT * FROM read_parquet(?) WHERE every = ? AND system = ?"
    try:
        with duckdb.connect(config={"memory_limit": _MEMORY}) as connection:
            found = connection.execute(query, [glob.escape(str(path)), every, system])
            return dict(found.fetchnumpy())
    except duckdb.Error as error:
        raise UnpairedError(f"{path}: {str(error).splitlines()[0]}") from None


def join_runs(a: Columns, b: Columns, every: str) -> ReplayResult:
    """Join the rows of two runs as the systems `A` and `B` of one replay.

    Raises
    ------
    UnpairedError
        If a column is missing, as in the rows of another version of ymal.
    """
    try:
        both = {name: np.concatenate([_plain(a[name]), _plain(b[name])]) for name in a}
        named = np.concatenate([both["source"], both["target"]])
        ids, row = np.unique(named, return_inverse=True)
        source, target = np.split(row.astype(np.int32), 2)
        by_reason = [both[f"slots_reason_{code}"] for code in LIST_REASONS]
        rows = ReplayRows(
            system=np.repeat([0, 1], [len(a["rank"]), len(b["rank"])]).astype(np.int16),
            source=source,
            target=target,
            reader=both["reader"].astype(np.int64),
            reason=_codes_of(both["reason"], _REASONS),
            miss=_codes_of(both["miss"], _MISSES),
            slots_reason=np.stack(by_reason, axis=1),
            **{name: both[name] for name in _AS_WRITTEN},
        )
    except KeyError as error:
        raise UnpairedError(f"the rows have no column {error.args[0]}") from None
    return ReplayResult(duration(every), ["A", "B"], rows, ids.tolist(), [], [])


def _codes_of(codes: npt.NDArray[Any], numbers: Mapping[str, int]) -> npt.NDArray[np.int8]:
    return np.array([numbers.get(code, -1) for code in codes.tolist()], np.int8)


def _plain(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column without a mask: null was NaN, or no reason."""
    return np.asarray(np.ma.filled(column, np.nan if column.dtype.kind == "f" else ""))
