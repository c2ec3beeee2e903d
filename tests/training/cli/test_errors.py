"""How an error ends a command, where a library has put another in an interrupt's place."""

import pytest

from training.cli.errors import INTERRUPTED, exit_status
from training.errors import EXIT_INTERRUPTED


def caused(by: BaseException) -> SystemError:
    error = SystemError("CPUDispatcher(…) returned a result with an exception set")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("Query interrupted"), caused(KeyboardInterrupt())]
)
def test_an_interrupt_is_one_line_in_whatever_library_it_came(error: BaseException) -> None:
    assert exit_status(error) == (EXIT_INTERRUPTED, INTERRUPTED)


@pytest.mark.parametrize(
    "error", [RuntimeError("no"), SystemError("no"), caused(ValueError("no")), ValueError("no")]
)
def test_a_fault_has_its_traceback(error: BaseException) -> None:
    assert exit_status(error) is None
