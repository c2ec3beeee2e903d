"""Times as text to microseconds UTC, by SQL.

A time is one of these:

* ISO 8601, with or without a zone;
* a number in seconds, milli-, micro- or nanoseconds since 1970, whose size determines the unit,
  since the ranges of the units do not overlap;
* the digits of a day, hour, minute or second, as Google Analytics writes `2026112809`. A number of
  seconds that could be the hour of a day is in 2032 or later;
* `24.05.2022 14:05`, `Tue, 24 May 2022 14:05:00 +0000` (RFC 822), `24/May/2022:14:05:00 +0000`;
* `11/12/2019 2:14:46 PM` or `11-12-2019`, if the settings say whether the day or the month is
  first.

Zero, and the first moment of 1970, mean that there is no time. A view before 1980 or from 2100 on
cannot be right; nor can an article before 1600. Without a configured unit, a number below zero is
in seconds, and one of a time from 1970 to 1980 is read as none.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import duckdb

from training.config.types import TimeOrder, TimeUnit
from training.errors import ConfigError

UNREADABLE = "time cannot be read"
IMPOSSIBLE = "time that cannot be right"
"""Before 1980 (an article: 1600), or after 2100."""

_LOW, _HIGH = 315_532_800, 4_102_444_800  # seconds: 1980-01-01 and 2100-01-01 UTC
_LOW_ARTICLES: Final = -11_676_096_000
"""1600-01-01 UTC, in seconds: no newspaper is older."""

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MICROSECONDS = {
    "s": "round({number} * 1000000)::BIGINT",
    "ms": "round({number} * 1000)::BIGINT",
    "us": "floor({number})::BIGINT",
    "ns": "{text}::DECIMAL(28, 0)::BIGINT // 1000",  # a float64 is too coarse for nanoseconds
}

_MONTH: Final = "(0[1-9]|1[0-2])"
_DAY: Final = "(0[1-9]|[12][0-9]|3[01])"
_HOUR: Final = "([01][0-9]|2[0-3])"
_DIGITS: Final = f"[12][0-9]{{3}}{_MONTH}{_DAY}({_HOUR}([0-5][0-9]([0-5][0-9])?)?)?"
_DIGITS_BETWEEN: Final = (
    (19_800_101, 20_991_231),
    (1_980_010_100, 2_099_123_123),
    (198_001_010_000, 209_912_312_359),
    (19_800_101_000_000, 20_991_231_235_959),
)
"""Times in digits: by the day, hour, minute and second."""

_SLASHED: Final = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b")

_LONGEST: Final = 60
"""Characters of the longest time: words are not tried in all forms."""

_CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_DATES: Final = {
    "": ("%d.%m.%Y", "%d. %m. %Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y"),
    "day-first": ("%d/%m/%Y", "%d-%m-%Y"),
    "month-first": ("%m/%d/%Y", "%m-%d-%Y"),
}
_ZONED: Final = (
    *(
        f"{date} {clock} {zone}"
        for date, clock, zone in product(
            ("%a %d %b %Y", "%d %b %Y", "%a %d %b %y"), ("%H:%M:%S", "%H:%M"), ("%z", "%Z")
        )
    ),
    "%d/%b/%Y:%H:%M:%S %z",
)


def time_micros(
    text: str,
    unit: TimeUnit,
    order: TimeOrder,
    *,
    articles: bool = False,
    number: str = "",
    moment: str = "",
) -> str:
    """Return DuckDB's SQL of a time in µs UTC, NULL where it cannot be read or cannot be right.

    Times without a zone are in the zone of the session.

    Parameters
    ----------
    text : str
        SQL of the time as text.
    unit : str
        Unit of numbers; `auto` determines it by their size.
    order : str
        Whether the day or the month is first in `11/12/2019`; `auto` reads no such time.
    articles : bool
        Whether it is the time of an article, which may be old.
    number, moment : str
        SQL of the text as DOUBLE and as TIMESTAMPTZ, where a table has it as columns, which is
        faster.
    """
    number = number or f"try_cast({text} AS DOUBLE)"
    moment = moment or f"CASE WHEN {number} IS NULL THEN try_cast({text} AS TIMESTAMPTZ) END"
    micros = microseconds(text, number, f"epoch_us({moment})", unit, articles=articles)
    other = microseconds(
        text, number, f"epoch_us({moment_of(text, order)})", unit, articles=articles
    )
    read = f"coalesce({micros}, {other})"  # most times are read by the first
    if unit != "auto":
        return read
    digits = (
        f"try_strptime(trim({text}), ['%Y%m%d', '%Y%m%d%H', '%Y%m%d%H%M', '%Y%m%d%H%M%S'])"
        "::TIMESTAMPTZ"
    )
    return f"CASE WHEN {is_digits(text, number)} THEN epoch_us({digits}) ELSE {read} END"


def is_digits(text: str, number: str, matches: str = "regexp_matches") -> str:
    """Return the SQL of whether a text is a time in digits, such as `2026112809`.

    Parameters
    ----------
    text, number : str
        SQL of the text, and of it as DOUBLE.
    matches : str
        The function that matches a pattern, in the engine's dialect.
    """
    sizes = " OR ".join(f"{number} BETWEEN {low} AND {high}" for low, high in _DIGITS_BETWEEN)
    return f"(({sizes}) AND {matches}(trim({text}), '^{_DIGITS}$'))"


def is_no_time(text: str) -> str:
    """Return the SQL of whether a text says that there is no time, in both engines.

    Such are the zero date of MySQL, the zero time of .NET and Go, and that of Unix.
    """
    return (
        f"(trim({text}) IN ('0', '0.0') OR {text} LIKE '0000-00-00%' OR "
        f"{text} LIKE '0001-01-01_00:00:00%' OR {text} LIKE '1970-01-01_00:00:00%')"
    )


def moment_of(text: str, order: TimeOrder) -> str:
    """Return DuckDB's SQL of a text that is no number, as TIMESTAMPTZ, NULL if it is no time."""
    dates = (*_DATES[""], *(_DATES[order] if order != "auto" else ()))
    local = [date + clock for date in dates for clock in _CLOCKS]
    # Commas, and the point behind an abbreviated month, are left aside: `May 24, 2022`.
    bare = f"regexp_replace(replace(trim({text}), ',', ''), '([A-Za-z])[.] ', '\\1 ', 'g')"
    return (
        f"CASE WHEN strlen({text}) > {_LONGEST} OR NOT regexp_matches({text}, '[0-9]{{2}}') "
        f"OR try_cast({text} AS DOUBLE) IS NOT NULL THEN NULL ELSE coalesce("
        f"try_cast({text} AS TIMESTAMPTZ), try_strptime({bare}, {local})::TIMESTAMPTZ, "
        f"try_strptime({bare}, {[form for form in _ZONED if form.endswith('z')]}), "
        f"try_strptime({bare}, {[form for form in _ZONED if form.endswith('Z')]})) END"
    )


def microseconds(
    text: str,
    number: str,
    moment: str,
    unit: TimeUnit,
    forms: Mapping[str, str] = _MICROSECONDS,
    *,
    articles: bool = False,
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
    articles : bool
        Whether it is the time of an article, which may be old.
    """
    oldest = _LOW_ARTICLES if articles else _LOW
    ranges = [(u, _LOW if unit == "auto" else oldest, _HIGH) for u in _PER_SECOND]
    ranges = [found for found in ranges if unit in ("auto", found[0])]
    if unit == "auto" and articles:  # before 1970
        ranges.append(("s", oldest, 0))
    cases = " ".join(
        f"WHEN {number} >= {low * _PER_SECOND[u]} AND {number} < {high * _PER_SECOND[u]} "
        f"THEN {forms[u].format(number=number, text=text)}"
        for u, low, high in ranges
    )
    inside = f"{moment} >= {oldest}000000 AND {moment} < {_HIGH}000000"
    return f"CASE {cases} WHEN {number} IS NULL AND {inside} THEN {moment} END"


def are_times(
    connection: duckdb.DuckDBPyConnection,
    texts: Sequence[str],
    order: TimeOrder | None,
    *,
    articles: bool,
) -> list[bool]:
    """Return whether each text can be read as a time, in any unit and zone.

    Without an `order`, days or months may be first; `articles` as for `time_micros`.
    """
    if not texts:
        return []
    orders: Sequence[TimeOrder] = [order] if order else ["day-first", "month-first"]
    read = [
        f"({time_micros('text', 'auto', each, articles=articles)}) IS NOT NULL" for each in orders
    ]
    rows = connection.execute(
        f"SELECT {' OR '.join(read)} FROM "  # noqa: S608 - our own SQL
        "(SELECT unnest($1::VARCHAR[]) AS text, unnest(range(len($1))) AS place) ORDER BY place",
        [list(texts)],
    ).fetchall()
    return [is_time for (is_time,) in rows]


def day_or_month_first(texts: Sequence[str]) -> TimeOrder | None:
    """Return whether days or months are first in times such as `11/12/2019`.

    Returns
    -------
    str or None
        `auto` if most texts are no such times; None if either may be first.

    Examples
    --------
    >>> day_or_month_first(["01/12/2019", "13/12/2019"]), day_or_month_first(["01/12/2019"])
    ('day-first', None)
    """
    found = [(int(m[1]), int(m[2])) for text in texts if (m := _SLASHED.match(text))]
    if len(found) <= len(texts) / 2:
        return "auto"
    first, second = (sum(pair[at] > 12 for pair in found) for at in (0, 1))
    if first == second:
        return None
    return "day-first" if first > second else "month-first"


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
