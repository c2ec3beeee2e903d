"""The routes over a real server: what the lookup gives, and a problem for whatever is wrong."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from recommender import Recommender
from recommender.overrides import EDITORS, Override, dump
from recommender.values import RelatedStory
from tests.recommender.worlds import NAME, NOW, TOY, Article, World
from tests.services import PATIENCE, Reply, Service, serving

ODD = [
    "a b",
    "a/b//c/",
    "/",
    "ü/é",
    "日本語",
    "👩‍👩‍👧",
    "\"quoted\" 'id' <b>&amp;",
    "line\nbreak\r\n",
    "tab\tnul\0",
    "50%",
    "%41",
    "a?b#c;d=e&f+g",
    "...",
    ".a/..b",
    "x" * 10_000,
]
PAGE: list[dict[str, object]] = [
    {"key": key, "title": title, "slots": 2, "priority": turn, "most": 2}
    for turn, (key, title) in enumerate(
        [("related", "Related"), ("popular", "Popular"), ("latest", "{section} Latest")], 1
    )
]
WORLD = World(
    articles=[
        *(
            Article(
                story,
                f"Title of {number}",
                f"/{number}",
                "odd",
                NOW,
                items=(((number + 1) % len(ODD), 0.5, "text"),),
            )
            for number, story in enumerate(ODD)
        ),
        *TOY.articles[3:5],
    ],
    popular=[1, 2, 3],
    latest=[len(ODD), 0, 4],
    section_latest={"odd": [5, 6, 7]},
    page=PAGE,
    why={"latest": "New in {section}"},
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("odd")
    with serving(WORLD.publish(folder / "a"), folder / "log", "--workers=1") as started:
        yield started


@pytest.fixture(scope="module")
def lookup(odd: Service) -> Recommender:
    return Recommender.open(odd.log.parent / "a")


def as_json(stories: list[RelatedStory]) -> list[dict[str, Any]]:
    return [story.as_dict() for story in stories]


@pytest.mark.parametrize("article", [*ODD, "goal", "nobody knows it"])
def test_an_answer_is_that_of_the_lookup(odd: Service, lookup: Recommender, article: str) -> None:
    path = quote(article, safe="")
    related = odd.get(f"/v1/related/{path}?n=3").json()
    assert related == {
        "source": article,
        "version": NAME,
        "items": as_json(lookup.related(article, 3)),
    }
    assert odd.get(f"/v1/page/{path}").json() == lookup.page(article).as_dict()
    body = json.dumps({"history": ["goal", article], "n": 4}).encode()
    assert odd.post("/v1/next", body).json() == {
        "version": NAME,
        "items": as_json(lookup.next_for(["goal", article], 4)),
    }


def test_slashes_may_come_as_they_are(odd: Service) -> None:
    assert odd.get("/v1/related/a/b//c/").json()["source"] == "a/b//c/"


@pytest.mark.parametrize("missing", ["fallback", "empty", "error"])
def test_all_that_can_be_asked_of_related(odd: Service, lookup: Recommender, missing: Any) -> None:
    exclude = [ODD[1], ODD[9], "nobody"]
    query = urlencode([("n", 4), *(("exclude", story) for story in exclude), ("missing", missing)])
    found = odd.get(f"/v1/related/goal?{query}").json()
    assert found["items"] == as_json(lookup.related("goal", 4, exclude))
    reply = odd.get(f"/v1/related/nobody?missing={missing}")
    if missing == "error":
        assert (reply.status, reply.json()["parameter"]) == (404, "id")
    else:
        assert reply.json()["items"] == as_json(lookup.related("nobody", missing=missing))


def test_a_block_of_a_front_page(odd: Service, lookup: Recommender) -> None:
    now = lookup.snapshot()
    found = odd.get("/v1/blocks/latest?section=odd&n=3").json()
    assert found == {"version": NAME, **now.block("latest", "odd", 3).as_dict()}
    assert [story["id"] for story in found["items"]] == ODD[5:8]
    assert odd.get("/v1/blocks/popular").json()["items"] == as_json([*now.block("popular").items])
    assert odd.get("/v1/blocks/latest?section=nowhere").json()["items"][0]["id"] == "goal"


def test_what_is_served(odd: Service) -> None:
    body = {"version": NAME, "now": "2023-06-01T07:00:00Z", "articles": len(WORLD.articles)}
    blocks = {"blocks": ["related", "popular", "latest"], "overrides": 0}
    assert odd.get("/v1/version").json() == {**body, **blocks}


WRONG = {
    "/v1/related/goal?n=0": (400, "n"),
    "/v1/related/goal?n=101": (400, "n"),
    "/v1/related/goal?n=ten": (400, "n"),
    "/v1/related/goal?n=1.0": (400, "n"),
    "/v1/related/goal?n=%D9%A3": (400, "n"),
    "/v1/related/goal?n=": (400, "n"),
    "/v1/related/goal?n=1&n=2": (400, "n"),
    "/v1/related/goal?N=1": (400, "N"),
    "/v1/related/goal?missing=no": (400, "missing"),
    "/v1/related/goal?n=%FF": (400, "query"),
    "/v1/related/goal?" + "exclude=a&" * 501: (400, "exclude"),
    "/v1/related/": (404, "id"),
    "/v1/related/%FF%FE": (400, "id"),
    "/v1/related/%ED%A0%80": (400, "id"),
    "/v1/related/..": (400, "id"),
    "/v1/related/../../etc/passwd": (400, "id"),
    "/v1/related/%2e%2e%2fetc%2fpasswd": (400, "id"),
    "/v1/page/a/./b": (400, "id"),
    "/v1/page/goal?n=3": (400, "n"),
    "/v1/blocks/related": (404, "key"),
    "/v1/blocks/weekly": (404, "key"),
    "/v1/blocks/latest?section=a&section=b": (400, "section"),
    "/v1/version?x=1": (400, "x"),
    "/healthz?x=1": (400, "x"),
    "/v1/nothing": (404, None),
    "/": (404, None),
    "/../etc/passwd": (404, None),
    "//v1/version": (404, None),
    "/v1/version/": (404, None),
}


@pytest.mark.parametrize("path", WRONG)
def test_what_is_wrong_is_named(odd: Service, path: str) -> None:
    reply = odd.get(path)
    status, parameter = WRONG[path]
    body = problem(reply, status)
    assert body.get("parameter") == parameter
    assert len(reply.body) < 1000


def problem(reply: Reply, status: int) -> dict[str, Any]:
    body: dict[str, Any] = reply.json()
    assert reply.status == body["status"] == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    return body


WRONG_BODIES = {
    b"": "body",
    b"{": "body",
    b"\xff": "body",
    b"[]": "body",
    b'{"history": ["\\ud800"]}': "body",
    b"{}": "history",
    b'{"history": []}': "history",
    b'{"history": "goal"}': "history",
    b'{"history": [1]}': "history",
    json.dumps({"history": ["a"] * 501}).encode(): "history",
    b'{"history": ["goal"], "n": 0}': "n",
    b'{"history": ["goal"], "n": true}': "n",
    b'{"history": ["goal"], "n": "5x"}': "n",
    b'{"history": ["goal"], "m": 1}': "m",
    b"[" * 60_000: "body",
}


@pytest.mark.parametrize("body", WRONG_BODIES, ids=lambda body: body[:30].decode("latin-1"))
def test_what_is_wrong_with_a_visit_is_named(odd: Service, body: bytes) -> None:
    assert problem(odd.post("/v1/next", body), 400)["parameter"] == WRONG_BODIES[body]


def test_a_body_too_large(odd: Service) -> None:
    assert problem(odd.post("/v1/next", b" " * 65_537), 413)["parameter"] == "body"
    assert odd.post("/v1/next", b'{"history": ["goal"]}'.ljust(65_536)).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_nothing_writes(odd: Service, method: str) -> None:
    for path in ("/v1/related/goal", "/v1/page/goal", "/v1/version", "/metrics", "/healthz"):
        reply = odd.ask(method, path)
        problem(reply, 405)
        assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_head_has_all_but_the_body(odd: Service) -> None:
    get, head = odd.get("/v1/related/goal"), odd.ask("HEAD", "/v1/related/goal")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == str(len(get.body))


def test_what_a_client_has_already_is_not_sent_again(odd: Service) -> None:
    first = odd.get("/v1/related/goal")
    tag = first.headers["etag"]
    assert tag == f'W/"{NAME}"'
    for known in (tag, tag[2:], f'"other", {tag}'):
        again = odd.get("/v1/related/goal", if_none_match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert odd.get("/v1/related/goal", if_none_match='"other"').status == 200
    assert odd.get("/v1/related/nobody?missing=error", if_none_match=tag).status == 404


def test_headers_say_what_it_is_of(odd: Service) -> None:
    reply = odd.get("/v1/page/goal")
    age = (datetime.now(UTC) - NOW).total_seconds()
    assert reply.headers["ymal-version"] == reply.json()["version"] == NAME
    assert age - 60 < int(reply.headers["ymal-age"]) <= age
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0, br", False)],
)
def test_large_answers_are_compressed_for_those_who_like(
    odd: Service, accepted: str, compressed: bool
) -> None:
    large = f"/v1/related/{ODD[-1]}"
    plain = odd.get(large)
    packed = odd.get(large, accept_encoding=accepted)
    assert (packed.headers["content-encoding"] == "gzip") == compressed
    assert (gzip.decompress(packed.body) if compressed else packed.body) == plain.body
    assert odd.get("/v1/version", accept_encoding="gzip").headers["content-encoding"] is None


def test_an_editor_is_heard_within_a_second(tmp_path: Path) -> None:
    artifacts = WORLD.publish(tmp_path / "a")
    with serving(artifacts, tmp_path / "log", "--workers=1") as service:
        path = "/v1/related/goal?n=3"
        before = service.get(path)
        first = before.json()["items"][0]["id"]
        (artifacts / EDITORS.name).write_bytes(dump([Override("o1", "ban", first)]))
        time.sleep(1.1)
        after = service.get(path, if_none_match=before.headers["etag"])
        assert after.status == 200
        assert first not in {story["id"] for story in after.json()["items"]}
        assert service.get("/v1/version").json()["overrides"] == 1
        WORLD.publish(artifacts, "20230601T080000Z-001")
        time.sleep(1.1)
        assert service.get(path).json()["version"] == "20230601T080000Z-001"


def test_a_stale_version_stays_ready_unless_that_is_wanted(tmp_path: Path, odd: Service) -> None:
    health = odd.get("/healthz").json()
    assert (health["status"], health["version"]) == ("stale", NAME)
    assert health["age_seconds"] > 86_400
    assert odd.get("/readyz").json() == {"status": "ready"}
    options = ("--stale-is-unready", "--workers=1")
    with serving(odd.log.parent / "a", tmp_path / "log", *options, path="/healthz") as service:
        assert problem(service.get("/readyz"), 503)["detail"] == "the data is stale"
        assert service.get("/v1/related/goal").status == 200


def test_other_sites_may_ask_where_they_are_named(tmp_path: Path, odd: Service) -> None:
    site = "https://news.example"
    assert odd.get("/v1/version", origin=site).headers["access-control-allow-origin"] is None
    options = (f"--cors-origins={site}", "--cors-origins=https://b.example", "--workers=1")
    with serving(odd.log.parent / "a", tmp_path / "log", *options) as service:
        reply = service.get("/v1/related/goal", origin=site)
        assert reply.headers["access-control-allow-origin"] == site
        assert "Ymal-Version" in reply.headers["access-control-expose-headers"]
        other = service.get("/v1/version", origin="https://evil.example")
        assert other.headers["access-control-allow-origin"] is None
        headers = {"Origin": site, "Access-Control-Request-Method": "POST"}
        headers["Access-Control-Request-Headers"] = "content-type"
        assert service.ask("OPTIONS", "/v1/next", **headers).status == 200


def test_metrics_are_those_of_all_workers(tmp_path: Path) -> None:
    artifacts = TOY.publish(tmp_path / "a")
    with serving(artifacts, tmp_path / "log", "--workers=2") as service:
        for _ in range(50):  # each by a connection of its own: both workers answer some
            assert len(service.get("/v1/related/storm?n=2").json()["items"]) == 2
        assert service.get("/v1/related/storm?n=x").status == 400
        assert service.get("/nowhere").status == 404
        counted = {("related", "200"): 50, ("related", "400"): 1, ("other", "404"): 1}
        counted = {COUNT % labels: float(count) for labels, count in counted.items()}
        counted |= {SLOTS % reason: 50.0 for reason in ("readers", "section")}
        end = time.monotonic() + PATIENCE
        while not counted.items() <= (found := scraped(service)).items():
            assert time.monotonic() < end, found
            time.sleep(0.1)
        again = scraped(service)
    settled = [name for name in found if "metrics" not in name and "age_seconds" not in name]
    assert [found[name] for name in settled] == [again[name] for name in settled]
    assert found[f'ymal_version_info{{version="{NAME}"}}'] == 1
    assert found["ymal_articles"] == 5
    assert found["ymal_data_timestamp_seconds"] == NOW.timestamp()
    assert found["ymal_data_age_seconds"] > 86_400


SLOTS = 'ymal_slots_total{block="related",reason="%s"}'
COUNT = 'ymal_http_request_seconds_count{route="%s",status="%s"}'


def scraped(service: Service) -> dict[str, float]:
    text = service.get("/metrics").body.decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len({line.split(" ")[0] for line in lines}) == len(lines)
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
