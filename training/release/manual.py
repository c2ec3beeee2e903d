"""Serving by hand: another version, the one before, and a hold on what later runs write."""

from collections.abc import Iterator
from pathlib import Path

from recommender.manifest import ArtifactError
from recommender.verify import verify as verify_directory
from training.errors import UsageError
from training.release import audit, hold
from training.release.hold import Hold
from training.release.locks import directory_lock
from training.release.publication import begin
from training.release.versions import (
    list_versions,
    point,
    served_name,
    served_name_or_none,
    version_directory,
)


def serve_version(artifacts: Path, name: str, why: str) -> str | None:
    """Let a version be served, every byte of it checked before; a hold is lifted.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    name : str
        The version; one that was refused or held as well.
    why : str
        For the audit.

    Returns
    -------
    str or None
        The version that was served before.

    Raises
    ------
    UsageError
        If there is no such version.
    ArtifactError
        If it is damaged.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    version_directory(artifacts, name)
    with directory_lock(artifacts):
        begin(artifacts)
        verify_directory(version_directory(artifacts, name), "version")
        before = served_name_or_none(artifacts)
        point(artifacts, name)
        audit.append(artifacts, "publish", served=name, before=before, why=why)
        hold.lift(artifacts)
    return before


def roll_back(artifacts: Path, why: str) -> tuple[str, str, list[str]]:
    """Serve the version that the served one followed, and hold what later runs write.

    Where that one is gone or damaged, the next older one that was to be served takes its place.

    Returns
    -------
    str, str, list of str
        The version that was served, the one that is, and the damage of those passed over.

    Raises
    ------
    ArtifactError
        If no version is served.
    UsageError
        If there is none to go back to.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin(artifacts)
        before, passed = served_name(artifacts), list[str]()
        for name in _before(artifacts, before):
            try:
                verify_directory(version_directory(artifacts, name), "version")
            except ArtifactError as error:
                passed.append(str(error))
                continue
            hold.set_(artifacts, why)  # first, so that nothing can be served in between
            point(artifacts, name)
            audit.append(artifacts, "rollback", served=name, before=before, why=why, hold=True)
            return before, name, passed
        damage = f" ({'; '.join(passed)})" if passed else ""
        raise UsageError(f"{artifacts}: there is no version before {before}{damage}")


def set_hold(artifacts: Path, why: str) -> Hold:
    """Hold what later runs write.

    Raises
    ------
    ArtifactError
        If no version is served that could be held.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin(artifacts)
        held = hold.set_(artifacts, why)
        audit.append(artifacts, "hold", why=why)
    return held


def lift_hold(artifacts: Path) -> Hold | None:
    """Lift the hold, so that the next run is served again; give what was held, or None.

    Raises
    ------
    ArtifactError
        If no version is served.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin(artifacts)
        held = hold.read_hold(artifacts)
        if held is not None:
            hold.lift(artifacts)
            audit.append(artifacts, "release", why=str(held))
    return held


def _before(artifacts: Path, current: str) -> Iterator[str]:
    """Go through the versions to go back to: the one followed, then older ones, newest first."""
    found = {version.name: version for version in list_versions(artifacts)}
    followed = found[current].standing.follows if current in found else None
    if followed in found:
        yield followed
    for name in sorted(found, reverse=True):
        if name < current and name != followed and found[name].standing.may_serve:
            yield name
