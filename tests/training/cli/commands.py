"""Running the real commands."""

import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

from tests.processes import PATIENCE, run_program
from tests.warm import Forked, warm
from training.simulate import simulate

YMAL = Path(sys.executable).parent / "ymal"


def ymal(*arguments: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that is forked for it."""
    return _ended(warm().run([*map(str, arguments)], cwd, PATIENCE), code)


def begun(*arguments: object, cwd: Path) -> AbstractContextManager[Forked]:
    """Begin a command in a process that is forked for it; it is killed at the context's end."""
    return warm().start([*map(str, arguments)], cwd)


def await_text(run: Forked, file: Path, text: str) -> None:
    """Wait until a command at work has written a text."""
    while text not in file.read_text():
        assert run.poll() is None, run.err.read_text()
        time.sleep(0.02)


def started(*arguments: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that is started for it, as a user does."""
    done = run_program([YMAL, *arguments], cwd=cwd)
    return _ended(done, code)


def _ended(done: subprocess.CompletedProcess[str], code: int) -> subprocess.CompletedProcess[str]:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def simulate_site(folder: Path, articles: int, days: int, readers: int) -> Path:
    """Simulate a site in this process."""
    return simulate(folder, articles=articles, days=days, readers=readers).out


def interruptible() -> None:
    """Let SIGINT reach a child, also where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def failure(*arguments: object, cwd: Path, code: int) -> str:
    """Run a command that must fail: one line on stderr, nothing on stdout."""
    done = ymal(*arguments, cwd=cwd, code=code)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr
