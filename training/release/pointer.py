"""The pointer `current`, a small file with the name of the served version."""

from pathlib import Path
from typing import Final

from recommender.manifest import ArtifactError, read_pointer
from training.storage import replace_file

_FILE: Final = "current"


def served_name(artifacts: Path) -> str:
    """Return the name of the served version.

    Raises
    ------
    ArtifactError
        If there is none.
    """
    return read_pointer(artifacts)


def served_name_or_none(artifacts: Path) -> str | None:
    """Return the name of the served version; None if there is none or it cannot be read."""
    try:
        return read_pointer(artifacts)
    except ArtifactError:
        return None


def set_pointer(artifacts: Path, name: str) -> None:
    """Serve a version: the rename of the pointer is the only commit. The directory must be locked.

    Raises
    ------
    OutputError
        If the pointer cannot be written; the old pointer stays.
    """
    replace_file(artifacts / _FILE, f"{name}\n".encode())
