"""A quiet Spark session for counting, with the settings that the SQL needs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from training.config import SparkConfig
from training.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MIN_JAVA: Final = 17

_DEFAULTS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "WARN",
}
_SQL: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.binaryAsString": "true",
    "spark.sql.parquet.compression.codec": "zstd",
}
"""Settings that the SQL needs, also in a session that has other uses."""


@contextmanager
def session(config: SparkConfig, log: Path) -> Iterator["SparkSession"]:
    """Open a session of the active application, or of a new one that ends with the `with` block.

    Parameters
    ----------
    config : SparkConfig
        Master and settings of a new application.
    log : Path
        File for the log of a new application.

    Raises
    ------
    UsageError
        If Java is missing or too old.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        yield _configure(active.newSession())
        return
    check_java()
    builder = SparkSession.builder.appName("ymal count").master(config.master)
    for name, value in {**_DEFAULTS, **config.settings}.items():
        builder = builder.config(name, value)
    with _stderr_to(log):  # the Java process inherits stderr for its whole life
        spark = builder.getOrCreate()
    try:
        yield _configure(spark.newSession())
    finally:
        spark.stop()


def check_java() -> None:
    """Check that a Java version that Spark supports is installed.

    Raises
    ------
    UsageError
        If Java is missing or too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    wanted = f"the engine spark needs Java {_MIN_JAVA} or later"
    if not java or not Path(java).exists():
        raise UsageError(f"{wanted}, but there is none; install one, or set JAVA_HOME")
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', output.stderr)
    if found is None or int(found[1]) < _MIN_JAVA:
        version = found[1] if found else "another"
        raise UsageError(
            f"{wanted}, but {java} is {version}; install a later one, or set JAVA_HOME"
        )


def _configure(spark: "SparkSession") -> "SparkSession":
    for name, value in _SQL.items():
        spark.conf.set(name, value)
    return spark


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    sys.stderr.flush()
    before = os.dup(2)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(file, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(file)
