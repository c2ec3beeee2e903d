"""The clients over HTTP, in PHP and JavaScript, against the real service."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.processes import run_program
from tests.recommender.worlds import TOY, Article
from tests.services import PATIENCE, Service, free_port, serving

EXAMPLES = Path(__file__).parents[2] / "examples"
ODD = ["sport/2026/06/a b", "süß & 天気?n=1#x", "a%2Fb+c", "🙂", "/", "..a/...", "a\\\"'"]
SITE = replace(
    TOY,
    articles=[*TOY.articles, *(Article(odd, odd, items=((0, 0.5, "text"),)) for odd in ODD)],
)
SECOND = 1.1
"""Seconds after which the service looks again."""

ASKS = {
    "php": (
        ["php", "-r"],
        "require 'CLIENT';"
        "while ($line = fgets(STDIN))"
        "  echo json_encode(related_stories(...json_decode($line, true))), PHP_EOL;",
    ),
    "node": (
        ["node", "--input-type=module", "-e"],
        "import { related } from 'CLIENT';"
        "import { createInterface } from 'node:readline';"
        "for await (const line of createInterface({ input: process.stdin })) {"
        "  const { id, ...options } = JSON.parse(line);"
        "  console.log(JSON.stringify(await related(id, options)));"
        "}",
    ),
}
"""Programs that ask what each line says, and print a line of what they got."""


def has(program: str) -> bool:
    if program == "php" and shutil.which("php"):
        return "curl" in run_program(["php", "-m"]).stdout
    return bool(shutil.which(program))


CLIENTS = pytest.mark.parametrize(
    "program",
    [
        pytest.param("php", marks=pytest.mark.skipif(not has("php"), reason="needs php, its curl")),
        pytest.param("node", marks=pytest.mark.skipif(not has("node"), reason="needs node")),
    ],
)


def client_of(program: str) -> Path:
    return EXAMPLES / {"php": "client.php", "node": "client.mjs"}[program]


class Client:
    """A program that goes on, asked one thing after the other."""

    def __init__(self, program: str, client: Path, url: str) -> None:
        pipe, (command, script) = subprocess.PIPE, ASKS[program]
        self.process = subprocess.Popen(
            [*command, script.replace("CLIENT", str(client))],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            encoding="utf-8",
            env={**os.environ, "YMAL_URL": url},
        )

    def related(self, source: str, **options: object) -> list[dict[str, Any]]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps({'id': source, **options})}\n")
        self.process.stdin.flush()
        found: list[dict[str, Any]] = json.loads(self.process.stdout.readline())
        return found

    def ids(self, source: str, **options: object) -> list[str]:
        return [story["id"] for story in self.related(source, **options)]

    def end(self) -> str:
        """End it; return its stderr."""
        _, stderr = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, stderr
        return stderr


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    artifacts = SITE.publish(tmp_path / "artifacts")
    with serving(artifacts, tmp_path / "log", "--workers=1", "--access-log") as started:
        yield started


@pytest.fixture
def patient(tmp_path: Path, program: str) -> Path:
    """The client, on a machine that may be busy."""
    text = client_of(program).read_text(encoding="utf-8")
    path = tmp_path / client_of(program).name
    path.write_text(
        re.sub(r"((?:CONNECT_)?TIMEOUT_MS) = \d+", r"\1 = 30000", text), encoding="utf-8"
    )
    return path


def statuses(service: Service, count: int) -> list[int]:
    """What the service has answered, when it has logged so many."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        lines = map(json.loads, service.log.read_text().splitlines()[1:])
        found = [line["status"] for line in lines if line.get("path", "").startswith("/v1/")]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise RuntimeError(service.log.read_text())


@CLIENTS
def test_a_client_gets_what_the_service_has(service: Service, program: str, patient: Path) -> None:
    client = Client(program, patient, service.url)
    right = service.get("/v1/related/rain?n=3").json()["items"]
    assert client.related("rain", n=3) == right
    assert client.ids("rain", n=3) == ["storm", "vote", "snow"]
    assert client.ids("rain", n=2, exclude=["storm", "snow", *ODD]) == ["vote", "goal"]
    for odd in ODD:
        (story,) = client.related(odd, n=1)
        assert (story["id"], story["reason"]) == ("storm", "text"), odd
    assert client.end() == ""


@CLIENTS
def test_a_client_gets_nothing_where_there_is_no_answer(
    service: Service, program: str, patient: Path
) -> None:
    client = Client(program, patient, service.url)
    assert client.ids("rain", n=1) == ["storm"]
    assert client.ids("rain", n=0) == []  # which the service refuses
    assert client.ids("..") == []
    service.process.terminate()
    service.process.wait(60)
    assert client.ids("rain", n=1) == []
    assert client.end().count("related stories of rain: ") == 2


@CLIENTS
def test_a_client_waits_for_nobody(program: str) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        client = Client(program, client_of(program), f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert client.ids("rain") == []
        assert "time" in client.end().lower()


@pytest.mark.skipif(not has("node"), reason="needs node")
@pytest.mark.parametrize("program", ["node"])
def test_node_keeps_an_answer_for_as_long_as_it_holds(
    service: Service, program: str, patient: Path, tmp_path: Path
) -> None:
    client = Client(program, patient, service.url)
    assert client.ids("rain", n=1) == client.ids("rain", n=1) == ["storm"]
    assert client.ids("rain", n=2) == ["storm", "vote"]
    assert statuses(service, 3) == [200, 304, 200]
    entry = {"id": "o1", "action": "withdraw", "story": "storm"}
    overrides = json.dumps({"format": 1, "overrides": [entry]})
    (tmp_path / "artifacts" / "overrides.json").write_text(overrides)
    time.sleep(SECOND)
    assert client.ids("rain", n=1) == ["vote"]
    assert statuses(service, 4) == [200, 304, 200, 200]
    assert client.end() == ""


@CLIENTS
def test_the_command_line_of_a_client(service: Service, program: str, patient: Path) -> None:
    done = subprocess.run(
        [program, patient, ODD[1]],
        env={**os.environ, "YMAL_URL": service.url},
        capture_output=True,
        check=True,
        timeout=300,
    )
    assert json.loads(done.stdout)[0]["id"] == "storm"
