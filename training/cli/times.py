"""Parse times and durations of the command line."""

from datetime import UTC, datetime

from training.config import duration
from training.errors import UsageError

EARLIEST = 1980
LATEST = 2100


def read_moment(text: str, option: str = "--now") -> int:
    """Parse the ISO 8601 time of an option, UTC unless it names a zone, as µs since 1970.

    Raises
    ------
    UsageError
        If the text is not a time, or its year is not in 1980 to 2099.

    Examples
    --------
    >>> read_moment("2000-01-01T00:00:01Z")
    946684801000000
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text}: not a time; write ISO 8601, such as 2026-06-01T06:00:00Z"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment.year < LATEST:
        raise UsageError(f"{option} {text}: not between {EARLIEST} and {LATEST}; check the year")
    span = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def read_duration(option: str, text: str) -> int:
    """Parse the duration of an option, such as `15m`, as µs.

    Raises
    ------
    UsageError
        If the text is not a duration.
    """
    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None
