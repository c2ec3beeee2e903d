"""A hold: later runs write versions without serving them, until the hold is lifted."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from recommender.manifest import read_small
from training.records import utc
from training.release import audit
from training.storage import removal_errors, replace_file

FILE: Final = "hold.json"


@dataclass(frozen=True)
class Hold:
    """The time, author and reason of a hold."""

    when: str
    who: str
    why: str

    def __str__(self) -> str:
        reason = f": {' '.join(self.why.split())}" if self.why else ""
        return f"held since {self.when} by {self.who}{reason}"


def read_hold(artifacts: Path) -> Hold | None:
    """Return the hold of an artifacts directory; a file that cannot be read counts as a hold."""
    path = artifacts / FILE
    if not path.is_symlink() and not path.exists():
        return None
    try:
        fields = json.loads(read_small(path))
        return Hold(*(str(fields[name]) for name in ("when", "who", "why")))
    except Exception:  # a damaged file must not let a version through
        return Hold("an unknown time", "someone", f"{path} cannot be read")


def set_hold(artifacts: Path, why: str) -> Hold:
    """Set the hold of an artifacts directory, which must be locked."""
    hold = Hold(utc(time.time_ns() // 1000), audit.current_user(), why)
    text = json.dumps(asdict(hold), ensure_ascii=False)
    replace_file(artifacts / FILE, text.encode("utf-8", "backslashreplace"))
    return hold


def lift(artifacts: Path) -> None:
    """Lift the hold of an artifacts directory, which must be locked.

    Raises
    ------
    OutputError
        If it cannot be removed.
    """
    path = artifacts / FILE
    with removal_errors(path):
        path.unlink(missing_ok=True)
