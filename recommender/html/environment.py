"""The Jinja2 environment of every page: each value is escaped, an undefined one is an error."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_SHORT_HEADING: Final = 28
"""Characters of a row's heading, at most, that stand on one line."""

_NUMERIC: Final = frozenset("0123456789.,%×+−-–∞[] ")


def render_template(template: str, /, **values: object) -> str:
    """Render a template of the folder `templates` as text.

    Raises
    ------
    jinja2.UndefinedError
        If the template uses a value that was not given.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # not needed for the lookup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "age": format_age,
        "column_classes": column_classes,
        "minute": format_minute,
        "safe_url": safe_url,
        "utc": format_utc,
    }
    return environment


def safe_url(url: str) -> str:
    r"""Return a URL that may be linked: a relative one, or one of http or https; else `#`.

    Browsers ignore spaces and control characters before and in `javascript:`; so does this.

    Examples
    --------
    >>> [safe_url(url) for url in ("/7?a=b:c", "HTTP://a.example/", " java\nscript:x", "")]
    ['/7?a=b:c', 'HTTP://a.example/', '#', '#']
    """
    url = url.strip()  # first: it takes away more than browsers do, such as a no-break space
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", url), re.IGNORECASE)
    safe = scheme is None or scheme[1].lower() in {"http", "https"}
    return (safe and url) or "#"


def format_minute(time: datetime) -> str:
    """Write an aware time in UTC, to the minute.

    Examples
    --------
    >>> format_minute(datetime(2026, 6, 1, 5, 59, 30, tzinfo=UTC))
    '2026-06-01 05:59 UTC'
    """
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def format_utc(time: datetime) -> str:
    """Write an aware time in UTC as ISO 8601 with `Z`, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def format_age(age: timedelta) -> str:
    """Write a duration in its largest unit.

    Examples
    --------
    >>> [format_age(timedelta(minutes=minutes)) for minutes in (0, 1, 90, 3000)]
    ['0 minutes', '1 minute', '2 hours', '2 days']
    """
    minutes = age.total_seconds() / 60
    unit, size = next(
        (unit for unit in (("day", 1440), ("hour", 60)) if minutes >= unit[1]), ("minute", 1)
    )
    count = round(minutes / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def column_classes(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the CSS class of each column of a table, or `""`.

    A column of figures alone is `number`; the first, the headings of the rows, is `short` where
    all of them fit on one line.

    Examples
    --------
    >>> column_classes([["2024", "9.5%", "half"], ["2025", "12", "-"]])
    ['short', 'number', '']
    """
    first, *others = zip(*rows, strict=True)
    short = max(map(len, first)) <= MAX_SHORT_HEADING
    numeric = (all(set(cell) <= _NUMERIC for cell in column) for column in others)
    return ["short" if short else "", *("number" if each else "" for each in numeric)]
