"""Locks: one process at a time changes a directory, and each command runs once at a time.

The kernel holds both locks (`flock`), and frees them when a process is killed. A file system
without such locks is refused, since two concurrent runs could damage the directory.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from training.errors import BusyError, OutputError

_TIMEOUT_SECONDS: Final = 60.0
"""Seconds to wait for another process to finish writing."""


@contextmanager
def directory_lock(artifacts: Path) -> Iterator[None]:
    """Hold the lock that every write to an artifacts directory needs.

    Raises
    ------
    BusyError
        If another process holds the lock for longer than a minute.
    OutputError
        If the lock cannot be created, or if the file system has no locks.
    """
    path = artifacts / ".lock"
    with _hold_lock(
        path, _TIMEOUT_SECONDS, f"another run has been publishing for {_TIMEOUT_SECONDS:.0f} s"
    ):
        yield


@contextmanager
def command_lock(artifacts: Path, command: str) -> Iterator[None]:
    """Hold the lock of a command: a second run of it in one directory is refused.

    A `train` and a `refresh` may run at once, so that a nightly training does not stop refreshes;
    `directory_lock` orders their publications.

    Raises
    ------
    BusyError
        If the command is running already.
    OutputError
        As `directory_lock`.
    """
    path = artifacts / f".{command}.lock"
    with _hold_lock(path, 0, f"another ymal {command} is running here{_process(path)}"):
        with suppress(OSError):  # on a full disk the run itself reports the error
            path.write_text(f"{os.getpid()}\n")
        yield


@contextmanager
def _hold_lock(path: Path, timeout: float, busy: str) -> Iterator[None]:
    lock = FileLock(path, timeout=timeout, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{path}: {busy}; wait for it to end") from None
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
            raise OutputError(
                f"{path}: this file system has no locks; name a directory on another one by "
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
    """Return the process id in a command's lock file, for a message."""
    try:
        return f" (process {int(path.read_text())})"
    except (OSError, ValueError):
        return ""
