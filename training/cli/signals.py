"""Raise `KeyboardInterrupt` on SIGINT and SIGTERM, reliably and never during an import."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_RETRY_SECONDS: Final = 0.01
"""Seconds until the retry of an interrupt that could not be raised."""

_IMPORT_SYSTEM: Final = "<frozen importlib._bootstrap>"
"""File name in the stack frames of an import."""


def raise_interrupts() -> None:
    """Raise `KeyboardInterrupt` on SIGINT and on SIGTERM, which systemd and `timeout` send.

    In two cases it is retried a little later. An interrupted import would leave a native module
    half loaded, and a second import of it aborts the process. In a Python function that C code
    calls, as LLVM calls numba's, Python prints the exception and continues.
    """
    _set_handler(_interrupt)
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _retry_unraised


def ignore() -> None:
    """Ignore all further interrupts."""
    _set_handler(signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def interrupt_is_pending() -> bool:
    """Return whether a retry is scheduled; an error raised now may come from that interrupt."""
    return signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _interrupt(_number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORT_SYSTEM:
            _retry()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _retry() -> None:
    signal.setitimer(signal.ITIMER_REAL, _RETRY_SECONDS)


def _set_handler(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _retry_unraised(unraisable: "UnraisableHookArgs") -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        _retry()
    else:
        sys.__unraisablehook__(unraisable)
