"""Writing a file so that who reads it sees all of the old or all of the new."""

import os
import secrets
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Replace a file at one stroke, its bytes flushed to disk before.

    Raises
    ------
    OSError
        If it cannot be written; the old one stays.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Flush to disk which names a directory holds.

    Raises
    ------
    OSError
        If it cannot be done.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
