"""The ASGI application: each route reads parameters, calls the lookup, serialises the result."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..lookup import Recommender
from ..manifest import ArtifactError
from ..snapshot import Missing, Snapshot, UnknownArticle
from ..values import RelatedStory, iso
from . import browse, metrics, operations
from .openapi import describe, reference_page
from .operations import Operation, problem_body
from .options import Options
from .parameters import Parameter, Problem, read_body, read_path, read_query
from .response_cache import LookupResult, ResponseCache

LookUp = Callable[..., LookupResult]
"""Takes a snapshot, and the parameters of its operation by name."""
Handler = Callable[..., Awaitable[Response]]
"""Takes the parameters of a query by name."""
Responder = Callable[[Scope, Receive], Awaitable[Response]]
ProblemResponse = Callable[[HTTPException], Response]
"""Writes a problem: as JSON for programs, or as HTML for people."""

_RETRY_SECONDS: Final = 0.5
"""Time between two attempts to open a directory that cannot be served."""

_log = logging.getLogger("ymal.service")


class Service:
    """The ASGI application of one worker.

    Parameters
    ----------
    options : Options
        `artifacts` is the served directory; while it cannot be served, responses are 503.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._recommender: Recommender | None = None
        self._retry_at, self._last_error = 0.0, ""
        self._cache = ResponseCache(options)
        self._slots = metrics.SlotMetrics()
        self._openapi = orjson.dumps(describe(), option=orjson.OPT_INDENT_2)
        self._reference = reference_page()
        routes = [
            self._lookup(operations.RELATED, related),
            self._lookup(operations.PAGE, page),
            self._lookup(operations.BLOCK, block),
            self._lookup(operations.VERSION, version),
            Route(operations.NEXT.path, Endpoint("next", self.next, _problem), methods=["POST"]),
            _route(operations.HEALTH.path, self.healthz),
            _route(operations.READY.path, self.readyz),
            _route(operations.METRICS.path, self.metrics),
            _route(operations.OPENAPI.path, self.openapi),
            _route("/docs", self.docs),
        ]
        if options.browse:
            routes += [
                _route("/", self.search, browse.QUERY, problem=browse.error_page),
                _route("/story", self.story, browse.STORY, problem=browse.error_page),
            ]
        cors = Middleware(
            CORSMiddleware,
            allow_origins=options.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Content-Type", "If-None-Match"),
            expose_headers=tuple(operations.HEADERS),
        )
        self._app = Starlette(
            routes=routes,
            middleware=[cors] if options.cors_origins else [],
            exception_handlers={HTTPException: _no_route},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            # Routes are matched on the raw path: decoding it may change what an id means.
            scope["path"] = scope["raw_path"].decode("latin-1")
        await self._app(scope, receive, send)

    async def next(self, scope: Scope, receive: Receive) -> Response:
        """Return the stories to read next on a visit."""
        read_query(scope, operations.NEXT.query)
        seconds = self._options.client_timeout
        params = await read_body(scope, receive, seconds, operations.NEXT.body)
        snapshot = self._current()
        stories = snapshot.next_for(**params)
        content = {"version": snapshot.version, "items": _stories(stories)}
        result = LookupResult(content, [("next", stories)])
        self._slots.count(result.slots)
        return self._cache.uncached(snapshot, result)

    async def healthz(self) -> Response:
        """Return whether this worker is alive, and the age of its data."""
        snapshot = self._snapshot()
        if snapshot is None:
            return _json({"status": "nothing to serve"})
        return _json(
            {
                "status": "stale" if self._is_stale(snapshot) else "ok",
                "version": snapshot.version,
                "now": iso(snapshot.now),
                "age_seconds": round(snapshot.age.total_seconds(), 1),
            }
        )

    async def readyz(self) -> Response:
        """Return whether this worker is ready for requests."""
        if self._is_stale(self._current()) and self._options.stale_is_unready:
            raise Problem(503, "the data is stale")
        return _json({"status": "ready"})

    async def metrics(self) -> Response:
        """Return the metrics of all workers in Prometheus' text format."""
        self._slots.write()
        return _no_store(metrics.exposition(self._snapshot()), metrics.CONTENT_TYPE)

    async def openapi(self) -> Response:
        """Return the description of the API for programs."""
        return _no_store(self._openapi, "application/json")

    async def docs(self) -> Response:
        """Return the description of the API for people."""
        return browse.html_response(self._reference)

    async def search(self, q: str) -> Response:
        """Return a page of search results for people."""
        page = await run_in_threadpool(browse.search_page, self._current(), q)
        return browse.html_response(page)

    async def story(self, id: str) -> Response:  # noqa: A002
        """Return the page of a story with its blocks, for people."""
        return browse.html_response(browse.story_page(self._current(), id))

    def _current(self) -> Snapshot:
        """Return the current snapshot, for a whole response."""
        snapshot = self._snapshot()
        if snapshot is None:
            raise Problem(503, f"nothing can be served from {self._options.artifacts} yet")
        return snapshot

    def _snapshot(self) -> Snapshot | None:
        if self._recommender is None and time.monotonic() >= self._retry_at:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            try:
                self._recommender = Recommender.open(self._options.artifacts)
            except ArtifactError as error:
                if str(error) != self._last_error:  # log it once, not at every attempt
                    _log.error("%s", error)
                self._last_error = str(error)
        return None if self._recommender is None else self._recommender.snapshot()

    def _is_stale(self, snapshot: Snapshot) -> bool:
        return snapshot.age.total_seconds() > self._options.stale_after

    def _lookup(self, operation: Operation, look_up: LookUp) -> Route:
        """Return a route whose responses are cached as long as the snapshot stays the same."""

        async def respond(scope: Scope, _receive: Receive) -> Response:
            snapshot = self._current()
            response = self._cache.get(scope, snapshot)
            if response is None:
                params = read_query(scope, operation.query)
                if operation.path_parameter:
                    name = operation.path_parameter.name
                    params[name] = read_path(scope, operation.path, name)
                response = self._cache.put(scope, snapshot, look_up(snapshot, **params))
            self._slots.count(response.slots)
            return response

        path = operation.path.replace("}", ":path}")  # an id may have slashes
        return Route(path, Endpoint(operation.name, respond, _problem), methods=["GET"])


def related(
    snapshot: Snapshot,
    id: str,  # noqa: A002
    n: int,
    exclude: Sequence[str],
    missing: Missing,
) -> LookupResult:
    """Look up the related stories of an article."""
    stories = snapshot.related(id, n, exclude, missing=missing)
    content = {"source": id, "version": snapshot.version, "items": _stories(stories)}
    return LookupResult(content, [("related", stories)])


def page(
    snapshot: Snapshot,
    id: str,  # noqa: A002
    exclude: Sequence[str],
    missing: Missing,
) -> LookupResult:
    """Look up all blocks of an article's page."""
    found = snapshot.page(id, exclude, missing=missing)
    return LookupResult(found.as_dict(), [(block.key, block.items) for block in found.blocks])


def block(
    snapshot: Snapshot, key: str, section: str, n: int | None, exclude: Sequence[str]
) -> LookupResult:
    """Look up one block, for a page without an article."""
    known = [name for name in snapshot.blocks if name != "related"]
    if key not in known:
        raise Problem(404, f"no block {key!r} here; known: {', '.join(known)}", "key")
    found = snapshot.block(key, section, n, exclude)
    content = {"version": snapshot.version, **found.as_dict()}
    return LookupResult(content, [(found.key, found.items)])


def version(snapshot: Snapshot) -> LookupResult:
    """Look up the served version."""
    content = {
        "version": snapshot.version,
        "now": iso(snapshot.now),
        "articles": len(snapshot),
        "blocks": snapshot.blocks,
        "overrides": snapshot.overrides,
    }
    return LookupResult(content, [])


def _stories(stories: Sequence[RelatedStory]) -> list[dict[str, Any]]:
    return [story.as_dict() for story in stories]


class Endpoint:
    """An ASGI application that sends a response, counts it, and turns errors into problems."""

    def __init__(self, name: str, respond: Responder, problem: ProblemResponse) -> None:
        self._name, self._respond, self._problem = name, respond, problem
        self._count = metrics.RequestMetrics(name).count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        start = time.perf_counter()
        try:
            response = await self._respond(scope, receive)
        except UnknownArticle as unknown:
            response = self._problem(Problem(404, str(unknown), "id"))
        except Problem as problem:
            response = self._problem(problem)
        except Exception:
            _log.exception("%s", self._name)
            response = self._problem(
                Problem(500, "an internal error occurred; the service's log has the details")
            )
        self._count(response.status_code, time.perf_counter() - start)
        await response(scope, receive, send)


async def _no_route(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    _OTHER_REQUESTS.count(error.status_code, 0.0)
    return _problem(error)


_OTHER_REQUESTS: Final = metrics.RequestMetrics("other")


def _json(content: dict[str, Any]) -> Response:
    return _no_store(orjson.dumps(content), "application/json")


def _no_store(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})


def _problem(error: HTTPException) -> Response:
    parameter = error.parameter if isinstance(error, Problem) else ""
    body = problem_body(error.status_code, error.detail, parameter)
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    return Response(orjson.dumps(body), error.status_code, headers, "application/problem+json")


def _route(
    path: str,
    handler: Handler,
    *query: Parameter,
    problem: ProblemResponse = _problem,
) -> Route:
    async def respond(scope: Scope, _receive: Receive) -> Response:
        return await handler(**read_query(scope, query))

    return Route(path, Endpoint(handler.__name__, respond, problem), methods=["GET"])
