"""Pictures that are written into a text, as `data:` URIs: left out where files are read."""

from typing import Final

_BASE64: Final = r"(?:[A-Za-z0-9+/_%-]|\\/)"
_PICTURE: Final = (
    rf"data:[\w.+-]*(?:\\?/)?[\w.+-]*(?:;[\w.+=-]+)*;base64,{_BASE64}*"
    rf"(?:(?:\s|\\[rn])+{_BASE64}{{60,}})*(?:(?:\s|\\[rn])+{_BASE64}+=)?=*"
)
"""A `data:` URI, whose lines may be broken; in JSON a slash may follow a backslash."""


def without_pictures(column: str) -> str:
    """Return DuckDB's SQL of a text, or of a line of JSON, without the pictures in it.

    One may be larger than all words of a site.
    """
    without = f"regexp_replace({column}, '{_PICTURE}', ' ', 'gi')"
    return f"CASE WHEN contains({column}, ';base64,') THEN {without} ELSE {column} END"
