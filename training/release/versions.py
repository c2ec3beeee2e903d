"""The versions of an artifacts directory: which there are, what is served, what each holds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recommender.artifact import open_version
from recommender.manifest import (
    NAME,
    ArtifactError,
    broken,
    error_text,
    read_manifest,
    read_pointer,
    read_small,
)
from recommender.verify import ROWS
from recommender.verify import verify as verify_directory
from training.errors import UsageError
from training.records import to_datetime
from training.release import audit
from training.storage import Arrays, read_directory, replace_file

_POINTER: Final = "current"


@dataclass(frozen=True)
class GateDecision:
    """What was decided about a version when it was written.

    Attributes
    ----------
    follows : the version served before it, to go back to, or None.
    figures : by which it was compared with that one.
    outside : those that lay outside the bounds, a line each.
    forced : why it was served all the same; None where nobody forced it.
    held : the hold under which it was written, or None.
    """

    follows: str | None = None
    figures: Mapping[str, float] | None = None
    outside: tuple[str, ...] = ()
    forced: str | None = None
    held: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the gate kept it from being served."""
        return bool(self.outside) and self.forced is None

    @property
    def may_serve(self) -> bool:
        """Whether it was to be served."""
        return not self.refused and self.held is None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "GateDecision":
        """Read what a version's manifest says; one without it was simply served.

        What says something that cannot be read counts as held: only by hand it is served again.
        """
        match fields.get("standing"):
            case None:
                return cls()
            case {
                "follows": str() | None as follows,
                "figures": dict(figures),
                "outside": list(outside),
                "forced": str() | None as forced,
                "held": str() | None as held,
            } if all(type(value) in (int, float) for value in figures.values()):
                return cls(follows, figures, tuple(map(str, outside)), forced, held)
            case _:
                return cls(held="what its manifest says of its standing cannot be read")

    def as_dict(self) -> dict[str, object]:
        """Give it as the manifest has it."""
        return {
            "follows": self.follows,
            "figures": dict(self.figures or {}),
            "outside": list(self.outside),
            "forced": self.forced,
            "held": self.held,
        }


@dataclass(frozen=True)
class VersionSummary:
    """A version as its manifest describes it.

    Attributes
    ----------
    name : the version's.
    fields : its manifest; empty where that cannot be used.
    damage : why it cannot be used, or "".
    bytes, state_bytes : sizes of its arrays, and of those of its state (0 where that is gone or
        damaged).
    served : whether the pointer names it.
    """

    name: str
    fields: Mapping[str, Any]
    damage: str
    bytes: int
    state_bytes: int
    served: bool

    @property
    def standing(self) -> GateDecision:
        """What was decided about it."""
        return GateDecision.of(self.fields)

    @property
    def status(self) -> str:
        """What it is, in a word: served, refused, held, damaged, or "" for one that was served."""
        if self.served:
            return "served"
        if self.damage:
            return "damaged"
        if self.standing.refused:
            return "refused"
        return "" if self.standing.held is None else "held"


def manifest_number(fields: Mapping[str, Any], *names: str) -> float | None:
    """Give the number that stands under names within names of a manifest; None where none does."""
    value: object = fields
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def served_name(artifacts: Path) -> str:
    """Give the name of the served version.

    Raises
    ------
    ArtifactError
        If there is none.
    """
    return read_pointer(artifacts)


def served_name_or_none(artifacts: Path) -> str | None:
    """Give the name of the served version; None where there is none that can be told."""
    try:
        return read_pointer(artifacts)
    except ArtifactError:
        return None


def point(artifacts: Path, name: str) -> None:
    """Let a version be served: the one commit. The directory must be locked.

    Raises
    ------
    OutputError
        If the pointer cannot be written; the old one stays.
    """
    replace_file(artifacts / _POINTER, f"{name}\n".encode())


def version_directory(artifacts: Path, name: str) -> Path:
    """Give the directory of a version.

    Raises
    ------
    UsageError
        If there is no such version.
    """
    path = artifacts / "versions" / name
    if not NAME.fullmatch(name) or not path.is_dir():
        raise UsageError(f"no version {name} in {artifacts}: ymal versions lists them")
    return path


def list_versions(artifacts: Path) -> list[VersionSummary]:
    """Give the versions of an artifacts directory, oldest first: names sort by the data's time."""
    current = served_name_or_none(artifacts)
    return [_listed(artifacts, name, current) for name in names(artifacts, "versions")]


def names(artifacts: Path, kind: str) -> list[str]:
    """Give the names of the `versions` or `states`, ascending.

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
            f"{folder}: {error_text(error)}; give permission, or mend it"
        ) from error
    return sorted(path.name for path in found if NAME.fullmatch(path.name))


def next_name(artifacts: Path, now: int) -> str:
    """Give the name after all that bear this time (µs UTC), also of what is gone since."""
    time = to_datetime(now).strftime("%Y%m%dT%H%M%SZ")
    taken = (
        str(served_name_or_none(artifacts)),
        *names(artifacts, "states"),
        *names(artifacts, "versions"),
        *(str(entry.get("version")) for entry in audit.entries(artifacts)),
    )
    counters = [
        int(name.removeprefix(f"{time}-"))
        for name in taken
        if name.startswith(f"{time}-") and name.removeprefix(f"{time}-").isdecimal()
    ]
    return f"{time}-{max(counters, default=0) + 1:03d}"


def read(artifacts: Path, name: str, kind: str) -> tuple[dict[str, Any], Arrays]:
    """Read the fields and arrays of a version or of its state, every byte checked.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    if kind == "state":
        return read_directory(state_directory(artifacts, name), kind)
    path = artifacts / "versions" / name
    fields, arrays = read_directory(path, kind)
    open_version(path)  # whose arrays have the types and lengths that belong together
    _check_rows(path, arrays)
    return fields, arrays


def _check_rows(path: Path, arrays: Arrays) -> None:
    """Check that rows and offsets of a version are within what they speak of."""
    articles = len(arrays["sections"])
    for name in ROWS:
        rows = arrays[name]
        if len(rows) and not (rows.min() >= 0 and rows.max() < articles):
            broken(path / f"{name}.npy", f"it holds values outside 0 … {articles - 1}")
    for name in ("list_ends", "id_ends"):
        if (arrays[name][1:] < arrays[name][:-1]).any():
            broken(path / f"{name}.npy", "its offsets do not ascend")


def state_directory(artifacts: Path, name: str) -> Path:
    """Give where the state of a version lies, its manifest being the one that the version names.

    Raises
    ------
    ArtifactError
        If one of the two is missing or damaged.
    """
    version = artifacts / "versions" / name
    name, sha256 = _state_of(version)
    state = artifacts / "states" / name
    read_manifest(state, "state")
    manifest = state / "manifest.json"
    if hashlib.sha256(read_small(manifest)).hexdigest() != sha256:
        raise ArtifactError(f"{manifest}: it is not the one that {version} names; run ymal train")
    return state


def _state_of(version: Path) -> tuple[str, str]:
    """Give name and manifest checksum of the state that a version names."""
    state = read_manifest(version, "version").get("state")
    match state:
        case {"name": str(name), "sha256": str(sha256)} if NAME.fullmatch(name):
            return name, sha256
        case _:
            raise ArtifactError(f"{version / 'manifest.json'}: it names no state; run ymal train")


def verify(artifacts: Path) -> dict[str, str | int]:
    """Check every byte of the served version and of its state.

    Returns
    -------
    dict
        `version` and `state`, their names; `files` and `bytes`, the arrays read.

    Raises
    ------
    ArtifactError
        At the first thing wrong; also where the state is not the one that the version names.
    """
    name = served_name(artifacts)
    version = artifacts / "versions" / name
    report = verify_directory(version, "version")
    state = state_directory(artifacts, name)
    state_report = verify_directory(state, "state")
    return {
        "version": name,
        "state": state.name,
        **{part: report[part] + state_report[part] for part in ("files", "bytes")},
    }


def _listed(artifacts: Path, name: str, current: str | None) -> VersionSummary:
    path = artifacts / "versions" / name
    try:
        fields = read_manifest(path, "version")
        state = artifacts / "states" / _state_of(path)[0]
    except ArtifactError as error:
        return VersionSummary(name, {}, str(error), 0, 0, name == current)
    try:
        state_bytes = _size(read_manifest(state, "state"))
    except ArtifactError:  # what it shows is whole, and its standing is what it was
        state_bytes = 0
    return VersionSummary(name, fields, "", _size(fields), state_bytes, name == current)


def _size(fields: Mapping[str, Any]) -> int:
    return sum(entry["bytes"] for entry in fields["files"].values())
