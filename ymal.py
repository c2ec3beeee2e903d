"""The command `ymal`. An interrupt ends it with one line, even during the imports."""

import contextlib
import os
import signal
import sys
import tempfile
from types import FrameType

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Import the command line, which takes up to a second, and run it."""
    for number in _INTERRUPTS:
        if signal.getsignal(number) != signal.SIG_IGN:  # a script's background job ignores it
            signal.signal(number, _leave)
    _find_temporary_folder()
    from training.cli import main as run

    run()


def _find_temporary_folder() -> None:
    """Let `tempfile` try the folder now: it writes a file, which an interrupt would leave there."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    with contextlib.suppress(OSError):  # whoever needs the folder says that there is none
        tempfile.gettempdir()
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Exit immediately: no work has started."""
    sys.stderr.write("ymal: interrupted before it started\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
