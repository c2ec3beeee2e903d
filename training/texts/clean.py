"""Plain, normalised text from whatever a site's fields hold: HTML, entities, control characters."""

import re
import unicodedata
from typing import Final

import regex
from selectolax.lexbor import LexborHTMLParser

_BLOCKS: Final = (
    "address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|img|input|legend|li|link|"
    "main|menu|meta|nav|ol|optgroup|option|p|pre|section|select|summary|table|tbody|td|tfoot|th|"
    "thead|title|tr|ul"
)
_INLINE: Final = (
    "a|abbr|b|big|cite|code|del|dfn|em|font|i|iframe|ins|kbd|label|mark|noscript|object|q|"
    "rp|rt|ruby|s|samp|small|span|strike|strong|sub|sup|svg|template|textarea|time|tt|u|var|"
    "video|wbr"
)
_DROPPED: Final = ["script", "style"]
_MARKUP: Final = re.compile(
    rf"<(?=[!/a-z])(?:!--|!doctype\b|/?(?:{'|'.join(_DROPPED)}|{_BLOCKS}|{_INLINE})(?:\s[^<>]*|/)?>)",
    re.IGNORECASE,
)
_BLOCK_TAG: Final = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_OTHER_TAG: Final = re.compile(rf"</?(?!(?:{'|'.join(_DROPPED)})[\s/>])[a-z][^<>]*>", re.IGNORECASE)

_BETWEEN_WORDS: Final = regex.compile(r"[\p{Cc}\p{Co}\p{Cs}\u200b\ufeff]")
_INSIDE_WORDS: Final = regex.compile(r"\p{Cf}")
_ASCII: Final = {
    code: " " if code < 32 or chr(code) in "\x7f&<>" else chr(code).lower() for code in range(128)
}
_LEFT: Final = re.compile("[\x00-\x1f\x7f&<>]")
"""Characters that casefolding may leave, and that `_ASCII` replaces in ASCII texts."""


def clean(text: str) -> str:
    """Return the text as a reader sees it, normalised for comparison.

    Markup is removed, with the content of scripts and styles. Entities are decoded. Control
    characters and remaining `&`, `<` and `>` become spaces. Invisible characters inside words are
    removed. The rest is normalised (NFKC) and casefolded. Never raises, and
    `clean(clean(x)) == clean(x)`.

    Examples
    --------
    >>> clean("<p>Caf&eacute;<p>Stra<b>ße</b> &amp; more<script>let x</script>").split()
    ['café', 'strasse', 'more']
    >>> clean("if a < b then c > d").split()
    ['if', 'a', 'b', 'then', 'c', 'd']
    """
    if "<" in text or "&" in text:
        for _ in range(2):  # feeds may escape a whole page, so it is decoded twice
            text = _strip_markup(text)
    if text.isascii():
        return text.translate(_ASCII)
    text = _INSIDE_WORDS.sub("", _BETWEEN_WORDS.sub(" ", text))
    return _LEFT.sub(" ", _casefold(text))


def _strip_markup(text: str) -> str:
    """Remove the markup and decode the entities; `<` in plain text is a character."""
    if "<" in text and _MARKUP.search(text):
        # Tags are removed before parsing: those of blocks separate words, and elements that are
        # never closed would nest so deeply that parsing takes minutes.
        return _parse_html(_OTHER_TAG.sub("", _BLOCK_TAG.sub(" ", text)))
    return _parse_html(text.replace("<", "&lt;")) if "&" in text else text


def _parse_html(html: str) -> str:
    tree = LexborHTMLParser(html.encode("utf-8", "replace"))
    tree.strip_tags(_DROPPED)
    return tree.root.text() if tree.root else ""


def _casefold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)
