"""The shortest answer, `hello`, on the service's own server: what the service is compared with.

    python -m benchmarks.service.hello raw|starlette --port 8000

serves it by one worker with the settings of `ymal serve`.
"""

import sys
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from recommender.service.options import parse
from recommender.service.server import serve

TEXT: Final = "hello"


def raw() -> ASGIApp:
    """Return an application without a toolkit."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(TEXT))]

    async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": TEXT.encode()})

    return hello


def starlette() -> ASGIApp:
    """Return an application of Starlette."""

    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(TEXT)

    return Starlette(routes=[Route("/{name}", hello)])


if __name__ == "__main__":
    application = {"raw": raw, "starlette": starlette}[sys.argv[1]]
    serve(parse(["--workers=1", *sys.argv[2:]]), lambda _options: application())
