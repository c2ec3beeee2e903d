"""How exports write yes and no: `t`, `1.0`, `b'1'`, `WAHR`, the time of a soft deletion, nothing.

One table of spellings for all flags (`withdrawn`, `sponsored`, `paywalled`, `evergreen`), by which
files are read and `ymal init` recognises columns. A spelling in neither set is unknown.
"""

# The SQL here is put together from our own names; texts of the files are parameters.
# ruff: noqa: S608

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

import duckdb

from training.data.times import are_times
from training.data.values import NOTHING as NO_VALUE
from training.records import Flag, UnknownFlag

COLUMNS: Final = {
    "withdrawn": Flag.WITHDRAWN,
    "sponsored": Flag.SPONSORED,
    "paywalled": Flag.PAYWALLED,
    "evergreen": Flag.EVERGREEN,
}
"""The flag of each column."""

SET_IF_UNKNOWN: Final = Flag.WITHDRAWN | Flag.SPONSORED | Flag.PAYWALLED
"""Flags that an unknown value sets: the reading that shows less."""

UNKNOWN_SHIFT: Final = 4
"""A flag's bit, shifted by this, marks that its value is unknown."""

MAX_SHOWN: Final = 40
"""Maximum characters of a value in a message."""

_SPACE: Final = re.compile(r"[\s\u200b\ufeff]+")
_ONE: Final = re.compile(r"[+-]?0*1([.,]0*)?")
_ZERO: Final = re.compile(r"[+-]?0+([.,]0*)?")
_NO_TIME: Final = re.compile(
    r"(0000-00-00|0001-01-01|1970-01-01)([t ]00:00(:00([.]0+)?)?)?(z|[+-]00(:?00)?)?"
)
"""The zero date of MySQL, and the zero time of .NET and Go, and of Unix."""


def _fold(text: str) -> str:
    """Return a text without case, accents, spaces at its ends, and quotes around it.

    Examples
    --------
    >>> _fold(' "VÉRO" '), _fold("YANLIŞ") == _fold("yanlış")
    ('vero', True)
    """
    bare = unicodedata.normalize("NFKD", text).replace("ı", "i").casefold()
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    words = _SPACE.sub(" ", letters).strip()
    if words.startswith("{"):  # JSON, which may have spaces anywhere
        words = words.replace(" ", "")
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
        words = words[1:-1].strip()
    return words


def _words(text: str) -> frozenset[str]:
    return frozenset(map(_fold, text.split()))


# MySQL writes BIT as a byte, Node as a buffer. The later lines are Excel's TRUE, and yes.
_YES: Final = _words(
    "t true y yes on .t. b'1' b'\\x01' \x01 \\x01 \\u0001 0x1 0x01 base64:type16:AQ== "
    '{"type":"Buffer","data":[1]} x ✓ ✔ '
    "wahr vrai verdadero verdadeiro vero waar sant sand sann tosi prawda pravda igaz adevărat "
    "doğru истина істина αληθής αληθές 真 참 "
    "ja oui si sì sim kyllä tak ano igen da evet да так ναι 是 はい 예"
)
_NO: Final = _words(
    "f false n no off .f. b'0' b'\\x00' \x00 \\x00 \\u0000 \\0 0x0 0x00 base64:type16:AA== "
    '{"type":"Buffer","data":[0]} '
    "falsch faux falso onwaar falskt falsk usann epätosi fałsz nepravda hamis fals yanlış ложь "
    "хибність ψευδής ψευδές 偽 假 거짓 "
    "nein non não nee nej nei ei nie ne nem nu hayır нет ні όχι 否 いいえ 아니오"
)
_NOTHING: Final = {"", *map(_fold, NO_VALUE)} | _words("na n/a - [] {}")

YES: Final = _YES | {"1", "1.0"}
NO: Final = _NO | {"0", "0.0"}
NOTHING: Final = _NOTHING | {"0000-00-00 00:00:00", "0000-00-00"}
"""The usual spellings, for a comparison with texts in lower case. Nothing is no in a flag."""


class FlagWords(NamedTuple):
    """A site's own words for yes and no, which go before the usual ones."""

    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()

    @classmethod
    def of(cls, true: Iterable[str], false: Iterable[str]) -> "FlagWords":
        """Return the words of `articles.true_values` and `articles.false_values`."""
        return cls(frozenset(map(_fold, true)), frozenset(map(_fold, false)))


NO_WORDS: Final = FlagWords()


def read_flag(text: str, words: FlagWords = NO_WORDS) -> bool | None:
    """Read a flag; None if the text is neither a known yes nor a known no. Nothing is no.

    A time is not known here: `flag_texts` reads it as yes.

    Examples
    --------
    >>> [read_flag(text) for text in (" T", "1.0", "FALSCH", "0000-00-00 00:00:00", "maybe")]
    [True, True, False, False, None]
    """
    word = _fold(text)
    if word in words.true or word in words.false:
        return word in words.true
    if word in _YES or _ONE.fullmatch(word):
        return True
    if word in _NO or word in _NOTHING or _ZERO.fullmatch(word) or _NO_TIME.fullmatch(word):
        return False
    return None


def flag_texts(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Iterable[str], words: FlagWords
) -> None:
    """Create the table `flag_texts`: what the flags' columns hold that does not mean no.

    Its columns: `text`, as in the file, and its `bits`, by `column`. A known yes has the bit of its
    flag, and so has a readable time. An unknown text has that bit shifted by `UNKNOWN_SHIFT`, and
    the bit itself too if the flag is one of `SET_IF_UNKNOWN`.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database.
    table : str
        Table of the staged articles.
    columns : iterable of str
        Those of `COLUMNS` that the table has.
    words : FlagWords
        The site's own words.
    """
    found: list[tuple[str, str, int]] = []
    for column in columns:
        rows = connection.sql(
            f"SELECT DISTINCT {column} FROM {table} WHERE reason IS NULL AND {column} IS NOT NULL"
        ).fetchall()
        read = {text: read_flag(text, words) for (text,) in rows}
        odd = [text for text, value in read.items() if value is None]
        timed = dict(zip(odd, are_times(connection, odd, None, articles=False), strict=True))
        yes, unknown = _bits(column)
        for text, value in read.items():
            if value or timed.get(text):
                found.append((column, text, yes))
            elif value is None:
                found.append((column, text, unknown))
    parts = [list(part) for part in zip(*found, strict=True)] or [[], [], []]
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE flag_texts AS SELECT unnest($1::VARCHAR[]) AS "column", '
        "unnest($2::VARCHAR[]) AS text, unnest($3::UTINYINT[]) AS bits",
        parts,
    )


def _bits(column: str) -> tuple[int, int]:
    """Return the bits of a known yes and of an unknown value of a column."""
    flag = COLUMNS[column]
    return int(flag), int(flag & SET_IF_UNKNOWN) | int(flag) << UNKNOWN_SHIFT


def flag_bits(column: str) -> str:
    """Return the SQL of the bits of a row's value, by the table `flag_texts`."""
    cases = " ".join(
        f"WHEN {column} IN (SELECT text FROM flag_texts WHERE \"column\" = '{column}' "
        f"AND bits = {bits}) THEN {bits}"
        for bits in _bits(column)
    )
    return f"CASE {cases} ELSE 0 END::UTINYINT"


def describe_unknown(flag: UnknownFlag) -> str:
    """Say which value of a flag is not understood, where it is first, and in how many rows."""
    count, others = len(flag.articles), len(flag.values) - 1
    rows = "row" if count == 1 else "rows"
    more = f", with {others:,} other value{'' if others == 1 else 's'}" if others else ""
    return (
        f"{flag.file}:{flag.line}: {_shown(flag)} in {flag.column} means neither yes nor no "
        f"(so in {count:,} {rows}{more})"
    )


def advise_on_unknown(flag: UnknownFlag) -> str:
    """Say which key gives the value of a flag a meaning."""
    return f"add {_shown(flag)} to articles.true_values or to articles.false_values"


def _shown(flag: UnknownFlag) -> str:
    value = flag.values[0]
    return repr(value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}…")
