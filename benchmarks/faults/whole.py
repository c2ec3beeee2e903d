"""Checks of an artifacts directory: is what it serves whole, is anything left over."""

from pathlib import Path

from recommender import ArtifactError, Recommender
from training import release


def damage(artifacts: Path) -> str:
    """Return what is wrong with what is served, version, state and answers; "" where nothing is."""
    try:
        release.verify(artifacts)
        snapshot = Recommender.open(artifacts).snapshot()
        source = next(snapshot.ids())
        if not snapshot.related_ids(source):
            return f"no story is related to {source}"
    except (ArtifactError, StopIteration) as error:
        return str(error) or "no article is known"
    return ""


def left_over(artifacts: Path) -> list[str]:
    """Name what a run that was cut short left behind.

    That is every partial file or directory, every state without its version, and every version
    without its state that is younger than the oldest state kept: older ones' states are pruned.
    """
    states, versions = (
        {path.name for path in (artifacts / kind).glob("[!.]*")} for kind in ("states", "versions")
    )
    partial = [str(path.relative_to(artifacts)) for path in artifacts.rglob(".*.partial")]
    alone = [f"states/{name}" for name in states - versions]
    stateless = [
        f"versions/{name}" for name in versions - states if name >= min(states, default=name)
    ]
    return sorted(partial + alone + stateless)
