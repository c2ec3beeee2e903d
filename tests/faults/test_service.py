"""The faults and the load of `benchmarks/service`, in small, and what a start must refuse."""

import http.client
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.service import faults, load
from tests.processes import run_program
from tests.recommender.worlds import NAME, TOY
from tests.services import free_port, serving

MODULE = (sys.executable, "-m", "recommender.service")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
needs_wrk = pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")


@pytest.mark.parametrize("fault", faults.FAULTS.values(), ids=faults.FAULTS)
def test_it_serves_on_or_comes_back(
    fault: faults.Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "SOON", 10.0)  # the figures are the benchmark's
    monkeypatch.setattr(faults, "PAUSE", 0.02)
    outcome = fault(tmp_path)
    assert outcome.well, outcome.figures


@needs_wrk
def test_every_answer_under_load_is_of_one_version(tmp_path: Path) -> None:
    found = load.run(tmp_path, publishes=2, overrides=2)
    assert found.well(3), found
    assert found.answers > 1000
    assert found.unchanged > 100


@needs_wrk
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('{"version":"a","items":["[v1]","[v1]"]}', ""),
        ('{"version":"a","items":["[v1]","[v2]"]}', "a: marks 1 and 2"),
        ('{"version":"b","items":["[v1]"]}', "a: the body is of version b"),
        ('{"version":"a","items":[]}', "a: no mark"),
    ],
)
def test_an_answer_of_two_versions_would_be_seen(body: str, wrong: str) -> None:
    with answering(body) as url:
        found = load.answers_of(load.asking(url, 1))
    assert found.answers > 10
    assert found.example == wrong
    assert found.mixed == (found.answers if wrong else 0)


def test_as_nobody_on_a_read_only_directory_it_serves_and_names_no_reader() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        artifacts = TOY.publish(folder / "artifacts")
        (artifacts / "overrides.json").write_text('{"format": 1, "overrides": []}')
        for path in (*artifacts.rglob("*"), artifacts):
            path.chmod(path.stat().st_mode & ~0o222 | stat.S_IROTH | (path.is_dir() and 0o111))
        command = (*NOBODY, *MODULE) if os.geteuid() == 0 else MODULE
        if subprocess.run([*command, "--help"], capture_output=True, check=False).returncode:
            pytest.skip("a user without rights cannot read this checkout")
        with serving(artifacts, folder / "log", "--access-log", command=command) as service:
            client = http.client.HTTPConnection(
                "127.0.0.1", service.port, source_address=("127.0.0.9", 0)
            )
            headers = {"User-Agent": "Reader/1", "X-Forwarded-For": "192.0.2.7"}
            client.request("GET", "/v1/related/storm?exclude=read-before", headers=headers)
            assert client.getresponse().status == 200
            client.close()
        first, *lines = (folder / "log").read_text().splitlines()
        for path in (*artifacts.rglob("*"), artifacts):
            path.chmod(0o755)
    assert first.endswith(f"serves version {NAME}")
    logged = [json.loads(line) for line in lines]
    (asked,) = [line for line in logged if line.get("path") == "/v1/related/storm"]
    assert asked.keys() == {"time", "level", "logger", "method", "path", "status", "dt_ms"}
    assert not re.search(r"127\.0\.0\.9|192\.0\.2\.7|Reader|read-before", "\n".join(lines))


def test_a_second_service_on_the_same_port_says_so_and_ends(tmp_path: Path) -> None:
    artifacts = TOY.publish(tmp_path / "artifacts")
    with serving(artifacts, tmp_path / "log") as service:
        done = start(artifacts, service.port)
        assert service.get("/readyz").status == 200
    assert done.returncode == 2
    assert re.fullmatch(r"ymal: cannot listen on 127\.0\.0\.1 port \d+ .*\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize("content", [[], ["artifacts"]])
def test_without_a_version_it_says_so_and_ends(tmp_path: Path, content: list[str]) -> None:
    for name in content:
        (tmp_path / name).mkdir()
    done = start(tmp_path / "artifacts", free_port())
    assert done.returncode == 5
    assert re.fullmatch(r"ymal: .*no version is served here.*\n", done.stderr)
    assert done.stdout == ""


def start(artifacts: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [*MODULE, "--artifacts", str(artifacts), "--port", str(port)]
    return run_program(command)


@contextmanager
def answering(body: str) -> Iterator[str]:
    """A server that answers everything with a body, as if of version `a`."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(200)
            self.send_header("ymal-version", "a")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
