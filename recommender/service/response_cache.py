"""Responses to lookups: serialised, compressed where it pays, cached while the version stays.

Readers open the same few hundred stories, so most requests repeat an earlier one.
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
SlotCounts = Mapping[tuple[str, str], int]
"""Number of stories by block and reason."""

MAX_CACHE_BYTES: Final = 16 << 20
"""Bytes of responses in the cache; when they are reached, all of them are dropped."""

_ENTRY_OVERHEAD_BYTES: Final = 1000
"""Memory that an entry takes beside its text, roughly."""

_GZIP_LEVEL: Final = 4  # 9 takes half as long again, for 4 % less
_ACCEPTS_GZIP: Final = re.compile(rb"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


class LookupResult:
    """The result of a lookup: its JSON, and how many stories of which reason each block has."""

    def __init__(
        self, content: dict[str, Any], blocks: Sequence[tuple[str, Sequence[RelatedStory]]]
    ) -> None:
        self.content = content
        self.slots: SlotCounts = Counter(
            (key, s.reason) for key, stories in blocks for s in stories
        )


class LookupResponse(Response):
    """A response to a lookup, with headers of bytes that need no encoding."""

    def __init__(self, body: bytes, headers: Headers, slots: SlotCounts, status: int = 200) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]
        self.slots = slots


Cached = dict[tuple[bytes, bytes, bool], tuple[bytes, Headers, SlotCounts]]
"""By path, query and whether gzip is accepted: the body, its headers, its slots."""


class ResponseCache:
    """Makes responses, and keeps those to GET requests while the snapshot stays the same.

    Parameters
    ----------
    options : Options
        `cache_control` and `gzip_from`.
    """

    def __init__(self, options: Options) -> None:
        self._cache_control = options.cache_control.encode()
        self._gzip_from = options.gzip_from or sys.maxsize
        self._snapshot: Snapshot | None = None
        self._data_time, self._tag = 0.0, b""
        self._headers: Headers = []
        self._cached: Cached = {}
        self._free_bytes = MAX_CACHE_BYTES

    def get(self, scope: Scope, snapshot: Snapshot) -> LookupResponse | None:
        """Return the response to a request; None where it is not in the cache."""
        accepts_gzip, known_tags = _read_headers(scope["headers"])
        cached = self._responses_of(snapshot).get(
            (scope["raw_path"], scope["query_string"], accepts_gzip)
        )
        if cached is None:
            return None
        body, headers, slots = cached
        return self._respond(body, headers, slots, known_tags)

    def put(self, scope: Scope, snapshot: Snapshot, result: LookupResult) -> LookupResponse:
        """Make the response to a request, and keep it."""
        accepts_gzip, known_tags = _read_headers(scope["headers"])
        cached = self._responses_of(snapshot)
        body = orjson.dumps(result.content)
        headers = [*self._headers, (b"etag", b"W/" + self._tag)]
        if accepts_gzip and len(body) >= self._gzip_from:
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
            headers.append((b"content-encoding", b"gzip"))
        key = scope["raw_path"], scope["query_string"], accepts_gzip
        size = len(body) + len(key[0]) + len(key[1]) + _ENTRY_OVERHEAD_BYTES
        if size > self._free_bytes:
            cached.clear()
            self._free_bytes = MAX_CACHE_BYTES
        self._free_bytes -= size
        cached[key] = body, headers, result.slots
        return self._respond(body, headers, result.slots, known_tags)

    def uncached(self, snapshot: Snapshot, result: LookupResult) -> LookupResponse:
        """Make a response that is not cached, for requests that are seldom repeated."""
        self._responses_of(snapshot)
        return self._respond(orjson.dumps(result.content), self._headers, result.slots, b"")

    def _responses_of(self, snapshot: Snapshot) -> Cached:
        """Return the cached responses of a snapshot; drop those of another one."""
        if snapshot is not self._snapshot:
            self._snapshot, self._data_time = snapshot, snapshot.now.timestamp()
            self._tag = b'"%s"' % snapshot.tag.encode()
            self._headers = [
                (b"content-type", b"application/json"),
                (b"cache-control", self._cache_control),
                (b"vary", b"accept-encoding"),
                (b"ymal-version", snapshot.version.encode()),
            ]
            self._cached, self._free_bytes = {}, MAX_CACHE_BYTES
        return self._cached

    def _respond(
        self, body: bytes, headers: Headers, slots: SlotCounts, known_tags: bytes
    ) -> LookupResponse:
        aged = [*headers, (b"ymal-age", b"%d" % (time.time() - self._data_time))]
        if self._tag in known_tags:
            return LookupResponse(b"", aged, slots, 304)
        return LookupResponse(body, aged, slots)


def _read_headers(headers: Headers) -> tuple[bool, bytes]:
    """Return whether gzip is accepted, and the value of If-None-Match."""
    accepts_gzip, known_tags = False, b""
    for name, value in headers:
        if name == b"accept-encoding":
            accepts_gzip = _ACCEPTS_GZIP.search(value) is not None
        elif name == b"if-none-match":
            known_tags = value
    return accepts_gzip, known_tags
