"""Feeds and other lists of articles in XML to JSON Lines: RSS, Atom, sitemaps, WordPress exports.

Each item becomes a row with our own names of fields, so no column has to be configured. The file is
read by expat, which the standard library has, piece by piece; no entity is expanded and nothing is
fetched, so a file cannot be a bomb.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import numpy as np

from training.data.scan import Source, Wanted
from training.errors import DataError

_ROOTS: Final = {"rss": "item", "RDF": "item", "feed": "entry", "urlset": "url"}
"""The outermost element of each kind, and the element of an item."""

_MAX_DEPTH: Final = 200
_CHUNK: Final = 1 << 20

_WORDPRESS: Final = "http://wordpress.org/export/"

Texts = dict[str, list[str]]
"""Texts of the elements of an item by path, such as `title` and `news.title`."""


class _RefusedError(Exception):
    """What a feed has no need of."""


def is_feed(head: bytes) -> bool:
    """Return whether a text is XML of a kind that may list articles, by its first bytes."""
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return False
    names = (b"<rss", b"<feed", b"<urlset", b"<rdf:rdf", b"<sitemapindex")
    return text.startswith((b"<?xml", *names))


def to_lines(source: Source, out: Path, wanted: Wanted) -> Source:
    """Write the items of a feed as JSON Lines.

    Raises
    ------
    DataError
        If it is not well-formed, is XML of another kind, or declares entities.
    """
    reader = _Reader(source.path)
    lines = []
    with source.plain.open("rb") as file, out.open("wb") as written:
        for line, row in reader.rows(file.read, partial=wanted.partial):
            written.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            lines.append(line)
    return Source(source.path, out, np.array(lines, np.int64))


class _Reader:
    """Reads the items of one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stack: list[str] = []
        self._item = ""
        self._at = 0
        self._line = 0
        self._parser = expat.ParserCreate()
        self._text: list[list[str]] = [[]]
        self._texts: Texts = {}
        self._language = ""
        self._found: list[tuple[int, dict[str, Any]]] = []

    def rows(
        self, read: Callable[[int], bytes], *, partial: bool
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the line and the fields of each item."""
        chunk = read(_CHUNK)
        parser = self._create_parser(chunk)
        while True:
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                if partial and self._at:
                    break
                raise DataError(
                    f"{self._path}:{error.lineno}: not well-formed XML "
                    f"({expat.ErrorString(error.code)}); it may have been cut short: fetch it again"
                ) from None
            except _RefusedError as error:
                raise DataError(f"{self._path}:{parser.CurrentLineNumber}: {error}") from None
            yield from self._found
            self._found.clear()
            if not chunk:
                break
            chunk = read(_CHUNK)
        yield from self._found

    def _create_parser(self, head: bytes) -> expat.XMLParserType:
        # UTF-16 was made UTF-8 before, though it still says otherwise.
        declared = head[:200].lower()
        parser = expat.ParserCreate("utf-8" if b"utf-16" in declared else None, "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        # Names such as &nbsp; that XML does not know are skipped, not errors: nothing is fetched.
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        parser.UseForeignDTD(True)
        parser.ExternalEntityRefHandler = self._external
        parser.SkippedEntityHandler = lambda name, _: self._characters(unescape(f"&{name};"))
        self._parser = parser
        return parser

    def _external(
        self, context: str, _base: str | None, _system: str | None, _public: str | None
    ) -> int:
        """Put nothing in the place of what stands elsewhere."""
        self._parser.ExternalEntityParserCreate(context).Parse(b"", True)
        return 1

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, has_subset: bool
    ) -> None:
        if has_subset:
            raise _RefusedError("declares entities, which no feed needs; they are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition("}")
        if not self._stack:
            if local == "sitemapindex":
                raise _RefusedError("is a list of sitemaps; give those that it names")
            if local not in _ROOTS:
                raise _RefusedError(f"is XML, <{local}>, and no feed, sitemap or WordPress export")
            self._item = _ROOTS[local]
            self._language = attributes.get("http://www.w3.org/XML/1998/namespace}lang", "")
        if len(self._stack) > _MAX_DEPTH:
            raise _RefusedError(f"is nested more than {_MAX_DEPTH} deep, which no feed is")
        label = f"wp:{local}" if space.startswith(_WORDPRESS) else local
        label = f"excerpt:{local}" if "/excerpt" in space else label
        self._stack.append(label)
        if local == self._item and not self._at:
            self._at, self._line, self._texts = len(self._stack), self._parser.CurrentLineNumber, {}
        elif self._at:
            self._attributes(local, attributes)
        self._text.append([])

    def _characters(self, text: str) -> None:
        self._text[-1].append(text)

    def _attributes(self, local: str, attributes: Mapping[str, str]) -> None:
        """Note what an element of an item says in attributes."""
        if local == "link" and attributes.get("rel", "alternate") == "alternate":
            self._add("link", attributes.get("href", ""))
        if local == "category":
            self._add("category", attributes.get("label") or attributes.get("term", ""))
            self._stack[-1] = f"category {attributes.get('domain', '')}".strip()

    def _end(self, _name: str) -> None:
        path = ".".join(self._stack[self._at :]) if self._at else ""
        text = "".join(self._text.pop())
        if self._at and len(self._stack) == self._at:
            self._found.append((self._line, _row(self._texts, self._language)))
            self._at = 0
        elif self._at:
            self._add(path, text)
            self._text[-1].append(f" {text} ")  # markup inside of an element is text of it too
        elif self._stack[1:] == ["channel", "language"]:
            self._language = text.strip()
        self._stack.pop()

    def _add(self, path: str, text: str) -> None:
        if text.strip():
            self._texts.setdefault(path, []).append(text.strip())


def _row(texts: Texts, language: str) -> dict[str, Any]:
    """Return the fields of an item, without those that it lacks."""

    def first(*paths: str) -> str:
        return next((texts[path][0] for path in paths if path in texts), "")

    tags: Sequence[str] = texts.get("category post_tag", texts.get("category", []))
    if "news.keywords" in texts:
        tags = [tag.strip() for tag in first("news.keywords").split(",")]
    link = first("link", "loc")
    published = first("wp:post_date_gmt", "pubDate", "published", "news.publication_date", "date")
    if "wp:post_date_gmt" in texts:
        published = f"{published.replace(' ', 'T')}Z" if published[:4] != "0000" else ""
    fields = {
        "id": first("wp:post_id", "guid", "id", "loc") or link,
        "title": first("title", "news.title"),
        "body": first("encoded", "content", "description", "summary", "excerpt:encoded"),
        "section": first("category category", "category"),
        "tags": tags,
        "url": link,
        "published_at": published,
        "modified_at": first("wp:post_modified_gmt", "updated", "lastmod"),
        "language": first("news.publication.language") or language,
    }
    row = {name: value for name, value in fields.items() if value}
    if "wp:status" in texts:  # an empty password says that there is none
        row |= {
            "status": first("wp:status"),
            "post_type": first("wp:post_type"),
            "post_password": first("wp:post_password"),
        }
    return row
