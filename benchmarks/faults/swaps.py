"""Versions published while readers read: each answer is of one version, none fails, memory is flat.

    python -m benchmarks.faults.swaps [--publishes 1000]

Sixteen threads of one process and two further processes read, with one `Recommender` per process
(`benchmarks.faults.worker`). Every text that a version shows names the version. Exits with 1 if a
call failed, an answer is of two versions, or a process with one thread grew by more than
`MAX_GROWTH_MB`.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks import artificial
from benchmarks.faults import site
from benchmarks.faults.worker import DONE, Reads

ARTICLES: Final = 200
THREADS: Final = (16, 1, 1)
"""Threads of each process that reads."""

MAX_GROWTH_MB: Final = 2.0
"""MB of its own that a process with one thread may grow by."""


def run(artifacts: Path, publishes: int) -> Reads:
    """Publish versions while all readers read; return what they saw."""
    artificial.publish(artifacts, articles=ARTICLES)
    command = [sys.executable, "-m", "benchmarks.faults.worker", str(artifacts), str(ARTICLES)]
    readers = [
        subprocess.Popen([*command, str(threads)], stdout=subprocess.PIPE, text=True)
        for threads in THREADS
    ]
    try:
        for process in readers:
            process.stdout.readline()
        for number in range(1, publishes + 1):
            artificial.publish(artifacts, number, articles=ARTICLES)
    finally:
        (artifacts / DONE).touch()
        outputs = [process.communicate()[0] for process in readers]
    total = Reads()
    for output in outputs:
        total.add(Reads(**json.loads(output)))
    return total


def growth(reads: Reads) -> float:
    """Return the largest growth of a process with one thread, MB."""
    one = [
        last - first
        for threads, (first, last) in zip(THREADS, reads.own, strict=True)
        if threads == 1
    ]
    return max(one)


def main() -> None:
    """Publish the number of versions on the command line, and print what the readers saw."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.swaps")
    parser.add_argument("--publishes", type=int, default=1000)
    options = parser.parse_args()
    begun = time.perf_counter()
    with site.workspace() as folder:
        reads = run(folder, options.publishes)
    print(
        f"{options.publishes:,} publishes, {reads.answers:,} answers of {len(reads.versions):,} "
        f"versions by processes of {THREADS} threads: {len(reads.failed)} failed, "
        f"{len(reads.mixed)} mixed, {time.perf_counter() - begun:.0f} s"
    )
    own = ", ".join(f"{first:.1f} to {last:.1f}" for first, last in reads.own)
    print(f"MB of their own after the first versions and in the end: {own}")
    print("\n".join([*reads.failed[:5], *reads.mixed[:5]]))
    sys.exit(bool(reads.failed or reads.mixed or growth(reads) > MAX_GROWTH_MB))


if __name__ == "__main__":
    main()
