"""One cluster and one session for all tests that count on Spark in this process."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.training.increments.cluster import SETTINGS, Cluster, environment, running

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(scope="module")
def spark(cluster: Cluster) -> Iterator["SparkSession"]:
    """A session on the cluster, which a job in this process takes."""
    from pyspark.sql import SparkSession

    os.environ.update(environment())
    builder = SparkSession.builder.master(cluster.url)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def config_on(cluster: Cluster, tmp_path: Path) -> Path:
    """A config file that names the cluster."""
    settings = ", ".join(f'"{name}" = "{value}"' for name, value in SETTINGS.items())
    path = tmp_path / "spark.toml"
    path.write_text(
        '[readers]\nengine = "spark"\n[ranking]\nevery = "6h"\nmin_transitions = 100\n'
        "[lists]\nevent_cosine = 0\n"
        f'[spark]\nmaster = "{cluster.url}"\nsettings = {{ {settings} }}\n'
    )
    return path
