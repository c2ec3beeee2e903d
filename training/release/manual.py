"""Decisions by hand: serve another version, roll back, hold, and lift a hold."""

from collections.abc import Iterator
from pathlib import Path

from recommender.manifest import ArtifactError
from recommender.verify import verify as verify_directory
from training.errors import UsageError
from training.release import audit, hold
from training.release.hold import Hold
from training.release.listing import list_versions
from training.release.locks import directory_lock
from training.release.pointer import served_name, served_name_or_none, set_pointer
from training.release.publication import begin_change
from training.release.versions import version_directory


def serve_version(artifacts: Path, name: str, why: str) -> str | None:
    """Check every byte of a version, serve it, and lift a hold.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    name : str
        The version; a refused or held one is allowed.
    why : str
        The reason, for the audit.

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
        begin_change(artifacts)
        verify_directory(version_directory(artifacts, name), "version")
        before = served_name_or_none(artifacts)
        set_pointer(artifacts, name)
        audit.append(artifacts, "publish", served=name, before=before, why=why)
        hold.lift(artifacts)
    return before


def roll_back(artifacts: Path, why: str) -> tuple[str, str, list[str]]:
    """Serve the version before the served one, and hold the versions of later runs.

    If that version is missing or damaged, serve the next older one that passed the gate.

    Returns
    -------
    str, str, list of str
        The version served before, the version served now, and the damage of skipped versions.

    Raises
    ------
    ArtifactError
        If no version is served.
    UsageError
        If there is no version to go back to.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin_change(artifacts)
        before, skipped = served_name(artifacts), list[str]()
        for name in _before(artifacts, before):
            try:
                verify_directory(version_directory(artifacts, name), "version")
            except ArtifactError as error:
                skipped.append(str(error))
                continue
            hold.set_hold(artifacts, why)  # first, so that no run can publish in between
            set_pointer(artifacts, name)
            audit.append(artifacts, "rollback", served=name, before=before, why=why, hold=True)
            return before, name, skipped
        damage = f" ({'; '.join(skipped)})" if skipped else ""
        raise UsageError(
            f"{artifacts}: no version before {before} to roll back to{damage}; run ymal train"
        )


def set_hold(artifacts: Path, why: str) -> Hold:
    """Set a hold: later runs write versions without serving them.

    Raises
    ------
    ArtifactError
        If no version is served.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin_change(artifacts)
        held = hold.set_hold(artifacts, why)
        audit.append(artifacts, "hold", why=why)
    return held


def lift_hold(artifacts: Path) -> Hold | None:
    """Lift the hold, so that later runs are served again; return the hold, or None.

    Raises
    ------
    ArtifactError
        If no version is served.
    BusyError, OutputError
        If the directory cannot be changed.
    """
    served_name(artifacts)
    with directory_lock(artifacts):
        begin_change(artifacts)
        held = hold.read_hold(artifacts)
        if held is not None:
            hold.lift(artifacts)
            audit.append(artifacts, "release", why=str(held))
    return held


def _before(artifacts: Path, current: str) -> Iterator[str]:
    """Yield the versions to roll back to: the previous one, then older ones, newest first."""
    found = {version.name: version for version in list_versions(artifacts)}
    followed = found[current].decision.follows if current in found else None
    if followed in found:
        yield followed
    for name in sorted(found, reverse=True):
        if name < current and name != followed and found[name].decision.may_serve:
            yield name
