"""`ymal serve`, started as a site would start it."""

import json
import os
import signal
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from recommender.service.options import Options, parse
from tests.recommender.worlds import NAME, TOY
from tests.services import PATIENCE, serving
from training import extras
from training.cli import run
from training.config import Config, load

YMAL = (str(Path(sys.executable).parent / "ymal"), "serve")


def test_it_serves_as_the_config_says_and_ends_by_sigterm(tmp_path: Path) -> None:
    TOY.publish(tmp_path / "a")
    config = tmp_path / "ymal.toml"
    config.write_text('[serve]\nport = 1\nworkers = 1\ncache_control = "max-age=30"\n')
    options = (f"--config={config}", "--json")
    with serving(tmp_path / "a", tmp_path / "log", *options, command=YMAL) as service:
        parsed = json.loads(service.log.read_text().splitlines()[0])
        assert parsed == {"url": service.url, "version": NAME, "artifacts": str(tmp_path / "a")}
        assert service.get("/v1/related/storm").headers["cache-control"] == "max-age=30"
        assert len(service.workers()) == 1
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(PATIENCE) == 0


def test_the_process_becomes_the_service_and_holds_nothing_of_what_trains(tmp_path: Path) -> None:
    with serving(
        TOY.publish(tmp_path / "a"), tmp_path / "log", "--workers=1", command=YMAL
    ) as service:
        for process in (service.process.pid, *service.workers()):
            mapped = Path(f"/proc/{process}/maps").read_text()
            assert "granian" in mapped
            assert "numpy" not in mapped


def test_settings_are_those_of_the_service(tmp_path: Path) -> None:
    served = Config().serve.options("artifacts", json=False)
    assert served == Options()
    config = tmp_path / "ymal.toml"
    config.write_text(
        '[serve]\nhost = "::1"\nport = 80\nworkers = 3\ncors_origins = ["https://a.example", "*"]\n'
        'gzip_from = 0\nstale_after = "90m"\nstale_is_unready = true\nclient_timeout = "5s"\n'
        "browse = true\naccess_log = true\n"
    )
    parsed = load(config).config.serve.options("/some where", json=True)
    assert (parsed.stale_after, parsed.client_timeout) == (90 * 60, 5)
    assert parse(parsed.arguments()) == parsed
    assert all(
        getattr(parsed, f.name) != f.default for f in fields(parsed) if f.name != "cache_control"
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ('cache_control = "a\\r\\nX-Evil: 1"', "serve.cache_control"),
        ('cors_origins = ["news.example"]', "serve.cors_origins"),
        ("port = 0", "serve.port"),
        ("workers = 0", "serve.workers"),
        ('stale_after = "soon"', "serve.stale_after"),
        ("host = 1", "serve.host"),
        ("hots = 'x'", "serve.hots"),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str, key: str
) -> None:
    config = tmp_path / "ymal.toml"
    config.write_text(f"[serve]\n{written}\n")
    assert run(["serve", "--config", str(config)]) == 3
    stderr = capsys.readouterr().err
    assert key in stderr
    assert stderr.count("\n") == 1


def test_nothing_to_serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--artifacts", str(tmp_path)]) == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "granian" else name)
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it went on"))
    assert run(["serve"]) == 2
    assert capsys.readouterr().err == (
        "ymal: ymal serve needs granian: pip install 'ymal[serve]'\n"
    )
