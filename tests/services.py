"""A real service for tests: `ymal serve` on a free port of loopback, until the test is done."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

PATIENCE = 30.0


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
    """A running service: its process, address, and the file of what it says."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for a path; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(urllib.request.Request(self.url + path, headers=named))

    def post(self, path: str, body: bytes, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(urllib.request.Request(self.url + path, body, named))

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text().split()]


def ask(request: urllib.request.Request) -> Reply:
    """Send a request; an answer of 400 or more is one too."""
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as found:  # noqa: S310
            return Reply(found.status, found.headers, found.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    artifacts: Path, log: Path, *options: str, command: tuple[str, ...] = ()
) -> Iterator[Service]:
    """Serve a directory by `python -m recommender.service`, or by another command, on a free port.

    Ends when it is ready, and ends the service by SIGTERM afterwards.
    """
    port = free_port()
    command = command or (sys.executable, "-m", "recommender.service")
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--artifacts", str(artifacts), "--port", str(port), *options],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    service = Service(process, port, log)
    try:
        _wait(service)
        yield service
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(service: Service) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and service.process.poll() is None:
        try:
            if service.get("/readyz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"not ready: {service.log.read_text()}")
