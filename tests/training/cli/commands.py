"""Running the real commands."""

import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.faults.warm import warm

YMAL = Path(sys.executable).parent / "ymal"
PATIENCE = 300
"""Seconds after which a command counts as hung."""


def ymal(*arguments: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that is forked for it."""
    return _ended(warm().run([*map(str, arguments)], cwd, PATIENCE), code)


def started(*arguments: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that is started for it, as a user does."""
    done = subprocess.run(
        [YMAL, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return _ended(done, code)


def _ended(done: subprocess.CompletedProcess[str], code: int) -> subprocess.CompletedProcess[str]:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def interruptible() -> None:
    """Let SIGINT reach a child, also where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def failure(*arguments: object, cwd: Path, code: int) -> str:
    """Run a command that must fail: one line on stderr, nothing on stdout."""
    done = ymal(*arguments, cwd=cwd, code=code)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr
