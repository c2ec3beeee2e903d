"""What a request asks for: its parameters, each checked, and the problem where one is wrong."""

import asyncio
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

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
    """The parameters of a request.

    Parameters
    ----------
    request : Request
    allowed : the names that its query may have; each but `exclude` once.

    Raises
    ------
    Problem
        If its query has other names, is not UTF-8, or holds too much.
    """

    def __init__(self, request: Request, allowed: Collection[str]) -> None:
        self._values: dict[str, list[str]] = {}
        query = request.scope["query_string"]
        if not query:
            return
        try:
            pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            raise Problem(400, "the query is not UTF-8, percent-encoded", "query") from None
        for name, value in pairs:
            if name not in allowed:
                known = ", ".join(allowed) or "it takes none"
                raise Problem(400, f"unknown parameter {name!r}; known here: {known}", name)
            self._values.setdefault(name, []).append(value)
        for name, values in self._values.items():
            if name != "exclude" and len(values) > 1:
                raise Problem(400, f"{name} is given {len(values)} times", name)

    def text(self, name: str, default: str = "") -> str:
        """Give a parameter as it is."""
        return self._values.get(name, (default,))[0]

    @property
    def n(self) -> int | None:
        """How many stories; None where nobody says."""
        return number(self.text("n")) if "n" in self._values else None

    @property
    def exclude(self) -> list[str]:
        """Ids not to give."""
        excluded = self._values.get("exclude", [])
        if len(excluded) > MOST_EXCLUDED:
            raise Problem(400, f"exclude has more than {MOST_EXCLUDED} ids", "exclude")
        return excluded

    @property
    def missing(self) -> Missing:
        """What to do for an unknown article."""
        asked = self.text("missing", "fallback")
        for choice in MISSING:
            if choice == asked:
                return choice
        raise Problem(400, f"missing must be one of {', '.join(MISSING)}, not {asked!r}", "missing")


def number(asked: object) -> int:
    """Read `n`, as a query has it or as JSON.

    Raises
    ------
    Problem
        If it is no whole number from 1 to `MOST_STORIES`.
    """
    found = asked
    if isinstance(asked, str) and asked.isascii() and asked.isdigit() and len(asked) < 9:
        found = int(asked)
    elif isinstance(asked, float) and asked.is_integer():
        found = int(asked)
    if type(found) is not int or not 1 <= found <= MOST_STORIES:
        raise Problem(400, f"n must be a whole number from 1 to {MOST_STORIES}, not {asked!r}", "n")
    return found


def article(request: Request, prefix: str) -> str:
    """Give the id that a path ends with; it may have slashes, and any character percent-encoded.

    Raises
    ------
    Problem
        If there is none, it is not UTF-8, or has a part that the way here may have resolved.
    """
    raw: bytes = request.scope["raw_path"][len(prefix) :]
    if not raw:
        raise Problem(404, "name an article: its id ends the path", "id")
    try:
        found = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise Problem(400, "the id is not UTF-8, percent-encoded", "id") from None
    if {".", ".."} & set(found.split("/")):
        raise Problem(400, "an id with . or .. between slashes cannot come in a path", "id")
    return found


async def body(request: Request, seconds: float) -> dict[str, Any]:
    """Read the JSON object that a request brings, within so many seconds.

    Raises
    ------
    Problem
        If it is too large or too slow, or no JSON object.
    """
    read = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                read += part
                if len(read) > LARGEST_BODY:
                    raise Problem(413, f"the body has more than {LARGEST_BODY} bytes", "body")
    except TimeoutError:
        raise Problem(408, f"the body took longer than {seconds:g} s", "body") from None
    try:
        found = orjson.loads(read)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"the body is not JSON: {error}", "body") from None
    if not isinstance(found, dict):
        raise Problem(400, "the body must be a JSON object with history", "body")
    return found


def history(found: dict[str, Any]) -> list[str]:
    """Check what a reader opened, and that the body says nothing else but `n`.

    Raises
    ------
    Problem
        If it is no list of ids, or too long.
    """
    for name in found:
        if name not in ("history", "n"):
            raise Problem(400, f"unknown key {name!r}; known here: history, n", name)
    ids = found.get("history")
    if not isinstance(ids, list) or not all(isinstance(opened, str) for opened in ids):
        raise Problem(400, "history must be a list of ids, the latest last", "history")
    if not 1 <= len(ids) <= MOST_OPENED:
        raise Problem(400, f"history must have 1 to {MOST_OPENED} ids, not {len(ids)}", "history")
    return ids
