"""`headlines`: short texts at scale, from the file to the nearest twenty of each."""

import csv
import gzip
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.speed.data import data
from benchmarks.speed.race import OURS, PEERS, Race, recall, run, script
from benchmarks.speed.report import Report, of_race

WORDS: Final = 4
"""Words that a title must have."""

CHECKED: Final = 2000

DESCRIPTION: Final = (
    "*headlines*: 343,069 titles of four words or more to the 20 nearest of each, from the file to "
    "the lists."
)


def report(rounds: int) -> Report:
    """Run the work."""
    source = data("headlines/headlines.tsv.gz")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "headlines.tsv.gz"
        _write(source, given)
        ours = script("ymal", OURS, "benchmarks.ours.headlines", given)
        dot = script("sparse_dot_topn", PEERS, "benchmarks.peers.sparse_dot", given)
        result = run(Race("headlines", ours, [dot]), rounds, Path(folder))
        exact = {side.name: recall(result, side, side, CHECKED) for side in (ours, dot)}
        over = {ours.name: "the terms it keeps", dot.name: "all terms"}
        checks = {
            name: f"recall {found:.3f} of the exact product over {over[name]}, {CHECKED:,} titles"
            for name, found in exact.items()
        }
        return of_race(result, exact[ours.name], checks, DESCRIPTION)


def _write(source: Path, path: Path) -> None:
    """Write the titles that are long enough: the same input for all sides."""
    with (
        gzip.open(source, "rt", encoding="utf-8", newline="") as lines,
        gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=6) as out,
    ):
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        out.write("\t".join(table.fieldnames or []) + "\n")
        for row in table:
            if len(row["slug_words"].split()) >= WORDS:
                out.write("\t".join(row.values()) + "\n")
