"""The key of the readers' hashes: made once per artifacts directory, never published."""

import os
import secrets
from pathlib import Path
from typing import Final

from training.errors import OutputError

KEY_BYTES: Final = 32


def read_key(artifacts: Path) -> bytes:
    """Give the key of an artifacts directory, and make it the first time.

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
        artifacts.mkdir(parents=True, exist_ok=True)
        _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; make the directory writable") from None
    if len(key) != KEY_BYTES:
        raise OutputError(
            f"{path}: holds {len(key)} bytes instead of {KEY_BYTES}; restore it, or remove it and "
            "train anew"
        )
    return key


def _make(path: Path) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another run was first, and its key holds
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
