"""The routes: each parses, calls the lookup, serialises. Nothing here writes."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..lookup import Recommender
from ..manifest import ArtifactError
from ..snapshot import Snapshot, UnknownArticle
from ..values import Block, RelatedStory, iso
from . import asking, browse, metrics
from .answers import Answers, Given
from .asking import Asked, Problem
from .options import Options
from .reference import reference

Handler = Callable[[Request], Awaitable[Response]]

OPENAPI: Final = Path(__file__).with_name("openapi.json")

_RETRY: Final = 0.5
"""Seconds between two tries to open a directory that cannot be served."""

_log = logging.getLogger("ymal.service")


class Service:
    """The ASGI application of one worker.

    Parameters
    ----------
    options : Options
        Whatever it serves lies in `artifacts`; while that cannot be served, answers are 503.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._recommender: Recommender | None = None
        self._open_at, self._said = 0.0, ""
        self._answers = Answers(options)
        self._slots = metrics.Slots()
        self._openapi = OPENAPI.read_bytes()
        self._reference = reference(orjson.loads(self._openapi))
        routes = [
            self._lookup("/v1/related/{id:path}", related),
            self._lookup("/v1/page/{id:path}", page),
            self._lookup("/v1/blocks/{key}", block),
            self._lookup("/v1/version", version),
            _route("/v1/next", self.next, "POST"),
            _route("/healthz", self.healthz),
            _route("/readyz", self.readyz),
            _route("/metrics", self.metrics),
            _route("/openapi.json", self.openapi),
            _route("/docs", self.docs),
        ]
        if options.browse:
            routes += [_route("/", self.search), _route(f"{browse.STORY}{{id:path}}", self.story)]
        cors = Middleware(
            CORSMiddleware,
            allow_origins=options.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Content-Type", "If-None-Match"),
            expose_headers=("ETag", "Ymal-Version", "Ymal-Age"),
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
            # Routes are found by the path as it came: an id may hold what means something decoded.
            scope["path"] = scope["raw_path"].decode("latin-1")
        await self._app(scope, receive, send)

    async def next(self, request: Request) -> Response:
        """What to read next on a visit."""
        Asked(request, ())
        body = await asking.body(request, self._options.client_timeout)
        opened, n = asking.history(body), asking.number(body.get("n", 5))
        now = self._now()
        stories = now.next_for(opened, n)
        given = Given({"version": now.version, "items": _plain(stories)}, [("next", stories)])
        self._slots.count(given.slots)
        return self._answers.once(now, given)

    async def healthz(self, request: Request) -> Response:
        """Tell that this worker lives, and how old what it serves is."""
        Asked(request, ())
        now = self._snapshot()
        if now is None:
            return _told({"status": "nothing to serve"})
        status = "stale" if self._is_stale(now) else "ok"
        age = round(now.age.total_seconds(), 1)
        return _told(
            {"status": status, "version": now.version, "now": iso(now.now), "age_seconds": age}
        )

    async def readyz(self, request: Request) -> Response:
        """Tell whether requests should come here."""
        Asked(request, ())
        if self._is_stale(self._now()) and self._options.stale_is_unready:
            raise Problem(503, "the data is stale")
        return _told({"status": "ready"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format."""
        Asked(request, ())
        self._slots.write()
        return _unkept(metrics.exposition(self._snapshot()), metrics.CONTENT_TYPE)

    async def openapi(self, request: Request) -> Response:
        """The description of all this."""
        Asked(request, ())
        return _unkept(self._openapi, "application/json")

    async def docs(self, request: Request) -> Response:
        """The same for people."""
        Asked(request, ())
        return HTMLResponse(self._reference)

    async def search(self, request: Request) -> Response:
        """The small page for people: a search over titles."""
        words, now = Asked(request, ("q",)).text("q"), self._now()
        return HTMLResponse(await run_in_threadpool(browse.search, now, words))

    async def story(self, request: Request) -> Response:
        """The small page for people: a story with what stands under it."""
        Asked(request, ())
        return HTMLResponse(browse.story(self._now(), asking.article(request, browse.STORY)))

    def _now(self) -> Snapshot:
        """Give what is served at this moment, for all of one answer."""
        now = self._snapshot()
        if now is None:
            raise Problem(503, f"nothing can be served from {self._options.artifacts} yet")
        return now

    def _snapshot(self) -> Snapshot | None:
        if self._recommender is None and time.monotonic() >= self._open_at:
            self._open_at = time.monotonic() + _RETRY
            try:
                self._recommender = Recommender.open(self._options.artifacts)
            except ArtifactError as error:
                if str(error) != self._said:  # once, not at every try
                    _log.error("%s", error)
                self._said = str(error)
        return None if self._recommender is None else self._recommender.snapshot()

    def _is_stale(self, now: Snapshot) -> bool:
        return now.age.total_seconds() > self._options.stale_after

    def _lookup(self, path: str, look_up: Callable[[Request, Snapshot], Given]) -> Route:
        """Make a route whose answers hold as long as what is served does."""

        async def handler(request: Request) -> Response:
            now = self._now()
            answer = self._answers.find(request.scope, now)
            if answer is None:
                answer = self._answers.keep(request.scope, now, look_up(request, now))
            self._slots.count(answer.slots)
            return answer

        return _route(path, handler, name=look_up.__name__)


def related(request: Request, now: Snapshot) -> Given:
    """Related stories of an article."""
    asked = Asked(request, ("n", "exclude", "missing"))
    source = asking.article(request, "/v1/related/")
    stories = now.related(source, asked.n or 5, asked.exclude, missing=asked.missing)
    found = {"source": source, "version": now.version, "items": _plain(stories)}
    return Given(found, [("related", stories)])


def page(request: Request, now: Snapshot) -> Given:
    """All blocks of an article's page."""
    asked = Asked(request, ("exclude", "missing"))
    source = asking.article(request, "/v1/page/")
    blocks = now.page(source, asked.exclude, missing=asked.missing).blocks
    found = {"source": source, "version": now.version, "blocks": list(map(_block, blocks))}
    return Given(found, [(block.key, block.items) for block in blocks])


def block(request: Request, now: Snapshot) -> Given:
    """One block, for a page that is no article's."""
    asked = Asked(request, ("section", "n", "exclude"))
    key = request.path_params["key"]
    if key not in now.blocks or key == "related":
        known = ", ".join(key for key in now.blocks if key != "related")
        raise Problem(404, f"there is no block {key!r} here; known: {known}", "key")
    found = now.block(key, asked.text("section"), asked.n, asked.exclude)
    return Given({"version": now.version, **_block(found)}, [(key, found.items)])


def version(request: Request, now: Snapshot) -> Given:
    """What is served."""
    Asked(request, ())
    told = {"version": now.version, "now": iso(now.now), "articles": len(now)}
    return Given({**told, "blocks": now.blocks, "overrides": now.overrides}, [])


def _block(block: Block) -> dict[str, Any]:
    return {"key": block.key, "title": block.title, "items": _plain(block.items)}


def _plain(stories: Sequence[RelatedStory]) -> list[dict[str, Any]]:
    """Give stories as JSON has them, but for times, which the encoder writes."""
    return [story._asdict() for story in stories]


class _Endpoint:
    """An ASGI application that answers by a handler, counts, and says what went wrong."""

    def __init__(self, handler: Handler, name: str) -> None:
        self._handler, self._name = handler, name
        self._count = metrics.Requests(name).count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        try:
            response = await self._handler(Request(scope, receive))
        except UnknownArticle as unknown:
            response = _problem(Problem(404, str(unknown), "id"))
        except Problem as problem:
            response = _problem(problem)
        except Exception:
            _log.exception("%s", self._name)
            response = _problem(Problem(500, "this request met a fault; the log has it"))
        self._count(response.status_code, time.perf_counter() - begun)
        await response(scope, receive, send)


def _route(path: str, handler: Handler, method: str = "GET", name: str = "") -> Route:
    name = name or handler.__name__
    return Route(path, _Endpoint(handler, name), methods=[method], name=name)


async def _no_route(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    _OTHER.count(error.status_code, 0.0)
    return _problem(error)


_OTHER: Final = metrics.Requests("other")


def _told(found: dict[str, Any]) -> Response:
    return _unkept(orjson.dumps(found), "application/json")


def _unkept(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})


def _problem(error: HTTPException) -> Response:
    """Write what went wrong, as RFC 9457 has it."""
    found = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "detail": error.detail,
    }
    if isinstance(error, Problem) and error.parameter:
        found["parameter"] = error.parameter
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    return Response(orjson.dumps(found), error.status_code, headers, "application/problem+json")
