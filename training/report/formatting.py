"""Figures of the report as text."""

import math
from collections.abc import Sequence


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
