"""The shortest answer, `hello`, by several toolkits: what the service is measured against.

    python -m benchmarks.service.hello SERVER TOOLKIT --port 8000

serves it by one worker, granian with the settings of `ymal serve`, uvicorn with its fast ones.
"""

import sys
from collections.abc import Callable
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from recommender.service.options import Options, parse

TEXT: Final = "hello"


def raw() -> ASGIApp:
    """Answer without a toolkit."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(TEXT))]

    async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": TEXT.encode()})

    return hello


def starlette() -> ASGIApp:
    """Answer by Starlette."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(TEXT)

    return Starlette(routes=[Route("/{name}", hello)])


def falcon() -> ASGIApp:
    """Answer by Falcon."""
    import falcon.asgi

    class Hello:
        async def on_get(self, _request: Any, response: Any, name: str) -> None:  # noqa: ANN401, ARG002
            response.content_type, response.text = "text/plain", TEXT

    found = falcon.asgi.App()
    found.add_route("/{name}", Hello())
    return found


def blacksheep() -> ASGIApp:
    """Answer by BlackSheep."""
    import blacksheep

    found = blacksheep.Application()

    @found.router.get("/{name}")
    async def hello(name: str) -> blacksheep.Response:  # noqa: ARG001
        return blacksheep.text(TEXT)

    return found


def litestar() -> ASGIApp:
    """Answer by Litestar."""
    import litestar

    @litestar.get("/{name:str}", media_type="text/plain")
    async def hello(name: str) -> str:  # noqa: ARG001
        return TEXT

    return litestar.Litestar([hello])


def fastapi() -> ASGIApp:
    """Answer by FastAPI."""
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse

    found = FastAPI()

    @found.get("/{name}", response_class=PlainTextResponse)
    async def hello(name: str) -> PlainTextResponse:  # noqa: ARG001
        return PlainTextResponse(TEXT)

    return found


TOOLKITS: Final[dict[str, Callable[[], ASGIApp]]] = {
    toolkit.__name__: toolkit for toolkit in (raw, starlette, falcon, blacksheep, litestar, fastapi)
}


def granian(options: Options, toolkit: Callable[[], ASGIApp]) -> None:
    """Serve as `ymal serve` does."""
    from recommender.service.server import serve

    serve(options, lambda _options: toolkit())


def uvicorn(options: Options, toolkit: Callable[[], ASGIApp]) -> None:
    """Serve by uvicorn."""
    import uvicorn

    uvicorn.run(
        toolkit(),
        port=options.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


SERVERS: Final = {server.__name__: server for server in (granian, uvicorn)}


if __name__ == "__main__":
    SERVERS[sys.argv[1]](parse(["--workers=1", *sys.argv[3:]]), TOOLKITS[sys.argv[2]])
