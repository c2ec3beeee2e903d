"""Texts as readers see them: without markup, hidden elements, shortcodes and embedded data."""

import json
import re
from contextlib import suppress
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

_BLOCKS: Final = (
    "address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|img|input|legend|li|link|"
    "main|menu|meta|nav|ol|optgroup|option|p|pre|section|select|summary|table|tbody|td|tfoot|th|"
    "thead|title|tr|ul"
)
_INLINE: Final = (
    "a|abbr|audio|b|big|cite|code|del|dfn|em|embed|font|i|ins|kbd|label|mark|param|picture|q|"
    "rp|rt|ruby|s|samp|small|source|span|strike|strong|sub|sup|time|track|tt|u|var|wbr|"
    "[a-z][a-z0-9]*[-:][a-z0-9:-]+"
)
_CODE: Final = ["script", "style"]
_FALLBACKS: Final = (
    "iframe|noscript|template|object|video|canvas|svg|textarea|noembed|noframes|applet"
)
"""Elements whose content a browser shows in their place only if it does not know them."""

_EMBEDS: Final = r"instagram-media|tiktok-embed|fb-(?:post|video)|reddit-(?:embed|card)"
"""Classes of quotations that a script replaces by a frame."""

_NAMES: Final = rf"{'|'.join(_CODE)}|{_BLOCKS}|{_INLINE}|{_FALLBACKS}"
_MARKUP: Final = re.compile(
    rf"<(?=[!/a-z])(?:!--|!doctype\b|!\[cdata\[|/?(?:{_NAMES})(?:\s[^<>]*|/)?>)", re.IGNORECASE
)
_BLOCK_TAG: Final = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_OTHER_TAG: Final = re.compile(rf"</?(?!(?:{'|'.join(_CODE)})[\s/>])[a-z][^<>]*>", re.IGNORECASE)
_CDATA: Final = re.compile(r"<!\[cdata\[|\]\]>", re.IGNORECASE)
_HIDDEN: Final = re.compile(
    rf"<(?:!--|(?P<fallback>{_FALLBACKS})(?=[\s/>])[^<>]*>"
    rf"|(?P<embed>blockquote)\s[^<>]*\bclass=[\"'][^\"'<>]*\b(?:{_EMBEDS})\b[^<>]*>"
    r"|(?P<hidden>[a-z][a-z0-9]*)\s(?:[^<>]*\s)?(?:hidden(?=[\s/>=])"
    r"|style=[\"'][^\"'<>]*display:\s*none\b"
    r"|class=[\"'][^\"'<>]*\b(?:screen-reader-text|sr-only|visually-hidden)\b)[^<>]*>)",
    re.IGNORECASE,
)
_BARE_AMPERSAND: Final = re.compile(r"&(?!#?\w+;)")

_DATA_URI: Final = re.compile(
    r"\bdata:(?:[\w.+-]{1,100}/[\w.+-]{1,100}|(?=;))(?:;[\w.+=-]{1,100}){0,5},[^\s\"'()<>\[\]]*"
    r"(?:\s+[A-Za-z0-9+/]{60,}(?=[\s)\"'=]))*(?:\s+[A-Za-z0-9+/]+=+)?",
    re.IGNORECASE,
)
_MARKDOWN_IMAGE: Final = re.compile(r"!\[[^\[\]]{0,1000}\]\([^()\s]*(?:\s+\"[^\"]{0,1000}\")?\s*\)")
_MARKDOWN_TARGET: Final = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]{0,1000}\")?\s*\)")

_ATTRIBUTES: Final = r"(?:[^\[\]\"'\n]|\"[^\"]{0,2000}\"|'[^']{0,2000}')*"
_SHORTCODE: Final = re.compile(
    rf"\[(?P<end>/?)(?P<name>[a-z][\w-]*)(?P<rest>(?:[\s=]{_ATTRIBUTES})?/?)\]", re.IGNORECASE
)
_SHORTCODE_END: Final = re.compile(r"\[/([a-z][\w-]*)\]", re.IGNORECASE)
_SHORTCODE_VALUE: Final = re.compile(
    rf"\[([a-z][\w-]*)(?:[\s=]{_ATTRIBUTES})?\]\s*(?=[^\s\[]*[\d=%/])[^\s\[]+\s*\[/\1\]",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"""=|\s["'“”„«]|\s\d|/$""")
_BARE_NAMES: Final = """
ad ads advert audio caption embed gallery more newsletter nextpage playlist poll signup subscribe
toc video youtube
"""
_BARE_SHORTCODES: Final = frozenset(_BARE_NAMES.split())
_PLACEHOLDER: Final = re.compile(
    r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}|\{/?[a-z][\w-]*(?:\s[^{}]{0,500})?\}"
    r"|\[\[\{.{0,2000}?\}\]\]",
    re.IGNORECASE,
)

_PASSES: Final = 2
"""Feeds may escape a whole page, so texts are decoded twice."""

_LINE_PASSES: Final = 4
_NAME_KEYS: Final = (
    "name", "label", "title", "term", "value", "text", "rendered", "display_name", "slug",
)  # fmt: skip
"""Keys under which an object holds its name, the best first."""


def visible_text(text: str) -> str:
    """Return a body as a reader sees it; block elements are separated by line breaks.

    Markup is removed, and so is what no reader sees: scripts and styles, `noscript`, `template`,
    what stands in for a frame, a video or a script's embed, hidden elements, comments, shortcodes,
    placeholders of templates, `data:` URIs, Markdown's images and targets. Entities are decoded.

    Examples
    --------
    >>> visible_text("[row a='1']<p>Caf&eacute;<noscript>Use a browser</noscript>[/row]").split()
    ['Café']
    """
    text = without_data(text)
    for _ in range(_PASSES):
        if "[" in text:
            text = _strip_shortcodes(text)
        if "<" not in text and "&" not in text:
            break
        before, text = text, strip_markup(text)
        if text == before:
            break
    if "{" in text:
        text = _PLACEHOLDER.sub(" ", text)
    return text


def without_data(text: str) -> str:
    """Remove `data:` URIs, such as pictures that are written into a text."""
    return _DATA_URI.sub(" ", text) if "data:" in text else text


def visible_name(text: str) -> str:
    """Return a title or a section's name as a reader sees it: a line, or the first name in JSON.

    Examples
    --------
    >>> visible_name('{"id": 3, "name": "Arts &amp; Culture"}'), visible_name("[Live] Vote")
    ('Arts & Culture', '[Live] Vote')
    """
    if text[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            text = next(iter(names_in(json.loads(text))), "")
    return visible_line(text)


def visible_line(text: str) -> str:
    """Return a title or name as a reader sees it: one line, without markup and entities.

    An ampersand of an address (`?a=1&copy=2`) stays; brackets stay.

    Examples
    --------
    >>> visible_line("Macron&amp;#8217;s <em>plan</em> for the V&amp;A")
    'Macron’s plan for the V&A'
    """
    for _ in range(_LINE_PASSES):
        if "<" not in text and "&" not in text:
            break
        before, text = text, strip_markup(text)
        if text == before:
            break
    return " ".join(text.split())


def visible_value(text: str) -> str:
    """Return a further field as a reader sees it: lines, or the lines inside of JSON.

    Examples
    --------
    >>> visible_value('[{"name": "Ann &amp; Bo"}]'), visible_value("Ann&nbsp;Bo ")
    ('[{"name": "Ann & Bo"}]', 'Ann Bo')
    """
    if "<" not in text and "&" not in text:
        return text
    if text[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            return json.dumps(_visible_json(json.loads(text)), ensure_ascii=False)
    return visible_line(text)


def _visible_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return visible_value(value) if "<" in value or "&" in value else value
    if isinstance(value, list):
        return [_visible_json(each) for each in value]
    if isinstance(value, dict):
        return {key: _visible_json(each) for key, each in value.items()}
    return value


def names_in(value: object) -> list[str]:
    """Return the names in a JSON value: texts and numbers, names of objects, of lists all.

    An object without a name gives the names inside of it, as GraphQL nests them. One that is
    internal (Ghost's tags with `#`) gives none.

    Examples
    --------
    >>> names_in([{"id": 3, "name": "Sport"}, ["a", 133], {"node": {"label": "Golf"}}])
    ['Sport', 'a', '133', 'Golf']
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, list):
        return [name for each in value for name in names_in(each)]
    if not isinstance(value, dict) or value.get("visibility") == "internal":
        return []
    for key in _NAME_KEYS:
        if value.get(key):
            return names_in(value[key])
    inside = [each for each in value.values() if isinstance(each, dict | list)]
    # Without any structure inside, an object is a map of ids to names.
    return names_in(inside or [each for each in value.values() if isinstance(each, str)])


def strip_markup(text: str) -> str:
    """Remove the markup and decode the entities once; `<` in plain text is a character."""
    if "&" in text:
        text = _BARE_AMPERSAND.sub("&amp;", text)
    if "<" in text and _MARKUP.search(text):
        if "<!" in text or "]]>" in text:
            text = _CDATA.sub("", text)
        # Tags are removed before parsing: those of blocks separate words, and elements that are
        # never closed would nest so deeply that parsing takes minutes.
        return _parse_html(_OTHER_TAG.sub("", _BLOCK_TAG.sub("\n", _drop_hidden(text))))
    return _parse_html(text.replace("<", "&lt;")) if "&" in text else text


def _parse_html(html: str) -> str:
    tree = LexborHTMLParser(html.encode("utf-8", "replace"))
    tree.strip_tags(_CODE)
    return tree.root.text() if tree.root else ""


def _drop_hidden(html: str) -> str:
    """Remove comments and elements that no reader sees; one that is never closed stays."""
    pieces, kept, never_closed = list[str](), 0, set[str]()
    for tag in _HIDDEN.finditer(html):
        if tag.start() < kept or tag[0].endswith("/>"):
            continue
        name = (tag["fallback"] or tag["embed"] or tag["hidden"] or "").lower()
        if name in never_closed:
            continue
        end = html.find("-->", tag.end()) + 3 if not name else 0
        if name and not _is_void(name):
            end = _end_of(html, name, tag.end(), nested=tag["fallback"] is None)
        if end <= tag.end():
            never_closed.add(name)
            continue
        pieces += html[kept : tag.start()], " "
        kept = end
    return "".join([*pieces, html[kept:]]) if kept else html


def _is_void(name: str) -> bool:
    return name in ("br", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


def _end_of(html: str, name: str, start: int, *, nested: bool) -> int:
    """Return where an element ends that began before `start`; -1 if it is never closed."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?=[\s/>])[^<>]*>", re.IGNORECASE).finditer(html, start):
        depth += -1 if tag[1] else int(nested)
        if not depth:
            return tag.end()
    return -1


def _strip_shortcodes(text: str) -> str:
    """Remove shortcodes, and what they enclose if it is a value; bracketed words stay."""
    if "](" in text:
        text = _MARKDOWN_TARGET.sub("] ", _MARKDOWN_IMAGE.sub(" ", text))
    closed = {name.lower() for name in _SHORTCODE_END.findall(text)}
    if closed:
        text = _SHORTCODE_VALUE.sub(" ", text)

    def replacement(code: re.Match[str]) -> str:
        name = code["name"].lower()
        is_code = (
            code["end"]
            or name in closed
            or _ATTRIBUTE.search(code["rest"])
            or (not code["rest"] and (name in _BARE_SHORTCODES or not name.isalpha()))
        )
        return " " if is_code else code[0]

    return _SHORTCODE.sub(replacement, text)
