"""What no honest client sends: refused, nothing of it in an answer's head, and still serving."""

import socket
from collections.abc import Iterator

import pytest

from tests.services import PATIENCE, Service

HEAD = b"GET /v1/related/storm HTTP/1.1\r\nHost: a\r\n"
NEXT = b"POST /v1/next HTTP/1.1\r\nHost: a\r\n"
BODY = b'{"history":["storm"]}'

REFUSED = {
    "no HTTP": b"GARBAGE\r\n\r\n",
    "a version that there is not": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "a line break in the path": b"GET /v1/related/a\r\nEvil: 1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the path": b"GET /v1/related/a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a NUL in the path": b"GET /v1/related/\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "no UTF-8 in the path": b"GET /v1/related/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "no UTF-8, percent-encoded": b"GET /v1/related/%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n",
    "no UTF-8 in the query": b"GET /v1/related/a?n=%ff HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw bytes in the query": b"GET /v1/related/a?n=\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "a bare CR in a header": HEAD + b"X: a\rEvil: 1\r\n\r\n",
    "a NUL in a header": HEAD + b"X: a\0b\r\n\r\n",
    "a space in a header's name": HEAD + b"X Y: a\r\n\r\n",
    "a folded header": HEAD + b"X: a\r\n Evil: 1\r\n\r\n",
    "500 headers": HEAD + b"".join(b"X%d: a\r\n" % n for n in range(500)) + b"\r\n",
    "a path up": b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path up, in an id": b"GET /v1/page/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: a\r\n\r\n",
    "another host's address": b"GET http://b.example/etc HTTP/1.1\r\nHost: a\r\n\r\n",
    "a length below zero": NEXT + b"Content-Length: -1\r\n\r\n",
    "two lengths": NEXT + b"Content-Length: 21\r\nContent-Length: 5\r\n\r\n" + BODY,
    "a chunk that is none": NEXT + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


def exchange(service: Service, request: bytes) -> bytes:
    """Send bytes, and give all that comes back until the other side ends, or the head of it."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        found = b""
        while b"\r\n\r\n" not in found and (part := connection.recv(65_536)):
            found += part
    return found


@pytest.fixture
def still_serving(service: Service) -> Iterator[Service]:
    yield service
    assert service.get("/v1/related/storm").json()["source"] == "storm"


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(still_serving: Service, request_: bytes) -> None:
    answer = exchange(still_serving, request_)
    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert b"evil" not in answer.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/related/a%0d%0aEvil:%201",
        "/v1/related/a?exclude=b%0d%0aEvil:%201",
        "/v1/blocks/latest?section=%0d%0aEvil:%201",
        "/story?id=%0d%0aEvil:%201",
        "/?q=%0d%0aEvil:%201",
    ],
)
def test_a_line_break_stays_in_the_body(still_serving: Service, path: str) -> None:
    answer = exchange(still_serving, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert b"evil" not in answer.partition(b"\r\n\r\n")[0].lower()


def test_a_length_beside_chunks_does_not_count(still_serving: Service) -> None:
    """RFC 9112, 6.3: what a proxy that believes the length takes for a request is none here."""
    head = NEXT + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection(
        ("127.0.0.1", still_serving.port), timeout=PATIENCE
    ) as connection:
        connection.sendall(head + b"15\r\n" + BODY + b"\r\n0\r\n\r\n" + HEAD + b"\r\n")
        found = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert found.count(b"HTTP/1.1 ") == 1
    assert b'"items":[{"id":"rain"' in found
