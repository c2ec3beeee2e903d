"""Times and durations on the command line."""

from datetime import UTC, datetime

from training.config import duration
from training.errors import UsageError

EARLIEST = 1980
LATEST = 2100


def read_moment(text: str, option: str = "--now") -> int:
    """Read an ISO 8601 time, given by an option, UTC where it names no zone, as µs since 1970.

    Raises
    ------
    UsageError
        If the text is no time, or none that a site can have.

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
        raise UsageError(f"{option} {text}: not between {EARLIEST} and {LATEST}")
    span = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def read_duration(option: str, text: str) -> int:
    """Read a duration such as `15m`, given by an option, as µs.

    Raises
    ------
    UsageError
        If the text is no duration.
    """
    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None
