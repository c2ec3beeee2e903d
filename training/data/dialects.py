r"""How a table of text quotes its fields: by the standard, with backslashes, or not at all.

Excel, pandas and most others write a quote in a quoted field twice; MySQL writes `\"`. Tables with
tabs seldom quote: in the MIND data set, `mysql --batch` and BigQuery's `bq`, a headline that begins
with a quote just begins with one.
"""

import mmap
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

_FIELD: Final = re.compile(rb'"((?:[^"]|"")*)"(?=[\t\r\n]|\Z)')
"""A quoted field in a table with tabs."""

_START: Final = re.compile(rb'[\t\n]"')

_TESTED: Final = 1000
"""Fields that begin with a quote, or quotes behind backslashes, that decide."""

_LONGEST_FIELD: Final = 1_000_000
"""Bytes in which the end of a quoted field is looked for."""


class Dialect(NamedTuple):
    """How fields are quoted: the quote (`""` for none) and what escapes one inside of a field."""

    quote: str = '"'
    escape: str = '"'


STANDARD: Final = Dialect()


def dialect_of(path: Path, delimiter: str) -> Dialect:
    """Return how a table of text quotes its fields, by all of its first quotes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return dialect_of_text(text, delimiter)


def dialect_of_text(text: bytes | mmap.mmap, delimiter: str) -> Dialect:
    r"""Return how a text quotes its fields.

    Examples
    --------
    >>> dialect_of_text(b'id,title\n1,"He said \\"no\\" twice"\n', ",")
    Dialect(quote='"', escape='\\')
    >>> dialect_of_text(b'id\ttitle\n1\t"No," he said\n', "\t")
    Dialect(quote='', escape='')
    """
    if delimiter == "\t" and not _is_quoted_with_tabs(text):
        return Dialect("", "")
    return Dialect('"', "\\") if _has_backslashes(text, delimiter.encode()) else STANDARD


def _has_backslashes(text: bytes | mmap.mmap, delimiter: bytes) -> bool:
    r"""Return whether `\"` is a quote inside of a field, and not a backslash at its end."""
    inside = end = 0
    for at in _places(text, b'\\"'):
        before, after = text[max(0, at - 1) : at], text[at + 2 : at + 3]
        if after == b'"' or before == b"\\":
            continue  # `\""` may be either
        if after in (delimiter, b"\r", b"\n", b""):
            end += 1
        else:
            inside += 1
    return inside > 0 and (inside >= end or text.find(b'""') < 0)


def _is_quoted_with_tabs(text: bytes | mmap.mmap) -> bool:
    """Return whether quotes in a table with tabs enclose fields.

    They do where fields are quoted that need it, for a tab, a line end or a quote in them, and in
    a header. They do not where a field begins with a quote and does not end with one.
    """
    if text[:1] == b'"':
        return True
    needed = broken = end = 0
    for start in islice(_START.finditer(text), _TESTED):
        at = start.end() - 1
        if at < end:
            continue
        found = _FIELD.match(text, at, at + _LONGEST_FIELD)
        if found is None:
            broken += 1
            continue
        end = found.end()
        needed += any(sign in found[1] for sign in (b"\t", b"\n", b'""', b'\\"'))
    return needed > broken


def _places(text: bytes | mmap.mmap, part: bytes) -> Iterator[int]:
    """Yield where a part of a text stands, the first times."""
    at = text.find(part)
    for _ in range(_TESTED):
        if at < 0:
            return
        yield at
        at = text.find(part, at + 1)
