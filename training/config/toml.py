"""Values as TOML."""

import json
import re
from collections.abc import Mapping


def toml_value(value: object) -> str:
    r"""Return a text, number, boolean, list, or table of them as a value of TOML on one line.

    Examples
    --------
    >>> toml_value({"post_status": ["publish"], "is live": "t"})
    '{ post_status = ["publish"], "is live" = "t" }'
    """
    if isinstance(value, Mapping):
        parts = (f"{_key(str(key))} = {toml_value(part)}" for key, part in value.items())
        return f"{{ {', '.join(parts)} }}" if value else "{}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_value(name)
