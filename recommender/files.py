"""Replace a file atomically: a reader sees all of the old file or all of the new one."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_writer(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` when the `with` block ends.

    The temporary file is in the same folder; another library may write to it by its `name`. If the
    block fails or is interrupted, the temporary file is removed and the old file stays.

    Raises
    ------
    OSError
        If it cannot be written, or if `path` exists and is not a regular file.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "it exists and is not a regular file")
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
    """Flush the names in a directory to disk.

    Raises
    ------
    OSError
        If the directory cannot be opened or flushed.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(path: Path, data: bytes) -> None:
    """Replace a file atomically, after flushing the new bytes to disk.

    Raises
    ------
    OSError
        As `atomic_writer`.
    """
    with atomic_writer(path) as file:
        file.write(data)
