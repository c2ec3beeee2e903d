"""Release: write versions, check them in the gate, serve, roll back and prune them."""

from training.release.arrays import lookup_arrays
from training.release.audit import current_user, serving_history
from training.release.comparison import compare_versions
from training.release.decision import GateDecision
from training.release.hold import read_hold
from training.release.listing import VersionSummary, list_versions
from training.release.locks import command_lock, directory_lock
from training.release.manual import lift_hold, roll_back, serve_version, set_hold
from training.release.overrides import (
    change_overrides,
    gone_stories,
    keep_overrides,
    set_withdrawals,
)
from training.release.pointer import served_name
from training.release.publication import (
    BaseVersion,
    Publication,
    Published,
    check_writable,
    clean_up,
    publish,
)
from training.release.retention import remove_states
from training.release.versions import (
    manifest_number,
    read_state,
    read_version,
    state_directory,
    verify,
    version_directory,
)

__all__ = [
    "BaseVersion",
    "GateDecision",
    "Publication",
    "Published",
    "VersionSummary",
    "change_overrides",
    "check_writable",
    "clean_up",
    "command_lock",
    "compare_versions",
    "current_user",
    "directory_lock",
    "gone_stories",
    "keep_overrides",
    "lift_hold",
    "list_versions",
    "lookup_arrays",
    "manifest_number",
    "publish",
    "read_hold",
    "read_state",
    "read_version",
    "remove_states",
    "roll_back",
    "serve_version",
    "served_name",
    "serving_history",
    "set_hold",
    "set_withdrawals",
    "state_directory",
    "verify",
    "version_directory",
]
