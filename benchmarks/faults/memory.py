"""Memory of a backend's processes: flat from version to version, small in each worker.

    python -m benchmarks.faults.memory [DIR] [--lookups 1000000] [--swaps 10] [--workers 4]

One process answers all lookups; a version is published after each tenth of them. Then the version
in DIR (by default the last of these) is served by workers forked after opening it, and by as many
that open it themselves. Exits with 1 if memory grows by more than `MAX_GROWTH_MB` after the first
version, or a worker's own memory is above `MAX_OWN_MB`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.faults import site
from benchmarks.faults.worker import Memory

ARTICLES: Final = 2000

MAX_GROWTH_MB: Final = 2.0
"""MB that memory may grow by from the second version to the last."""

MAX_OWN_MB: Final = 40.0
"""MB of its own that a worker may take."""

_WORKER: Final = [sys.executable, "-m", "benchmarks.faults.worker"]


def memory_over_swaps(artifacts: Path, lookups: int, swaps: int) -> list[Memory]:
    """Let one process answer lookups, publish after each part; return its memory after each."""
    site.publish(artifacts, 0, articles=ARTICLES)
    command = [*_WORKER, str(artifacts), "--lookups", str(lookups // (swaps + 1))]
    found = []
    with _started(command) as process:
        process.stdout.readline()
        for number in range(swaps + 1):
            name = site.publish(artifacts, number, articles=ARTICLES) if number else None
            figures = _asked(process)
            if name not in (None, figures["version"]):
                raise RuntimeError(f"{name} was published, {figures['version']} is served")
            found.append(Memory(figures["own"], figures["mapped"]))
        process.stdin.close()
    return found


def workers(artifacts: Path, lookups: int, count: int, *, forked: bool) -> list[Memory]:
    """Let workers answer `lookups` each, all at once; return the memory of each."""
    command = [*_WORKER, str(artifacts), "--lookups", str(lookups)]
    if forked:
        done = subprocess.run(
            [*command, "--forks", str(count)], capture_output=True, text=True, check=True
        )
        figures = [json.loads(line) for line in done.stdout.splitlines()]
    else:
        processes = [_started([*command, "--seed", str(number)]) for number in range(count)]
        for process in processes:
            process.stdout.readline()
            print(file=process.stdin, flush=True)
        figures = [json.loads(process.stdout.readline()) for process in processes]
        for process in processes:
            process.communicate()
    return [Memory(each["own"], each["mapped"]) for each in figures]


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _asked(process: subprocess.Popen[str]) -> dict[str, float]:
    print(file=process.stdin, flush=True)
    return json.loads(process.stdout.readline())


def _summary(found: list[Memory]) -> str:
    own = " ".join(f"{each.own:.1f}" for each in found)
    return f"{own} MB of its own, {max(each.mapped for each in found):.1f} MB of the version mapped"


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.memory")
    parser.add_argument("directory", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--lookups", type=int, default=1_000_000)
    parser.add_argument("--swaps", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with site.workspace() as folder:
        found = memory_over_swaps(folder, options.lookups, options.swaps)
        print(f"{options.lookups:,} lookups over {options.swaps} swaps: {_summary(found)}")
        high, served = found[-1].own - found[1].own > MAX_GROWTH_MB, options.directory or folder
        for forked in (True, False):
            each = workers(served, options.lookups // 10, options.workers, forked=forked)
            how = "forked after opening" if forked else "opened by each"
            print(f"{options.workers} workers, {how}: {_summary(each)}")
            high = high or max(memory.own for memory in each) > MAX_OWN_MB
    sys.exit(high)


if __name__ == "__main__":
    main()
