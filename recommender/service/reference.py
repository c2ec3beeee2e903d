"""The reference of the API, drawn from its OpenAPI description: one page that loads nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

from ..html import document

_STYLE: Final = """
:root { --mono: ui-monospace, Menlo, Consolas, "Noto Sans Mono", monospace; }
header { padding-bottom: 1.5rem; }
header p { max-width: 44rem; padding-top: .9rem; }
nav { columns: 14rem; padding-bottom: 2.5rem; }
nav a { font: .875rem/1.8 var(--mono); }
h2 { font-family: var(--mono); padding-bottom: .35rem; }
h3 { padding-bottom: .5rem; font: 600 .875rem/1.3 var(--sans); }
section > p { padding-bottom: 1.25rem; }
dl { max-width: 44rem; padding-bottom: 1rem; font: .9375rem/1.45 var(--sans); }
dt { font-size: .8125rem; color: var(--quiet); }
dt code { padding-inline-end: .75rem; font: 600 .875rem var(--mono); color: var(--ink); }
dd { padding-bottom: .6rem; }
pre { margin-bottom: 1.25rem; padding: .75rem 1rem; border: 1px solid var(--rule);
  font: .8125rem/1.45 var(--mono); white-space: pre-wrap; }
@media (min-width: 64rem) {
  section { display: grid; grid-template-columns: repeat(2, 1fr); column-gap: 3rem; }
  h2, section > p { grid-column: span 2; }
}
"""

Part = Mapping[str, Any]
Entry = tuple[str, str, str]
"""Of a list: a name, what the value may be, what it means."""


def reference(described: Part) -> str:
    """Give the page of an OpenAPI description whose references lead into itself."""
    info, shared = described["info"], described["components"]
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    sections = [_operation(described, *named) for named in operations]
    links = [
        f'<a href="#{escape(operation["operationId"])}">{escape(name)}</a>'
        for name, operation in operations
    ]
    headers = ((name, "", part["description"]) for name, part in shared["headers"].items())
    wrong = ((part["description"], part) for part in shared["responses"].values())
    sections += [
        _section("story", "A story", _list("Fields", _fields(shared["schemas"]["Story"])), ""),
        _section("headers", "Headers of an answer", _list("Headers", headers), ""),
        _section(
            "problems",
            "Problems",
            _list("Fields", _fields(shared["schemas"]["Problem"])),
            "".join(_example(title, part) for title, part in wrong),
        ),
    ]
    title, written = escape(info["title"]), "\n".join(sections)
    body = f"""<header><h1>{title}</h1>
<p>{escape(info["description"])}</p></header>
<nav aria-label="Routes">{"".join(links)}</nav>
{written}"""
    return document(title, body, style=_STYLE)


def _operation(described: Part, name: str, operation: Part) -> str:
    parameters = (_found(described, part) for part in operation.get("parameters", ()))
    asked = (
        (part["name"], " · ".join((part["in"], *_bounds(part["schema"]))), part["description"])
        for part in parameters
    )
    responses = {key: _found(described, part) for key, part in operation["responses"].items()}
    answers = (
        (status, ", ".join(part.get("headers", ())), part["description"])
        for status, part in responses.items()
    )
    body = operation.get("requestBody", {})
    told = [_list("Parameters", asked), _list("Answers", answers)]
    for part in body.get("content", {}).values():
        told.insert(0, _list("Body", _fields(_found(described, part["schema"]))))
    shown = _example("Body", body) + _example("Answer", responses["200"])
    return _section(operation["operationId"], name, "".join(told), shown, operation["summary"])


def _section(key: str, title: str, told: str, shown: str, summary: str = "") -> str:
    """Write a part of the page: what is told at the left, examples at the right."""
    return f"""<section id="{escape(key)}" aria-labelledby="of-{escape(key)}">
<h2 id="of-{escape(key)}">{escape(title)}</h2>
<p>{escape(summary)}</p>
<div>{told}</div>
<div>{shown}</div>
</section>"""


def _list(title: str, entries: Iterable[Entry]) -> str:
    listed = "".join(
        f"<dt><code>{escape(name)}</code>{escape(kind)}</dt><dd>{escape(meaning)}</dd>\n"
        for name, kind, meaning in entries
    )
    return f"<h3>{escape(title)}</h3>\n<dl>\n{listed}</dl>\n" if listed else ""


def _fields(schema: Part) -> Iterator[Entry]:
    """Give the fields of an object."""
    required = schema["required"]
    for name, part in schema["properties"].items():
        bounds = [*_bounds(part), *(() if name in required else ("may be missing",))]
        yield name, " · ".join(bounds), part.get("description", "")


def _bounds(schema: Part) -> Iterator[str]:
    """Say what a value may be, as far as its schema does."""
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


def _example(title: str, part: Part) -> str:
    """Write the examples of a body or an answer."""
    return "".join(
        f"<h3>{escape(title)}</h3><pre><code>{escape(_written(content['example']))}</code></pre>\n"
        for content in part.get("content", {}).values()
    )


def _written(example: object) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2)


def _found(described: Part, part: Part) -> Part:
    """Follow a reference."""
    if "$ref" not in part:
        return part
    found: Any = described
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return _found(described, found)
