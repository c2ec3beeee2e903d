"""The operations of the service, each with its parameters, its answer and its problems.

The routes, the parser, `openapi.json` and the page `/docs` all read these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, get_args

from ..blocks import BLOCKS, REASONS
from ..snapshot import Missing
from .parameters import MAX_BODY_BYTES, Parameter, Schema

TITLE: Final = "You May Also Like"
DESCRIPTION: Final = (
    "Related stories and the blocks of a story's page, as ymal train and ymal refresh published "
    "them. All routes only read. Each answer comes from one version; the header Ymal-Version and "
    "the body of a lookup name it."
)

MAX_STORIES: Final = 100
MAX_IDS: Final = 500
"""Ids in `exclude` or `history`."""


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


HEADERS: Final[Mapping[str, Schema]] = {
    "ETag": _header("Identifies the version and the overrides in force."),
    "Ymal-Version": _header("The version that the answer comes from."),
    "Ymal-Age": _header("Seconds since the time up to which the data was read.", "integer"),
}
"""Headers of an answer."""


@dataclass(frozen=True)
class ProblemKind:
    """A status other than 200.

    Attributes
    ----------
    status : the status.
    description : when it is answered.
    detail : an example of the explanation for people.
    parameter : an example of a wrong parameter.
    """

    status: int
    description: str
    detail: str
    parameter: str | None = None

    @property
    def example(self) -> dict[str, Any]:
        """An answer of this kind."""
        return problem_body(self.status, self.detail, self.parameter)


def problem_body(status: int, detail: str, parameter: str | None = None) -> dict[str, Any]:
    """Return a problem in the format of RFC 9457."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return {**body, "parameter": parameter} if parameter else body


PROBLEMS: Final[Mapping[int, ProblemKind]] = {
    problem.status: problem
    for problem in (
        ProblemKind(
            400,
            "A parameter is wrong; the answer names it.",
            f"n must be a whole number from 1 to {MAX_STORIES}, not 'ten'",
            "n",
        ),
        ProblemKind(
            404,
            "There is no such article, block or route.",
            "version 20260601T060000Z-001 has no article '7'",
            "id",
        ),
        ProblemKind(
            408, "The body did not arrive in time.", "the body took longer than 20 s", "body"
        ),
        ProblemKind(
            413, "The body is too large.", f"the body has more than {MAX_BODY_BYTES} bytes", "body"
        ),
        ProblemKind(
            503,
            "There is nothing to serve; for /readyz also: the data is stale and "
            "serve.stale_is_unready is set.",
            "nothing can be served from artifacts yet",
        ),
    )
}


def _object(properties: Schema, *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _closed(properties: Schema, *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**_object(properties, optional=optional), "additionalProperties": False}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer"}
_TIME: Final = {"type": "string", "format": "date-time"}
_STORIES: Final = _reference("Stories")
_BLOCK: Final = {"key": _TEXT, "title": _TEXT, "items": _STORIES}

SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "Story": _closed(
        {
            "id": _text("Id of the story."),
            "title": _text("Its title; empty where the site gave none."),
            "url": _text("Its URL; empty where the site gave none."),
            "section": _text("Its section; empty where it has none."),
            "published_at": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When it was published; null where the site gave no time.",
            },
            "rank": {
                "type": "integer",
                "minimum": 1,
                "description": "Its place in the list, from 1.",
            },
            "score": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1,
                "description": "Probability that a reader of the article opens this story next; "
                "null for a story that fills the list from the site's rankings.",
            },
            "reason": {
                "type": "string",
                "description": "Why it is in the list, as a code.",
                "enum": [reason.code for reason in REASONS],
            },
            "why": _text("The same in the site's words."),
            "extra": {
                "type": "object",
                "additionalProperties": _TEXT,
                "description": "Further fields that the site keeps (`articles.keep`); absent where "
                "there is none.",
            },
        },
        optional=("extra",),
    ),
    "Stories": {"type": "array", "items": _reference("Story")},
    "Related": _closed({"source": _TEXT, "version": _TEXT, "items": _STORIES}),
    "Next": _closed({"version": _TEXT, "items": _STORIES}),
    "Block": _closed(_BLOCK),
    "VersionedBlock": _closed({"version": _TEXT, **_BLOCK}),
    "Page": _closed(
        {
            "source": _TEXT,
            "version": _TEXT,
            "blocks": {"type": "array", "items": _reference("Block")},
        }
    ),
    "Version": _closed(
        {
            "version": _TEXT,
            "now": _TIME,
            "articles": _COUNT,
            "blocks": {"type": "array", "items": _TEXT},
            "overrides": _COUNT,
        }
    ),
    "Health": _object(
        {
            "status": {"type": "string", "enum": ["ok", "stale", "nothing to serve"]},
            "version": _TEXT,
            "now": _TIME,
            "age_seconds": {"type": "number"},
        },
        optional=("version", "now", "age_seconds"),
    ),
    "Ready": _object({"status": {"const": "ready"}}),
    "Problem": _object(
        {
            "type": _text("Always about:blank."),
            "title": _text("The name of the status."),
            "status": {"type": "integer", "description": "The status."},
            "detail": _text("What is wrong, for people."),
            "parameter": _text("The parameter that is wrong, if it is one."),
        },
        optional=("parameter",),
    ),
}
"""Schemas of answers."""

_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": MAX_STORIES}
_IDS: Final = {"type": "array", "items": _TEXT, "maxItems": MAX_IDS}

ID: Final = Parameter(
    "id",
    "Id of the article, percent-encoded, slashes too. A path cannot hold an id with . or .. "
    "between slashes.",
    {"type": "string", "minLength": 1},
    example="9737535",
)
KEY: Final = Parameter(
    "key",
    "Key of a block of the site's page.",
    {"type": "string", "enum": [key for key in BLOCKS if key != "related"]},
)
N: Final = Parameter("n", "Maximum number of stories.", {**_NUMBER, "default": 5})
BLOCK_N: Final = Parameter(
    "n", "Maximum number of stories; by default that of an article's page.", _NUMBER
)
SECTION: Final = Parameter(
    "section",
    "Section whose page it is; the whole site without it, or if the section has no articles.",
    _TEXT,
    example="politics",
)
EXCLUDE: Final = Parameter(
    "exclude",
    "Id of a story to leave out, such as one that the reader has seen; may be repeated.",
    _IDS,
)
MISSING: Final = Parameter(
    "missing",
    "What to answer for an article that the version does not know, such as a new one, or that is "
    "withdrawn: the site's rankings, an empty list, or 404.",
    {"type": "string", "enum": [*get_args(Missing)], "default": "fallback"},
)
HISTORY: Final = Parameter(
    "history",
    "Ids of the stories opened on this visit, the latest last; unknown ids are ignored.",
    {**_IDS, "minItems": 1},
)


@dataclass(frozen=True)
class Operation:
    """The operation at a path.

    Attributes
    ----------
    name : as `operationId` and in metrics.
    path : with its parameter in braces, if it has one.
    summary : what it answers.
    description : of the answer.
    schema : of the answer: the name of one of `SCHEMAS`, or a schema.
    example : an answer.
    path_parameter : the parameter that ends the path.
    query : parameters of the query.
    body : parameters of the JSON body; with these the method is POST.
    body_example : a body.
    problems : statuses other than 200.
    headers : those of the answer, names of `HEADERS`.
    media_type : of the answer.
    """

    name: str
    path: str
    summary: str
    description: str
    schema: str | Schema
    example: Any
    path_parameter: Parameter | None = None
    query: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    body_example: Schema | None = None
    problems: tuple[int, ...] = (400,)
    headers: tuple[str, ...] = ()
    media_type: str = "application/json"

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "POST" if self.body else "GET"

    @property
    def not_modified(self) -> bool:
        """Whether a client that has the answer already gets a 304."""
        return "ETag" in self.headers


_VERSION: Final = "20260601T060000Z-001"
_STORY: Final = {
    "id": "9738334",
    "title": "The tunnel opens a year early",
    "url": "https://news.example/9738334",
    "section": "politics",
    "published_at": "2026-06-01T05:12:00Z",
    "rank": 1,
    "score": 0.0995,
    "reason": "readers",
    "why": "Readers of this story went on to this one",
}
_POPULAR: Final = {**_STORY, "score": None, "reason": "popular", "why": "Much read now"}
_VERSIONED: Final = ("Ymal-Version", "Ymal-Age")
_CACHED: Final = ("ETag", *_VERSIONED)

RELATED: Final = Operation(
    "related",
    "/v1/related/{id}",
    "The related stories of an article, best first.",
    "The stories.",
    "Related",
    {"source": "9737535", "version": _VERSION, "items": [_STORY]},
    path_parameter=ID,
    query=(N, EXCLUDE, MISSING),
    problems=(400, 404, 503),
    headers=_CACHED,
)
PAGE: Final = Operation(
    "page",
    "/v1/page/{id}",
    "All blocks of an article's page; no story is on it twice.",
    "The page.",
    "Page",
    {
        "source": "9737535",
        "version": _VERSION,
        "blocks": [{"key": "related", "title": "You May Also Like", "items": [_STORY]}],
    },
    path_parameter=ID,
    query=(EXCLUDE, MISSING),
    problems=(400, 404, 503),
    headers=_CACHED,
)
BLOCK: Final = Operation(
    "block",
    "/v1/blocks/{key}",
    "One block, for a page without an article, such as the front page of a section.",
    "The block.",
    "VersionedBlock",
    {"version": _VERSION, "key": "popular", "title": "Popular Now", "items": [_POPULAR]},
    path_parameter=KEY,
    query=(SECTION, BLOCK_N, EXCLUDE),
    problems=(400, 404, 503),
    headers=_CACHED,
)
NEXT: Final = Operation(
    "next",
    "/v1/next",
    "What to read next on a visit, from the stories opened on it. Nothing is stored.",
    "The stories.",
    "Next",
    {"version": _VERSION, "items": [_STORY]},
    body=(HISTORY, N),
    body_example={"history": ["9737001", "9737535"], "n": 5},
    problems=(400, 408, 413, 503),
    headers=_VERSIONED,
)
VERSION: Final = Operation(
    "version",
    "/v1/version",
    "The served version.",
    "The version.",
    "Version",
    {
        "version": _VERSION,
        "now": "2026-06-01T06:00:00Z",
        "articles": 41912,
        "blocks": ["latest", "weekly", "related", "popular", "must_reads"],
        "overrides": 3,
    },
    problems=(400, 503),
    headers=_CACHED,
)
HEALTH: Final = Operation(
    "healthz",
    "/healthz",
    "Whether the service is alive, and how old its data is.",
    "It is alive.",
    "Health",
    {"status": "ok", "version": _VERSION, "now": "2026-06-01T06:00:00Z", "age_seconds": 312.4},
)
READY: Final = Operation(
    "readyz",
    "/readyz",
    "Whether requests should come here.",
    "They should come here.",
    "Ready",
    {"status": "ready"},
    problems=(400, 503),
)
METRICS: Final = Operation(
    "metrics",
    "/metrics",
    "Metrics of all workers, for Prometheus.",
    "The metrics.",
    _TEXT,
    'ymal_http_request_seconds_count{route="related",status="200"} 200000.0\n',
    media_type="text/plain",
)
OPENAPI: Final = Operation(
    "openapi",
    "/openapi.json",
    "This description.",
    "The description.",
    {"type": "object"},
    {"openapi": "3.1.0"},
)
OPERATIONS: Final = (RELATED, PAGE, BLOCK, NEXT, VERSION, HEALTH, READY, METRICS, OPENAPI)
"""In the order of the description."""
