"""A standalone cluster of Spark on the loopback for tests, and whether it can run here.

A master and a worker, each a process, started from what the package `pyspark` holds, and stopped by
their ids. A test may add workers and kill them.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

PATIENCE = 600
"""Seconds after which a process counts as hung."""

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java options for processes that live as long as a test."""


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


@dataclass
class Cluster:
    """A master, and workers of one core each, by the order in which they were started."""

    folder: Path
    port: int
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The master's address."""
        return f"spark://127.0.0.1:{self.port}"

    def add_worker(self, memory: str = "1g") -> None:
        """Start a worker, and wait until the master knows it."""
        number = len(self.workers)
        options = "--host", "127.0.0.1", "--cores", "1", "--memory", memory, "--webui-port", "0"
        place = "--work-dir", str(self.folder / f"work{number}"), self.url
        worker = start_daemon(
            self.folder / f"worker{number}.log", "worker.Worker", *options, *place
        )
        self.workers.append(worker)
        wait_for(worker, self.folder / f"worker{number}.log", "Successfully registered")

    def kill_worker(self) -> None:
        """Kill the newest worker at once, and what it runs."""
        worker = self.workers.pop()
        for process in (worker.pid, *children(worker.pid)):
            os.kill(process, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        """Stop all processes."""
        for process in (*self.workers, self.master):
            process.terminate()
            process.wait(PATIENCE)


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task")
    return [int(n) for task in tasks.iterdir() for n in (task / "children").read_text().split()]


def start_daemon(log: Path, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a master or a worker."""
    command = [spark_home() / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(
            [*map(str, command)],
            stdout=out,
            stderr=out,
            env={
                **os.environ,
                **environment(),
                "SPARK_DAEMON_MEMORY": "256m",
                "SPARK_DAEMON_JAVA_OPTS": QUICK,
            },
        )


def spark_home() -> Path:
    """Return the folder of the package `pyspark`, which holds all of Spark."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0])


def environment() -> dict[str, str]:
    """Return the environment that keeps all of Spark on the loopback."""
    return {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


def wait_for(process: subprocess.Popen[bytes], log: Path, text: str) -> None:
    """Wait until a text appears in a process's log."""
    until = time.monotonic() + PATIENCE
    while text not in (logged := log.read_text(errors="replace")):
        assert process.poll() is None, logged[-2000:]
        assert time.monotonic() < until, logged[-2000:]
        time.sleep(0.1)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(folder: Path, memory: str = "1g") -> Iterator[Cluster]:
    """Run a cluster of one worker, its logs in a folder, and stop its processes by their ids."""
    port = free_port()
    options = "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"
    master = start_daemon(folder / "master.log", "master.Master", *options)
    cluster = Cluster(folder, port, master)
    try:
        wait_for(master, folder / "master.log", "Starting Spark master")
        cluster.add_worker(memory)
        yield cluster
    finally:
        cluster.stop()
