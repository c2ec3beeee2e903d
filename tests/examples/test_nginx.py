"""nginx as a cache before the service, by the example's configuration."""

import getpass
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.recommender.worlds import TOY, Article
from tests.services import PATIENCE, Reply, Service, free_port, running

CONF = Path(__file__).parents[2] / "examples" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
AROUND = """
user {user};
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/ymal.conf;
}}
"""
ODD = "sport/2026 ä%2F"
ODD_PATH = "/v1/related/sport%2F2026%20%C3%A4%252F?n=1"
MORE_ROWS = range(5, 45)
SITE = replace(
    TOY,
    articles=[
        *TOY.articles[:5],
        *(Article(f"s{n}", f"Story {n}") for n in MORE_ROWS),
        Article(ODD, "Odd", items=((0, 0.5, "text"),)),
    ],
    latest=list(MORE_ROWS),
)

EXPIRED = 2.1
"""Seconds after which nginx, which counts whole ones, makes an answer of "1s" anew."""

pytestmark = pytest.mark.skipif(not NGINX, reason="needs nginx")


class Site:
    """Starts what a site runs: the service, always on the same port, and nginx before it."""

    def __init__(self, folder: Path) -> None:
        self.artifacts = SITE.publish(folder / "artifacts")
        self.nginx, self._folder, self._behind = folder / "nginx", folder, free_port()

    @contextmanager
    def service(self) -> Iterator[Service]:
        command = [sys.executable, "-m", "recommender.service", "--workers=1"]
        options = [f"--artifacts={self.artifacts}", f"--port={self._behind}"]
        with running([*command, *options], self._behind, self._folder / "service.log") as service:
            yield service

    @contextmanager
    def front(self, valid: str = "10s") -> Iterator[Service]:
        """Start nginx, which keeps an answer for so long."""
        port = free_port()
        self.nginx.mkdir()
        conf = CONF.read_text(encoding="utf-8")
        for written, here in (
            ("127.0.0.1:8000", f"127.0.0.1:{self._behind}"),
            ("127.0.0.1:8080", f"127.0.0.1:{port}"),
            ("/var/cache", str(self.nginx)),
            ("proxy_cache_valid 200 10s", f"proxy_cache_valid 200 {valid}"),
            ("proxy_connect_timeout 500ms", "proxy_connect_timeout 30s"),
            ("proxy_read_timeout 2s", "proxy_read_timeout 30s"),
        ):
            assert written in conf
            conf = conf.replace(written, here)
        (self.nginx / "ymal.conf").write_text(conf, encoding="utf-8")
        around = AROUND.format(user=getpass.getuser(), folder=self.nginx)
        (self.nginx / "nginx.conf").write_text(around, encoding="utf-8")
        command = [str(NGINX), "-e", f"{self.nginx}/errors", "-c", f"{self.nginx}/nginx.conf"]
        with running(command, port, self.nginx / "log", path="/v1/version") as front:
            yield front


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def status(reply: Reply) -> Any:
    assert reply.status == 200
    return reply.headers["X-Cache-Status"]


def first(reply: Reply) -> Any:
    return reply.json()["items"][0]["id"]


def test_an_answer_is_kept(site: Site) -> None:
    with site.service() as service, site.front() as front:
        made, kept = front.get("/v1/related/storm"), front.get("/v1/related/storm")
        assert (status(made), status(kept)) == ("MISS", "HIT")
        assert made.body == kept.body == service.get("/v1/related/storm").body
        for name in ("ETag", "Ymal-Version", "Content-Type"):
            assert kept.headers[name] == service.get("/v1/related/storm").headers[name]
        assert front.get("/v1/related/storm", If_None_Match=kept.headers["ETag"]).status == 304
        assert status(front.get("/v1/related/storm?n=2")) == "MISS"


def test_an_id_arrives_as_it_was_sent(site: Site) -> None:
    with site.service(), site.front() as front:
        for wanted in ("MISS", "HIT"):
            reply = front.get(ODD_PATH)
            assert (status(reply), reply.json()["source"], first(reply)) == (wanted, ODD, "storm")


def test_what_is_kept_is_compressed_for_those_who_accept_it(site: Site) -> None:
    with site.service(), site.front() as front:
        plain = front.get("/v1/related/storm?n=40")
        packed = front.get("/v1/related/storm?n=40", Accept_Encoding="gzip")
        assert (status(plain), status(packed)) == ("MISS", "HIT")
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.body) < len(plain.body) / 2


def test_what_is_not_kept(site: Site) -> None:
    with site.service(), site.front() as front:
        for _ in range(2):
            unknown = front.get("/v1/related/nothing?missing=error")
            assert (unknown.status, unknown.headers["X-Cache-Status"]) == (404, None)
            visit = front.post("/v1/next", b'{"history": ["storm"]}')
            assert (first(visit), visit.headers["X-Cache-Status"]) == ("rain", None)
        for path in ("/metrics", "/healthz", "/docs"):
            assert front.get(path).status == 404


def withdraw(site: Site, story: str) -> None:
    entries = [{"id": "o1", "action": "withdraw", "story": story}]
    path = site.artifacts / "overrides.json"
    path.write_text(json.dumps({"format": 1, "overrides": entries}))


def until_first(front: Service, path: str, story: str) -> None:
    """Ask until the answer begins with a story."""
    end = time.monotonic() + PATIENCE
    while first(front.get(path)) != story:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_an_old_answer_stands_in_while_a_new_one_is_made(site: Site) -> None:
    with site.service(), site.front("1s") as front:
        assert first(front.get("/v1/related/storm")) == "rain"
        withdraw(site, "rain")
        time.sleep(EXPIRED)
        old = front.get("/v1/related/storm")
        assert (status(old), first(old)) == ("STALE", "rain")
        until_first(front, "/v1/related/storm", "snow")


def test_answers_outlive_the_service(site: Site) -> None:
    with site.service() as service, site.front("1s") as front:
        right = front.get("/v1/related/storm").body
        service.process.terminate()
        service.process.wait(PATIENCE)
        time.sleep(EXPIRED)
        for _ in range(5):
            old = front.get("/v1/related/storm")
            assert status(old) in ("STALE", "UPDATING")
            assert old.body == right
        assert front.get("/v1/related/snow").status == 502
        withdraw(site, "rain")
        with site.service():
            until_first(front, "/v1/related/storm", "snow")
            assert status(front.get("/v1/related/snow")) == "MISS"


def test_the_cache_is_emptied_by_the_command(site: Site) -> None:
    found = re.search(r"find /var/cache/nginx-ymal.*-delete", CONF.read_text(encoding="utf-8"))
    assert found
    command = found[0].replace("/var/cache", str(site.nginx))
    with site.service(), site.front() as front:
        assert [status(front.get("/v1/related/storm")) for _ in range(2)] == ["MISS", "HIT"]
        subprocess.run(shlex.split(command), check=True)
        assert status(front.get("/v1/related/storm")) == "MISS"
