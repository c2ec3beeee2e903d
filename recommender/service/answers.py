"""Answers: serialised, compressed where it pays, and kept while what is served stays the same.

Readers open the same few hundred stories, so most requests ask what was asked before.
"""

import gzip
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Scope

from ..snapshot import Snapshot
from ..values import RelatedStory
from .options import Options

Headers = list[tuple[bytes, bytes]]
Slots = Mapping[tuple[str, str], int]
Kept = dict[tuple[bytes, bytes, bool], tuple[bytes, Headers, Slots]]
"""By path, query and whether gzip is accepted: the body, its headers, what it shows."""

KEPT: Final = 16 << 20
"""Bytes of answers that are kept, before all of them are let go."""

_OVERHEAD: Final = 1000
"""Bytes that an answer takes beside its text, roughly."""

_SPEED: Final = 4  # of gzip: 9 takes half as long again, for 4 % less
_GZIP: Final = re.compile(rb"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


class Given:
    """What a lookup gave: as JSON has it, and the stories of each block."""

    def __init__(
        self, found: dict[str, Any], blocks: Sequence[tuple[str, Sequence[RelatedStory]]]
    ) -> None:
        self.found = found
        self.slots: Slots = Counter((key, s.reason) for key, stories in blocks for s in stories)


class Answer(Response):
    """A response whose headers are written but for two."""

    def __init__(self, text: bytes, headers: Headers, slots: Slots, status: int = 200) -> None:
        self.body, self.status_code, self.background = text, status, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(text))]
        self.slots = slots


class Answers:
    """Makes answers, and keeps those to what may be asked again.

    Parameters
    ----------
    options : Options
        `cache_control` and `gzip_from`.
    """

    def __init__(self, options: Options) -> None:
        self._cache_control = options.cache_control.encode()
        self._gzip_from = options.gzip_from or sys.maxsize
        self._now: Snapshot | None = None
        self._born, self._tag = 0.0, b""
        self._headers: Headers = []
        self._kept: Kept = {}
        self._room = KEPT

    def find(self, scope: Scope, now: Snapshot) -> Answer | None:
        """Give the answer to a request, if it is kept."""
        zipped, tag = _asked(scope["headers"])
        kept = self._since(now).get((scope["raw_path"], scope["query_string"], zipped))
        if kept is None:
            return None
        text, headers, slots = kept
        return self._answer(text, headers, slots, tag)

    def keep(self, scope: Scope, now: Snapshot, given: Given) -> Answer:
        """Answer a request by what was given, and keep it."""
        zipped, tag = _asked(scope["headers"])
        kept = self._since(now)
        text, headers = _json(given), [*self._headers, (b"etag", b"W/" + self._tag)]
        if zipped and len(text) >= self._gzip_from:
            text = gzip.compress(text, _SPEED, mtime=0)
            headers.append((b"content-encoding", b"gzip"))
        key = scope["raw_path"], scope["query_string"], zipped
        size = len(text) + len(key[0]) + len(key[1]) + _OVERHEAD
        if size > self._room:
            kept.clear()
            self._room = KEPT
        self._room -= size
        kept[key] = text, headers, given.slots
        return self._answer(text, headers, given.slots, tag)

    def once(self, now: Snapshot, given: Given) -> Answer:
        """Answer by what was given, to a request that nobody repeats."""
        self._since(now)
        return self._answer(_json(given), self._headers, given.slots, b"")

    def _since(self, now: Snapshot) -> Kept:
        """Give what is kept of a snapshot; of another one nothing is kept any more."""
        if now is not self._now:
            self._now, self._born = now, now.now.timestamp()
            self._tag = b'"%s"' % now.tag.encode()
            self._headers = [
                (b"content-type", b"application/json"),
                (b"cache-control", self._cache_control),
                (b"vary", b"accept-encoding"),
                (b"ymal-version", now.version.encode()),
            ]
            self._kept, self._room = {}, KEPT
        return self._kept

    def _answer(self, text: bytes, headers: Headers, slots: Slots, tag: bytes) -> Answer:
        aged = [*headers, (b"ymal-age", b"%d" % (time.time() - self._born))]
        if self._tag in tag:
            return Answer(b"", aged, slots, 304)
        return Answer(text, aged, slots)


def _asked(headers: Headers) -> tuple[bool, bytes]:
    """Tell whether gzip is accepted, and which answers the client has."""
    zipped, tag = False, b""
    for name, value in headers:
        if name == b"accept-encoding":
            zipped = _GZIP.search(value) is not None
        elif name == b"if-none-match":
            tag = value
    return zipped, tag


def _json(given: Given) -> bytes:
    return orjson.dumps(given.found)
