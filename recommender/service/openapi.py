"""The description of the HTTP API: OpenAPI 3.1 for programs, a page for people."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..html import render_template
from .operations import (
    DESCRIPTION,
    HEADERS,
    OPERATIONS,
    PROBLEMS,
    SCHEMAS,
    TITLE,
    Operation,
)
from .parameters import Parameter, Schema

NOT_MODIFIED: Final = "The client has this answer already, by If-None-Match."


def describe() -> dict[str, Any]:
    """Return the OpenAPI document of the service."""
    paths = {
        operation.path: {operation.method.lower(): _operation(operation)}
        for operation in OPERATIONS
    }
    problem = {"$ref": "#/components/schemas/Problem"}
    responses = {
        str(status): {
            "description": kind.description,
            "content": _content("application/problem+json", problem, kind.example),
        }
        for status, kind in PROBLEMS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"headers": HEADERS, "responses": responses, "schemas": SCHEMAS},
    }


def body_schema(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the schema of a JSON body; a parameter without a default is required."""
    properties = {
        parameter.name: {**parameter.schema, "description": parameter.description}
        for parameter in parameters
    }
    return {
        "type": "object",
        "required": [name for name, schema in properties.items() if "default" not in schema],
        "additionalProperties": False,
        "properties": properties,
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    parameters = [_parameter(parameter, "query") for parameter in operation.query]
    if operation.path_parameter:
        in_path = _parameter(operation.path_parameter, "path")
        parameters.insert(0, {**in_path, "required": True})
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        schema = body_schema(operation.body)
        content = _content("application/json", schema, operation.body_example)
        described["requestBody"] = {"required": True, "content": content}
    return {**described, "responses": _responses(operation)}


def _parameter(parameter: Parameter, location: str) -> dict[str, Any]:
    described = {
        "name": parameter.name,
        "in": location,
        "description": parameter.description,
        "schema": parameter.schema,
    }
    return described if parameter.example is None else {**described, "example": parameter.example}


def _responses(operation: Operation) -> dict[str, Any]:
    schema = operation.schema
    if isinstance(schema, str):
        schema = {"$ref": f"#/components/schemas/{schema}"}
    found: dict[str, Any] = {
        "description": operation.description,
        "content": _content(operation.media_type, schema, operation.example),
    }
    if operation.headers:
        found["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in operation.headers
        }
    responses = {"200": found}
    if operation.not_modified:
        responses["304"] = {"description": NOT_MODIFIED}
    for status in operation.problems:
        responses[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return responses


def _content(media_type: str, schema: Schema, example: object) -> dict[str, Any]:
    return {media_type: {"schema": schema, "example": example}}


def reference_page() -> str:
    """Render the reference of the API as one HTML document that loads nothing."""
    return render_template(
        "reference.html",
        title=TITLE,
        description=DESCRIPTION,
        operations=[_section(operation) for operation in OPERATIONS],
        story_fields=_fields(SCHEMAS["Story"]),
        headers=[(name, "", header["description"]) for name, header in HEADERS.items()],
        problem_fields=_fields(SCHEMAS["Problem"]),
        problems=[(kind.description, _example(kind.example)) for kind in PROBLEMS.values()],
    )


def _section(operation: Operation) -> dict[str, Any]:
    """Return what the reference says of an operation."""
    located = [(parameter, "query") for parameter in operation.query]
    if operation.path_parameter:
        located.insert(0, (operation.path_parameter, "path"))
    responses = [("200", ", ".join(operation.headers), operation.description)]
    if operation.not_modified:
        responses.append(("304", "", NOT_MODIFIED))
    responses += [(str(status), "", PROBLEMS[status].description) for status in operation.problems]
    return {
        "name": operation.name,
        "title": f"{operation.method} {operation.path}",
        "summary": operation.summary,
        "body": _fields(body_schema(operation.body)),
        "body_example": _example(operation.body_example) if operation.body else "",
        "parameters": [
            (
                parameter.name,
                " · ".join((location, *_limits(parameter.schema))),
                parameter.description,
            )
            for parameter, location in located
        ],
        "responses": responses,
        "example": _example(operation.example),
    }


def _fields(schema: Schema) -> list[tuple[str, str, str]]:
    """Return name, limits and meaning of each property of an object."""
    fields = []
    for name, part in schema["properties"].items():
        optional = () if name in schema["required"] else ("may be missing",)
        fields.append((name, " · ".join((*_limits(part), *optional)), part.get("description", "")))
    return fields


def _limits(schema: Schema) -> Iterator[str]:
    """Say which values a schema allows."""
    kinds = schema["type"]
    yield kinds if isinstance(kinds, str) else " or ".join(kinds)
    if "enum" in schema:
        yield f"one of {', '.join(schema['enum'])}"
    if "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    if "maxItems" in schema:
        yield f"at most {schema['maxItems']}"
    if "default" in schema:
        yield f"by default {schema['default']}"


def _example(example: object) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2)
