"""Retention: remove what killed runs left, and versions and states that are no longer kept."""

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
from training.storage import removing

_STALE: Final = 60.0
"""Seconds after which a partial file of a server, which takes no lock, is no longer in use."""


def remove_partial(artifacts: Path) -> None:
    """Remove partial files and directories that killed runs left.

    The directory must be locked, so that only servers write there: they keep the last good
    overrides.

    Raises
    ------
    OutputError
        If something cannot be removed.
    """
    for path in _partial_paths(artifacts):
        _remove(path)


def prune(artifacts: Path, config: VersionsConfig) -> list[str]:
    """Remove versions and states beyond those that the configuration keeps.

    Of the versions that passed the gate, the newest `keep` stay, and the last of each of the newest
    `keep_days` days (UTC, of the data); of those refused or held, the newest `keep_refused`. The
    served version and the one that it follows always stay. The states of the served version and of
    the newest other kept versions stay, `keep_states` in all.

    A version is renamed before it is removed, so that nobody opens half of one; a process that has
    it mapped goes on reading it.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory, locked.
    config : VersionsConfig
        How many stay.

    Returns
    -------
    list of str
        The versions removed.

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
        with removing(artifacts / "states"):
            sync_directory(artifacts / "states")  # so that a power loss cannot bring them back


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
    for path in artifacts.glob(".*.partial"):
        by_servers = path.name.startswith(f".{overrides.LAST_GOOD}.")
        with suppress(FileNotFoundError):  # a server has just renamed it
            if not by_servers or time.time() - path.stat().st_mtime > _STALE:
                yield path
    for kind in ("versions", "states"):
        yield from (artifacts / kind).glob(".*.partial")


def _remove(path: Path) -> None:
    with removing(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        if not path.name.startswith("."):
            path = path.rename(path.with_name(f".{path.name}.partial"))
        shutil.rmtree(path)
