"""`ymal refresh` and `ymal forget`, as a user runs them."""

import json
import shutil
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import PATIENCE
from tests.training.cli.commands import await_text, begun, failure, simulate_site, ymal
from training.cli.refresh import StopRequest
from training.config import load
from training.data import read_key, reader_hash
from training.errors import (
    EXIT_ARTIFACT,
    EXIT_BUSY,
    EXIT_CONFIG,
    EXIT_DATA,
    EXIT_REFUSED,
    EXIT_USAGE,
)
from training.production import load_served
from training.records import utc
from training.release import command_lock, served_name


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated site, trained on all but its last day."""
    folder = simulate_site(tmp_path_factory.mktemp("trained"), 200, 5, 300)
    ymal("train", "--quiet", "--now", "2026-05-31T06:00:00Z", cwd=folder)
    return folder


@pytest.fixture
def site(trained: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(trained, tmp_path / "site")


def refreshed(site: Path, *options: str) -> dict[str, object]:
    summary: dict[str, object] = json.loads(ymal("refresh", "--json", *options, cwd=site).stdout)
    return summary


def test_a_refresh_carries_on_and_the_same_files_are_no_news(site: Path) -> None:
    before = served_name(site / "artifacts")
    first = refreshed(site, "--now", "2026-05-31T06:30:00Z")
    assert first["nothing_new"] is False
    assert served_name(site / "artifacts") == first["version"] != before
    assert refreshed(site, "--now", "2026-05-31T06:30:00Z")["nothing_new"] is True
    last = refreshed(site)
    assert last["counts"]["articles"] == 200  # type: ignore[index]
    again = refreshed(site)
    assert again["nothing_new"] is True
    views = (site / "views.csv").read_text().count("\n") - 1
    assert 0 < last["counts"]["before_cut"] < again["before_cut"] <= views  # type: ignore[index]
    assert served_name(site / "artifacts") == last["version"]
    ymal("verify", cwd=site)


def test_what_cannot_be_carried_on_is_one_line(site: Path) -> None:
    message = failure("refresh", "--now", "2026-05-31T05:00:00Z", cwd=site, code=EXIT_USAGE)
    assert "lies before 2026-05-31T06:00:00Z" in message
    assert "ymal train" in failure("refresh", "--artifacts", "x", cwd=site, code=EXIT_ARTIFACT)
    assert "--every" in failure("refresh", "--every", "soon", cwd=site, code=EXIT_USAGE)
    config = (site / "ymal.toml").read_text() + "\n[readers]\nkeep_pairs = 20\n"
    (site / "ymal.toml").write_text(config)
    assert "run ymal train" in failure("refresh", cwd=site, code=EXIT_CONFIG)


def test_the_loop_stops_cleanly(site: Path) -> None:
    with begun("refresh", "--every", "1s", "--json", cwd=site) as loop:
        await_text(loop, loop.out, '"nothing_new": false')
        time.sleep(0.5)
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(PATIENCE) == 0
    ymal("verify", cwd=site)


def test_the_loop_outlives_a_busy_directory(site: Path) -> None:
    with ExitStack() as stack:
        with command_lock(site / "artifacts", "refresh"):
            loop = stack.enter_context(begun("refresh", "--every", "1s", "--json", cwd=site))
            await_text(loop, loop.err, "another ymal refresh is running")
        await_text(loop, loop.out, '"nothing_new": false')
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(PATIENCE) == 0


def listed(site: Path) -> object:
    return json.loads(ymal("related", "a000100", "-n", 20, "--json", cwd=site).stdout)


@pytest.fixture(scope="module")
def undisturbed(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """What a refresh that nobody kills lists."""
    site = shutil.copytree(trained, tmp_path_factory.mktemp("undisturbed") / "site")
    refreshed(site, "--now", "2026-05-31T06:30:00Z")
    return listed(site)


@pytest.mark.parametrize(
    "made", ["states/.*", "states/2026*3000Z*", "versions/.*", "versions/2026*3000Z*"]
)
def test_a_killed_refresh_leaves_the_old_version_or_the_new(
    site: Path, undisturbed: object, made: str
) -> None:
    """Killed at the sight of each thing that it makes: what is served is whole, and goes on."""
    artifacts = site / "artifacts"
    before = served_name(artifacts)
    with begun("refresh", "--quiet", "--now", "2026-05-31T06:30:00Z", cwd=site) as run:
        while run.poll() is None and not any(artifacts.glob(made)):
            time.sleep(0.0002)
    assert any(artifacts.glob(made)) or run.returncode == 0
    ymal("verify", cwd=site)
    left = load_served(artifacts, load(site / "ymal.toml").config)
    expected = (
        "2026-05-31T06:00:00Z" if served_name(artifacts) == before else "2026-05-31T06:30:00Z"
    )
    assert utc(left.state.time) == utc(left.recommendations.time) == expected
    refreshed(site, "--now", "2026-05-31T06:30:00Z")
    assert listed(site) == undisturbed != []


def test_a_forgotten_reader_is_gone_and_stays_away(site: Path) -> None:
    directory = site / "artifacts"
    rows = [line.split(",") for line in (site / "views.csv").read_text().splitlines()[1:]]
    last = [row for row in rows if row[2] < "2026-05-31T06:00:00Z"][-1][0]
    key = read_key(directory)
    config = load(site / "ymal.toml").config
    before = load_served(directory, config)
    assert reader_hash(last, key) in before.state.open.days.reader
    report = json.loads(ymal("forget", "--user", last, "--json", cwd=site).stdout)
    assert report["day_counts"] == 1
    after = load_served(directory, config)
    assert reader_hash(last, key) not in after.state.open.days.reader
    assert reader_hash(last, key) not in after.state.open.views.reader
    assert [path.name for path in (directory / "states").iterdir()] == [after.name]
    ymal("verify", cwd=site)
    assert refreshed(site)["left_out"]["forgotten reader"] > 0  # type: ignore[index]
    assert last not in (directory / "forgotten.json").read_text()


def test_forgetting_is_refused_beside_a_training_and_prunes_as_configured(site: Path) -> None:
    """A training at work may have read the views of the reader, and would bring them back."""
    directory = site / "artifacts"
    with command_lock(directory, "train"):
        line = failure("forget", "--user", "u1", cwd=site, code=EXIT_BUSY)
    assert "ymal train is running here" in line
    assert not (directory / "forgotten.json").exists()
    config = (site / "ymal.toml").read_text() + "\n[versions]\nkeep = 2\nkeep_days = 0\n"
    (site / "ymal.toml").write_text(config)
    for _ in range(3):
        ymal("forget", "--user", "u1", cwd=site)
    assert len(list((directory / "versions").iterdir())) == 2
    shutil.rmtree(directory / "states" / served_name(directory))
    shutil.copytree(directory / "versions" / served_name(directory), directory / "states" / "x")
    report = json.loads(ymal("forget", "--user", "u1", "--json", cwd=site).stdout)
    assert report == {"version": served_name(directory), "open_views": 0, "day_counts": 0}
    assert list((directory / "states").iterdir()) == []


def test_no_reader_stands_in_a_version(site: Path) -> None:
    directory = site / "artifacts"
    names = {path.name for path in (directory / "versions" / served_name(directory)).iterdir()}
    assert not any("reader" in name or "session" in name for name in names)
    assert (directory / "key").stat().st_mode & 0o777 == 0o600


def test_a_stop_that_is_asked_for_while_it_is_waited_for_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop = StopRequest()
    assert not stop.wait(0.0)
    asked = time.sleep
    monkeypatch.setattr(
        time, "sleep", lambda seconds: (stop.request(signal.SIGTERM), asked(seconds))
    )
    assert stop.wait(60.0)


def test_a_story_that_is_gone_from_the_files(site: Path) -> None:
    """It stays with a hint, unless the files are declared complete; half a file is refused."""
    file, config = site / "articles.jsonl", site / "ymal.toml"
    lines = file.read_text().splitlines(keepends=True)
    gone = json.loads(lines[0])["id"]
    file.write_text("".join(lines[1:]))
    done = ymal("refresh", "--now", "2026-05-31T06:30:00Z", cwd=site)
    assert "gone from the article files: 1 of " in done.stderr
    ymal("related", gone, cwd=site)
    config.write_text(f"{config.read_text()}\n[articles]\ncomplete = true\n")
    ymal("hold", "--why", "election night", cwd=site)
    done = ymal("refresh", "--now", "2026-05-31T06:35:00Z", cwd=site)
    assert "gone from" not in done.stderr
    failure("related", gone, cwd=site, code=EXIT_DATA)  # although the version is held
    ymal("release", cwd=site)
    ymal("refresh", "--now", "2026-05-31T06:36:00Z", cwd=site)
    failure("related", gone, cwd=site, code=EXIT_DATA)
    served = served_name(site / "artifacts")
    file.write_text("".join(lines[1:60]))
    done = ymal("refresh", "--now", "2026-05-31T06:40:00Z", cwd=site, code=EXIT_REFUSED)
    assert "of the served articles are gone" in done.stderr
    assert served_name(site / "artifacts") == served
    ymal("related", json.loads(lines[100])["id"], cwd=site)
    file.write_text("".join(lines))
    ymal("refresh", "--now", "2026-05-31T06:45:00Z", cwd=site)
    ymal("related", gone, cwd=site)
