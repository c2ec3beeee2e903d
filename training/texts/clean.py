"""Plain, normalised text from whatever a site's fields hold: HTML, entities, control characters."""

import re
import unicodedata
from typing import Final

import regex

from training.markup import visible_text

_BETWEEN_WORDS: Final = regex.compile(r"[[\p{Cc}\p{Co}\p{Cs}\u200b\ufeff]--\n]", regex.V1)
_INSIDE_WORDS: Final = regex.compile(r"\p{Cf}")
_ASCII: Final = {
    code: " " if chr(code) in "\x7f&<>[]{}" or (code < 32 and code != 10) else chr(code).lower()
    for code in range(128)
}
_REMAINING: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f&<>\[\]{}]")
"""Characters that casefolding may leave, and that `_ASCII` replaces in ASCII texts."""

_FULL_STOPS: Final = "。؟۔।"
"""Ends of sentences in Chinese and Japanese, Arabic, Urdu, and Hindi."""

_APOSTROPHE: Final = re.compile(
    "(?<=[\u0400-\u052f])['`´ʹʻʼ‘’′](?=[\u0400-\u052f])"
    "|(?<=[\u05d0-\u05ea])['\"`´ʼ‘’“”″′\u05f3\u05f4](?=[\u05d0-\u05ea])"
)
"""Signs inside of Cyrillic and Hebrew words, which have several forms."""


def clean(text: str) -> str:
    """Return the text as a reader sees it, normalised for comparison.

    What no reader sees is removed (`visible_text`). Control characters, brackets, and remaining
    `&`, `<` and `>` become spaces; line breaks stay. Invisible characters inside words, and
    apostrophes inside Cyrillic and Hebrew words, are removed. The rest is normalised (NFKC) and
    casefolded, and the end of a sentence is a full stop. Never raises, and
    `clean(clean(x)) == clean(x)`.

    Examples
    --------
    >>> clean("<p>Caf&eacute;<p>Stra<b>ße</b> &amp; more<script>let x</script>").split()
    ['café', 'strasse', 'more']
    >>> clean("if a < b then c > d").split()
    ['if', 'a', 'b', 'then', 'c', 'd']
    """
    text = visible_text(text)
    if text.isascii():
        return text.translate(_ASCII)
    text = _INSIDE_WORDS.sub("", _BETWEEN_WORDS.sub(" ", text))
    text = _REMAINING.sub(" ", _casefold(text))
    for stop in _FULL_STOPS:
        text = text.replace(stop, ".")
    return _APOSTROPHE.sub("", text)


def _casefold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)
