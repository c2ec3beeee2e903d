"""The named errors of ymal and the exit code of each.

A user's mistake ends a command with one line on stderr and one of these codes, never a
traceback. `message` says where (file, row or key), what was found, and what to do.
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
EXIT_INTERRUPTED = 130


class YmalError(Exception):
    """Base of all errors that a user can mend."""

    exit_code: ClassVar[int] = EXIT_FAILURE


class UsageError(YmalError):
    """The command line or a call asks for something that cannot be."""

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
    """A version was written, and is not served: it differs too much from the one that is."""

    exit_code = EXIT_REFUSED


class BusyError(YmalError):
    """Another run is at work in the same directory, or has just published there."""

    exit_code = EXIT_BUSY


class WorseError(YmalError):
    """A run is worse than another in a metric that was to be watched."""

    exit_code = EXIT_WORSE


def is_interrupt(error: BaseException | None) -> bool:
    """Tell an interrupt from the keyboard, also in the form that a library gives it.

    Examples
    --------
    >>> is_interrupt(KeyboardInterrupt()), is_interrupt(RuntimeError("no memory"))
    (True, False)
    """
    match error:
        case RuntimeError():  # DuckDB's
            return str(error) == "Query interrupted"
        case SystemError():  # it came while numba called a compiled function
            return is_interrupt(error.__cause__)
        case _:
            return isinstance(error, KeyboardInterrupt)
