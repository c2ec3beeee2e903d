"""The answers that readers must give from the golden artifacts."""

import json
from typing import Any, Final

from tests.golden.make import HERE

ANSWERS: Final = ("items", "blocks")
"""Keys of an answer; all others are of the call."""


def expected(name: str) -> dict[str, Any]:
    """Return `expected.json` of a folder, with the answers of its `changed.json`."""
    found: dict[str, Any] = json.loads((HERE / name / "expected.json").read_bytes())
    path = HERE / name / "changed.json"
    later = json.loads(path.read_bytes())["answers"] if path.exists() else []
    changed = {_call(answer): answer for answer in later}
    found["answers"] = [changed.pop(_call(answer), answer) for answer in found["answers"]]
    assert not changed, "a changed answer to a call that is not there"
    return found


def _call(answer: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in answer.items() if key not in ANSWERS})
