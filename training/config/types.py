"""Types of the settings' values, and the base class of all sections."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}


def duration(text: object) -> int:
    """Read a duration such as `"15m"` as integer microseconds.

    Parameters
    ----------
    text : object
        A whole number followed by s, m, h or d.

    Returns
    -------
    int
        Microseconds, at least 1.

    Raises
    ------
    ValueError
        If the text is not a duration.

    Examples
    --------
    >>> duration("2h") == 2 * 60 * 60 * 1_000_000
    True
    """
    match = re.fullmatch(r"([1-9]\d{0,5})\s*([smhd])", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('write a duration as a whole number and s, m, h or d, such as "15m"')
    return int(match[1]) * _UNITS[match[2]]


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _texts(value: object) -> object:
    """Return one value or several as texts, a boolean as `true` or `false`."""
    values = value if isinstance(value, list) else [value]
    return [
        str(v).lower() if isinstance(v, bool) else str(v) if isinstance(v, int) else v
        for v in values
    ]


Duration = Annotated[int, BeforeValidator(duration)]
Paths = Annotated[list[str], BeforeValidator(_paths)]
Column = Annotated[str, Field(max_length=200)]
Weight = Annotated[float, Field(ge=0, le=100)]
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=1000)]
TimeUnit = Literal["auto", "s", "ms", "us", "ns"]
Accepted = Annotated[list[str], BeforeValidator(_texts), Field(min_length=1)]
TimeOrder = Literal["auto", "day-first", "month-first"]
FileFormat = Literal[
    "auto",
    "csv",
    "tsv",
    "jsonl",
    "json",
    "parquet",
    "feed",
    "sqlite",
    "snowplow",
    "wp_posts",
]
HalfLives = Annotated[list[Annotated[float, Field(ge=1 / 12, le=24 * 365)]], Field(min_length=1)]


class Section(BaseModel):
    """Base class of all sections: refuses unknown keys, and is immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
