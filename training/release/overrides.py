"""Change the editors' overrides, one program at a time, and write only a valid file."""

from collections.abc import Callable
from pathlib import Path

from recommender import overrides
from recommender.manifest import ArtifactError
from recommender.overrides import Override
from training.release import audit
from training.release.locks import directory_lock
from training.storage import replace_file


def change_overrides(
    artifacts: Path, command: str, change: Callable[[list[Override]], list[Override]]
) -> list[Override]:
    """Change the editors' overrides under the lock; servers follow within a second.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    command : str
        The command, for the audit.
    change : callable
        Takes the current overrides, and returns the new ones.

    Returns
    -------
    list of Override
        The new overrides.

    Raises
    ------
    ArtifactError
        If the current file is damaged; it stays unchanged.
    OutputError
        If the file cannot be written; the old file stays.
    """
    with directory_lock(artifacts):
        found, complaint = overrides.load(artifacts)
        if complaint:
            raise ArtifactError(complaint)
        changed = change(found)
        data, path = overrides.dump(changed), artifacts / overrides.FILE
        overrides.parse(path, data)  # never write a file that a server would refuse
        replace_file(path, data)
        keep_overrides(artifacts)
        audit.append(
            artifacts,
            command,
            added=[override.as_dict() for override in changed if override not in found],
            lifted=[override.as_dict() for override in found if override not in changed],
        )
    return changed


def keep_overrides(artifacts: Path) -> str:
    """Copy valid overrides to the fallback file; else return why they are refused, or ""."""
    try:
        complaint = overrides.load(artifacts)[1]
        overrides.save_last_good(artifacts)
    except ArtifactError as error:
        return str(error)
    except OSError as error:
        return f"{artifacts / overrides.LAST_GOOD}: cannot be written ({error.strerror})"
    return complaint
