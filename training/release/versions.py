"""Read a version and its state from an artifacts directory, and check every byte."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommender.artifact import Version, open_version
from recommender.manifest import (
    NAME_PATTERN,
    ArtifactError,
    raise_damaged,
    read_manifest,
    read_small,
)
from recommender.verify import verify as verify_directory
from training.errors import UsageError
from training.release.pointer import served_name
from training.storage import Arrays, Contents, read_directory


def version_directory(artifacts: Path, name: str) -> Path:
    """Return the directory of a version.

    Raises
    ------
    UsageError
        If there is no such version.
    """
    path = artifacts / "versions" / name
    if not NAME_PATTERN.fullmatch(name) or not path.is_dir():
        raise UsageError(f"no version {name} in {artifacts}; ymal versions lists them")
    return path


def read_version(artifacts: Path, name: str) -> Contents:
    """Read a version.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    path = artifacts / "versions" / name
    contents = read_directory(path, "version")
    version = open_version(path)  # checks that the arrays' types and lengths fit together
    _check_rows(version, contents.arrays)
    return contents


def read_state(artifacts: Path, name: str) -> Contents:
    """Read the state of a version.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    return read_directory(state_directory(artifacts, name), "state")


def state_directory(artifacts: Path, name: str) -> Path:
    """Return the directory of a version's state, after checking the state's manifest.

    Raises
    ------
    ArtifactError
        If the version or state is missing or damaged.
    """
    version = artifacts / "versions" / name
    name, sha256 = named_state(version)
    state = artifacts / "states" / name
    read_manifest(state, "state")
    manifest = state / "manifest.json"
    if hashlib.sha256(read_small(manifest)).hexdigest() != sha256:
        raise ArtifactError(f"{manifest}: it is not the one that {version} names; run ymal train")
    return state


def named_state(version: Path) -> tuple[str, str]:
    """Return the state that a version's manifest names: its name, and its manifest's SHA-256.

    Raises
    ------
    ArtifactError
        If the manifest is missing or damaged.
    """
    state = read_manifest(version, "version").get("state")
    match state:
        case {"name": str(name), "sha256": str(sha256)} if NAME_PATTERN.fullmatch(name):
            return name, sha256
        case _:
            raise ArtifactError(f"{version / 'manifest.json'}: it names no state; run ymal train")


def manifest_number(fields: Mapping[str, Any], *keys: str) -> float | None:
    """Return the number at a path of keys in a manifest; None if there is none."""
    value: object = fields
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def verify(artifacts: Path) -> dict[str, str | int]:
    """Check every byte of the served version and of its state.

    Returns
    -------
    dict
        `version` and `state`, their names; `files` and `bytes`, number and size of the arrays.

    Raises
    ------
    ArtifactError
        At the first error; also if the state is not the one that the version names.
    """
    name = served_name(artifacts)
    report = verify_directory(artifacts / "versions" / name, "version")
    state = state_directory(artifacts, name)
    state_report = verify_directory(state, "state")
    return {
        "version": name,
        "state": state.name,
        **{part: report[part] + state_report[part] for part in ("files", "bytes")},
    }


def _check_rows(version: Version, arrays: Arrays) -> None:
    """Check that rows are within range, and that offsets ascend."""
    articles = len(arrays["sections"])
    for name, _ in version.row_arrays():
        rows = arrays[name]
        if len(rows) and not (rows.min() >= 0 and rows.max() < articles):
            raise_damaged(version.file(name), f"it holds values outside 0 … {articles - 1}")
    for name in ("list_ends", "id_ends"):
        if (arrays[name][1:] < arrays[name][:-1]).any():
            raise_damaged(version.file(name), "its offsets do not ascend")
