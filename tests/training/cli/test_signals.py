"""An interrupt that cannot be raised at once is raised a little later."""

import sys
from pathlib import Path

import pytest

from tests.processes import run_program
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
    done = run_program([sys.executable, "-c", code], preexec_fn=interruptible)
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
    done = run_program([sys.executable, "-c", code], preexec_fn=interruptible)
    assert (done.returncode, done.stdout) == (EXIT_INTERRUPTED, "loaded\n")
    assert done.stderr == f"ymal: {INTERRUPTED}\n"


AT_EVERY_LINE = """
import os, signal, sys
import ymal
from training import cli
from training.cli import signals

cli.run = lambda arguments: 0
files = {ymal.__file__, cli.__file__, signals.__file__}

def interrupted(line):
    def trace(frame, event, argument):
        nonlocal line
        handled = signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        line -= event == "line" and frame.f_code.co_filename in files and handled
        if event == "line" and line == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        return trace

    sys.settrace(trace)
    try:
        ymal.main()
    finally:
        sys.settrace(None)
        if line > 0:
            os._exit(99)

line = 0
while True:
    line += 1
    child = os.fork()
    if not child:
        interrupted(line)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 99:
        break
    print(code, end="|", file=sys.stderr, flush=True)
"""
"""Run a command again and again, each time with a signal one line later; print what came of it."""


def test_an_interrupt_at_any_line_of_the_start_is_one_line() -> None:
    done = run_program([sys.executable, "-c", AT_EVERY_LINE])
    assert set(done.stderr.split("|")) == {
        f"ymal: interrupted before it started\n{EXIT_INTERRUPTED}",
        f"ymal: {INTERRUPTED}\n{EXIT_INTERRUPTED}",
        f"{EXIT_OK}",
        "",
    }
