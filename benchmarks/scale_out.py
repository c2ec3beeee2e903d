"""Counting a lake of views by hour, on DuckDB and on a standalone Spark cluster: time and memory.

    python -m benchmarks.scale_out VIEWS OUT [--days 140] [--engines duckdb,spark] [--robot 100]

VIEWS is a folder of Parquet files of views, such as `ymal simulate --format parquet` writes; OUT
gets the lake, one file an hour, and the stores. One view in a hundred is repeated by a robot, which
reads more than anybody. Each engine counts all but the last hour, then that hour alone. Both
stores are compared, and a Markdown table is printed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.cluster import children, environment, running
from training.readers import HOURS, IDS, INCREMENT_TABLES, OPEN_SESSION_TABLES

EXECUTOR: Final = "1500m"
CONFIG: Final = """
[paths]
articles = "articles.parquet"
views = "lake/day=%Y-%m-%d/hour=%H"
[data]
memory = "4GB"
[spark]
master = "{master}"
[spark.settings]
"spark.driver.host" = "127.0.0.1"
"spark.driver.bindAddress" = "127.0.0.1"
"spark.driver.memory" = "1g"
"spark.executor.memory" = "{executor}"
"spark.executor.cores" = "1"
"spark.sql.shuffle.partitions" = "{partitions}"
"""
NAMES: Final = {
    "master.Master": "master",
    "worker.Worker": "worker",
    "CoarseGrainedExecutorBackend": "executor",
    "SparkSubmit": "driver (Java)",
    "ymal": "ymal",
}


def lay_out(views: Path, out: Path, days: int, robot: int) -> tuple[int, str, str]:
    """Write the lake and the articles; return the number of views, the last hour and its end."""
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(out / "spill")}) as c:
        c.execute("SET TimeZone = 'UTC'")
        files = sorted(views.glob("*.parquet"))[-days:]
        c.execute(f"CREATE VIEW views AS FROM read_parquet({[str(file) for file in files]})")
        newest = c.sql("SELECT max(time) FROM views").fetchall()[0][0]
        if not (out / "lake").exists():
            for file in files:
                c.execute(
                    "COPY (SELECT *, strftime(time, '%Y-%m-%d') AS day, "
                    f"strftime(time, '%H') AS hour FROM (FROM '{file}' UNION ALL "
                    f"SELECT * EXCLUDE file_row_number REPLACE ('robot' AS user) "
                    f"FROM read_parquet('{file}', file_row_number = true) "
                    f"WHERE file_row_number % {robot} = 0) ORDER BY time) TO '{out}/lake' "
                    "(FORMAT parquet, PARTITION_BY (day, hour), APPEND)"
                )
            c.execute(
                "COPY (SELECT DISTINCT article AS id FROM views ORDER BY id) "
                f"TO '{out}/articles.parquet'"
            )
        count, most = c.sql(
            f"SELECT count(*), count_if(user = 'robot') FROM '{out}/lake/*/*/*.parquet'"
        ).fetchall()[0]
        print(f"{most:,} of the views are the robot's")
        last = newest.replace(minute=0, second=0, microsecond=0)
        return count, last.isoformat(), newest.isoformat()


def counted(out: Path, engine: str, now: str | None, pids: list[int]) -> dict[str, Any]:
    """Run a job; return its JSON with its seconds, processor time and peak memory.

    Memory is that of each process in MB, by what the process is; processor time that of all.
    """
    command = [sys.executable, "-m", "ymal", "count", "--engine", engine, "--json", "--quiet"]
    command += ["--increments", f"inc-{engine}", *(["--now", now] if now else [])]
    begun, peak = time.monotonic(), defaultdict[tuple[str, int], int](int)
    spent: dict[int, tuple[float, float]] = {}
    with (out / f"{engine}.json").open("w+") as file:
        job = subprocess.Popen(command, cwd=out, stdout=file, env={**os.environ, **environment()})
        while job.poll() is None:
            for process in family([job.pid, *pids]):
                kind, resident, cpu = looked_at(process)
                if kind:
                    first = spent[process][0] if process in spent else cpu * (process in pids)
                    spent[process] = first, cpu
                    peak[kind, process] = max(peak[kind, process], resident)
            time.sleep(0.3)
        assert job.returncode == 0, "the job failed"
        file.seek(0)
        counts: dict[str, Any] = json.load(file)
    memory = defaultdict[str, list[int]](list)
    for (kind, _), most in peak.items():
        memory[kind].append(most)
    cpu = sum(last - first for first, last in spent.values())
    return {**counts, "wall": time.monotonic() - begun, "cpu": cpu, "memory": dict(memory)}


def family(pids: list[int]) -> list[int]:
    """Return processes with all that they have started."""
    found = []
    for pid in pids:
        try:
            found += [pid, *family(children(pid))]
        except OSError:  # it has ended
            continue
    return found


def looked_at(pid: int) -> tuple[str, int, float]:
    """Return what a process is, its resident memory in MB, and its processor time in s.

    What is none of ours has no name.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, IndexError):
        return "", 0, 0.0
    kind = next((name for sign, name in NAMES.items() if sign in command), "")
    cpu = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return kind, resident * os.sysconf("SC_PAGE_SIZE") >> 20, cpu


def digest(store: Path) -> list[tuple[Any, ...]]:
    """Return the size and a hash of each table of a store, whatever the order of its rows."""
    with duckdb.connect(config={"memory_limit": "3GB"}) as c:
        return [
            c.sql(
                f"SELECT '{name}', count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT % 1000003) "
                f"FROM read_parquet('{store}/parts/*/{name}/*.parquet') t"
            ).fetchall()[0]
            for name in (*INCREMENT_TABLES, *OPEN_SESSION_TABLES, IDS, HOURS)
        ]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("views", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--days", type=int, default=140)
    parser.add_argument("--engines", default="duckdb,spark")
    parser.add_argument("--partitions", type=int, default=64)
    parser.add_argument("--robot", type=int, default=100)
    given = parser.parse_args()
    out = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    views, last, newest = lay_out(given.views, out, given.days, given.robot)
    print(f"{views:,} views up to {newest}\n", flush=True)
    print("| engine | window | s | CPU s | files opened | MB read | MB written | peak memory, MB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    engines = given.engines.split(",")
    for engine in engines:
        with ExitStack() as stack:
            pids, master = [], "local[2]"
            if engine == "spark":
                (out / "cluster").mkdir(exist_ok=True)
                cluster = stack.enter_context(running(out / "cluster", "2g"))
                pids = [cluster.master.pid, *(worker.pid for worker in cluster.workers)]
                master = cluster.url
            config = CONFIG.format(master=master, executor=EXECUTOR, partitions=given.partitions)
            (out / "ymal.toml").write_text(config)
            for name, now in (("all but an hour", last), ("that hour", None)):
                counts = counted(out, engine, now, pids)
                memory = ", ".join(
                    f"{kind} {' + '.join(map(str, sorted(most)))}"
                    for kind, most in counts["memory"].items()
                )
                print(
                    f"| {engine} | {name} | {counts['wall']:.0f} | {counts['cpu']:.0f} | "
                    f"{counts['files_opened']:,} | "
                    f"{counts['bytes_opened'] / 1e6:,.0f} | {counts['bytes_written'] / 1e6:,.0f} | "
                    f"{memory} |",
                    flush=True,
                )
    digests = [digest(out / f"inc-{engine}") for engine in engines]
    same = all(found == digests[0] for found in digests)
    print(f"\nboth stores hold the same rows: {same}" if len(digests) > 1 else "")
    for name, rows, *_ in digests[0]:
        print(f"{name}: {rows:,}")


if __name__ == "__main__":
    main()
