"""Clients that are slow, idle, greedy or silent: they are answered or cut, and others served."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.worker import memory
from tests.recommender.worlds import TOY
from tests.services import Service, serving

TIMEOUT = 2.0
PATIENCE = 120.0
POST = b"POST /v1/next HTTP/1.1\r\nHost: a\r\n"
PAGE = b"GET /v1/page/storm HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("slow")
    artifacts = TOY.publish(folder / "artifacts")
    with serving(
        artifacts, folder / "log", f"--client-timeout={TIMEOUT}", "--workers=1"
    ) as started:
        yield started


@pytest.fixture
def client(slow: Service) -> Iterator[socket.socket]:
    """A connection; when its test is done, the service must still serve."""
    worker = slow.workers()
    with connected(slow) as found:
        yield found
        assert slow.get("/v1/related/storm").status == 200
    assert slow.workers() == worker


def connected(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), PATIENCE)


def drip(client: socket.socket, data: bytes) -> bool:
    """Send byte by byte for as long as it is taken; whether it was to the end."""
    for byte in data:
        try:
            client.sendall(bytes([byte]))
        except OSError:
            return False
        time.sleep(TIMEOUT / 20)
    return True


def push(client: socket.socket, data: bytes) -> None:
    """Send as much as is taken."""
    with contextlib.suppress(OSError):
        client.sendall(data)


def rest(client: socket.socket) -> bytes:
    """Everything until the other side closes."""
    read = bytearray()
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            read += part
    return bytes(read)


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 ")
    return int(answer[9:12])


def test_a_head_that_drips_is_cut(client: socket.socket) -> None:
    assert not drip(client, b"GET /v1/related/storm HTTP/1.1\r\nHost: a\r\nX-Slow: " + 200 * b"a")


def test_a_body_that_drips_is_answered_with_a_time_out(client: socket.socket) -> None:
    client.sendall(POST + b"Content-Length: 200\r\n\r\n")
    drip(client, b'{"history": ["' + 30 * b"a")
    answer = rest(client)
    assert status(answer) == 408
    problem = json.loads(answer.split(b"\r\n\r\n")[1])
    assert (problem["detail"], problem["parameter"]) == (
        f"the body took longer than {TIMEOUT:.0f} s",
        "body",
    )


def test_a_silent_connection_is_closed(client: socket.socket) -> None:
    assert rest(client) == b""


def test_a_connection_is_kept_and_closed_when_it_idles(client: socket.socket) -> None:
    for _ in range(2):
        client.sendall(b"HEAD /v1/version HTTP/1.1\r\nHost: a\r\n\r\n")
        assert status(client.recv(65_536)) == 200
        time.sleep(TIMEOUT / 4)
    assert rest(client) == b""


def test_five_hundred_silent_connections_do_not_stop_others(slow: Service) -> None:
    with contextlib.ExitStack() as opened:
        silent = [opened.enter_context(connected(slow)) for _ in range(500)]
        client = opened.enter_context(connected(slow))
        client.sendall(PAGE)
        assert status(client.recv(65_536)) == 200
        assert [rest(each) for each in silent] == 500 * [b""]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET /v1/related/%b HTTP/1.1\r\nHost: a\r\n\r\n" % (100_000 * b"a"), 414),
        (b"GET /v1/related/storm?exclude=%b HTTP/1.1\r\nHost: a\r\n\r\n" % (100_000 * b"a"), 414),
        (b"GET /v1/related/storm HTTP/1.1\r\nHost: a\r\nX: %b\r\n\r\n" % (140_000 * b"a"), 431),
        (b"GET /v1/related/storm HTTP/1.1\r\nHost: a\r\nX: %b\r\n\r\n" % (10_000_000 * b"a"), 431),
        (b"GET /v1/related/storm HTTP/1.1\r\n%b\r\n" % (5000 * b"X: a\r\n"), 431),
        (10_000_000 * b"a", 431),
    ],
    ids=["id", "query", "header", "10 MB", "5,000 headers", "no head"],
)
def test_a_head_that_is_too_large_is_refused(client: socket.socket, head: bytes, code: int) -> None:
    push(client, head)
    assert status(rest(client)) == code


def test_a_body_of_ten_megabytes_is_refused(client: socket.socket) -> None:
    push(client, POST + b"Content-Length: 10000000\r\n\r\n" + 10_000_000 * b"a")
    assert status(rest(client)) == 413


def test_a_body_of_ten_megabytes_that_does_not_say_so_is_refused(client: socket.socket) -> None:
    chunk = b"%x\r\n%b\r\n" % (10_000, 10_000 * b"a")
    push(client, POST + b"Transfer-Encoding: chunked\r\n\r\n" + 1000 * chunk + b"0\r\n\r\n")
    assert status(rest(client)) == 413


def test_requests_that_do_not_wait_are_answered_in_order(client: socket.socket) -> None:
    ids = [f"n{number}" for number in range(40)]
    for each in ids:
        client.sendall(f"GET /v1/related/{each} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    answers = rest(client).split(b"HTTP/1.1 200 OK")[1:]
    assert [json.loads(answer.split(b"\r\n\r\n")[1])["source"] for answer in answers] == ids


def test_head_has_no_body(client: socket.socket) -> None:
    client.sendall(b"HEAD /v1/page/storm HTTP/1.1\r\nHost: a\r\n\r\n")
    head, body = rest(client).split(b"\r\n\r\n")
    assert status(head) == 200
    assert b"\r\ncontent-length: " in head
    assert body == b""


def test_who_never_reads_takes_no_memory(slow: Service) -> None:
    (worker,) = slow.workers()
    before = memory(Path(), str(worker)).own
    with contextlib.ExitStack() as opened:
        for _ in range(50):
            deaf = opened.enter_context(connected(slow))
            deaf.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(5000):
                    deaf.sendall(PAGE)
        client = opened.enter_context(connected(slow))
        client.sendall(PAGE)
        assert status(client.recv(65_536)) == 200
        assert memory(Path(), str(worker)).own < before + 32
