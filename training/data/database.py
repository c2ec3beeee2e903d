"""The DuckDB database that reads and holds a site's views, and its errors in plain words."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from training.config import DataConfig
from training.errors import DataError


@dataclass(frozen=True)
class Database:
    """An embedded database and the folder for what does not fit into memory."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def close(self) -> None:
        """Close the connection and remove the folder."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_database(config: DataConfig) -> Database:
    """Open an in-memory database that spills into a folder of its own.

    The folder lives as long as the connection, since later queries of the views may spill too.
    No extension is downloaded or loaded; times without a zone are UTC.
    """
    folder = Path(tempfile.mkdtemp(prefix="ymal-"))
    try:
        connection = duckdb.connect(
            config={
                "memory_limit": config.memory,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")  # it is on by default in notebooks
    except BaseException:  # an interrupt too
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Database(connection, folder)


@contextmanager
def translate_errors(path: str) -> Iterator[None]:
    """Turn DuckDB's errors about a file into one line that says what to do.

    Raises
    ------
    DataError
        For whatever DuckDB raises inside the block.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise DataError(
            f"{path}: does not fit into memory and temp folder; raise data.memory"
        ) from None
    except duckdb.Error as error:
        raise DataError(f"{path}: {_plain(str(error))}") from None


def _plain(message: str) -> str:
    if "state machine reached an invalid state" in message:
        return (
            "its rows cannot be separated, because lines end in LF here and in CR LF there or a "
            "quote stands open; write all line ends alike and quote fields that hold any"
        )
    if "No magic bytes" in message or "too small to be a Parquet" in message:
        return "is no Parquet file, or was cut short; write it again, or set its format"
    first = re.sub(r"^[\w ]+ Error: ", "", message.splitlines()[0])
    return f"cannot be read ({first}); mend the file, or write it again"
