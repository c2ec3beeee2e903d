"""Run benchmarks with their peers, print a line for each comparison, write docs/benchmarks.md.

python -m benchmarks.speed [--quick] [--rounds N] [WORK ...]
"""

import argparse
import sys

from benchmarks.speed.process import FailedError, keep_to_cores
from benchmarks.speed.race import PEERS
from benchmarks.speed.report import write
from benchmarks.speed.works import QUICK, WORKS

ROUNDS = 5


def main() -> None:
    """Run the benchmarks; exit 1 if a bound is exceeded."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed")
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"of {', '.join(WORKS)}")
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    for name in options.works:
        if name not in WORKS:
            parser.error(f"{name}: no such work")
    if not PEERS.exists():
        sys.exit(f"{PEERS} is missing: `make bench` builds the environment of the peers")
    keep_to_cores()
    missed: list[str] = []
    for name in options.works or (QUICK if options.quick else WORKS):
        report = WORKS[name](options.rounds)
        print("\n".join(report.lines), flush=True)
        write(name, report)
        missed += report.missed
    if missed:
        sys.exit("\n".join(["not as good as it must be:", *missed]))


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        sys.exit(str(error))
