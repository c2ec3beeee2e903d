"""Publish a version and its state: write both, then serve them by one rename.

An artifacts directory holds `versions/NAME/`, `states/NAME/` and the pointer `current`. A name has
the data's time and a counter, so that names sort by age.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from recommender.artifact import open_version
from recommender.manifest import ArtifactError, read_manifest
from training.config import GateConfig, VersionsConfig
from training.errors import BusyError, OutputError
from training.records import InputFile, utc
from training.release import audit, gate, hold
from training.release.decision import GateDecision
from training.release.listing import next_name
from training.release.locks import directory_lock
from training.release.pointer import served_name_or_none, set_pointer
from training.release.retention import prune, remove_partial
from training.release.versions import read_version
from training.storage import Contents, StoredArrays, make_directory, write_directory

_DEFAULT_GATE: Final = GateConfig()
_DEFAULT_RETENTION: Final = VersionsConfig()


@dataclass(frozen=True)
class BaseVersion:
    """The version that a new one continues.

    Attributes
    ----------
    name : name of the version.
    contents : its fields and arrays; None to read them from disk.
    state : its state's arrays; unchanged arrays are linked instead of written again.
    """

    name: str
    contents: Contents | None = None
    state: StoredArrays | None = None


@dataclass(frozen=True)
class Publication:
    """A version to publish, with its state.

    Attributes
    ----------
    command : the command that publishes, for the audit.
    now : time up to which the data was read, µs UTC.
    version : the data for lookups: arrays of `lookup_arrays`, lists and rankings; the fields
        include `reasons` and `fallback`.
    state : the data for the next step.
    base : the version that this one continues, which must still be served; None for a fresh start.
    inputs : the input files, for the audit.
    gate : bounds of the figures. None if the lists equal those of the served version: it is then
        served without a check, even under a hold.
    causes : what is known of the cause of a figure, by its name.
    keep : which versions to keep.
    forced : why to serve the version even if the gate refuses it.
    """

    command: str
    now: int
    version: Contents
    state: Contents
    base: BaseVersion | None = None
    inputs: Sequence[InputFile] = ()
    gate: GateConfig | None = _DEFAULT_GATE
    causes: Mapping[str, str] = field(default_factory=dict)
    keep: VersionsConfig = _DEFAULT_RETENTION
    forced: str | None = None


@dataclass(frozen=True)
class Published:
    """A written version: its name and place, and whether it is served."""

    name: str
    version_dir: Path
    state_dir: Path
    decision: GateDecision


def publish(artifacts: Path, publication: Publication) -> Published:
    """Write a version and its state, and serve them unless the gate or a hold forbids it.

    The state is written first, then the version, and last the pointer, whose rename is the only
    commit. A failure before the rename does not change the served version. After it the new
    version is served, even if a later error is raised. Then old versions are pruned.

    Raises
    ------
    BusyError
        If another version than the base is served now, or if another run publishes for longer than
        a minute.
    OutputError
        If the directory cannot be written.
    """
    check_writable(artifacts)
    base = publication.base
    with directory_lock(artifacts):
        begin_change(artifacts)
        current = served_name_or_none(artifacts)
        if base is not None and current != base.name:
            raise BusyError(
                f"{artifacts}: another run published {current} while this one worked on "
                f"{base.name}; run again"
            )
        name = next_name(artifacts, publication.now)
        state, version = artifacts / "states" / name, artifacts / "versions" / name
        fields = {
            **publication.version.fields,
            "now": publication.now,
            "created": utc(time.time_ns() // 1000),
        }
        decision = _decide(artifacts, current, publication, fields)
        try:
            sha256 = write_directory(
                state, "state", *publication.state, None if base is None else base.state
            )
            fields["state"] = {"name": name, "sha256": sha256}
            fields["standing"] = decision.as_dict()
            stored = StoredArrays(state, publication.state.arrays)
            write_directory(version, "version", fields, publication.version.arrays, stored)
            open_version(version)  # never serve a version that a lookup cannot open
            if decision.may_serve:
                set_pointer(artifacts, name)
        except BaseException:
            # The rename may have succeeded before its flush failed.
            if served_name_or_none(artifacts) != name:
                for path in (version, state):
                    shutil.rmtree(path, ignore_errors=True)
            raise
        audit.append(
            artifacts,
            publication.command,
            version=name,
            served=name if decision.may_serve else None,
            follows=current,
            outside=decision.outside,
            forced=decision.forced,
            held=decision.held,
            inputs=audit.digest(publication.inputs),
        )
        prune(artifacts, publication.keep)
    return Published(name, version, state, decision)


def begin_change(artifacts: Path) -> None:
    """Remove the files of killed runs, and complete the audit. The directory must be locked."""
    remove_partial(artifacts)
    _complete_audit(artifacts)


def clean_up(artifacts: Path, keep: VersionsConfig) -> list[str]:
    """Remove the files of killed runs, and prune versions and states: see `prune`.

    Raises
    ------
    BusyError, OutputError
        As `publish`.
    """
    with directory_lock(artifacts):
        remove_partial(artifacts)
        gone = prune(artifacts, keep)
        _complete_audit(artifacts)  # last: a full disk has room for an entry only now
    return gone


def check_writable(artifacts: Path) -> None:
    """Check, before any work, that a version can be written.

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


def _complete_audit(artifacts: Path) -> None:
    """Add the served version as `found` if it has no entry.

    This happens if a run was killed between the pointer's rename and its entry, or if somebody
    changed the pointer by hand.
    """
    current = served_name_or_none(artifacts)
    if current is not None and audit.last_served(artifacts) != current:
        audit.append(artifacts, "found", served=current)


def _decide(
    artifacts: Path, current: str | None, publication: Publication, fields: dict[str, object]
) -> GateDecision:
    """Measure a version, by itself and against the served one, and decide whether to serve it."""
    bounds, made = publication.gate, Contents(fields, publication.version.arrays)
    if bounds is None:
        return _decision_of(artifacts, current)
    base = publication.base
    before = (base and base.contents) or _read_or_none(artifacts, current)
    figures = gate.version_figures(made) if before is None else gate.compare_figures(before, made)
    outside = gate.violations(figures, bounds, publication.causes)
    held = hold.read_hold(artifacts)
    return GateDecision(
        follows=current,
        figures={name: round(value, 4) for name, value in figures.items()},
        outside=outside,
        forced=publication.forced,
        held=str(held) if held else None,
    )


def _decision_of(artifacts: Path, current: str | None) -> GateDecision:
    """Repeat the served version's decision: a rollback goes to the version before that one."""
    if current is None:
        return GateDecision()
    before = GateDecision.of(read_manifest(artifacts / "versions" / current, "version"))
    return GateDecision(before.follows, before.figures)


def _read_or_none(artifacts: Path, name: str | None) -> Contents | None:
    """Read a version; None if it is missing, or damaged: the new one then replaces it."""
    try:
        return None if name is None else read_version(artifacts, name)
    except ArtifactError:
        return None
