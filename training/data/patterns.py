"""Addresses that are put together from columns, such as `/{post_date:%Y/%m/%d}/{post_name}/`.

A name in braces is a column; behind a colon is the form of its time, as `strftime` has it. Tables
of WordPress and exports of Ghost hold the parts of an address, not the address.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

_PART: Final = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")

USUAL: Final = (
    "/{post_date:%Y/%m/%d}/{post_name}/",
    "/{post_date:%Y/%m}/{post_name}/",
    "/{post_name}/",
    "/archives/{ID}",
    "/{slug}/",
    "/{published_at:%Y/%m/%d}/{slug}/",
    "/{published_at:%Y/%m}/{slug}/",
)
"""The structures that WordPress offers, the usual one first, and those of Ghost."""


def columns_in(name: str) -> list[str]:
    """Return the columns of a pattern; the name itself if it is none.

    Examples
    --------
    >>> columns_in("/{post_date:%Y}/{post_name}/"), columns_in("url")
    (['post_date', 'post_name'], ['url'])
    """
    return [part[1] for part in _PART.finditer(name)] or [name]


def is_pattern(name: str) -> bool:
    """Return whether a setting of a column is a pattern."""
    return _PART.search(name) is not None


def pattern_sql(name: str, value: Callable[[str], str], literal: Callable[[str], str]) -> str:
    """Return DuckDB's SQL of a pattern, NULL where a part is missing.

    Parameters
    ----------
    name : str
        The pattern.
    value, literal : callable
        Return the SQL of a column, and of a text.
    """
    parts, end = [], 0
    for part in _PART.finditer(name):
        parts.append(literal(name[end : part.start()]))
        column = f"({value(part[1])})::VARCHAR"
        time = f"strftime(try_cast({column} AS TIMESTAMP), {literal(part[2] or '')})"
        parts.append(time if part[2] else f"nullif({column}, '')")
        end = part.end()
    return f"({' || '.join([*parts, literal(name[end:])])})"


def fill_pattern(name: str, row: Mapping[str, str | None]) -> str | None:
    """Return the address of a row by a pattern, None where a part is missing."""
    text, end = "", 0
    for part in _PART.finditer(name):
        value = row[part[1]]
        if value and part[2]:
            try:
                value = datetime.fromisoformat(value[:19]).strftime(part[2])
            except ValueError:
                value = None
        if not value:
            return None
        text += name[end : part.start()] + value
        end = part.end()
    return text + name[end:]


def usual_patterns(names: Sequence[str]) -> list[str]:
    """Return the usual patterns of which a table has all columns."""
    return [pattern for pattern in USUAL if {*columns_in(pattern)} <= {*names}]
