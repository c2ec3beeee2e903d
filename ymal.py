"""The command `ymal`; an interrupt ends it with one line, even while it still loads."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Load the command line, which takes up to a second, and run it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as it is for a script's background job
            signal.signal(number, _leave)
    from training.cli import main as run

    run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Exit at once: no work has started."""
    sys.stderr.write("ymal: interrupted before it started\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
