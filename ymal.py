"""The command `ymal`, which an interrupt ends in one line from its first moment on."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line; what it needs takes a second to load, and is loaded here."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as of a job in a script's background
            signal.signal(number, _leave)
    from training.cli import main as run

    run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End at once: nothing has been begun."""
    sys.stderr.write("ymal: interrupted; nothing was begun\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
