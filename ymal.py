"""The command `ymal`. An interrupt ends it with one line, even during the imports."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Import the command line, which takes up to a second, and run it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # a script's background job ignores it
            signal.signal(number, _leave)
    from training.cli import main as run

    run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Exit immediately: no work has started."""
    sys.stderr.write("ymal: interrupted before it started\n")
    sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
