"""`globo`: clicks to the nearest twenty of each article by what is read together."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.speed.data import data
from benchmarks.speed.race import OURS, PEERS, Race, recall, run, script
from benchmarks.speed.report import Report, of_race

CHECKED: Final = 2000
ALL: Final = 1_000_000

DESCRIPTION: Final = (
    "*globo*: 2,988,181 clicks to the 20 nearest of each of 46,033 articles, from the file to the "
    "lists. Ours and the join count pairs within ten steps of a session; `implicit` counts common "
    "readers."
)


def report(rounds: int) -> Report:
    """Run the work."""
    given = data("globo/clicks.parquet")
    ours = script("ymal", OURS, "benchmarks.ours.globo", given)
    cosine = script("implicit cosine", PEERS, "benchmarks.peers.implicit_cosine", given)
    bm25 = script("implicit BM25", PEERS, "benchmarks.peers.implicit_bm25", given)
    join = script("pandas self-join", PEERS, "benchmarks.peers.pandas_join", given)
    with tempfile.TemporaryDirectory() as folder:
        result = run(Race("globo", ours, [cosine, bm25, join]), rounds, Path(folder))
        exact = recall(result, ours, join, ALL)
        checks = {
            ours.name: f"recall {exact:.3f} of the exact lists by the join's sums",
            **{
                side.name: f"recall {recall(result, side, side, CHECKED):.3f} of its own exact "
                f"lists, {CHECKED:,} articles"
                for side in (cosine, bm25, join)
            },
        }
        return of_race(result, exact, checks, DESCRIPTION)
