"""`related(id, 5)`: lookups among a million articles, beside other stores of the same lists."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.lookup_peers import comparisons, measure, table
from benchmarks.speed.process import machine
from benchmarks.speed.report import Report

ARTICLES: Final = 1_000_000
TARGETS: Final = 10_000

DESCRIPTION: Final = (
    "*related*: five ids and five stories from an artificial version of a million articles whose "
    "lists hold the last 10,000. *Of any*: of a random article, each asked once. *As readers ask*: "
    "of the last thousand articles, the one of rank r with a weight of 1 / r. Only `ymal` applies "
    "bans, exclusions and events and follows new versions; the others give a list's first five. "
    "The dict is read from JSON, SQLite maps its file, Redis on loopback is asked over a socket by "
    "a few lines of its protocol, and its server's start is not measured. All take turns in each "
    "round, one process each."
)


def report(rounds: int) -> Report:
    """Run the work."""
    with tempfile.TemporaryDirectory() as folder:
        found, servers = measure(Path(folder) / "artifacts", ARTICLES, TARGETS, rounds)
    text = f"{DESCRIPTION} Rounds: {rounds}; {machine()}."
    return Report(comparisons(found), "\n".join([text, "", *table(found, servers)]), {})
