"""Sweeping: what killed runs left goes, and of versions and states stay as many as one needs."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from recommender import overrides
from recommender.files import sync_directory
from training.config import VersionsConfig
from training.release.locks import directory_lock
from training.release.versions import VersionSummary, list_versions, names, served_name_or_none
from training.storage import removing

_STALE: Final = 60.0
"""Seconds after which a half-written file of a server, which takes no lock, is a left-over."""


def sweep(artifacts: Path) -> None:
    """Remove what killed runs left half written.

    The directory must be locked: then nobody is writing there but servers, which keep the last
    good overrides.

    Raises
    ------
    OutputError
        If something cannot be removed.
    """
    for path in _left_over(artifacts):
        _remove(path)


def prune(artifacts: Path, config: VersionsConfig) -> list[str]:
    """Remove versions and states beyond those that the configuration keeps.

    Of the versions that were to be served the newest `keep` stay, and the last of each of the
    newest `keep_days` days (UTC, of the data); of those refused or held the newest `keep_refused`.
    The served one always stays, and the one that it follows. States stay of the served version and
    of the newest others that stay, `keep_states` in all.

    A version is renamed before it is removed, so that nobody finds half of one; who has it mapped
    goes on reading it.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory, locked.
    config : VersionsConfig
        What is kept.

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
    keep = kept(found, config)
    gone = [version.name for version in found if version.name not in keep]
    for name in gone:
        _remove(artifacts / "versions" / name)
    states = _kept_states([version for version in found if version.name in keep], config)
    for name in names(artifacts, "states"):
        if name not in states:
            _remove(artifacts / "states" / name)
    return gone


def remove_states(artifacts: Path, *, keep: str | None = None) -> None:
    """Remove all states, but for one to keep.

    Raises
    ------
    BusyError, OutputError
        If one cannot be removed.
    """
    with directory_lock(artifacts):
        for name in names(artifacts, "states"):
            if name != keep:
                _remove(artifacts / "states" / name)
        with removing(artifacts / "states"):
            sync_directory(artifacts / "states")  # forgotten for good, also where the power goes


def kept(found: list[VersionSummary], config: VersionsConfig) -> set[str]:
    """Give the names of the versions that stay, of some that are sorted from oldest to newest."""
    newest = found[::-1]
    good = [version.name for version in newest if not version.damage and version.standing.may_serve]
    others = [version.name for version in newest if version.name not in good]
    by_day: dict[str, str] = {}
    for name in good:
        by_day.setdefault(name[:8], name)
    followed = {version.standing.follows for version in found if version.served}
    return {
        *good[: config.keep],
        *list(by_day.values())[: config.keep_days],
        *others[: config.keep_refused],
        *(version.name for version in found if version.served or version.name in followed),
    }


def _kept_states(staying: list[VersionSummary], config: VersionsConfig) -> set[str]:
    with_state = [version for version in staying if version.state_bytes]
    order = sorted(with_state, key=lambda version: (version.served, version.name), reverse=True)
    return {version.fields["state"]["name"] for version in order[: config.keep_states]}


def _left_over(artifacts: Path) -> Iterator[Path]:
    for path in artifacts.glob(".*.partial"):
        by_servers = path.name.startswith(f".{overrides.LAST_GOOD}.")
        with suppress(FileNotFoundError):  # a server has finished it
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
