"""What an export costs, and a site that asks it: seconds, bytes, peak memory, one query.

    python -m benchmarks.export ARTIFACTS DIR

runs `ymal export` in both forms three times each, into DIR, and then the two queries of
docs/export.md for 5,000 random articles each, by Python's `sqlite3` on one open connection.
"""

import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

TIMES, ASKED = 3, 5_000
DOCUMENT = Path(__file__).parents[1] / "docs" / "export.md"


def export(artifacts: Path, form: str, out: Path) -> None:
    """Print what exporting costs, a whole process each time."""
    command = [Path(sys.executable).parent / "ymal", "export", "--artifacts", artifacts]
    seconds, cpu, memory = [], [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        process = subprocess.Popen([*command, "--format", form, "--out", out, "--json"])
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        seconds.append(time.perf_counter() - begun)
        cpu.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
    print(
        f"{form}: {statistics.median(seconds):.1f} s ({statistics.median(cpu):.1f} s of "
        f"processor), {out.stat().st_size / 1e6:.1f} MB, "
        f"peak memory {max(memory):.0f} MB"
    )


def ask(database: Path) -> None:
    """Print what one query costs."""
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    articles = [article for (article,) in connection.execute("SELECT id FROM articles")]
    random.seed(2)
    asked = random.choices(articles, k=ASKED)  # noqa: S311
    for query in re.findall(r"```sql\n(SELECT.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S):
        times = []
        for article in asked:
            begun = time.perf_counter_ns()
            connection.execute(query, {"id": article}).fetchall()
            times.append((time.perf_counter_ns() - begun) / 1e3)
        times.sort()
        view = re.search(r"FROM (\w+)", query)
        print(
            f"{view and view[1]}: median {statistics.median(times):.0f} µs, "
            f"p99 {times[-ASKED // 100]:.0f} µs"
        )


if __name__ == "__main__":
    served, folder = map(Path, sys.argv[1:])
    export(served, "jsonl", folder / "ymal.jsonl")
    export(served, "sqlite", folder / "ymal.db")
    ask(folder / "ymal.db")
