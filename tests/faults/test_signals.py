"""SIGINT and SIGTERM at seeded moments of the commands that read a site's files."""

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.faults.files import held
from benchmarks.faults.site import damage, left_over
from tests.thorough import THOROUGH
from tests.training.cli.commands import YMAL, interruptible, simulate_site, ymal
from training.cli.errors import INTERRUPTED
from training.errors import EXIT_INTERRUPTED, EXIT_OK
from training.release import served_name

INTERRUPTED_STDERR = {f"ymal: {INTERRUPTED}\n", "ymal: interrupted before it started\n"}
COMMANDS = {
    "init": ["--articles", "articles.jsonl", "--views", "views.csv", "--force"],
    "check": ["--quiet"],
    "train": ["--quiet"],
    "refresh": ["--quiet", "--articles", "articles.jsonl", "--views", "views.csv"],
}
MOMENTS = 8 if THOROUGH else 2
"""Signals for each command."""
START_UP_SECONDS = 1.5
"""Time in which a command imports its modules."""
START_UP_SIGNALS = 300 if THOROUGH else 4
"""Signals during start-up."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = simulate_site(tmp_path_factory.mktemp("signals"), 150, 4, 300)
    ymal("train", "--now", "2026-05-31T00:00:00Z", "--quiet", cwd=folder)
    return folder


def hears(process: subprocess.Popen[str]) -> bool:
    """Return whether a process has come to handle SIGTERM; before that Python itself starts."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def interrupted(
    command: list[str], folder: Path, temporary: Path, number: int, wait: float
) -> tuple[int, str]:
    """Send a command a signal some seconds after it has begun; return its code and stderr."""
    with subprocess.Popen(
        [YMAL, *command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    ) as run:
        while run.poll() is None and not hears(run):
            time.sleep(0.001)
        time.sleep(wait)
        run.send_signal(number)
        _, stderr = run.communicate(timeout=300)
    return run.returncode, stderr


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_at_any_moment_is_one_line_and_leaves_nothing(
    site: Path, tmp_path: Path, command: str
) -> None:
    draw = random.Random(command)  # noqa: S311
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    begun = time.monotonic()
    folder = tmp_path / "whole"
    shutil.copytree(site, folder)
    ymal(command, *COMMANDS[command], cwd=folder)
    length = time.monotonic() - begun
    codes = []
    for moment in range(MOMENTS):
        folder = tmp_path / str(moment)
        shutil.copytree(site, folder)
        name = served_name(folder / "artifacts")
        before = held(folder / "artifacts", name)
        number = (signal.SIGTERM, signal.SIGINT)[moment % 2]
        wait = length * (moment + draw.random()) / MOMENTS
        code, stderr = interrupted([command, *COMMANDS[command]], folder, temporary, number, wait)
        codes.append(code)
        assert code in (EXIT_OK, EXIT_INTERRUPTED), stderr
        assert stderr in (INTERRUPTED_STDERR if code else {""}), (wait, stderr)
        assert held(folder / "artifacts", name) == before
        assert damage(folder / "artifacts") == ""
        assert left_over(folder / "artifacts") == []
        assert list(folder.rglob("*.partial")) == []
        assert list(temporary.iterdir()) == []
    assert EXIT_INTERRUPTED in codes


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_signal_while_native_modules_load_is_one_line(site: Path, tmp_path: Path) -> None:
    draw = random.Random(24)  # noqa: S311
    command = ["refresh", *COMMANDS["refresh"]]
    for moment in range(START_UP_SIGNALS):
        wait = START_UP_SECONDS * (moment + draw.random()) / START_UP_SIGNALS
        number = (signal.SIGTERM, signal.SIGINT)[moment % 2]
        code, stderr = interrupted(command, site, tmp_path, number, wait)
        assert code in (EXIT_OK, EXIT_INTERRUPTED), (wait, stderr)
        assert stderr in (INTERRUPTED_STDERR if code else {""}), (wait, stderr)
