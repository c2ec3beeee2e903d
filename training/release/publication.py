"""Publishing: a version and its state become the served ones, by one rename.

An artifacts directory holds `versions/NAME/`, `states/NAME/` and `current`, a small file with the
name of the version served. A name is the data's time and a counter, so that names sort by age.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy.typing as npt

from recommender.artifact import open_version
from recommender.manifest import ArtifactError, read_manifest
from training.config import GateConfig, VersionsConfig
from training.errors import BusyError, OutputError
from training.records import InputFile, utc
from training.release import audit, gate, hold
from training.release.locks import directory_lock
from training.release.retention import prune, sweep
from training.release.versions import GateDecision, next_name, point, read, served_name_or_none
from training.storage import Arrays, StoredArrays, make_directory, write_directory

WRITTEN: Final = frozenset({"now", "created", "state", "standing"})
"""Fields of a version's manifest that `publish` writes itself."""


@dataclass(frozen=True)
class Published:
    """What was written, where it lies, and whether it is served."""

    name: str
    version_dir: Path
    state_dir: Path
    standing: GateDecision


def publish(
    artifacts: Path,
    *,
    command: str,
    now: int,
    base: str | None = None,
    shown: tuple[Mapping[str, Any], Arrays] | None = None,
    version_fields: Mapping[str, object],
    version_arrays: Mapping[str, npt.NDArray[Any]],
    state_fields: Mapping[str, object],
    state_arrays: Mapping[str, npt.NDArray[Any]],
    state_before: StoredArrays | None = None,
    inputs: Sequence[InputFile] = (),
    bounds: GateConfig | None = GateConfig(),  # noqa: B008 - it cannot change
    keep: VersionsConfig = VersionsConfig(),  # noqa: B008
    forced: str | None = None,
) -> Published:
    """Write a version and its state, and serve them, unless the gate or a hold forbids it.

    The state is written first, the version, and last the pointer, whose rename is the only commit.
    What fails before it leaves the served version as it was; should the disk refuse after it, the
    new version is served and the error still raised. Then old versions are pruned.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory; made where it is missing.
    command : str
        By which command, for the audit.
    now : int
        Time up to which the data was read, µs UTC.
    base : str or None
        The version that this one carries on, which must still be served; None for a fresh start.
    shown : tuple or None
        Fields and arrays of `base`, where they were read already.
    version_fields, version_arrays
        Those of `lookup_arrays`, lists and rankings; `reasons` and `fallback` among the fields.
    state_fields, state_arrays
        What the next step needs.
    state_before : StoredArrays or None
        The state that was carried on.
    inputs : sequence of InputFile
        What was read, for the audit.
    bounds : GateConfig or None
        What must hold against the served version. None where the version shows just what that one
        shows: then it is served whatever is held.
    keep : VersionsConfig
        Which versions stay.
    forced : str or None
        Why the version is to be served although figures lie outside the bounds.

    Returns
    -------
    Published

    Raises
    ------
    BusyError
        If another version than `base` is served by now, or another run publishes for longer than a
        minute.
    OutputError
        If the directory cannot be written.
    """
    check_writable(artifacts)
    with directory_lock(artifacts):
        begin(artifacts)
        current = served_name_or_none(artifacts)
        if base is not None and current != base:
            raise BusyError(
                f"{artifacts}: {current} was published meanwhile, not {base} carried on; run again"
            )
        name = next_name(artifacts, now)
        state = artifacts / "states" / name
        version = artifacts / "versions" / name
        fields = {**version_fields, "now": now, "created": utc(time.time_ns() // 1000)}
        if bounds is None:
            standing = _same_again(artifacts, current)
        else:
            before = shown or _readable(artifacts, current)
            figures, outside = _judged(before, (fields, dict(version_arrays)), bounds)
            held = hold.read_hold(artifacts)
            standing = GateDecision(current, figures, outside, forced, str(held) if held else None)
        try:
            state_sha256 = write_directory(state, "state", state_fields, state_arrays, state_before)
            fields["state"] = {"name": name, "sha256": state_sha256}
            fields["standing"] = standing.as_dict()
            stored = StoredArrays(state, state_arrays)
            write_directory(version, "version", fields, version_arrays, stored)
            open_version(version)  # one that no lookup could open must not be served
            if standing.may_serve:
                point(artifacts, name)
        except BaseException:
            if served_name_or_none(artifacts) != name:  # the pointer may be there, and not flushed
                for path in (version, state):
                    shutil.rmtree(path, ignore_errors=True)
            raise
        audit.append(
            artifacts,
            command,
            version=name,
            served=name if standing.may_serve else None,
            follows=current,
            outside=standing.outside,
            forced=forced,
            held=standing.held,
            inputs=audit.digest(inputs),
        )
        prune(artifacts, keep)
    return Published(name, version, state, standing)


def begin(artifacts: Path) -> None:
    """Begin to change a directory, which must be locked: left-overs go, the audit catches up.

    A run that was killed between the pointer's rename and its entry, or a pointer that was changed
    by hand, leaves a served version that no entry explains: it is entered as `found`.
    """
    sweep(artifacts)
    _catch_up(artifacts)


def _catch_up(artifacts: Path) -> None:
    current = served_name_or_none(artifacts)
    if current is not None and audit.last_served(artifacts) != current:
        audit.append(artifacts, "found", served=current)


def clean_up(artifacts: Path, keep: VersionsConfig) -> list[str]:
    """Remove left-overs, and versions and states beyond those that stay: see `prune`.

    Raises
    ------
    BusyError, OutputError
        As `publish`.
    """
    with directory_lock(artifacts):
        sweep(artifacts)
        gone = prune(artifacts, keep)
        _catch_up(artifacts)  # last: on a full disk there is room for an entry only now
    return gone


def check_writable(artifacts: Path) -> None:
    """Make sure, before any work, that a version could be written.

    Raises
    ------
    OutputError
        If the directory or one of its parts cannot be made or written.
    """
    for directory in (artifacts, artifacts / "states", artifacts / "versions"):
        try:
            make_directory(directory)
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError as error:
            raise OutputError(
                f"{directory}: cannot be written ({error.strerror}); name another directory by "
                "--artifacts, or give permission"
            ) from error


def _judged(
    before: tuple[Mapping[str, Any], Arrays] | None,
    made: tuple[Mapping[str, Any], Arrays],
    bounds: GateConfig,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Give the figures of a version beside the served one, and what lies outside the bounds."""
    figures = gate.measure(*made) if before is None else gate.against(before, made)
    outside = () if before is None else gate.outside(figures, bounds)
    return {name: round(value, 4) for name, value in figures.items()}, outside


def _same_again(artifacts: Path, current: str | None) -> GateDecision:
    """Give the standing of what shows the same as the served: going back goes behind that one."""
    if current is None:
        return GateDecision()
    before = GateDecision.of(read_manifest(artifacts / "versions" / current, "version"))
    return GateDecision(before.follows, before.figures)


def _readable(artifacts: Path, name: str | None) -> tuple[dict[str, Any], Arrays] | None:
    """Read a version; None where there is none or it is damaged, which a new one shall mend."""
    try:
        return None if name is None else read(artifacts, name, "version")
    except ArtifactError:
        return None
