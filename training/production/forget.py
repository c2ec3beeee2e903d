"""Remove a reader who asked to be forgotten from the served state."""

from pathlib import Path

from recommender import ArtifactError
from training import release
from training.config import VersionsConfig
from training.release import BaseVersion, Publication
from training.storage import Contents


def forget(artifacts: Path, reader: int, keep: VersionsConfig) -> dict[str, object]:
    """Publish the served version with a state that lacks a reader, and remove all other states.

    A missing or damaged state cannot be refreshed, so it is removed as well.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    reader : int
        Keyed hash.
    keep : VersionsConfig
        Which versions to keep.

    Returns
    -------
    dict
        The served version, and how many open views and day counts were removed. The sums over all
        readers still include this reader, whose part cannot be separated.

    Raises
    ------
    ArtifactError, OutputError
        If the served version cannot be read or rewritten.
    """
    name = release.served_name(artifacts)
    version = release.read_version(artifacts, name)
    removed = {"open_views": 0, "day_counts": 0}
    try:
        described, arrays = release.read_state(artifacts, name)
    except ArtifactError:
        release.remove_states(artifacts)
        return {"version": name, **removed}
    kept = dict(arrays)
    for part, prefix in (("open_views", "open_session_"), ("day_counts", "day_")):
        others = arrays[f"{prefix}reader"] != reader
        removed[part] = int((~others).sum())
        for column in [column for column in arrays if column.startswith(prefix)]:
            kept[column] = arrays[column][others]
    published = release.publish(
        artifacts,
        Publication(
            command="forget",
            now=version.fields["now"],
            version=version,
            state=Contents(described, kept),
            base=BaseVersion(name, version),
            gate=None,
            keep=keep,
        ),
    )
    release.remove_states(artifacts, keep=published.name)
    return {"version": published.name, **removed}
