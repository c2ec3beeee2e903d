"""The key of the readers' hashes: created once per artifacts directory, never published."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from recommender.files import sync_directory
from training.errors import OutputError
from training.records import quantity
from training.storage import make_directory

KEY_BYTES: Final = 32


def read_key(artifacts: Path) -> bytes:
    """Return the key of an artifacts directory; create it the first time.

    Parameters
    ----------
    artifacts : Path
        The directory; the key is its file `key`, which only the owner may read (mode 0600).

    Returns
    -------
    bytes
        32 bytes, drawn at random once.

    Raises
    ------
    OutputError
        If the file cannot be made or read, or does not hold 32 bytes.
    """
    path = artifacts / "key"
    try:
        make_directory(artifacts)
        _create(path)
        key = path.read_bytes()
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; make the directory writable") from None
    if len(key) != KEY_BYTES:
        raise OutputError(
            f"{path}: has {quantity(len(key), 'byte')} instead of {KEY_BYTES}; restore it, or "
            "delete it and train again"
        )
    return key


def _create(path: Path) -> None:
    """Create the key atomically and durably: write it under another name, then link it."""
    if path.exists():
        return
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another run was first, and its key is used
            os.link(partial, path)
    finally:
        partial.unlink()
    sync_directory(path.parent)
