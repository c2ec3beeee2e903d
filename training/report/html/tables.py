"""Tables of the page; a wide one moves within itself."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

SHORT: Final = 28
"""Letters of a row's heading, at most, that stand on one line."""

_NUMERIC: Final = set("0123456789.,%×+−-–∞[] ")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """Give a table of texts, which are escaped; the first cell of a row is its heading.

    Parameters
    ----------
    head : sequence of str
        Headings of the columns; none for a table of names and values.
    rows : sequence of sequence of str
        Of equal length.
    name : str
        What it is, for those who cannot see where it stands.
    """
    first = "" if max(len(row[0]) for row in rows) > SHORT else ' class="short"'
    numeric = [all(set(row[at]) <= _NUMERIC for row in rows) for at in range(len(rows[0]))]
    kinds = [first, *(' class="number"' if each else "" for each in numeric[1:])]
    above = "".join(
        f'<th scope="col"{kind}>{escape(cell)}</th>' for cell, kind in zip(head, kinds, strict=True)
    ) if head else ""  # fmt: skip
    lines = "\n".join(f"<tr>{_line(row, kinds)}</tr>" for row in rows)
    top = f"<thead><tr>{above}</tr></thead>\n" if head else ""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(name)}">'
        f"<table>\n{top}<tbody>\n{lines}\n</tbody>\n</table></div>"
    )


def _line(row: Sequence[str], kinds: Sequence[str]) -> str:
    first, *others = row
    cells = (f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
    return f'<th scope="row"{kinds[0]}>{escape(first)}</th>' + "".join(cells)


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
