"""Release: a version and its state become the served ones, by one rename.

An artifacts directory holds `versions/NAME/`, `states/NAME/` and `current`, a small file with the
name of the version served. A name is the data's time and a counter, so that names sort by age.
"""

import hashlib
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from recommender import overrides
from recommender.artifact import open_version
from recommender.manifest import NAME, ArtifactError, read_manifest, read_pointer, read_small
from recommender.overrides import Override
from recommender.verify import verify as verify_directory
from training.errors import OutputError
from training.records import Bool, Int32, Int64, moment, utc
from training.storage import Arrays, pack_strings, read_directory, replace_file, write_directory

_PATIENCE: Final = 60.0
"""Seconds to wait for another run to finish publishing."""


WRITTEN: Final = frozenset({"now", "created", "state"})
"""Fields of a version's manifest that `publish` writes itself."""


@dataclass(frozen=True)
class Published:
    """What was published, and where it lies."""

    name: str
    version_dir: Path
    state_dir: Path


def publish(
    artifacts: Path,
    *,
    now: int,
    base: str | None = None,
    version_fields: Mapping[str, object],
    version_arrays: Mapping[str, npt.NDArray[Any]],
    state_fields: Mapping[str, object],
    state_arrays: Mapping[str, npt.NDArray[Any]],
) -> Published:
    """Publish a version and its state: the state first, the version, and last the pointer.

    The pointer's rename is the only commit. What fails before it leaves the served version as it
    was; should the disk refuse after it, the new version is served and the error still raised.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory; made where it is missing.
    now : int
        Time up to which the data was read, µs UTC.
    base : str or None
        The version that this one carries on, which must still be served; None for a fresh start.
    version_fields, version_arrays
        Those of `lookup_arrays`, lists and rankings; `reasons` and `fallback` among the fields.
    state_fields, state_arrays
        What the next step needs.

    Returns
    -------
    Published

    Raises
    ------
    OutputError
        If the directory cannot be written, or another run publishes for longer than a minute.
    """
    writable(artifacts)
    with _locked(artifacts):
        if base is not None and served(artifacts) != base:
            raise OutputError(
                f"{artifacts}: {served(artifacts)} was published meanwhile, not {base} carried on; "
                "run again"
            )
        name = _next_name(artifacts, now)
        state = artifacts / "states" / name
        version = artifacts / "versions" / name
        state_sha256 = write_directory(state, "state", state_fields, state_arrays)
        fields = {
            **version_fields,
            "now": now,
            "created": utc(time.time_ns() // 1000),
            "state": {"name": name, "sha256": state_sha256},
        }
        try:
            write_directory(version, "version", fields, version_arrays)
            open_version(version)  # one that no lookup could open must not be served
        except BaseException:
            shutil.rmtree(state, ignore_errors=True)
            raise
        replace_file(artifacts / "current", f"{name}\n".encode())
    return Published(name, version, state)


def writable(artifacts: Path) -> None:
    """Make sure, before any work, that a version could be written.

    Raises
    ------
    OutputError
        If the directory or one of its parts cannot be made or written.
    """
    for directory in (artifacts, artifacts / "states", artifacts / "versions"):
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError as error:
            raise OutputError(
                f"{directory}: cannot be written ({error.strerror}); name another directory by "
                "--artifacts, or give permission"
            ) from error


def served(artifacts: Path) -> str:
    """Give the name of the served version.

    Raises
    ------
    ArtifactError
        If there is none.
    """
    return read_pointer(artifacts)


def remove_states(artifacts: Path, *, keep: str) -> None:
    """Remove all states but one.

    Raises
    ------
    OutputError
        If one cannot be removed.
    """
    with _locked(artifacts):
        for path in (artifacts / "states").iterdir():
            if path.name != keep:
                try:
                    shutil.rmtree(path)
                except OSError as error:
                    raise OutputError(
                        f"{path}: cannot be removed ({error.strerror}); remove it by hand"
                    ) from error


def change_overrides(
    artifacts: Path, change: Callable[[list[Override]], list[Override]]
) -> list[Override]:
    """Change what editors want, one program at a time; readers follow within a second.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    change : callable
        Takes the overrides as they are, and gives them as they shall be.

    Returns
    -------
    list of Override
        As they are now.

    Raises
    ------
    ArtifactError
        If the file cannot be used as it is; it stays.
    OutputError
        If the file cannot be written; the old one stays.
    """
    with _locked(artifacts):
        found, complaint = overrides.load(artifacts)
        if complaint:
            raise ArtifactError(complaint)
        changed = change(found)
        data, path = overrides.dump(changed), artifacts / overrides.FILE
        overrides.parse(path, data)  # what no reader would take must not be written
        replace_file(path, data)
        keep_overrides(artifacts)
    return changed


def keep_overrides(artifacts: Path) -> str:
    """Keep good overrides for worse days; say why those of the file are not in force, else ""."""
    try:
        complaint = overrides.load(artifacts)[1]
        overrides.keep(artifacts)
    except ArtifactError as error:
        return str(error)
    except OSError as error:
        return f"{artifacts / overrides.LAST_GOOD}: cannot be written ({error.strerror})"
    return complaint


def read(artifacts: Path, name: str, kind: str) -> tuple[dict[str, Any], Arrays]:
    """Read the fields and arrays of a version or of its state, every byte checked.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    directory = artifacts / "versions" / name
    if kind == "state":
        directory = _state_directory(artifacts, directory)
    return read_directory(directory, kind)


def verify(artifacts: Path) -> dict[str, str | int]:
    """Check every byte of the served version and of its state.

    Returns
    -------
    dict
        `version` and `state`, their names; `files` and `bytes`, the arrays read.

    Raises
    ------
    ArtifactError
        At the first thing wrong; also where the state is not the one that the version names.
    """
    name = served(artifacts)
    version = artifacts / "versions" / name
    report = verify_directory(version, "version")
    state = _state_directory(artifacts, version)
    state_report = verify_directory(state, "state")
    return {
        "version": name,
        "state": state.name,
        **{part: report[part] + state_report[part] for part in ("files", "bytes")},
    }


def lookup_arrays(
    *,
    ids: Sequence[str],
    titles: Sequence[str],
    urls: Sequence[str],
    section_names: Sequence[str],
    sections: Int32,
    published: Int64,
    known: Bool,
) -> Arrays:
    """Make the arrays by which a lookup finds and shows articles.

    Parameters
    ----------
    ids, titles, urls : sequence of str
        One per row, n of them.
    section_names : sequence of str
        m of them.
    sections : int32[n]
        Index into `section_names`, -1 where there is none.
    published : int64[n]
        µs UTC, `NEVER` where absent.
    known : bool[n]
        Which articles are found by their id: those get a key, the CRC-32 of the id's UTF-8.

    Returns
    -------
    dict of arrays

    Raises
    ------
    OutputError
        If a string has no UTF-8.
    """
    arrays: Arrays = {"sections": sections, "published": published}
    for name, strings in (
        ("id", ids),
        ("title", titles),
        ("url", urls),
        ("section_name", section_names),
    ):
        arrays[f"{name}s"], arrays[f"{name}_ends"] = pack_strings(strings)
    rows = np.flatnonzero(known).astype(np.int32)
    hashes = np.array([zlib.crc32(ids[row].encode()) for row in rows.tolist()], np.uint32)
    order = np.lexsort((rows, hashes))
    return {**arrays, "key_hashes": hashes[order], "key_rows": rows[order]}


@contextmanager
def _locked(artifacts: Path) -> Iterator[None]:
    path = artifacts / ".lock"
    lock = FileLock(path, timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(
            f"{path}: another run has been publishing for {_PATIENCE:.0f} s; wait for it to end"
        ) from None
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be locked ({error.strerror}); give permission"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _next_name(artifacts: Path, now: int) -> str:
    """Give the name after all that bear this time; a name is never used twice."""
    time = moment(now).strftime("%Y%m%dT%H%M%SZ")
    counters = [
        int(path.name.removeprefix(f"{time}-"))
        for kind in ("states", "versions")
        for path in (artifacts / kind).glob(f"{time}-*")
        if path.name.removeprefix(f"{time}-").isdecimal()
    ]
    return f"{time}-{max(counters, default=0) + 1:03d}"


def _state_directory(artifacts: Path, version: Path) -> Path:
    """Give where the state of a version lies, its manifest being the one that the version names."""
    name, sha256 = _state_of(version)
    state = artifacts / "states" / name
    read_manifest(state, "state")
    manifest = state / "manifest.json"
    if hashlib.sha256(read_small(manifest)).hexdigest() != sha256:
        raise ArtifactError(f"{manifest}: it is not the one that {version} names; run ymal train")
    return state


def _state_of(version: Path) -> tuple[str, str]:
    """Give name and manifest checksum of the state that a version names."""
    state = read_manifest(version, "version").get("state")
    match state:
        case {"name": str(name), "sha256": str(sha256)} if NAME.fullmatch(name):
            return name, sha256
        case _:
            raise ArtifactError(f"{version / 'manifest.json'}: it names no state; run ymal train")
