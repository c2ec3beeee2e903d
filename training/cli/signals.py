"""SIGINT and SIGTERM as an interrupt from the keyboard, which is never lost."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN: Final = 0.01
"""Seconds after which an interrupt that could reach nobody is raised again."""


def raise_interrupts() -> None:
    """Raise `KeyboardInterrupt` on SIGINT and on SIGTERM, which systemd and `timeout` send.

    One that comes while C code waits for a Python function, as LLVM does for numba's, goes no
    further than that function: Python tells of it and goes on. Such a one is raised again.
    """
    _handle(signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    sys.unraisablehook = _raise_again


def ignore() -> None:
    """Let no signal interrupt any more."""
    _handle(signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def interrupt_is_pending() -> bool:
    """Tell whether an interrupt is about to be raised again: what fails meanwhile is its doing."""
    return signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _handle(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _raise_again(told: "UnraisableHookArgs") -> None:
    if issubclass(told.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    else:
        sys.__unraisablehook__(told)
