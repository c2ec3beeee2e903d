"""Writing a file so that who reads it sees all of the old or all of the new."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of another at one stroke, when all is written.

    It lies in the same folder until then; another library may write it by its `name`. Where the
    block fails or is interrupted, it is removed and the old one stays.

    Raises
    ------
    OSError
        If it cannot be written, or what stands in its place is no plain file.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "something stands there that is no plain file")
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            yield file
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


def replace(path: Path, data: bytes) -> None:
    """Replace a file at one stroke, its bytes flushed to disk before.

    Raises
    ------
    OSError
        As `replacing`.
    """
    with replacing(path) as file:
        file.write(data)
