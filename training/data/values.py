"""What databases and programs write where there is no value, and how keys are trimmed."""

from typing import Final

from training.data.times import is_no_time

NOTHING: Final = (
    "NULL", "null", "(null)", "[null]", "\\N", "None", "none", "nan", "NaN", "NaT", "<NA>", "nil",
    "undefined", "(not set)", "#N/A",
)  # fmt: skip
"""Words that stand for no value: in exports of MySQL, PostgreSQL, pandas, JavaScript, GA, Excel."""

READER: Final = frozenset({"user"})
"""Fields of which such a word stays: it is named where views have no reader."""

_LONGEST: Final = max(map(len, NOTHING))

KEYS: Final = frozenset({"id", "article", "user", "session", "time", "published_at"})
"""Fields of which spaces around a value are no part: CHAR columns are padded with them."""


def is_nothing(text: str) -> bool:
    """Return whether a text stands for no value.

    Examples
    --------
    >>> is_nothing("NULL"), is_nothing(" nan "), is_nothing("Null and void")
    (True, True, False)
    """
    return not text.strip() or text.strip() in NOTHING


def value_of(field: str, *, is_time: bool = False) -> str:
    """Return DuckDB's SQL of a field of a row: as the file has it, keys trimmed, else NULL."""
    column = f'"{field}"'
    words = ", ".join(f"'{word}'" for word in ("", *(() if field in READER else NOTHING)))
    none = f"strlen({column}) <= {_LONGEST} AND {column} IN ({words})"
    if is_time:
        none = f"({none}) OR {is_no_time(column)}"
    value = f"CASE WHEN {none} THEN NULL ELSE {column} END"
    # Only few values have spaces around: the rest takes the shorter way.
    spaced = f"({column} < '!' OR {column} LIKE '% ')"
    bare = f"trim({column}, ' \t\r\n')"
    kept = bare if field in KEYS else column
    return (
        f"CASE WHEN {spaced} THEN CASE WHEN {bare} IN ({words}) THEN NULL ELSE {kept} END "
        f"ELSE {value} END"
    )
