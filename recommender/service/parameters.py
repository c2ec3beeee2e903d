"""Parameters of requests: one declaration describes, checks and reads each of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

MAX_BODY_BYTES: Final = 65_536

Schema = Mapping[str, Any]
"""A JSON Schema."""

Value = int | str | list[str] | None

RequestParams = dict[str, Any]
"""The values of a request's parameters by their names, checked."""


class Problem(HTTPException):
    """A request that cannot be answered; `parameter` names the wrong parameter, or is `""`."""

    def __init__(self, status: int, detail: str, parameter: str = "") -> None:
        super().__init__(status, detail)
        self.parameter = parameter


@dataclass(frozen=True)
class Parameter:
    """A parameter of a path, a query or a JSON body.

    Attributes
    ----------
    name : its name in requests.
    description : what it means.
    schema : type and limits of its value: an integer between bounds, a string with or without
        choices, or an array of strings, which a query repeats.
    example : a value, for the description.
    """

    name: str
    description: str
    schema: Schema
    example: str | None = None

    @property
    def default(self) -> Value:
        """The value where a request does not give it."""
        absent: dict[str, Value] = {"string": "", "array": []}
        default: Value = self.schema.get("default", absent.get(self.schema["type"]))
        return default

    def read_query(self, given: Sequence[str]) -> Value:
        """Return the value of a query that gives it once or more."""
        if self.schema["type"] == "array":
            return self.read(given)
        if len(given) > 1:
            _refuse(self.name, f"{self.name} is given more than once")
        return self.read(given[0])

    def read(self, given: object) -> Value:
        """Return a value, from JSON or from the text of a query.

        Raises
        ------
        Problem
            If it is not what the schema allows.
        """
        match self.schema["type"]:
            case "integer":
                return self._integer(given)
            case "array":
                return self._strings(given)
        return self._string(given)

    def _integer(self, given: object) -> int:
        """Read digits of a query, or a number of JSON, whose integers may be written as 5.0."""
        low, high = self.schema["minimum"], self.schema["maximum"]
        value: int | None = None
        match given:
            case bool():
                pass
            case int():
                value = given
            case float() if given.is_integer():
                value = int(given)
            case str() if given.isascii() and given.isdigit() and len(given) < 9:
                value = int(given)
        if value is None or not low <= value <= high:
            _refuse(
                self.name,
                f"{self.name} must be a whole number from {low} to {high}, not {given!r}",
            )
        return value

    def _strings(self, given: object) -> list[str]:
        low, high = self.schema.get("minItems", 0), self.schema["maxItems"]
        if not isinstance(given, list):
            _refuse(self.name, f"{self.name} must be a list of ids, the latest last")
        for item in given:
            if not isinstance(item, str):
                _refuse(
                    self.name, f"{self.name} must be a list of ids, each a string, not {item!r}"
                )
        if len(given) < low or (low and len(given) > high):
            _refuse(self.name, f"{self.name} must have {low} to {high} ids, not {len(given)}")
        if len(given) > high:
            _refuse(self.name, f"{self.name} has more than {high} ids")
        return given

    def _string(self, given: object) -> str:
        text = str(given)
        choices = self.schema.get("enum", (text,))
        if text not in choices:
            _refuse(self.name, f"{self.name} must be one of {', '.join(choices)}, not {text!r}")
        if len(text) > self.schema.get("maxLength", len(text)):
            _refuse(self.name, f"{self.name} has more than {self.schema['maxLength']} characters")
        return text


def read_query(scope: Scope, parameters: Sequence[Parameter]) -> RequestParams:
    """Read the query of a request.

    Raises
    ------
    Problem
        If it is not UTF-8, has a parameter that is not declared, or one that is wrong.
    """
    declared = {parameter.name: parameter for parameter in parameters}
    given: dict[str, list[str]] = {}
    try:
        query = scope["query_string"].decode("ascii")
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        _refuse("query", "the query is not UTF-8, percent-encoded")
    for name, value in pairs:
        if name not in declared:
            known = ", ".join(declared) or "none"
            _refuse(name, f"unknown parameter {name!r}; known here: {known}")
        given.setdefault(name, []).append(value)
    return {
        name: parameter.read_query(given[name]) if name in given else parameter.default
        for name, parameter in declared.items()
    }


def read_path(scope: Scope, path: str, name: str) -> str:
    """Read the parameter that ends a path; any character percent-encoded, slashes as they are.

    Parameters
    ----------
    scope : the ASGI scope.
    path : the operation's path, with the parameter in braces.
    name : of the parameter.
    """
    raw = scope["raw_path"][path.index("{") :]
    if not raw:
        raise Problem(404, f"the path ends without the {name} of an article", name)
    try:
        value = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        _refuse(name, f"the {name} is not UTF-8, percent-encoded")
    if {".", ".."} & set(value.split("/")):  # a proxy on the way may have resolved others
        _refuse(name, f"an {name} with . or .. between slashes cannot come in a path")
    return value


async def read_body(
    scope: Scope, receive: Receive, seconds: float, parameters: Sequence[Parameter]
) -> RequestParams:
    """Read the JSON object of a request's body, of which the first parameter is required.

    Raises
    ------
    Problem
        If it takes longer than `seconds`, is too large, is no JSON object, has a key that is not
        declared, or a value that is wrong.
    """
    found = await _read_object(scope, receive, seconds, parameters[0].name)
    declared = {parameter.name: parameter for parameter in parameters}
    for name in found:
        if name not in declared:
            _refuse(name, f"unknown key {name!r}; known here: {', '.join(declared)}")
    return {
        name: parameter.read(found.get(name, parameter.schema.get("default")))
        for name, parameter in declared.items()
    }


async def _read_object(
    scope: Scope, receive: Receive, seconds: float, required: str
) -> dict[str, Any]:
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in Request(scope, receive).stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise Problem(413, f"the body has more than {MAX_BODY_BYTES} bytes", "body")
    except ClientDisconnect:
        _refuse("body", "the body is incomplete")
    except TimeoutError:
        raise Problem(408, f"the body took longer than {seconds:g} s", "body") from None
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _refuse("body", f"the body is not JSON: {error}")
    if not isinstance(found, dict):
        _refuse("body", f"the body must be a JSON object with {required}")
    return found


def _refuse(parameter: str, detail: str) -> NoReturn:
    raise Problem(400, detail, parameter) from None
