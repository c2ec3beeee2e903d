"""Jobs on a cluster whose processes are killed: the same result, nothing lost, nothing doubled."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.training.cli.commands import YMAL
from tests.training.increments.cluster import (
    PATIENCE,
    SETTINGS,
    Cluster,
    environment,
    on_spark,
    spark_home,
)
from tests.training.increments.stores import same
from tests.training.increments.worlds import FILES, MIDDLE, json_of, site_in
from training.errors import EXIT_USAGE
from training.records import utc

pytestmark = on_spark

ROOT = Path(__file__).parents[3]
DYING = """
import os, signal
from pyspark.sql.readwriter import DataFrameWriter
from training.cli import main

write = DataFrameWriter.parquet

def write_and_die(writer, path):
    write(writer, path)
    os.kill(os.getpid(), signal.SIGKILL)

DataFrameWriter.parquet = write_and_die
main()
"""
"""The command, killed when the first table is written and nothing committed."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site, counted up to a time by DuckDB."""
    folder = site_in(tmp_path_factory.mktemp("site"))
    json_of(
        "count", *FILES, "--increments", "duckdb", "--artifacts", "views", now=MIDDLE, cwd=folder
    )
    return folder


def on_cluster(config: Path, store: str) -> list[str]:
    options = "--config", str(config), "--artifacts", "counted", "--increments", store
    return ["count", *FILES, *options, "--now", utc(MIDDLE), "--json"]


def submit(cluster: Cluster) -> list[str]:
    settings = [part for name, value in SETTINGS.items() for part in ("--conf", f"{name}={value}")]
    command = [str(spark_home() / "bin" / "spark-submit"), "--master", cluster.url, *settings]
    return [*command, str(ROOT / "examples" / "spark_increments.py")]


def job(command: list[str], site: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=site,
        env={**os.environ, **environment(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> dict[str, object]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    printed: dict[str, object] = json.loads(out[out.index("{") :])  # Spark may speak first
    return printed


def test_a_killed_driver_and_a_killed_worker_change_nothing(
    site: Path, cluster: Cluster, config_on: Path
) -> None:
    """The job is then repeated by `spark-submit`."""
    command = on_cluster(config_on, "again")
    process = job([sys.executable, "-c", DYING, *command], site)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    (left_over,) = (site / "again" / "parts").iterdir()
    assert list(left_over.glob("*/*.parquet"))
    assert not (site / "again" / "manifest.json").exists()
    cluster.add_worker()
    process = job([*submit(cluster), *command[1:-1]], site)
    until = time.monotonic() + PATIENCE
    while left_over.exists() or not list(site.glob("again/parts/*/pairs/_SUCCESS")):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    cluster.kill_worker()
    assert ended(process)["nothing_new"] is False
    same(site / "duckdb", site / "again")


def test_a_missing_java_is_a_one_line_error(site: Path, tmp_path: Path) -> None:
    lacking = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    options = "--engine", "spark", "--artifacts", "counted", "--increments", "none"
    done = subprocess.run(
        [YMAL, "count", *FILES, *options],
        cwd=site,
        env=lacking,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_USAGE
    assert "needs Java 17 or later" in done.stderr
    assert done.stderr.count("\n") == 1
