"""Locks: one program at a time changes a directory, one run of a command at a time works for it.

Both are held by the kernel (`flock`), so that a killed process leaves them free. A file system
without such locks is refused: two runs at once could not be told apart there.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from training.errors import BusyError, OutputError

_PATIENCE: Final = 60.0
"""Seconds to wait for another program to finish writing."""


@contextmanager
def directory_lock(artifacts: Path) -> Iterator[None]:
    """Hold the lock under which everything in an artifacts directory is written.

    Raises
    ------
    BusyError
        If another program holds it for longer than a minute.
    OutputError
        If it cannot be made, or the file system has no locks.
    """
    path = artifacts / ".lock"
    with _held(path, _PATIENCE, f"another run has been publishing for {_PATIENCE:.0f} s"):
        yield


@contextmanager
def command_lock(artifacts: Path, command: str) -> Iterator[None]:
    """Hold the lock of a command: of two runs of it in one directory the second is refused.

    A `train` and a `refresh` may work at once, since a night's training must not keep the lists
    from being refreshed; which of them publishes last is decided under `directory_lock`.

    Raises
    ------
    BusyError
        If another run of the command is at work.
    OutputError
        As `directory_lock`.
    """
    path = artifacts / f".{command}.lock"
    with _held(path, 0, f"another ymal {command} is at work here{_process(path)}"):
        with suppress(OSError):  # a full disk must not keep a run from saying what it lacks
            path.write_text(f"{os.getpid()}\n")
        yield


@contextmanager
def _held(path: Path, patience: float, busy: str) -> Iterator[None]:
    lock = FileLock(path, timeout=patience, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{path}: {busy}; wait for it to end") from None
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
            raise OutputError(
                f"{path}: this file system has no locks; name a directory on one that has, by "
                "--artifacts"
            ) from error
        raise OutputError(
            f"{path}: cannot be locked ({error.strerror}); give permission"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _process(path: Path) -> str:
    """Say which process holds a command's lock, as that has written into it."""
    try:
        return f" (process {int(path.read_text())})"
    except (OSError, ValueError):
        return ""
