"""Increments in the place of views: the same state, lists and figures, whatever was cut where."""

import json
import sys
from pathlib import Path

import pytest

from tests.processes import run_program
from tests.training.cli.commands import failure, ymal
from tests.training.increments.stores import tables
from tests.training.increments.worlds import COUNTED, FILES, MIDDLE, json_of, same_served, site_in
from tests.training.worlds import NOW
from training.data import reader_hash
from training.errors import EXIT_CONFIG, EXIT_DATA, EXIT_USAGE
from training.records import DAY, HOUR, utc


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose views are counted up to a time inside of a bucket, and some hours beyond."""
    folder = site_in(tmp_path_factory.mktemp("site"))
    count(folder, MIDDLE)
    count(folder, MIDDLE + 3 * HOUR + 11_000_000)
    return folder


def count(folder: Path, now: int, *options: str) -> dict[str, object]:
    return json_of(
        "count",
        *FILES,
        "--increments",
        "inc",
        "--artifacts",
        "counted",
        *options,
        now=now,
        cwd=folder,
    )


def test_train_and_refresh_give_the_same_bytes(site: Path) -> None:
    now = MIDDLE + 3 * HOUR + 11_000_000
    json_of("train", *FILES, "--artifacts", "views", now=now, cwd=site)
    json_of("train", *COUNTED, "--artifacts", "counted", cwd=site)
    same_served(site)
    printed = count(site, NOW)
    assert printed["nothing_new"] is False
    json_of("refresh", *FILES, "--artifacts", "views", now=NOW, cwd=site)
    json_of("refresh", *COUNTED, "--artifacts", "counted", cwd=site)
    same_served(site)


def test_evaluate_gives_the_same_figures(site: Path) -> None:
    count(site, NOW)
    options = "--last", "1d", "--every", "6h", "--systems", "popular,coview,item-knn", "--json", "-"
    now = utc(NOW - 2 * HOUR)  # a cut inside of a part
    one, other = (
        json.loads(ymal("evaluate", *files, *options, "--now", now, cwd=site).stdout)
        for files in (FILES, COUNTED)
    )
    for report in one, other:
        del report["data"]["inputs"], report["data"]["read"], report["data"]["left_out"]
        del report["data"]["late"]
        for result in report["results"]:
            del result["seconds"]
    assert one == other


def test_repeating_a_job_changes_nothing(site: Path) -> None:
    count(site, NOW)
    before = (site / "inc" / "manifest.json").read_bytes()
    (site / "inc" / "parts" / "left-over").mkdir()
    assert count(site, NOW)["nothing_new"] is True
    assert (site / "inc" / "manifest.json").read_bytes() == before
    assert not (site / "inc" / "parts" / "left-over").exists()


def test_impossible_options_are_one_line_errors(site: Path, tmp_path: Path) -> None:
    count(site, NOW)
    job = "count", *FILES, "--increments", "inc"
    assert "the end of the views counted in inc" in failure(
        *job, "--artifacts", "counted", "--now", utc(NOW - DAY), cwd=site, code=EXIT_USAGE
    )
    assert "another key" in failure(*job, "--artifacts", "third", cwd=site, code=EXIT_CONFIG)
    other = tmp_path / "other.toml"
    other.write_text('[sessions]\ngap = "10m"\n')
    message = failure("evaluate", "--config", other, *COUNTED, cwd=site, code=EXIT_CONFIG)
    assert "another [sessions]" in message
    train = "train", *COUNTED, "--artifacts", "counted"
    message = failure(*train, "--now", utc(NOW - HOUR), cwd=site, code=EXIT_USAGE)
    assert "the increments end at" in message
    message = failure(
        "evaluate", *COUNTED, "--now", utc(MIDDLE + 1_000_000), cwd=site, code=EXIT_USAGE
    )
    assert "not a multiple of five minutes" in message
    message = failure("train", "--increments", "none", cwd=site, code=EXIT_DATA)
    assert "has no increments" in message
    message = failure("evaluate", *COUNTED, "--served", cwd=site, code=EXIT_USAGE)
    assert "needs the views themselves" in message
    message = failure("evaluate", "--views", "s3a://lake/x", cwd=site, code=EXIT_DATA)
    assert "only Spark reads it" in message
    file = next((site / "inc" / "parts").rglob("pairs/*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert "is missing, or does not have" in failure(*train, cwd=site, code=EXIT_DATA)
    file.write_bytes(whole)


def test_a_missing_pyspark_is_a_one_line_error(site: Path) -> None:
    hidden = "import sys; sys.modules['pyspark'] = None; import ymal; ymal.main()"
    options = "--engine", "spark", "--artifacts", "counted", "--increments", "none"
    done = run_program([sys.executable, "-c", hidden, "count", *FILES, *options], cwd=site)
    assert done.returncode == EXIT_USAGE
    assert "pip install 'ymal[spark]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_forgotten_reader_is_in_no_table(tmp_path: Path) -> None:
    folder = site_in(tmp_path)
    store = folder / "counted" / "increments"
    files = "--articles", "articles.jsonl", "--artifacts", "counted"
    for now in MIDDLE, MIDDLE + HOUR:
        json_of("count", *files, "--views", "views.csv", now=now, cwd=folder)
    json_of("train", *files, "--increments", store, cwd=folder)
    before = tables(store)
    hashed = reader_hash("robot1", bytes(range(32)))
    printed = json_of("forget", "--user", "robot1", "--artifacts", "counted", cwd=folder)
    after, removed = tables(store), 0
    for name, parts_ in before.items():
        at = {"transitions": 4, "reads": 1, "open_views": 0, "day_views": 0}.get(name)
        for old, new in zip(parts_, after[name], strict=True):
            kept = [row for row in old if at is None or row[at] != hashed]
            removed += len(old) - len(kept)
            assert new == kept
    assert printed["increments"] == removed > 100
    assert len(list((store / "parts").iterdir())) == 2
