"""The columns of the decayed sums, by name.

A pair sum has a column per half-life of `readers.pair_half_lives`, ascending, and behind them
`DIRECT`: the sum over direct transitions alone, at the slowest half-life. A view sum has a column
per half-life of `readers.view_half_lives`, ascending; `ReadersConfig.nearest_view_life` finds one.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.config import ReadersConfig
from training.records import HOUR, Float64

DIRECT: Final = -1
"""Column of a pair sum: direct transitions alone, at the slowest half-life."""

SLOWEST: Final = -2
"""Column of a pair sum: all steps, at the slowest half-life."""


def pair_half_lives(config: ReadersConfig) -> list[float]:
    """Return the half-life in hours of each column of a pair sum."""
    return [*config.pair_half_lives, config.pair_half_lives[-1]]


def pair_columns(config: ReadersConfig) -> list[str]:
    """Return the name of each column of a pair sum.

    Examples
    --------
    >>> pair_columns(ReadersConfig(pair_half_lives=[1, 24]))
    ['1h', '24h', 'direct']
    """
    return [*(f"{hours:g}h" for hours in config.pair_half_lives), "direct"]


def growth(half_lives: list[float], span: npt.NDArray[Any] | int) -> Float64:
    """Return 2^(span / half-life): float64[…, h] for spans in µs and half-lives in hours."""
    exponent = np.asarray(span, np.float64)[..., None] / (np.asarray(half_lives) * HOUR)
    return np.asarray(np.exp2(exponent), np.float64)
