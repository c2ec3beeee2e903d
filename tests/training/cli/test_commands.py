"""The real commands, end to end, as a user runs them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.training.cli.commands import failure, started, ymal
from training.errors import EXIT_ARTIFACT, EXIT_CONFIG, EXIT_DATA, EXIT_OUTPUT, EXIT_USAGE

ARTICLES = 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated site, trained once."""
    folder = tmp_path_factory.mktemp("site")
    size = ("--articles", ARTICLES, "--days", 5, "--readers", 300)
    started("simulate", "--out", ".", *size, cwd=folder)
    with (folder / "ymal.toml").open("a") as config:
        config.write("[ranking]\nmin_transitions = 100\n")
    started("train", "--quiet", "--jobs", 2, cwd=folder)
    return folder


def first_id(site: Path) -> str:
    with (site / "articles.jsonl").open() as lines:
        return str(json.loads(next(lines))["id"])


def test_simulate_train_related_verify(site: Path) -> None:
    """What is started for each command, as a user does."""
    listed = json.loads(started("related", first_id(site), "--json", cwd=site).stdout)
    assert [story["rank"] for story in listed] == [1, 2, 3, 4, 5]
    assert len({story["id"] for story in listed} | {first_id(site)}) == 6
    printed = ymal("related", first_id(site), "-n", 3, cwd=site).stdout.splitlines()
    assert [line.split()[0] for line in printed] == ["1", "2", "3"]
    assert listed[0]["title"] in printed[0]
    assert isinstance(json.loads(started("verify", "--json", cwd=site).stdout), dict)
    assert isinstance(
        json.loads(ymal("related", first_id(site), "-n", 1, "--json", cwd=site).stdout), list
    )


def test_the_summary_says_what_was_done(site: Path) -> None:
    done = ymal("train", "--json", "--artifacts", "other", cwd=site)
    summary = json.loads(done.stdout)
    assert done.stderr == ""
    assert summary["counts"]["articles"] == ARTICLES
    assert {"views", "sessions", "pairs", "next_reads"} <= set(summary["counts"])
    assert summary["model"]["kind"] == "learned"
    assert summary["model"]["log_loss"] < summary["model"]["log_loss_prior"]
    assert summary["lists"]["readers"] > 0
    assert set(summary["seconds"]) >= {"read", "texts", "readers", "learning", "lists", "total"}
    assert (site / summary["path"] / "manifest.json").exists()


def test_two_trainings_give_the_same_bytes(site: Path) -> None:
    """Also: whatever the seed of `hash`, on one thread and on two."""
    (site / "twice").mkdir()
    shutil.copy(site / "artifacts" / "key", site / "twice")
    started("train", "--quiet", "--jobs", 1, "--artifacts", "twice", cwd=site)
    for kind in ("versions", "states"):
        one, two = (next((site / name / kind).iterdir()) for name in ("artifacts", "twice"))
        names = sorted(file.name for file in one.iterdir())
        assert names == sorted(file.name for file in two.iterdir())
        for name in set(names) - {"manifest.json"}:
            assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_now_ignores_what_comes_later(site: Path) -> None:
    done = ymal("train", "--now", "2026-05-28T00:00:00Z", "--json", "--artifacts", "b", cwd=site)
    assert json.loads(done.stdout)["now"] == "2026-05-28T00:00:00Z"
    assert json.loads(done.stdout)["counts"]["articles"] < ARTICLES


def test_options_win_over_the_config_and_the_config_over_the_default(site: Path) -> None:
    empty = site / "elsewhere"
    empty.mkdir()
    config = site / "ymal.toml"
    assert ymal("related", first_id(site), "--config", config, cwd=empty).stdout
    message = failure(
        "related", "x", "--config", config, "--artifacts", "none", cwd=empty, code=EXIT_ARTIFACT
    )
    assert "ymal train" in message


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "--articles", "none.csv"], EXIT_DATA, "none.csv"),
        (["train", "--articles", "none*.csv"], EXIT_DATA, "none*.csv"),
        (["train", "--config", "none.toml"], EXIT_CONFIG, "none.toml"),
        (["train", "--now", "yesterday"], EXIT_USAGE, "--now yesterday"),
        (["train", "--jobs", "0"], EXIT_USAGE, "--jobs"),
        (["train", "--nope"], EXIT_USAGE, "--nope"),
        (["nope"], EXIT_USAGE, "nope"),
        (["related", "no-such-id"], EXIT_DATA, "no-such-id"),
        (["related"], EXIT_USAGE, "ID"),
        (["simulate", "--out", "x", "--articles", "3"], EXIT_USAGE, "100"),
    ],
)
def test_a_mistake_is_one_line(site: Path, arguments: list[str], code: int, says: str) -> None:
    before = (site / "artifacts" / "current").read_text()
    assert says in failure(*arguments, cwd=site, code=code)
    assert (site / "artifacts" / "current").read_text() == before


def test_artifacts_that_cannot_be_written(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    config = site / "ymal.toml"
    message = failure(
        "train", "--config", config, "--artifacts", "file", cwd=tmp_path, code=EXIT_OUTPUT
    )
    assert "file" in message


def test_a_damaged_version_is_found(site: Path) -> None:
    shutil.copytree(site / "artifacts", site / "damaged")
    name = (site / "damaged" / "current").read_text().strip()
    items = site / "damaged" / "versions" / name / "list_items.npy"
    bad = bytearray(items.read_bytes())
    bad[-1] ^= 1
    items.write_bytes(bad)
    message = failure("verify", "--artifacts", "damaged", cwd=site, code=EXIT_ARTIFACT)
    assert "list_items.npy" in message
