"""Kept answers: the same bytes as made anew, for what is served now, in bounded memory."""

from pathlib import Path
from typing import Any

import pytest

from recommender import Recommender, Snapshot
from recommender.service import answers
from recommender.service.answers import Answers, Given
from recommender.service.options import Options
from tests.recommender.worlds import TOY

Request = dict[str, Any]


@pytest.fixture
def now(tmp_path: Path) -> Snapshot:
    return Recommender.open(TOY.publish(tmp_path)).snapshot()


def request(path: str, query: str = "", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"raw_path": path.encode(), "query_string": query.encode(), "headers": named}


def given(text: str = "") -> Given:
    return Given({"text": text}, [])


def test_what_was_asked_is_kept(now: Snapshot) -> None:
    kept = Answers(Options())
    assert kept.find(request("/a"), now) is None
    made = kept.keep(request("/a"), now, given("x"))
    found = kept.find(request("/a"), now)
    assert found is not None
    assert (found.body, found.raw_headers) == (made.body, made.raw_headers)
    assert found.body == b'{"text":"x"}'
    assert kept.find(request("/a", "n=1"), now) is None
    assert kept.find(request("/b"), now) is None


def test_nothing_is_kept_of_what_was_served_before(now: Snapshot, tmp_path: Path) -> None:
    kept = Answers(Options())
    kept.keep(request("/a"), now, given())
    other = Recommender.open(tmp_path).snapshot()
    assert kept.find(request("/a"), other) is None
    assert kept.find(request("/a"), now) is None


def test_what_is_compressed_is_kept_apart(now: Snapshot) -> None:
    kept = Answers(Options(gzip_from=100))
    plain = kept.keep(request("/a"), now, given("x" * 100))
    assert kept.find(request("/a", accept_encoding="gzip"), now) is None
    packed = kept.keep(request("/a", accept_encoding="gzip"), now, given("x" * 100))
    assert len(packed.body) < len(plain.body)
    again = kept.find(request("/a", accept_encoding="br, gzip"), now)
    assert again is not None
    assert again.body == packed.body
    assert (b"content-encoding", b"gzip") in again.raw_headers
    assert (b"content-encoding", b"gzip") not in plain.raw_headers


def test_zero_compresses_nothing(now: Snapshot) -> None:
    answer = Answers(Options(gzip_from=0)).keep(
        request("/a", accept_encoding="gzip"), now, given("x" * 100_000)
    )
    assert answer.body == b'{"text":"' + b"x" * 100_000 + b'"}'


def test_room_is_bounded(now: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "KEPT", 10_000)
    kept = Answers(Options())
    for number in range(100):
        kept.keep(request(f"/{number}"), now, given("x" * 1000))
        assert kept.find(request(f"/{number}"), now) is not None
        held = [at for at in range(100) if kept.find(request(f"/{at}"), now) is not None]
        assert sum(1000 for _ in held) <= 10_000
    kept.keep(request("/large", "q" * 20_000), now, given())
    assert kept.find(request("/99"), now) is None


def test_a_post_has_no_tag(now: Snapshot) -> None:
    once = Answers(Options()).once(now, given())
    assert b"etag" not in dict(once.raw_headers)
    assert dict(once.raw_headers)[b"ymal-version"] == now.version.encode()
