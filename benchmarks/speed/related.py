"""`related(id, 5)`: lookups among a million articles, beside other stores of the same lists."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.lookup_peers import comparisons, measured, table
from benchmarks.speed.process import machine
from benchmarks.speed.report import Report

ARTICLES: Final = 1_000_000
TARGETS: Final = 10_000

TOLD: Final = (
    "*related*: five ids and five stories, of any article out of a million, each asked once, then "
    "as readers ask, of the last thousand, the one of rank r with a weight of 1 / r; an artificial "
    "version whose lists hold the last 10,000. In a round all take turns, a process each. Only the "
    "lookup heeds bans, exclusions and events and follows what is published; the others give a "
    "list's first five. The dict is read from JSON, SQLite maps its file, Redis on loopback is "
    "asked over a socket by a few lines of its protocol; its server's own start is not in it."
)


def report(rounds: int) -> Report:
    """Run the work."""
    with tempfile.TemporaryDirectory() as folder:
        found, servers = measured(Path(folder) / "artifacts", ARTICLES, TARGETS, rounds)
    told = f"{TOLD} Rounds: {rounds}; {machine()}."
    return Report(comparisons(found), "\n".join([told, "", *table(found, servers)]), {})
