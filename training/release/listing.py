"""List the versions of an artifacts directory, from their manifests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.manifest import NAME_PATTERN, ArtifactError, error_text, read_manifest
from training.records import to_datetime
from training.release import audit
from training.release.decision import GateDecision
from training.release.pointer import served_name_or_none
from training.release.versions import named_state


@dataclass(frozen=True)
class VersionSummary:
    """A version, described by its manifest.

    Attributes
    ----------
    name : name of the version.
    fields : its manifest; empty if it is damaged.
    damage : the error of the manifest, or "".
    bytes, state_bytes : sizes of its arrays, and of its state's arrays (0 if the state is missing
        or damaged).
    served : whether the pointer names it.
    """

    name: str
    fields: Mapping[str, Any]
    damage: str
    bytes: int
    state_bytes: int
    served: bool

    @property
    def decision(self) -> GateDecision:
        """The gate's decision on it."""
        return GateDecision.of(self.fields)

    @property
    def status(self) -> str:
        """One of served, refused, held, damaged; "" if it was served before."""
        if self.served:
            return "served"
        if self.damage:
            return "damaged"
        if self.decision.refused:
            return "refused"
        return "" if self.decision.held is None else "held"


def list_versions(artifacts: Path) -> list[VersionSummary]:
    """List the versions by ascending name, so by the time of their data."""
    current = served_name_or_none(artifacts)
    return [_summarize(artifacts, name, current) for name in directory_names(artifacts, "versions")]


def directory_names(artifacts: Path, kind: str) -> list[str]:
    """Return the names of the `versions` or `states`, ascending.

    Raises
    ------
    ArtifactError
        If they cannot be listed.
    """
    folder = artifacts / kind
    try:
        found = list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArtifactError(
            f"{folder}: {error_text(error)}; give permission, or repair the disk"
        ) from error
    return sorted(path.name for path in found if NAME_PATTERN.fullmatch(path.name))


def next_name(artifacts: Path, now: int) -> str:
    """Return the next unused name for data up to `now` (µs UTC); names are never used twice."""
    time = to_datetime(now).strftime("%Y%m%dT%H%M%SZ")
    used = (
        str(served_name_or_none(artifacts)),
        *directory_names(artifacts, "states"),
        *directory_names(artifacts, "versions"),
        *(str(entry.get("version")) for entry in audit.entries(artifacts)),
    )
    counters = [
        int(name.removeprefix(f"{time}-"))
        for name in used
        if name.startswith(f"{time}-") and name.removeprefix(f"{time}-").isdecimal()
    ]
    return f"{time}-{max(counters, default=0) + 1:03d}"


def _summarize(artifacts: Path, name: str, current: str | None) -> VersionSummary:
    path = artifacts / "versions" / name
    try:
        fields = read_manifest(path, "version")
        state = artifacts / "states" / named_state(path)[0]
    except ArtifactError as error:
        return VersionSummary(name, {}, str(error), 0, 0, name == current)
    try:
        state_bytes = _size(read_manifest(state, "state"))
    except ArtifactError:  # the version can be served without its state
        state_bytes = 0
    return VersionSummary(name, fields, "", _size(fields), state_bytes, name == current)


def _size(fields: Mapping[str, Any]) -> int:
    return sum(entry["bytes"] for entry in fields["files"].values())
