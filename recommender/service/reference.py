"""The reference of the API, drawn from its OpenAPI description: one page that loads nothing."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from ..html import document

_STYLE: Final = """
section { max-width: 60rem; }
h2 { text-transform: none; font-family: ui-monospace, Menlo, Consolas, monospace; }
p { padding-bottom: .75rem; }
pre { overflow-x: auto; margin-bottom: 1rem; padding: .75rem 1rem; border: 1px solid var(--rule);
  font: .8125rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
dl { padding-bottom: .75rem; font: .9375rem/1.4 var(--sans); }
dt { font: 600 .875rem/1.4 ui-monospace, Menlo, Consolas, monospace; }
dd { padding: 0 0 .4rem 1.5rem; }
h3 { padding-bottom: .35rem; font: 600 .875rem/1.3 var(--sans); }
code::before { content: none; }
"""

Part = Mapping[str, Any]


def reference(described: Part) -> str:
    """Give the page of an OpenAPI description whose references lead into itself."""
    info = described["info"]
    operations = "\n".join(
        _operation(described, f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(info["title"])
    body = f"""<header><h1>{title}</h1>
<p class="version">{escape(info["description"])}</p></header>
{operations}"""
    return document(title, body, style=_STYLE)


def _operation(described: Part, name: str, operation: Part) -> str:
    entries = [
        (part["name"], part["description"], part["schema"])
        for part in (_found(described, part) for part in operation.get("parameters", ()))
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        schema = _found(described, body["schema"])
        entries += [(key, part["description"], part) for key, part in schema["properties"].items()]
    listed = "".join(
        f"<dt>{escape(key)}</dt><dd>{escape(text)}{escape(_bounds(schema))}</dd>"
        for key, text, schema in entries
    )
    told = "".join(_examples(described, operation, body))
    return f"""<section aria-label="{escape(name)}">
<h2>{escape(name)}</h2>
<p>{escape(operation["summary"])}</p>
{f"<dl>{listed}</dl>" if listed else ""}{told}
</section>"""


def _bounds(schema: Part) -> str:
    """Say what a parameter may be, as far as its schema does."""
    if "enum" in schema:
        return f" One of {', '.join(schema['enum'])}."
    if "maximum" in schema:
        return f" From {schema['minimum']} to {schema['maximum']}."
    return f" At most {schema['maxItems']}." if "maxItems" in schema else ""


def _examples(described: Part, operation: Part, body: Part) -> Iterator[str]:
    if "example" in body:
        yield _example("Body", body["example"])
    for status, response in operation["responses"].items():
        response = _found(described, response)
        for part in response.get("content", {}).values():
            if "example" in part and status == "200":
                yield _example("Answer", part["example"])


def _example(title: str, example: object) -> str:
    text = example if isinstance(example, str) else json.dumps(example, indent=2)
    return f'<h3>{title}</h3><pre tabindex="0"><code>{escape(text)}</code></pre>'


def _found(described: Part, part: Part) -> Part:
    """Follow a reference."""
    if "$ref" not in part:
        return part
    found: Any = described
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return _found(described, found)
