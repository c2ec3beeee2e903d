"""A real service for tests: `ymal serve` on a free port of loopback, until the test is done."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

PATIENCE = 120.0


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Service:
    """A running service: its process, its port, and the file of its output."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Reply:
        """Send a GET; names of headers have underscores for hyphens."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: bytes, **headers: str) -> Reply:
        return self.ask("POST", path, body, **headers)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send a request by a connection of its own."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, path, body, named)
            found = connection.getresponse()
            return Reply(found.status, found.headers, found.read())

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text().split()]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, path: str = "/readyz", **options: Any
) -> Iterator[Service]:
    """Run a server that listens on a port, until it answers at a path; end it by SIGTERM."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    service = Service(process, port, log)
    try:
        _wait(service, path)
        yield service
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def serving(
    artifacts: Path,
    log: Path,
    *options: str,
    command: tuple[str, ...] = (sys.executable, "-m", "recommender.service"),
    path: str = "/readyz",
) -> Iterator[Service]:
    """Serve a directory by a command on a free port, until it answers at a path.

    Ends the service by SIGTERM afterwards.
    """
    port = free_port()
    arguments = ["--artifacts", str(artifacts), "--port", str(port), *options]
    with running([*command, *arguments], port, log, path) as service:
        yield service


def _wait(service: Service, path: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and service.process.poll() is None:
        try:
            if service.get(path).status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise RuntimeError(f"not ready: {service.log.read_text()}")
