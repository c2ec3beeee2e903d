"""Random damage and random input, by a seed: nothing happens but what may happen.

    python -m benchmarks.faults.fuzz artifacts|files [--cases 10000] [--seed 1]

`artifacts` damages copies of a trained site's artifacts directory (`benchmarks.faults.artifacts`);
`files` draws input files for `ymal check` and `ymal train` (`benchmarks.faults.files`). Cases run
in child processes: one that crashes or hangs is a fault, and the next process takes over. Prints
the outcomes by kind, and every fault; exits with 1 if there is one.
"""

import argparse
import faulthandler
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from benchmarks.faults import site
from benchmarks.faults.artifacts import Artifacts
from benchmarks.faults.files import Files

HANGS: Final = 120
"""Seconds after which a case counts as hung."""

BATCH: Final = 250
"""Cases of one child process."""

FAULT: Final = "fault: "
"""How every outcome begins that must not be."""

Outcomes = dict[str, Counter[str]]
"""How often each outcome was seen, by kind of case."""

SUBJECTS: Final[dict[str, Callable[[Path, int], Artifacts | Files]]] = {
    "artifacts": Artifacts,
    "files": Files,
}
"""Folder of a trained site and seed → what examines a case of a number: (kind, outcome)."""


def child(subject: str, folder: Path, seed: int, first: int, last: int) -> None:
    """Examine the cases [first, last), a line of JSON each on stdout."""
    logging.disable()
    examined = SUBJECTS[subject](folder, seed)
    for number in range(first, last):
        faulthandler.dump_traceback_later(HANGS, exit=True)
        print(json.dumps([number, list(examined.examine(number))]), flush=True)
        faulthandler.cancel_dump_traceback_later()


def batch(
    subject: str, folder: Path, seed: int, first: int, last: int
) -> Iterator[tuple[str, str]]:
    """Examine the cases [first, last) in child processes: after a crash the next takes over."""
    while first < last:
        command = [sys.executable, "-m", "benchmarks.faults.fuzz", subject, "--child", str(folder)]
        done = subprocess.run(
            [*command, "--seed", str(seed), "--first", str(first), "--cases", str(last - first)],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            number, outcomes = json.loads(line)
            for kind, outcome in outcomes:
                yield kind, f"{outcome} (case {number})" if outcome.startswith(FAULT) else outcome
            first = number + 1
        if first < last:
            yield "crash", f"{FAULT}case {first} ended with {done.returncode} {done.stderr[-2000:]}"
            first += 1


def run(subject: str, folder: Path, cases: int, seed: int, jobs: int = 2) -> Outcomes:
    """Examine the cases on a small trained site; count the outcomes by kind."""
    site.trained(folder / "sound")
    counts: Outcomes = {}
    spans = [(first, min(first + BATCH, cases)) for first in range(0, cases, BATCH)]
    with ThreadPoolExecutor(jobs) as pool:
        for outcomes in pool.map(lambda span: list(batch(subject, folder, seed, *span)), spans):
            for kind, outcome in outcomes:
                counts.setdefault(kind, Counter())[outcome] += 1
    return counts


def faults(counts: Outcomes) -> list[str]:
    """Return the outcomes that must not be."""
    return [
        f"{kind}: {outcome}"
        for kind, found in sorted(counts.items())
        for outcome in sorted(found)
        if outcome.startswith(FAULT)
    ]


def table(counts: Outcomes) -> str:
    """Format the counts, and every fault below them."""
    names = sorted(
        {name for found in counts.values() for name in found if not name.startswith(FAULT)}
    )
    lines = [f"{'':28}" + "".join(f"{name:>12}" for name in (*names, "faults"))]
    for kind, found in [*sorted(counts.items()), ("all", sum(counts.values(), Counter[str]()))]:
        numbers = [found[name] for name in names]
        numbers.append(found.total() - sum(numbers))
        lines.append(f"{kind:28}" + "".join(f"{number:12,}" for number in numbers))
    return "\n".join([*lines, *faults(counts)])


def main() -> None:
    """Examine the number of cases on the command line, and print the outcomes."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.fuzz")
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        last = options.first + options.cases
        child(options.subject, options.child, options.seed, options.first, last)
        return
    begun = time.perf_counter()
    with site.workspace() as folder:
        counts = run(options.subject, folder, options.cases, options.seed)
    print(table(counts))
    print(f"{options.cases:,} cases, seed {options.seed}, {time.perf_counter() - begun:.0f} s")
    sys.exit(bool(faults(counts)))


if __name__ == "__main__":
    main()
