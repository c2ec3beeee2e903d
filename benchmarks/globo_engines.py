"""Count Globo's clicks on both engines: the same increments, state and lists.

    python -m benchmarks.globo_engines OUT

Counts the clicks in two windows, on DuckDB and on a standalone Spark cluster of two workers, trains
from both stores, and compares every table and every array.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.cluster import environment, running
from benchmarks.scale_out import CONFIG, EXECUTOR, digest

ROOT: Final = Path(__file__).parents[1]
WINDOWS: Final = "2017-10-16T00:07:01Z", "2017-10-17T00:00:00Z"


def ymal(out: Path, engine: str, *arguments: str) -> dict[str, object]:
    """Run a command on Globo's clicks; return its JSON."""
    options = "--config", f"{engine}.toml", "--artifacts", engine, "--increments", f"inc-{engine}"
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ymal", *arguments, *options, "--quiet", "--json"],
        cwd=out,
        env={**os.environ, **environment()},
        stdout=subprocess.PIPE,
        check=True,
    )
    print(f"{engine}: ymal {' '.join(arguments)}: {time.monotonic() - begun:.0f} s", flush=True)
    counts: dict[str, object] = json.loads(done.stdout)
    return counts


def arrays(artifacts: Path) -> dict[str, bytes]:
    """Return the bytes of all arrays of the served version and its state."""
    version = (artifacts / "current").read_text().strip()
    found = [*artifacts.glob(f"*/{version}/*.npy")]
    return {f"{file.parent.parent.name}/{file.name}": file.read_bytes() for file in found}


def main() -> None:
    """Run the comparison."""
    out = Path(sys.argv[1]).absolute()
    (out / "cluster").mkdir(parents=True, exist_ok=True)
    site = (ROOT / "examples" / "globo.toml").read_text()
    clicks = (ROOT / "../shared/data/globo/clicks.parquet").resolve()
    site = site.replace("../../shared/data/globo/clicks.parquet", str(clicks))
    with running(out / "cluster", "2g") as cluster:
        spark = CONFIG.format(master=cluster.url, executor=EXECUTOR, partitions=4)
        spark = spark[spark.index("[spark]") :]
        for engine in "duckdb", "spark":
            (out / engine).mkdir()
            (out / engine / "key").write_bytes(bytes(32))
            (out / f"{engine}.toml").write_text(f"{site}\n{spark}")
            for now in WINDOWS:
                ymal(out, engine, "count", "--engine", engine, "--now", now)
    for engine in "duckdb", "spark":
        ymal(out, engine, "train")
    one, other = digest(out / "inc-duckdb"), digest(out / "inc-spark")
    for name, rows, *_ in one:
        print(f"{name}: {rows:,} rows")
    print("the same increments:", one == other)
    print("the same state and lists, to the byte:", arrays(out / "duckdb") == arrays(out / "spark"))


if __name__ == "__main__":
    main()
