"""Release: what is served, how it comes to be served, and what stays of what was."""

from training.release.arrays import lookup_arrays
from training.release.audit import served_since, user
from training.release.comparing import compare
from training.release.hold import read as held
from training.release.locks import locked, running
from training.release.overriding import change_overrides, keep_overrides
from training.release.publishing import WRITTEN, Published, publish, tidy, writable
from training.release.serving import lift_hold, roll_back, serve, set_hold
from training.release.sweeping import remove_states
from training.release.versions import (
    Listed,
    Standing,
    listed,
    number,
    read,
    served,
    state_directory,
    verify,
    version_directory,
)

__all__ = [
    "WRITTEN",
    "Listed",
    "Published",
    "Standing",
    "change_overrides",
    "compare",
    "held",
    "keep_overrides",
    "lift_hold",
    "listed",
    "locked",
    "lookup_arrays",
    "number",
    "publish",
    "read",
    "remove_states",
    "roll_back",
    "running",
    "serve",
    "served",
    "served_since",
    "set_hold",
    "state_directory",
    "tidy",
    "user",
    "verify",
    "version_directory",
    "writable",
]
