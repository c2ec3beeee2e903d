"""Retention: remove the files of killed runs, and old versions and states."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from recommender import overrides
from recommender.files import sync_directory
from training.config import VersionsConfig
from training.release.listing import VersionSummary, directory_names, list_versions
from training.release.locks import directory_lock
from training.release.pointer import served_name_or_none
from training.storage import removal_errors

_STALE: Final = 60.0
"""Seconds after which a server's partial file counts as unused, since servers take no lock."""


def remove_partial(artifacts: Path) -> None:
    """Remove the partial files and directories of killed runs.

    The directory must be locked. Only servers, which save the last good overrides, may then write
    there.

    Raises
    ------
    OutputError
        If something cannot be removed.
    """
    for path in _partial_paths(artifacts):
        _remove(path)


def prune(artifacts: Path, config: VersionsConfig) -> list[str]:
    """Remove versions and states beyond those that the configuration keeps.

    These versions stay: the newest `keep` that passed the gate, the last one of each of the newest
    `keep_days` days (UTC, of the data), the newest `keep_refused` that were refused or held, the
    served version, and the version that it follows. `keep_states` states stay: that of the served
    version, and those of the newest other kept versions.

    A version is renamed before it is removed, so that nobody opens a partial one. A process that
    has mapped it can still read it.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory, locked.
    config : VersionsConfig
        How many to keep.

    Returns
    -------
    list of str
        The removed versions.

    Raises
    ------
    OutputError
        If something cannot be removed.
    """
    if served_name_or_none(artifacts) is None:
        return []
    found = list_versions(artifacts)
    keep = versions_to_keep(found, config)
    gone = [version.name for version in found if version.name not in keep]
    for name in gone:
        _remove(artifacts / "versions" / name)
    states = _states_to_keep([version for version in found if version.name in keep], config)
    for name in directory_names(artifacts, "states"):
        if name not in states:
            _remove(artifacts / "states" / name)
    return gone


def remove_states(artifacts: Path, *, keep: str | None = None) -> None:
    """Remove all states except one.

    Raises
    ------
    BusyError, OutputError
        If one cannot be removed.
    """
    with directory_lock(artifacts):
        for name in directory_names(artifacts, "states"):
            if name != keep:
                _remove(artifacts / "states" / name)
        with removal_errors(artifacts / "states"):
            sync_directory(artifacts / "states")  # a power loss must not bring them back


def versions_to_keep(found: list[VersionSummary], config: VersionsConfig) -> set[str]:
    """Return the names of the versions that stay; `found` is sorted from oldest to newest."""
    newest = found[::-1]
    good = [version.name for version in newest if not version.damage and version.decision.may_serve]
    others = [version.name for version in newest if version.name not in good]
    by_day: dict[str, str] = {}
    for name in good:
        by_day.setdefault(name[:8], name)
    followed = {version.decision.follows for version in found if version.served}
    return {
        *good[: config.keep],
        *list(by_day.values())[: config.keep_days],
        *others[: config.keep_refused],
        *(version.name for version in found if version.served or version.name in followed),
    }


def _states_to_keep(staying: list[VersionSummary], config: VersionsConfig) -> set[str]:
    with_state = [version for version in staying if version.state_bytes]
    order = sorted(with_state, key=lambda version: (version.served, version.name), reverse=True)
    return {version.fields["state"]["name"] for version in order[: config.keep_states]}


def _partial_paths(artifacts: Path) -> Iterator[Path]:
    saved_by_servers = tuple(f".{file.last_good}." for file in overrides.FILES)
    for path in artifacts.glob(".*.partial"):
        by_servers = path.name.startswith(saved_by_servers)
        with suppress(FileNotFoundError):  # a server has just renamed the file
            if not by_servers or time.time() - path.stat().st_mtime > _STALE:
                yield path
    for kind in ("versions", "states"):
        yield from (artifacts / kind).glob(".*.partial")


def _remove(path: Path) -> None:
    with removal_errors(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        if not path.name.startswith("."):
            path = path.rename(path.with_name(f".{path.name}.partial"))
        shutil.rmtree(path)
