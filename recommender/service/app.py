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
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..lookup import Recommender
from ..manifest import ArtifactError
from ..snapshot import Snapshot, UnknownArticle
from ..values import Block, RelatedStory, iso
from . import browse, metrics
from .answers import Answers, Given
from .asking import Asked, Problem
from .options import Options
from .reference import reference

Handler = Callable[[Asked], Awaitable[Response]]
LookUp = Callable[[Asked, Snapshot], Given]
Teller = Callable[[HTTPException], Response]
"""Writes what went wrong: for programs, or for people."""

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
            self._lookup("/v1/related/{id:path}", related, "n", "exclude", "missing"),
            self._lookup("/v1/page/{id:path}", page, "exclude", "missing"),
            self._lookup("/v1/blocks/{key}", block, "section", "n", "exclude"),
            self._lookup("/v1/version", version),
            _route("/v1/next", self.next, method="POST"),
            _route("/healthz", self.healthz),
            _route("/readyz", self.readyz),
            _route("/metrics", self.metrics),
            _route("/openapi.json", self.openapi),
            _route("/docs", self.docs),
        ]
        if options.browse:
            routes += [
                _route("/", self.search, "q", problem=browse.sorry),
                _route("/story", self.story, "id", problem=browse.sorry),
            ]
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

    async def next(self, asked: Asked) -> Response:
        """What to read next on a visit."""
        opened, n = await asked.visit(self._options.client_timeout)
        now = self._now()
        stories = now.next_for(opened, n)
        given = Given({"version": now.version, "items": _plain(stories)}, [("next", stories)])
        self._slots.count(given.slots)
        return self._answers.once(now, given)

    async def healthz(self, _asked: Asked) -> Response:
        """Whether this worker lives, and how old what it serves is."""
        now = self._snapshot()
        if now is None:
            return _told({"status": "nothing to serve"})
        status = "stale" if self._is_stale(now) else "ok"
        age = round(now.age.total_seconds(), 1)
        told = {"version": now.version, "now": iso(now.now), "age_seconds": age}
        return _told({"status": status, **told})

    async def readyz(self, _asked: Asked) -> Response:
        """Whether requests should come here."""
        if self._is_stale(self._now()) and self._options.stale_is_unready:
            raise Problem(503, "the data is stale")
        return _told({"status": "ready"})

    async def metrics(self, _asked: Asked) -> Response:
        """Prometheus' text format."""
        self._slots.write()
        return _unkept(metrics.exposition(self._snapshot()), metrics.CONTENT_TYPE)

    async def openapi(self, _asked: Asked) -> Response:
        """The description of all this."""
        return _unkept(self._openapi, "application/json")

    async def docs(self, _asked: Asked) -> Response:
        """The same for people."""
        return browse.shown(self._reference)

    async def search(self, asked: Asked) -> Response:
        """The small page for people: a search over titles."""
        words = asked.text("q")
        if len(words) > browse.LONGEST:
            raise Problem(400, f"q has more than {browse.LONGEST} characters", "q")
        return browse.shown(await run_in_threadpool(browse.search, self._now(), words))

    async def story(self, asked: Asked) -> Response:
        """The small page for people: a story with what stands under it."""
        return browse.shown(browse.story(self._now(), asked.text("id")))

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

    def _lookup(self, path: str, look_up: LookUp, *allowed: str) -> Route:
        """Make a route whose answers are kept as long as what is served stays the same."""

        async def answer(scope: Scope, receive: Receive) -> Response:
            now = self._now()
            found = self._answers.find(scope, now)
            if found is None:
                given = look_up(Asked(scope, receive, path, allowed), now)
                found = self._answers.keep(scope, now, given)
            self._slots.count(found.slots)
            return found

        return Route(path, Endpoint(look_up.__name__, answer, _problem), methods=["GET"])


def related(asked: Asked, now: Snapshot) -> Given:
    """Related stories of an article."""
    source = asked.article
    stories = now.related(source, asked.n or 5, asked.exclude, missing=asked.missing)
    found = {"source": source, "version": now.version, "items": _plain(stories)}
    return Given(found, [("related", stories)])


def page(asked: Asked, now: Snapshot) -> Given:
    """All blocks of an article's page."""
    source = asked.article
    blocks = now.page(source, asked.exclude, missing=asked.missing).blocks
    found = {"source": source, "version": now.version, "blocks": [*map(_block, blocks)]}
    return Given(found, [(block.key, block.items) for block in blocks])


def block(asked: Asked, now: Snapshot) -> Given:
    """One block, for a page that is no article's."""
    known = [key for key in now.blocks if key != "related"]
    if asked.key not in known:
        raise Problem(404, f"no block {asked.key!r} here; known: {', '.join(known)}", "key")
    found = now.block(asked.key, asked.text("section"), asked.n, asked.exclude)
    return Given({"version": now.version, **_block(found)}, [(found.key, found.items)])


def version(_asked: Asked, now: Snapshot) -> Given:
    """What is served."""
    told = {"version": now.version, "now": iso(now.now), "articles": len(now)}
    return Given({**told, "blocks": now.blocks, "overrides": now.overrides}, [])


def _block(block: Block) -> dict[str, Any]:
    return {"key": block.key, "title": block.title, "items": _plain(block.items)}


def _plain(stories: Sequence[RelatedStory]) -> list[dict[str, Any]]:
    return [story.as_dict() for story in stories]


class Endpoint:
    """An ASGI application that sends an answer, counts, and says what went wrong."""

    def __init__(
        self,
        name: str,
        answer: Callable[[Scope, Receive], Awaitable[Response]],
        problem: Teller,
    ) -> None:
        self._name, self._answer, self._problem = name, answer, problem
        self._count = metrics.Requests(name).count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun = time.perf_counter()
        try:
            response = await self._answer(scope, receive)
        except UnknownArticle as unknown:
            response = self._problem(Problem(404, str(unknown), "id"))
        except Problem as problem:
            response = self._problem(problem)
        except Exception:
            _log.exception("%s", self._name)
            response = self._problem(Problem(500, "this request met a fault; the log has it"))
        self._count(response.status_code, time.perf_counter() - begun)
        await response(scope, receive, send)


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


def _route(
    path: str,
    handler: Handler,
    *allowed: str,
    method: str = "GET",
    problem: Teller = _problem,
) -> Route:
    async def answer(scope: Scope, receive: Receive) -> Response:
        return await handler(Asked(scope, receive, path, allowed))

    return Route(path, Endpoint(handler.__name__, answer, problem), methods=[method])
