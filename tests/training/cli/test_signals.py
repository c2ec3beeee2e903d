"""An interrupt that comes where Python can raise it to nobody is not lost."""

import subprocess
import sys

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
    told = ended(heard=INTERRUPTS.format(signal), then="time.sleep(60)")
    assert told == (EXIT_INTERRUPTED, f"ymal: {INTERRUPTED}\n")


def test_what_fails_for_want_of_the_callback_is_the_interrupts_doing() -> None:
    fails = "raise RuntimeError('no compiled object yet')"
    told = ended(heard=INTERRUPTS.format("SIGINT"), then=fails, name="commands")
    assert told == (EXIT_INTERRUPTED, f"ymal: {INTERRUPTED}\n")


def test_another_error_that_reaches_nobody_is_told_as_ever() -> None:
    code, said = ended(heard="raise ValueError('no number')", then="pass")
    assert code == EXIT_OK
    assert said.splitlines()[0].startswith("Exception ignored on calling ctypes callback function")
    assert said.splitlines()[-1] == "ValueError: no number"
