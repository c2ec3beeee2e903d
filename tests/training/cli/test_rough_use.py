"""What a review found: odd sites and odd moments, each with the outcome that a user deserves."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.processes import PATIENCE
from tests.training.cli.commands import YMAL, begun, failure, simulate_site, ymal
from training.data import read_key
from training.errors import (
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_OUTPUT,
    EXIT_REFUSED,
    EXIT_USAGE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = simulate_site(tmp_path_factory.mktemp("rough"), 150, 4, 300)
    ymal("train", "--quiet", cwd=folder)
    return folder


def test_an_archive_where_nothing_is_young_enough_is_refused_by_name(site: Path) -> None:
    old = (
        (site / "articles.jsonl")
        .read_text()
        .replace('"published_at":"2026', '"published_at":"2020')
    )
    (site / "old.jsonl").write_text(old)
    done = ymal(
        "train", "--articles", "old.jsonl", "--artifacts", "old", cwd=site, code=EXIT_REFUSED
    )
    assert "every list is empty" in done.stderr
    assert "0 articles may stand in a list" in done.stderr


def test_one_view_of_long_ago_costs_nothing(site: Path) -> None:
    views = (site / "views.csv").read_text() + "u1,a000001,1981-01-01T00:00:00Z,1\n"
    (site / "ages.csv").write_text(views)
    summary = json.loads(
        ymal("train", "--views", "ages.csv", "--artifacts", "ages", "--json", cwd=site).stdout
    )
    assert summary["seconds"]["readers"] < 60


@pytest.mark.parametrize("now", ["2500-01-01", "1979-12-31", ""])
def test_a_moment_that_no_site_has(site: Path, now: str) -> None:
    assert "--now" in failure("train", "--now", now, cwd=site, code=EXIT_USAGE)


@pytest.mark.parametrize("later", [0.0, 0.2])
def test_an_interrupt_when_the_work_is_done_undoes_nothing(site: Path, later: float) -> None:
    current = site / "artifacts" / "current"
    before = current.read_text()
    with begun("train", "--quiet", cwd=site) as run:
        while current.read_text() == before:
            assert run.poll() is None
            time.sleep(0.01)
        time.sleep(later)
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE) in (EXIT_OK, EXIT_INTERRUPTED)
        assert "Traceback" not in run.err.read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_standard_output_is_one_line(site: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [YMAL, "verify"], cwd=site, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == EXIT_OUTPUT
    assert done.stderr.startswith("ymal: standard output: cannot be written")


def test_a_folder_whose_name_looks_like_a_glob(site: Path) -> None:
    folder = site / "dïr [1]"
    folder.mkdir()
    for name in ("articles.jsonl", "views.csv"):
        (folder / name).write_text((site / name).read_text())
    (folder / "ymal.toml").write_text(
        '[paths]\narticles = "*.jsonl"\nviews = "views.csv"\n', encoding="utf-8-sig"
    )
    ymal("train", "--config", "dïr [1]/ymal.toml", "--artifacts", "g", "--quiet", cwd=site)


def test_line_ends_of_both_kinds_beside_bad_lines(tmp_path: Path) -> None:
    (tmp_path / "k.jsonl").write_bytes(
        b'{"id":"a1"}\n{"id":"a2"}\r\n{"id":"\xff"}\n{"id":"a3"}\r\n{"id":"\xfe"}\n{"id":"a4"}\r\n'
    )
    assert "not UTF-8" in failure("train", "--articles", "k.jsonl", cwd=tmp_path, code=EXIT_DATA)


def test_the_key_is_whole_for_whoever_reads_it_first(tmp_path: Path) -> None:
    for round_ in range(40):
        folder = tmp_path / str(round_)
        keys: list[bytes] = []
        threads = [
            threading.Thread(target=lambda f=folder, k=keys: k.append(read_key(f)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(keys) == 4
        assert len(set(keys)) == 1
        assert os.listdir(folder) == ["key"]  # noqa: PTH208
