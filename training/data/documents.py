"""JSON documents to JSON Lines: an array of rows, or an object that wraps one.

APIs answer `[{...}, ...]`, `{"data": [...]}` or `{"db": [{"data": {"posts": [...]}}]}`, on one line
or on many, and pages of answers may follow each other in one file. The document is mapped into
memory and cut at its brackets; it is never parsed as a whole, so its size does not matter.
"""

import json
import mmap
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from training.data.scan import Source, Wanted
from training.errors import DataError
from training.records import Int64, quantity

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[{}\[\]]', re.S)
"""A string, which ends with the text if nothing closes it, or a bracket."""

_ROWS: Final = (
    "posts", "data", "items", "articles", "results", "rows", "entries", "stories", "nodes",
    "edges", "hits", "documents", "docs", "records", "content", "events", "visits", "value",
    "pages", "news", "result",
)  # fmt: skip
"""What APIs call the array of their rows, the likeliest first."""

_ID: Final = re.compile(rb'"(id|_id|uuid|guid|nid)"')
"""A key that a row has, and an object that wraps rows has not."""

_MIN_SHARE: Final = {True: 0.02, False: 0.5}
"""Share of an object's bytes that its rows have, if their array has a usual name, and if not."""

_MIN_SHARE_IN_LINES: Final = {True: 0.8, False: 2.0}
"""The same, where another object follows on the next line: these objects may be rows themselves."""

_EMPTY_BYTES: Final = 4
"""An empty page of an API is no longer, its line end included."""

_EACH: Final = b'"actionDetails"'
"""Matomo's visits: the array of actions, of which each becomes a row."""


class _Join(NamedTuple):
    """Names that an export keeps apart from its rows, and the pairs that join them."""

    rows: str
    names: str
    pairs: str
    row_key: str
    name_key: str
    order: str
    field: str


_JOINS: Final = (
    _Join("db.data.posts", "db.data.tags", "db.data.posts_tags", "post_id", "tag_id",
          "sort_order", "tags"),
)  # fmt: skip
"""Ghost's export has the tags of its posts in tables of their own."""


class _Part(NamedTuple):
    """An object that stands in an array (`is_row`), or an array: its path, and where it lies."""

    path: str
    is_row: bool
    start: int
    end: int


@dataclass
class _Array:
    """What is known of all arrays of one path."""

    arrays: int = 0
    rows: int = 0
    size: int = 0


def is_document(head: bytes) -> bool:
    """Return whether a text is a JSON document, and not JSON Lines, by its first lines."""
    text = head.lstrip()
    first, _, rest = text.partition(b"\n")
    if text.startswith(b"[") or _EACH in first:
        return True
    if not text.startswith(b"{"):
        return False
    in_lines = rest.lstrip().startswith(b"{")
    parts = _Parts(first)
    arrays = _measure(parts)
    if parts.depth:  # the document goes on, or a line of JSON Lines is broken
        is_layout = first.rstrip().endswith((b"{", b"[", b","))
        return is_layout or not (in_lines or parts.is_row)
    return _choose(arrays, parts, _MIN_SHARE_IN_LINES if in_lines else _MIN_SHARE) != ""


def to_lines(source: Source, out: Path, wanted: Wanted) -> Source:
    """Write the rows of a JSON document as JSON Lines.

    Parameters
    ----------
    source : Source
        The document.
    out : Path
        Where the rows go, each on a line.
    wanted : Wanted
        Which array holds the rows, by its path (`db.data.posts`); `""` finds it.

    Raises
    ------
    DataError
        If the document ends in the middle, or if it has no such array.
    """
    with source.plain.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
        parts = _Parts(m)
        arrays = _measure(parts)
        if parts.depth and not wanted.partial:
            brackets = quantity(parts.depth, "bracket")
            verb = "is" if parts.depth == 1 else "are"
            raise DataError(
                f"{source.path}: JSON that ends in the middle ({brackets} {verb} open); export it "
                "again"
            )
        path = wanted.rows or _choose(arrays, parts)
        if path not in arrays:
            known = ", ".join(sorted(name for name in arrays if name)) or "none"
            raise DataError(
                f"{source.path}: no array {path!r} ({wanted.kind}.rows); arrays found: {known}"
            )
        lines = _write_rows(m, path, out)
        if not len(lines) and len(arrays) == 1 and len(m) > _EMPTY_BYTES:
            raise DataError(
                f"{source.path}: has no JSON object, so no row; write a list of objects, or one "
                "object per line"
            )
    found = [name for name, array in arrays.items() if name and array.rows]
    return Source(source.path, out, lines, path, sorted(found))


class _Parts:
    """The objects in arrays, and the arrays, of a text, each when it ends.

    Attributes
    ----------
    depth : brackets that are open where the text ends.
    is_row : whether its first object has a key of its own, and so is a row.
    size : bytes of the objects that stand in nothing else.
    """

    def __init__(self, text: bytes | mmap.mmap) -> None:
        self._text = text
        self.depth = 0
        self.is_row = False
        self.size = 0

    def __iter__(self) -> Iterator[_Part]:
        text, last = self._text, b""
        # Of each open bracket: whether it is an array, its path, and where it begins. Documents
        # that follow each other stand in an array of their own.
        stack: list[tuple[bool, str, int]] = [(True, "", 0)]
        for match in _TOKEN.finditer(text):
            token = match[0]
            if len(token) > 1:
                last = token
                if len(stack) == 2 and not stack[1][0] and not self.is_row:
                    self.is_row = bool(_ID.fullmatch(token)) and _is_key(text, match.end())
            elif token in b"{[":
                in_array, path, _ = stack[-1]
                if not in_array:
                    name = last[1:-1].decode("utf-8", "replace")
                    path = f"{path}.{name}" if path else name
                stack.append((token == b"[", path, match.start()))
            elif token in b"}]" and len(stack) > 1:
                is_array, path, start = stack.pop()
                if is_array or stack[-1][0]:
                    yield _Part(path, not is_array, start, match.end())
                if len(stack) == 1 and not is_array:
                    self.size += match.end() - start
        self.depth = len(stack) - 1


def _is_key(text: bytes | mmap.mmap, end: int) -> bool:
    return bytes(text[end : end + 8]).lstrip().startswith(b":")


def _measure(parts: _Parts) -> dict[str, _Array]:
    """Return the arrays of a document by path; documents that follow each other are in `""`."""
    arrays: dict[str, _Array] = defaultdict(_Array)
    arrays[""] = _Array()
    for part in parts:
        array = arrays[part.path]
        if part.is_row:
            array.rows += 1
        else:
            array.arrays += 1
            array.size += part.end - part.start
    return dict(arrays)


def _choose(
    arrays: Mapping[str, _Array], parts: _Parts, least: Mapping[bool, float] = _MIN_SHARE
) -> str:
    """Return the path of the array that holds the rows; `""` for the document itself."""
    if arrays[""].arrays or parts.is_row:
        return ""

    def order(path: str) -> tuple[bool, int, int]:
        return path.rpartition(".")[2] not in _ROWS, path.count("."), -arrays[path].size

    for path in sorted(filter(None, arrays), key=order):
        usual = path.rpartition(".")[2] in _ROWS
        array = arrays[path]
        once = array.arrays <= arrays[""].rows
        if once and (array.rows or usual) and array.size >= least[usual] * parts.size:
            return path
    return ""


def _write_rows(text: mmap.mmap, path: str, out: Path) -> Int64:
    """Write the objects of an array, a line each; return the lines that they began on."""
    joins = [_names_of_rows(text, join) for join in _JOINS if join.rows == path]
    lines, line, walked = [], 1, 0
    with out.open("wb") as file:
        for part in _Parts(text):
            if part.path != path or not part.is_row:
                continue
            row = bytes(text[part.start : part.end])
            line += text[walked : part.start].count(b"\n")
            walked = part.start
            for written in _rows_of(row, joins):
                file.write(written.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n")
                lines.append(line)
    return np.array(lines, np.int64)


def _rows_of(row: bytes, joins: Sequence[tuple[str, Mapping[str, Sequence[str]]]]) -> list[bytes]:
    """Return the rows that an object stands for; one that is no JSON stands for itself."""
    if not joins and _EACH not in row:
        return [row]
    try:
        values: dict[str, Any] = json.loads(row)
    except ValueError:
        return [row]
    for field, names in joins:
        values[field] = names.get(str(values.get("id")), [])
        values["primary_tag"] = {"name": values[field][0]} if values[field] else None
    each = values.get("actionDetails")
    rows = [values | {"actionDetails": one} for one in each] if isinstance(each, list) else [values]
    return [json.dumps(one, ensure_ascii=False).encode() for one in rows]


def _names_of_rows(text: mmap.mmap, join: _Join) -> tuple[str, Mapping[str, Sequence[str]]]:
    """Return the field of a join, and its names in their order, by the id of the row."""
    names: dict[str, str] = {}
    pairs: list[tuple[float, str, str]] = []
    for part in _Parts(text):
        if not part.is_row or part.path not in (join.names, join.pairs):
            continue
        try:
            row = json.loads(bytes(text[part.start : part.end]))
            if part.path == join.names:
                names[str(row["id"])] = str(row["name"])
            else:
                order = float(row.get(join.order) or 0)
                pairs.append((order, str(row[join.row_key]), str(row[join.name_key])))
        except (ValueError, KeyError, TypeError):
            continue  # a pair that cannot be read joins nothing
    found: dict[str, list[str]] = defaultdict(list)
    for _, row_id, name_id in sorted(pairs):
        if name_id in names:
            found[row_id].append(names[name_id])
    return join.field, found
