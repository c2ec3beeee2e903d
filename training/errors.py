"""The exceptions of ymal and their exit codes.

A user's mistake ends a command with one line on stderr and one of these codes, without a
traceback. The message names the place (file, row or key), the problem, and the remedy.
"""

from typing import ClassVar

EXIT_OK = 0
EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_CONFIG = 3
EXIT_DATA = 4
EXIT_ARTIFACT = 5
EXIT_OUTPUT = 6
EXIT_REFUSED = 7
EXIT_BUSY = 8
EXIT_WORSE = 9
EXIT_UNKNOWN_WITHDRAWAL = 10
EXIT_INTERRUPTED = 130


class YmalError(Exception):
    """Base class of all errors that a user can fix."""

    exit_code: ClassVar[int] = EXIT_FAILURE


class UsageError(YmalError):
    """The command line, or an argument of a function, is invalid."""

    exit_code = EXIT_USAGE


class ConfigError(YmalError):
    """The configuration has an unknown key, a wrong type or a value out of range."""

    exit_code = EXIT_CONFIG


class DataError(YmalError):
    """An input file breaks the contract of its columns."""

    exit_code = EXIT_DATA


class OutputError(YmalError):
    """A directory or file cannot be written."""

    exit_code = EXIT_OUTPUT


class RefusedError(YmalError):
    """The gate refused a version: it makes no sense, or differs too much from the served one."""

    exit_code = EXIT_REFUSED


class BusyError(YmalError):
    """Another run uses the same directory, or has just published there."""

    exit_code = EXIT_BUSY


class WorseError(YmalError):
    """An evaluation is worse than another in a metric of `--fail-if-worse`."""

    exit_code = EXIT_WORSE


class UnknownWithdrawalError(YmalError):
    """The articles' `withdrawn` holds a value that is neither a known yes nor a known no.

    The other withdrawals of the input are in force; nothing new is published.
    """

    exit_code = EXIT_UNKNOWN_WITHDRAWAL


def is_interrupt(error: BaseException | None) -> bool:
    """Return whether an error is a keyboard interrupt, also as a library reports it.

    Examples
    --------
    >>> is_interrupt(KeyboardInterrupt()), is_interrupt(RuntimeError("no memory"))
    (True, False)
    """
    match error:
        case RuntimeError():  # DuckDB's
            return str(error) == "Query interrupted"
        case SystemError():  # raised while numba calls a compiled function
            return is_interrupt(error.__cause__)
        case _:
            return isinstance(error, KeyboardInterrupt)
