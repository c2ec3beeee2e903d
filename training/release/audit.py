"""The audit log of an artifacts directory: each change, its time and its author, as JSON lines.

Commands append to `audit.jsonl` under the directory's lock. The log is only a record: the pointer
alone determines the served version.
"""

import getpass
import hashlib
import json
import os
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from training.errors import OutputError
from training.records import InputFile, utc

FILE: Final = "audit.jsonl"
_TAIL: Final = 1 << 20


def append(artifacts: Path, what: str, **facts: object) -> None:
    """Append an entry and flush it to disk; facts that are None or empty are left out.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory, locked.
    what : str
        The command, such as `refresh` or `rollback`; `found` for a served version without an entry.
    **facts
        JSON values.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = artifacts / FILE
    given = {name: value for name, value in facts.items() if value}
    entry = {"when": utc(time.time_ns() // 1000), "what": what, "who": current_user(), **given}
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    try:
        with path.open("ab+") as file:
            if file.tell() and _last_byte(file.fileno(), file.tell()) != b"\n":
                line = b"\n" + line  # ends a line that a killed run left incomplete
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); make room") from error


def entries(artifacts: Path) -> list[dict[str, Any]]:
    """Return the entries of the file's last megabyte, oldest first; damaged lines are skipped.

    Raises
    ------
    OutputError
        If the file cannot be read.
    """
    path = artifacts / FILE
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be read ({error.strerror}); give permission, or move it away"
        ) from error
    found = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("what"), str):
            found.append(entry)
    return found


def last_served(artifacts: Path) -> str | None:
    """Return the version that was served last, from the audit; None if there is no entry."""
    for entry in reversed(entries(artifacts)):
        served = entry.get("served")
        if isinstance(served, str):
            return served
    return None


def serving_history(artifacts: Path) -> list[tuple[int, str]]:
    """Return when each version began to be served, µs UTC, oldest first, from the audit."""
    served = ((_moment(entry.get("when")), entry.get("served")) for entry in entries(artifacts))
    return sorted(
        (when, version) for when, version in served if when is not None and isinstance(version, str)
    )


def _moment(when: object) -> int | None:
    """Parse the time of an entry, µs UTC; None if it cannot be parsed."""
    try:
        return int(datetime.fromisoformat(str(when)).timestamp()) * 1_000_000
    except ValueError:
        return None


def digest(inputs: Iterable[InputFile]) -> dict[str, object]:
    """Summarize input files: their number, bytes, and a SHA-256 over their SHA-256s in order."""
    files = list(inputs)
    joined = "".join(file.sha256 for file in files).encode()
    return {
        "files": len(files),
        "bytes": sum(file.bytes for file in files),
        "sha256": hashlib.sha256(joined).hexdigest(),
    }


def current_user() -> str:
    """Return the name of the user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container, a user id may have no name
        return f"uid {os.getuid()}"


def _last_byte(handle: int, size: int) -> bytes:
    return os.pread(handle, 1, size - 1)
