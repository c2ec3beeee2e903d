"""Readers who asked to be forgotten: keyed hashes whose views later runs leave out."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from training.errors import OutputError
from training.storage import replace_file


def reader_hash(user: str, key: bytes) -> int:
    """Return the keyed hash under which a user's views are counted: a signed 64-bit integer."""
    hashed = hashlib.sha256(f"{key.hex()}{user}".encode()).digest()
    return int.from_bytes(hashed[:8], "big") - 2**63


def read_forgotten(artifacts: Path) -> list[int]:
    """Return the hashes of the forgotten readers of an artifacts directory, ascending.

    Raises
    ------
    OutputError
        If the file that keeps them is damaged: a forgotten reader must not come back unseen.
    """
    path = artifacts / "forgotten.json"
    if not path.exists():
        return []
    try:
        hashes = json.loads(path.read_bytes())
    except (OSError, ValueError):
        hashes = None
    if not isinstance(hashes, list) or not all(type(hashed) is int for hashed in hashes):
        raise OutputError(
            f"{path}: is damaged; restore it from a copy, or delete it and forget its readers again"
        )
    return hashes


def write_forgotten(artifacts: Path, hashes: Iterable[int]) -> None:
    """Write the hashes of the forgotten readers of an artifacts directory."""
    replace_file(artifacts / "forgotten.json", json.dumps(sorted(hashes)).encode())
