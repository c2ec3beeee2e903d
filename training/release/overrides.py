"""Change the overrides, one program at a time, and write only a valid file."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from recommender import overrides
from recommender.artifact import open_version
from recommender.cached_version import UNKNOWN, CachedVersion
from recommender.manifest import ArtifactError
from recommender.overrides import ARTICLES, EDITORS, FILES, Override, OverridesFile
from training.errors import OutputError
from training.records import ArticlesRead, quantity
from training.release import audit
from training.release.gate import GONE_ARTICLES_ALLOWED
from training.release.listing import directory_names
from training.release.locks import directory_lock
from training.release.pointer import served_name_or_none
from training.storage import replace_file

ID_PREFIX: Final = "articles:"
"""Before the id of a story, the id of its withdrawal by the articles."""

MIN_KEPT: Final = timedelta(days=7)
"""How long a withdrawal stays in the file at least: a run that read the articles before it may
still publish a version that knows the story."""


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
        _write(artifacts, EDITORS, changed)
        audit.append(
            artifacts,
            command,
            added=[override.as_dict() for override in changed if override not in found],
            lifted=[override.as_dict() for override in found if override not in changed],
        )
    return changed


def set_withdrawals(artifacts: Path, withdrawn: Collection[str], live: Collection[str]) -> None:
    """Put the withdrawals of an input's articles into force; servers follow within a second.

    They stay in force whatever becomes of the run: while its version is refused or held, and after
    a rollback. A story that is neither `withdrawn` nor `live` stays as it is. The file holds only
    stories that a version on disk can show, and those of the last `MIN_KEPT`.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory; it may have no version yet.
    withdrawn : collection of str
        Ids of the articles that the input says are withdrawn.
    live : collection of str
        Ids of those that it says are not; a set, for speed.

    Raises
    ------
    ArtifactError
        If neither `withdrawals.json` nor its last good copy can be used: it is then not known what
        is withdrawn.
    OutputError
        If the file cannot be written; the old file stays.
    BusyError
        If another program holds the directory's lock.
    """
    with directory_lock(artifacts):
        found, complaint = overrides.load(artifacts, ARTICLES)
        before = {override.story: override for override in found}
        wanted = {story for story in before if story not in live}.union(withdrawn)
        now = datetime.now(UTC).replace(microsecond=0)
        fresh = {story for story, o in before.items() if o.when is None or o.when > now - MIN_KEPT}
        wanted = _shown_somewhere(artifacts, wanted) | (wanted & fresh)
        changed = [
            before.get(story) or Override(f"{ID_PREFIX}{story}", "withdraw", story, when=now)
            for story in sorted(wanted)
        ]
        if changed == found and not complaint:
            return
        _write(artifacts, ARTICLES, changed)
        audit.append(
            artifacts,
            "withdrawals",
            added=sorted(wanted.difference(before)),
            lifted=sorted(before.keys() - wanted),
        )


def gone_stories(
    artifacts: Path, read: ArticlesRead, is_complete: bool, max_gone: float
) -> set[str]:
    """Return the stories that an input does not publish any more, to be withdrawn.

    A row that says so withdraws its story, as a flag does. What an input lacks counts less: if more
    than `max_gone` of the served stories have no row or no publish time, the files were cut short,
    and none of these is withdrawn. Likewise if no row at all is published, as after a wrong
    setting. The gate then refuses the version, unless it is forced.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory; it may have no version yet.
    read : ArticlesRead
        What the input says.
    is_complete : bool
        Whether it has all stories: those without a row are gone.
    max_gone : float
        Largest share of the served stories that may be gone at once; ten always may.

    Returns
    -------
    set of str
        Ids that a version on disk shows.
    """
    if not (read.unpublished or is_complete):
        return set()
    shown = {name: _shown_by(artifacts, name) for name in directory_names(artifacts, "versions")}
    served = shown.get(served_name_or_none(artifacts) or "", set())
    allowed = max(GONE_ARTICLES_ALLOWED, max_gone * len(served))
    known = set[str]().union(*shown.values())
    explicit = known.intersection(name for name, column in read.unpublished.items() if column)
    lacking = known.intersection(read.unpublished) - explicit
    if is_complete:
        lacking |= known - read.listed
    if not read.articles:  # nothing is published: what the rows say is not trusted either
        explicit, lacking = set(), explicit | lacking
    return explicit | (lacking if len(lacking & served) <= allowed else set())


def _shown_by(artifacts: Path, name: str) -> set[str]:
    """Return the ids of a version's stories; none if it cannot be read."""
    try:
        version = open_version(artifacts / "versions" / name)
        return {version.ids[row] for row in version.key_rows}
    except (ArtifactError, IndexError):
        return set()


def _shown_somewhere(artifacts: Path, stories: Collection[str]) -> set[str]:
    """Return those of some stories that a version on disk knows; all, if one cannot be read."""
    missing, found = set(stories), set[str]()
    for name in directory_names(artifacts, "versions"):
        if not missing:
            break
        try:
            version = CachedVersion(open_version(artifacts / "versions" / name))
            known = {story for story in missing if version.row(story) != UNKNOWN}
        except ArtifactError:
            return set(stories)
        found |= known
        missing -= known
    return found


def _write(artifacts: Path, file: OverridesFile, changed: Sequence[Override]) -> None:
    data, path = overrides.dump(changed), artifacts / file.name
    overrides.parse(path, data)  # never write a file that a server would refuse
    if len(data) > overrides.MAX_BYTES:
        raise OutputError(
            f"{path}: {quantity(len(changed), 'override')}, more than "
            f"{quantity(overrides.MAX_BYTES, 'byte')}, which no server reads; lift some, or remove "
            "old versions by ymal prune"
        )
    replace_file(path, data)
    keep_overrides(artifacts, (file,))


def keep_overrides(artifacts: Path, files: Iterable[OverridesFile] = FILES) -> str:
    """Copy valid overrides to their last good files; else return why they are refused, or ""."""
    complaints = []
    for file in files:
        try:
            complaint = overrides.load(artifacts, file)[1]
            overrides.save_last_good(artifacts, file)
        except ArtifactError as error:
            complaint = str(error)
        except OSError as error:
            complaint = f"{artifacts / file.last_good}: cannot be written ({error.strerror})"
        if complaint:
            complaints.append(complaint)
    return "; ".join(complaints)
