"""The one form of words that readers take as one, by a rule for each script.

* Latin: without acute, grave and circumflex accents, which capitals may lack, and diaeresis on e, i
  and y; dotless and dotted i are one; œ is oe; a comma below is a cedilla.
* Syllables of Vietnamese: accents stay, and the tone is on the last vowel.
* Greek: without accents, breathings and diaeresis.
* Cyrillic: ё is е; without stress marks.
* Arabic: the forms of yeh are one, and so are those of kaf and of heh; no tatweel, no marks.
* Hebrew: without points.

Letters that readers tell apart stay: ä, ö, ü, å, ñ, ç, ş, č, ł, й, ї.
"""

import re
import unicodedata
from typing import Final

_ARABIC_OPTIONAL: Final = "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8"
"""Tatweel and the marks that most Arabic texts leave out."""

_OPTIONAL: Final = re.compile(
    f"[{_ARABIC_OPTIONAL}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+"
)
_LETTERS: Final = str.maketrans(
    {
        "ı": "i",
        "œ": "oe",
        "ё": "е",
        "ѐ": "е",
        "ѝ": "и",
        **dict.fromkeys("ىیېے", "ي"),
        **dict.fromkeys("کڪ", "ك"),
        **dict.fromkeys("ہۀۂە", "ه"),
    }
)
_HAS_VARIANTS: Final = re.compile(
    "[à-öø-ÿĀ-ſƠ-ưǍ-ǿȀ-ȳȘ-ț\u0300-\u036fЁѐёѝ\u0370-\u03ff\u1e00-\u1fffىیېےکڪہۀۂە]"
)
_DROPPED_MARKS: Final = re.compile(
    "(?<=i)[\u0300-\u0302\u0307\u0308]+"
    "|(?<=[ey])[\u0300-\u0302\u0308]+"
    "|(?<=[a-z])[\u0300-\u0302]+"
    "|(?<=[\u0370-\u03ff])[\u0300-\u0345]+"
    "|(?<=[аеиоуыэюяіїє])[\u0300\u0301]+"
)
_COMMA_BELOW, _CEDILLA = "\u0326", "\u0327"
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_SYLLABLE: Final = re.compile(
    "(?:ngh?|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnprstvx])?"
    f"(?:[aeiouy][\u0302\u0306\u031b{_TONES}]*){{1,3}}"
    "(?:ng|nh|ch|[cmnpt])?"
)
_TONE: Final = re.compile(f"[{_TONES}]")
_LAST_VOWEL: Final = re.compile("[aeiouy][\u0302\u0306\u031b]*(?=[^aeiouy]*$)")


def without_optional_marks(word: str) -> str:
    """Remove what most texts leave out: tatweel and vowel marks in Arabic, points in Hebrew."""
    return _OPTIONAL.sub("", word)


def fold(word: str) -> str:
    """Return the form that stands for all written forms of a word, in Unicode's NFC.

    The word is cleaned (normalised and casefolded), and has no optional marks.

    Examples
    --------
    >>> [fold(word) for word in ("école", "i̇yi", "schön", "σίσυφοσ", "ёлка", "hòa", "hoà")]
    ['ecole', 'iyi', 'schön', 'σισυφοσ', 'елка', 'hoà', 'hoà']
    """
    if word.isascii() or not _HAS_VARIANTS.search(word):
        return word
    word = unicodedata.normalize("NFD", word.translate(_LETTERS))
    if not _SYLLABLE.fullmatch(word):
        word = _DROPPED_MARKS.sub("", word.replace(_COMMA_BELOW, _CEDILLA))
    if _SYLLABLE.fullmatch(word):  # perhaps only now
        word = _move_tone(word)
    return unicodedata.normalize("NFC", word)


def _move_tone(syllable: str) -> str:
    """Put the tone of a Vietnamese syllable behind its last vowel."""
    tone = _TONE.search(syllable)
    if not tone:
        return syllable
    return _LAST_VOWEL.sub(lambda vowel: vowel[0] + tone[0], _TONE.sub("", syllable), count=1)
