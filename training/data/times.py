"""Times as text to microseconds UTC, by SQL.

A time is ISO 8601, with or without a zone, or a number in seconds, milli-, micro- or
nanoseconds since 1970. A time before 1980 or from 2100 on cannot be right; in this range the size
of a number determines its unit, since the ranges of the units do not overlap.
"""

import difflib
from collections.abc import Mapping, Sequence

import duckdb

from training.config.types import TimeUnit
from training.errors import ConfigError

UNREADABLE = "time cannot be read"
IMPOSSIBLE = "time before 1980 or after 2100"

_LOW, _HIGH = 315_532_800, 4_102_444_800  # seconds: 1980-01-01 and 2100-01-01 UTC
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MICROSECONDS = {
    "s": "round({number} * 1000000)::BIGINT",
    "ms": "round({number} * 1000)::BIGINT",
    "us": "floor({number})::BIGINT",
    "ns": "{text}::DECIMAL(28, 0)::BIGINT // 1000",  # a float64 is too coarse for nanoseconds
}


def microseconds(
    text: str,
    number: str,
    moment: str,
    unit: TimeUnit,
    forms: Mapping[str, str] = _MICROSECONDS,
) -> str:
    """Return the SQL of a time in µs UTC, NULL where it cannot be read or cannot be right.

    Parameters
    ----------
    text, number, moment : str
        SQL of the time as text, as DOUBLE (NULL if it is no number), and in µs if it is no number.
    unit : str
        Unit of numbers; `auto` determines it by their size.
    forms : mapping of str to str
        SQL of µs from a number of each unit, in the engine's dialect; by default DuckDB's.
    """
    units = list(_PER_SECOND) if unit == "auto" else [unit]
    cases = " ".join(
        f"WHEN {number} >= {_LOW * _PER_SECOND[u]} AND {number} < {_HIGH * _PER_SECOND[u]} "
        f"THEN {forms[u].format(number=number, text=text)}"
        for u in units
    )
    inside = f"{moment} >= {_LOW}000000 AND {moment} < {_HIGH}000000"
    return f"CASE {cases} WHEN {number} IS NULL AND {inside} THEN {moment} END"


def fitting_unit(examples: Sequence[str]) -> str | None:
    """Return the unit in which most of some numbers are possible times, None without one."""
    numbers = [number for text in examples if (number := _number(text)) is not None]
    for unit, scale in _PER_SECOND.items():
        inside = sum(_LOW * scale <= number < _HIGH * scale for number in numbers)
        if inside > len(examples) / 2:
            return unit
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def check_zone(connection: duckdb.DuckDBPyConnection, zone: str, key: str) -> None:
    """Check that DuckDB knows a time zone.

    Raises
    ------
    ConfigError
        If there is no such zone; the message proposes the nearest.
    """
    zones = [name for (name,) in connection.sql("SELECT name FROM pg_timezone_names()").fetchall()]
    if zone not in zones:
        near = difflib.get_close_matches(zone, zones, 1)
        advice = f"did you mean {near[0]}?" if near else "write one such as UTC or Europe/Oslo"
        raise ConfigError(f"{key} = {zone!r}: no such time zone; {advice}")
