"""The description of the API holds: for answers, and for the parameters it declares."""

import sys
from pathlib import Path

import pytest

from recommender.service.openapi import describe
from recommender.service.operations import (
    BLOCK_N,
    EXCLUDE,
    HISTORY,
    MISSING,
    OPERATIONS,
    SCHEMAS,
    SECTION,
    N,
)
from recommender.service.parameters import Parameter, Problem, Value, read_query
from recommender.values import RelatedStory
from tests.processes import run_program
from tests.services import Service


def test_nothing_can_be_asked_that_the_description_does_not_foresee(
    service: Service, tmp_path: Path
) -> None:
    """Schemathesis sends allowed and other requests, and holds the answers to the schemas."""
    command = ["run", f"{service.url}/openapi.json", "--max-examples=8", "--seed=1", "--no-color"]
    done = run_program([sys.executable, "-m", "schemathesis.cli", *command], cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout


@pytest.mark.parametrize(
    ("parameter", "given", "read"),
    [
        (N, ["1"], 1),
        (N, ["100"], 100),
        (EXCLUDE, ["a", "a"], ["a", "a"]),
        (EXCLUDE, ["a"] * 500, ["a"] * 500),
        (MISSING, ["empty"], "empty"),
        (HISTORY, ["a"], ["a"]),
    ],
)
def test_a_parameter_within_its_limits_is_read(
    parameter: Parameter, given: list[str], read: Value
) -> None:
    assert parameter.read_query(given) == read


@pytest.mark.parametrize(
    ("parameter", "given", "detail"),
    [
        (N, ["101"], "n must be a whole number from 1 to 100, not '101'"),
        (N, ["1", "2"], "n is given more than once"),
        (EXCLUDE, ["a"] * 501, "exclude has more than 500 ids"),
        (MISSING, ["no"], "missing must be one of fallback, empty, error, not 'no'"),
        (HISTORY, [], "history must have 1 to 500 ids, not 0"),
        (HISTORY, ["a"] * 501, "history must have 1 to 500 ids, not 501"),
    ],
)
def test_a_parameter_beyond_its_limits_is_refused(
    parameter: Parameter, given: list[str], detail: str
) -> None:
    with pytest.raises(Problem) as refused:
        parameter.read_query(given)
    problem = refused.value
    assert (problem.status_code, problem.detail, problem.parameter) == (400, detail, parameter.name)


def test_a_parameter_that_is_not_given_has_its_default() -> None:
    found = read_query({"query_string": b""}, [N, EXCLUDE, MISSING, SECTION])
    assert found == {"n": 5, "exclude": [], "missing": "fallback", "section": ""}
    assert read_query({"query_string": b""}, [BLOCK_N]) == {"n": None}


def test_a_story_has_the_fields_of_the_lookup() -> None:
    assert tuple(SCHEMAS["Story"]["properties"]) == RelatedStory._fields


def test_examples_have_the_keys_of_their_schemas() -> None:
    for operation in OPERATIONS:
        if isinstance(operation.schema, str):
            required = SCHEMAS[operation.schema]["required"]
            assert set(required) <= operation.example.keys(), operation.name


def test_every_operation_is_served(service: Service) -> None:
    for operation in OPERATIONS:
        path = operation.path.replace("{id}", "storm").replace("{key}", "popular")
        if operation.method == "GET":
            assert service.get(path).status in {200, 404}, path
    assert service.post("/v1/next", b'{"history": ["storm"]}').status == 200
    reply = service.get("/openapi.json")
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == describe()
