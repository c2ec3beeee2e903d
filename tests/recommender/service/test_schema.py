"""The description of the API: what it says holds, and every limit that it names is the code's."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

from recommender.service import asking
from recommender.service.app import OPENAPI
from recommender.snapshot import Missing
from recommender.values import RelatedStory
from tests.services import Service

DESCRIBED: Any = json.loads(OPENAPI.read_bytes())
PARTS = DESCRIBED["components"]


def test_nothing_can_be_asked_that_the_description_does_not_foresee(
    service: Service, tmp_path: Path
) -> None:
    """Schemathesis asks what is allowed and what is not, and holds the answers to the schemas."""
    command = ["run", f"{service.url}/openapi.json", "--max-examples=25", "--seed=1"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *command, "--no-color"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout


def test_limits_are_those_of_the_code() -> None:
    parameters, visit = PARTS["parameters"], PARTS["schemas"]["Visit"]["properties"]
    assert parameters["n"]["schema"]["maximum"] == visit["n"]["maximum"] == asking.MOST_STORIES
    assert parameters["exclude"]["schema"]["maxItems"] == asking.MOST_EXCLUDED
    assert visit["history"]["maxItems"] == asking.MOST_OPENED
    assert parameters["missing"]["schema"]["enum"] == [*asking.MISSING] == [*get_args(Missing)]


def test_a_story_has_the_fields_of_the_lookup() -> None:
    assert tuple(PARTS["schemas"]["Story"]["properties"]) == RelatedStory._fields


def test_examples_are_of_their_schemas(service: Service) -> None:
    """What stands as an example of an answer has the keys that real answers have."""
    real = {
        "/v1/related/{id}": service.get("/v1/related/storm"),
        "/v1/version": service.get("/v1/version"),
        "/healthz": service.get("/healthz"),
        "/readyz": service.get("/readyz"),
    }
    for path, reply in real.items():
        content = DESCRIBED["paths"][path]["get"]["responses"]["200"]["content"]
        assert content["application/json"]["example"].keys() == reply.json().keys(), path


def test_it_is_served(service: Service) -> None:
    reply = service.get("/openapi.json")
    assert reply.headers["content-type"] == "application/json"
    assert reply.body == OPENAPI.read_bytes()
