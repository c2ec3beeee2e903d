"""The script a text is written in, on which its tokenisation depends."""

import unicodedata
from collections import Counter

from training.texts.clean import clean


def script_of(text: str) -> str:
    """Return the script of most letters of a text, as Unicode names it; "" without letters.

    Examples
    --------
    >>> script_of("<p>Привет, world"), script_of("東京都の新聞"), script_of("2024")
    ('cyrillic', 'cjk', '')
    """
    letters = Counter(letter for letter in clean(text) if letter.isalpha())
    scripts = Counter[str]()
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "unnamed").split()[0].lower()] += count
    return max(sorted(scripts), key=scripts.__getitem__, default="")
