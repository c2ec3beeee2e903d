"""The DuckDB database that reads and holds a site's views, and its errors in plain words."""

import re
import secrets
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
    folder = Path(tempfile.gettempdir(), f"ymal-{secrets.token_hex(8)}")
    connection = duckdb.connect(
        config={
            "memory_limit": config.memory,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    folder.mkdir(mode=0o700)  # only now, so that an interrupt at any moment leaves no folder behind
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # it is on by default in notebooks
    return Database(connection, folder)


@contextmanager
def translate_errors(path: str) -> Iterator[None]:
    """Turn DuckDB's errors about a file into one line that says what to do.

    Raises
    ------
    DataError
        For any error of DuckDB inside the block.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise DataError(
            f"{path}: does not fit into memory and temp folder; raise data.memory"
        ) from None
    except duckdb.Error as error:
        raise DataError(f"{path}: {_explain(str(error))}") from None


def _explain(message: str) -> str:
    if "state machine reached an invalid state" in message:
        return (
            "its rows cannot be separated: line ends are mixed (LF and CR LF), or a quote is not "
            "closed; write the same line ends everywhere, and quote fields that contain any"
        )
    if "No magic bytes" in message or "too small to be a Parquet" in message:
        return "is not a Parquet file, or is truncated; export it again, or set its format"
    first = re.sub(r"^[\w ]+ Error: ", "", message.splitlines()[0])
    return f"cannot be read ({first}); correct the file, or export it again"
