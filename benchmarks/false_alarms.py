"""How often `ymal compare` says that a run is worse, or better, where neither is.

Paired: two runs of which neither is better are made of two that were replayed, where for every
reader a coin says which of the two is A. Unpaired: one run is split into two halves of its readers.

Run from the project's root, on the reports of two runs with rows:

    .venv/bin/python -m benchmarks.false_alarms A.json B.json [100]
"""

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.random import Generator

from training.metrics.metrics import HITS
from training.records import Bool
from training.replay.rows import Replayed
from training.report.comparing import (
    BETTER,
    WORSE,
    Line,
    by_one_yardstick,
    compare_runs,
    paired_lines,
)
from training.report.report import Report
from training.report.stored import read_report, read_rows, rows_file, side_by_side

SEED = 0


def swapped(both: Replayed, rng: Generator) -> list[Line]:
    """Compare two runs that a coin for each reader has made of two."""
    coin = rng.random(int(both.rows.reader.max()) + 1) < 0.5
    system = (both.rows.system == 0) == coin[both.rows.reader]
    rows = replace(both.rows, system=system.astype(np.int16))
    return paired_lines(by_one_yardstick(replace(both, rows=rows))[0], "ymal")


def halved(both: Replayed, rng: Generator) -> list[Line]:
    """Compare two runs of the first system: that of a random half of its readers, and the rest."""
    half = rng.permutation(int(both.rows.reader.max()) + 1) % 2
    with TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("a.json", "b.json")]
        for side, path in enumerate(paths):
            chosen = (both.rows.system == 0) & (half[both.rows.reader] == side)
            path.write_text(json.dumps(told(_alone(both, chosen))))
        return compare_runs(*map(read_report, paths)).lines


def _alone(both: Replayed, chosen: Bool) -> Replayed:
    rows = both.rows.where(chosen)
    rows = replace(rows, system=np.zeros(len(rows), np.int16))
    return replace(both, systems=["ymal"], rows=rows, coverage=[0.0], seconds=[0.0])


def told(run: Replayed) -> dict[str, object]:
    """Give what `ymal evaluate --json` writes of a run, on no data in particular."""
    protocol = {"start": "", "end": "", "config": {}, "versions": {}}
    return Report.of([run], {"articles": 0, "views": 0, "inputs": []}, protocol).as_json()


def alarms(both: Replayed, times: int, *, paired: bool) -> Counter[tuple[str, str]]:
    """Compare two runs of which neither is better, again and again: verdicts by metric."""
    rng = np.random.default_rng(SEED)
    found: Counter[tuple[str, str]] = Counter()
    for _ in range(times):
        lines = swapped(both, rng) if paired else halved(both, rng)
        found.update((line.metric, line.verdict) for line in lines)
    return found


def main(a: str, b: str, times: int) -> None:
    """Print how often each metric was called worse and better."""
    stored = [read_report(Path(name)) for name in (a, b)]
    every = stored[0].results[0].every
    ours, theirs = (read_rows(rows_file(run), every, "ymal") for run in stored)
    both, _ = by_one_yardstick(side_by_side(ours, theirs, every))
    print(f"{len(both.rows) // 2:,} next reads of {both.rows.reader.max() + 1:,} readers")
    for paired in (True, False):
        found = alarms(both, times, paired=paired)
        print(f"{'paired' if paired else 'unpaired'}, of {times} comparisons")
        for metric in HITS:
            print(f"  {metric}: worse {found[metric, WORSE]}, better {found[metric, BETTER]}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 100)
