"""Files in folders by day or hour: a path may hold `%Y`, `%m`, `%d` and `%H`, UTC."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from training.records import DAY, HOUR

_DIGITS: Final = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2}
_SPANS: Final = {"%H": HOUR, "%d": DAY, "%m": 31 * DAY, "%Y": 366 * DAY}
"""The longest duration of a partition, by the finest part of its time."""

_PLACEHOLDER: Final = re.compile("%[YmdH]")
_TOKEN: Final = re.compile(r"%[YmdH]|\*\*/?|\*|\?|.", re.DOTALL)
_GLOB_PATTERNS: Final = {"*": "[^/]*", "**": ".*", "**/": "(?:.*/)?", "?": "[^/]"}


def is_partitioned(path: str) -> bool:
    """Return whether a path stands for one per hour, day, month or year.

    Examples
    --------
    >>> is_partitioned("lake/%Y-%m-%d"), is_partitioned("lake/100%")
    (True, False)
    """
    return _PLACEHOLDER.search(path) is not None


def as_glob(path: str) -> str:
    """Return the glob of all paths that a path stands for.

    Examples
    --------
    >>> as_glob("day=%d/*.csv")
    'day=[0-9][0-9]/*.csv'
    """
    return _PLACEHOLDER.sub(lambda found: "[0-9]" * _DIGITS[found[0]], path)


def overlapping(path: str, found: Sequence[str], start: int, end: int) -> list[str]:
    """Return those of a path's partitions that overlap [start, end), µs UTC.

    Parameters
    ----------
    path : str
        With placeholders for the time.
    found : sequence of str
        The paths that its glob matches; their ends are parsed.
    start, end : int
        µs UTC.

    Examples
    --------
    >>> overlapping("%Y/%m", ["a/1970/01", "a/1970/03"], 0, DAY)
    ['a/1970/01']
    """
    signs = _TOKEN.findall(path)
    span = next(span for placeholder, span in _SPANS.items() if placeholder in signs)
    seen: set[str] = set()
    pattern = re.compile("".join(_pattern_of(sign, seen) for sign in signs) + "$", re.DOTALL)
    kept = []
    for name in found:
        match = pattern.search(name)
        time = None if match is None else _parse_time(match.groupdict())
        if time is not None and time < end and time + span > start:
            kept.append(name)
    return kept


def _pattern_of(sign: str, seen: set[str]) -> str:
    if sign not in _DIGITS:
        return _GLOB_PATTERNS.get(sign) or re.escape(sign)
    if sign in seen:
        return f"(?P={sign[1]})"
    seen.add(sign)
    return f"(?P<{sign[1]}>\\d{{{_DIGITS[sign]}}})"


def _parse_time(groups: dict[str, str]) -> int | None:
    parts = int(groups.get("Y", 1970)), int(groups.get("m", 1)), int(groups.get("d", 1))
    try:
        moment = datetime(*parts, int(groups.get("H", 0)), tzinfo=UTC)
    except ValueError:  # no such day
        return None
    return round(moment.timestamp()) * 1_000_000
