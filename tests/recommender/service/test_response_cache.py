"""Cached responses: the same bytes as made anew, of the current snapshot, in bounded memory."""

from pathlib import Path
from typing import Any

import pytest

from recommender import Recommender, Snapshot
from recommender.service import response_cache
from recommender.service.options import Options
from recommender.service.response_cache import LookupResult, ResponseCache
from tests.recommender.worlds import TOY

Request = dict[str, Any]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return Recommender.open(TOY.publish(tmp_path)).snapshot()


def request(path: str, query: str = "", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"raw_path": path.encode(), "query_string": query.encode(), "headers": named}


def result(text: str = "") -> LookupResult:
    return LookupResult({"text": text}, [])


def test_a_response_is_kept_by_path_and_query(snapshot: Snapshot) -> None:
    cache = ResponseCache(Options())
    assert cache.get(request("/a"), snapshot) is None
    made = cache.put(request("/a"), snapshot, result("x"))
    found = cache.get(request("/a"), snapshot)
    assert found is not None
    assert (found.body, found.raw_headers) == (made.body, made.raw_headers)
    assert found.body == b'{"text":"x"}'
    assert cache.get(request("/a", "n=1"), snapshot) is None
    assert cache.get(request("/b"), snapshot) is None


def test_responses_of_another_snapshot_are_dropped(snapshot: Snapshot, tmp_path: Path) -> None:
    cache = ResponseCache(Options())
    cache.put(request("/a"), snapshot, result())
    other = Recommender.open(tmp_path).snapshot()
    assert cache.get(request("/a"), other) is None
    assert cache.get(request("/a"), snapshot) is None


def test_compressed_responses_are_kept_apart(snapshot: Snapshot) -> None:
    cache = ResponseCache(Options(gzip_from=100))
    plain = cache.put(request("/a"), snapshot, result("x" * 100))
    assert cache.get(request("/a", accept_encoding="gzip"), snapshot) is None
    packed = cache.put(request("/a", accept_encoding="gzip"), snapshot, result("x" * 100))
    assert len(packed.body) < len(plain.body)
    again = cache.get(request("/a", accept_encoding="br, gzip"), snapshot)
    assert again is not None
    assert again.body == packed.body
    assert (b"content-encoding", b"gzip") in again.raw_headers
    assert (b"content-encoding", b"gzip") not in plain.raw_headers


def test_zero_compresses_nothing(snapshot: Snapshot) -> None:
    response = ResponseCache(Options(gzip_from=0)).put(
        request("/a", accept_encoding="gzip"), snapshot, result("x" * 100_000)
    )
    assert response.body == b'{"text":"' + b"x" * 100_000 + b'"}'


def test_memory_is_bounded(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_CACHE_BYTES", 10_000)
    cache = ResponseCache(Options())
    for number in range(100):
        cache.put(request(f"/{number}"), snapshot, result("x" * 1000))
        assert cache.get(request(f"/{number}"), snapshot) is not None
        held = [at for at in range(100) if cache.get(request(f"/{at}"), snapshot) is not None]
        assert sum(1000 for _ in held) <= 10_000
    cache.put(request("/large", "q" * 20_000), snapshot, result())
    assert cache.get(request("/99"), snapshot) is None


def test_an_uncached_response_has_no_tag(snapshot: Snapshot) -> None:
    response = ResponseCache(Options()).uncached(snapshot, result())
    assert b"etag" not in dict(response.raw_headers)
    assert dict(response.raw_headers)[b"ymal-version"] == snapshot.version.encode()
