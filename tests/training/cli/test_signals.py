"""An interrupt that cannot be raised at once is raised a little later."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.cli.commands import interruptible
from training.cli.errors import INTERRUPTED
from training.errors import EXIT_INTERRUPTED, EXIT_OK

IN_A_CALLBACK = """
import ctypes, os, signal, sys, time
from training import cli

@ctypes.CFUNCTYPE(None)
def interrupted():
    {heard}

def run(arguments):
    interrupted()
    {then}
    return 0

cli.{name} = run
cli.main()
"""

INTERRUPTS = "os.kill(os.getpid(), signal.{})"


def ended(**parts: str) -> tuple[int, str]:
    code = IN_A_CALLBACK.format(**{"name": "run", **parts})
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=interruptible,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_an_interrupt_in_a_callback_of_c_ends_the_command(signal: str) -> None:
    result = ended(heard=INTERRUPTS.format(signal), then="time.sleep(60)")
    assert result == (EXIT_INTERRUPTED, f"ymal: {INTERRUPTED}\n")


def test_an_error_while_an_interrupt_is_pending_counts_as_the_interrupt() -> None:
    fails = "raise RuntimeError('no compiled object yet')"
    result = ended(heard=INTERRUPTS.format("SIGINT"), then=fails, name="commands")
    assert result == (EXIT_INTERRUPTED, f"ymal: {INTERRUPTED}\n")


def test_another_unraisable_error_is_reported_as_usual() -> None:
    code, stderr = ended(heard="raise ValueError('no number')", then="pass")
    assert code == EXIT_OK
    assert stderr.splitlines()[0].startswith(
        "Exception ignored on calling ctypes callback function"
    )
    assert stderr.splitlines()[-1] == "ValueError: no number"


def test_an_interrupt_during_an_import_comes_after_it(tmp_path: Path) -> None:
    (tmp_path / "native.py").write_text(
        "import os, signal, time\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "time.sleep(0.1)\n"
        "print('loaded', flush=True)\n"
    )
    code = (
        "import sys, time\n"
        "from training import cli\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "def run(arguments):\n"
        "    import native\n"
        "    time.sleep(60)\n"
        "cli.run = run\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=interruptible,
    )
    assert (done.returncode, done.stdout) == (EXIT_INTERRUPTED, "loaded\n")
    assert done.stderr == f"ymal: {INTERRUPTED}\n"
