"""Figures of the report as text."""

import math
from collections.abc import Sequence
from typing import Final

from training.records import HOUR

_MINUTE: Final = HOUR // 60
_SECOND: Final = HOUR // 3600


def number(value: float, decimals: int = 3) -> str:
    """Write a figure; a dash for no number.

    Examples
    --------
    >>> number(0.27), number(float("nan"))
    ('0.270', '–')
    """
    return "–" if math.isnan(value) else f"{value:.{decimals}f}"


def percent(share: float) -> str:
    """Write a share in percent.

    Examples
    --------
    >>> percent(0.276).split()
    ['28', '%']
    """
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def interval(mean: float, ends: Sequence[float]) -> str:
    """Write a share and its interval.

    Examples
    --------
    >>> interval(0.5, (0.4, 0.6))
    '0.500 [0.400, 0.600]'
    """
    low, high = map(number, ends)
    return f"{number(mean)} [{low}, {high}]"


def format_duration(every: int) -> str:
    """Format a duration in µs as the config does, in hours where they are whole.

    Examples
    --------
    >>> format_duration(24 * 60 * 60 * 1_000_000), format_duration(90 * 60 * 1_000_000)
    ('24h', '90m')
    """
    for unit, letter in ((HOUR, "h"), (_MINUTE, "m")):
        if every % unit == 0:
            return f"{every // unit}{letter}"
    return f"{every // _SECOND}s"
