"""What a request asks for: its parameters, each checked, and the problem where one is wrong."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from ..snapshot import Missing

MOST_STORIES: Final = 100
"""Largest `n`."""

MOST_EXCLUDED: Final = 500
"""Ids in `exclude`."""

MOST_OPENED: Final = 500
"""Ids in `history`."""

LARGEST_BODY: Final = 65_536
"""Bytes of a body."""

MISSING: Final[tuple[Missing, ...]] = ("fallback", "empty", "error")


class Problem(HTTPException):
    """A request that cannot be answered; `parameter` is what is wrong with it, `""` for nothing."""

    def __init__(self, status: int, detail: str, parameter: str = "") -> None:
        super().__init__(status, detail)
        self.parameter = parameter


class Asked:
    """A request to a route.

    Parameters
    ----------
    scope, receive
        As ASGI has them.
    path : str
        That of the route; an article's id stands where it has a brace.
    allowed : sequence of str
        The names that its query may have; each but `exclude` once.

    Raises
    ------
    Problem
        If its query has other names, or is not UTF-8; each property, if that is wrong.
    """

    def __init__(self, scope: Scope, receive: Receive, path: str, allowed: Sequence[str]) -> None:
        self._scope, self._receive, self._path = scope, receive, path
        self._values: dict[str, list[str]] = {}
        try:
            query = scope["query_string"].decode("ascii")
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        except ValueError:
            _refuse("query", "the query is not UTF-8, percent-encoded")
        for name, value in pairs:
            if name not in allowed:
                known = ", ".join(allowed) or "none"
                _refuse(name, f"unknown parameter {name!r}; known here: {known}")
            self._values.setdefault(name, []).append(value)
            if name != "exclude" and len(self._values[name]) > 1:
                _refuse(name, f"{name} is given more than once")

    @property
    def article(self) -> str:
        """The id that the path ends with; any character percent-encoded, slashes as they are."""
        raw = self._scope["raw_path"][self._path.index("{") :]
        if not raw:
            raise Problem(404, "name an article: its id ends the path", "id")
        try:
            found = unquote_to_bytes(raw).decode()
        except UnicodeDecodeError:
            _refuse("id", "the id is not UTF-8, percent-encoded")
        if {".", ".."} & set(found.split("/")):  # what lies on the way may have resolved others
            _refuse("id", "an id with . or .. between slashes cannot come in a path")
        return found

    @property
    def key(self) -> str:
        """The key of a block that the path ends with."""
        found: str = self._scope["path_params"]["key"]
        return found

    def text(self, name: str, default: str = "") -> str:
        """A parameter as it is."""
        return self._values.get(name, (default,))[0]

    @property
    def n(self) -> int | None:
        """How many stories; None where nobody says."""
        return _number(self.text("n")) if "n" in self._values else None

    @property
    def exclude(self) -> list[str]:
        """Ids not to give."""
        excluded = self._values.get("exclude", [])
        if len(excluded) > MOST_EXCLUDED:
            _refuse("exclude", f"exclude has more than {MOST_EXCLUDED} ids")
        return excluded

    @property
    def missing(self) -> Missing:
        """What to do for an unknown article."""
        asked = self.text("missing", "fallback")
        choice = next((choice for choice in MISSING if choice == asked), None)
        if choice is None:
            _refuse("missing", f"missing must be one of {', '.join(MISSING)}, not {asked!r}")
        return choice

    async def visit(self, seconds: float) -> tuple[list[str], int]:
        """Read `history` and `n` from the body, which may take so many seconds."""
        found = await self._body(seconds)
        for name in found:
            if name not in ("history", "n"):
                _refuse(name, f"unknown key {name!r}; known here: history, n")
        ids = found.get("history")
        if not isinstance(ids, list) or not all(isinstance(opened, str) for opened in ids):
            _refuse("history", "history must be a list of ids, the latest last")
        if not 1 <= len(ids) <= MOST_OPENED:
            _refuse("history", f"history must have 1 to {MOST_OPENED} ids, not {len(ids)}")
        return ids, _number(found.get("n", 5))

    async def _body(self, seconds: float) -> dict[str, Any]:
        read = bytearray()
        try:
            async with asyncio.timeout(seconds):
                async for part in Request(self._scope, self._receive).stream():
                    read += part
                    if len(read) > LARGEST_BODY:
                        raise Problem(413, f"the body has more than {LARGEST_BODY} bytes", "body")
        except ClientDisconnect:
            _refuse("body", "the body ends before its end")
        except TimeoutError:
            raise Problem(408, f"the body took longer than {seconds:g} s", "body") from None
        try:
            found = orjson.loads(read)
        except orjson.JSONDecodeError as error:
            _refuse("body", f"the body is not JSON: {error}")
        if not isinstance(found, dict):
            _refuse("body", "the body must be a JSON object with history")
        return found


def _number(asked: object) -> int:
    """Read `n`, as a query has it or as JSON, whose integers may be written as 5.0."""
    found = 0
    match asked:
        case bool():
            pass
        case int():
            found = asked
        case float() if asked.is_integer():
            found = int(asked)
        case str() if asked.isascii() and asked.isdigit() and len(asked) < 9:
            found = int(asked)
    if not 1 <= found <= MOST_STORIES:
        _refuse("n", f"n must be a whole number from 1 to {MOST_STORIES}, not {asked!r}")
    return found


def _refuse(parameter: str, detail: str) -> NoReturn:
    raise Problem(400, detail, parameter) from None
