"""Parse times to microseconds UTC in Spark's SQL, as `data.times` does on one machine.

DuckDB reads two forms that are bad rows here: a time of 24:00, and a named zone after the time
(`… Europe/Oslo`).
"""

from typing import Final

NUMBER: Final = r"^\\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\s*$"
"""Pattern of a number for both engines; Java alone would accept `1d`."""

_MOMENT: Final = (
    r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
    r"([T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]+)?)?( ?(Z|UTC)|[+-][0-9]{2}(:?[0-9]{2})?)?)?$"
)
_ZONED: Final = r":.*(Z|UTC|[+-][0-9:]+)$"
MICROSECONDS: Final = {
    "s": "CAST(round({number} * 1000000) AS BIGINT)",
    "ms": "CAST(round({number} * 1000) AS BIGINT)",
    "us": "CAST(floor({number}) AS BIGINT)",
    "ns": "CAST(CAST(trim({text}) AS DECIMAL(28, 0)) AS BIGINT) DIV 1000",
}
"""The conversions of `data.times.microseconds` in Spark's SQL."""


def number(text: str) -> str:
    """Return SQL that casts a text to DOUBLE; NULL if it is not a number."""
    return f"CASE WHEN {text} RLIKE '{NUMBER}' THEN try_cast(trim({text}) AS DOUBLE) END"


def moment(text: str, zone: str) -> str:
    """Return SQL that parses a text to microseconds UTC; NULL if it is not an ISO 8601 time.

    A text without a zone is in the given zone. When clocks go back, the later of the two hours
    is taken; when they go forward, the missing hour is read with the offset before the change.
    """
    trimmed = f"trim({text})"
    whole = f"regexp_replace({trimmed}, '([+-][0-9]{{2}}):?([0-9]{{2}})$', '$1:$2')"
    whole = f"CASE WHEN {trimmed} RLIKE ':.*[+-][0-9:]+$' THEN {whole} ELSE {trimmed} END"
    whole = f"regexp_replace({whole}, '(:.*[+-][0-9]{{2}})$', '$1:00')"
    whole = f"replace(replace({whole}, ' UTC', 'Z'), ' Z', 'Z')"
    whole = f"regexp_replace({whole}, '([T ][0-9]{{1,2}}:[0-9]{{1,2}})(Z|[+-].*)?$', '$1:00$2')"
    read = f"try_cast(translate({whole}, '/', '-') AS TIMESTAMP)"
    if zone != "UTC":
        earlier = f"to_utc_timestamp({read}, '{zone}')"
        later = " ".join(
            f"WHEN from_utc_timestamp({earlier} + INTERVAL {minutes} MINUTE, '{zone}') = {read} "
            f"THEN {earlier} + INTERVAL {minutes} MINUTE"
            for minutes in (60, 30)
        )
        local = f"CASE {later} ELSE {earlier} END"
        read = f"CASE WHEN {trimmed} RLIKE '{_ZONED}' THEN {read} ELSE {local} END"
    return f"CASE WHEN {trimmed} RLIKE '{_MOMENT}' THEN unix_micros({read}) END"
