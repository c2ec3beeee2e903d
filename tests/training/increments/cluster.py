"""The settings of Spark in tests, and whether it can run here."""

import os
import shutil
from importlib.util import find_spec

import pytest

from benchmarks.cluster import QUICK

SETTINGS = {
    "spark.driver.extraJavaOptions": QUICK,
    "spark.executor.extraJavaOptions": QUICK,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "700m",
    "spark.executor.memory": "700m",
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.ui.enabled": "false",
}


def lacking() -> str:
    """Return what Spark lacks here, `""` if nothing."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed"
    home = os.environ.get("JAVA_HOME")
    return "" if home or shutil.which("java") else "Java is not installed"


on_spark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(lacking()), reason=lacking() or "all is there"),
]
