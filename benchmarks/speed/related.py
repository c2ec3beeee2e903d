"""`related(id, 5)`: lookups among a million articles, beside other stores of the same lists."""

import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import lookup
from benchmarks.lookup import Found
from benchmarks.speed.process import machine
from benchmarks.speed.report import Report, Spread, line

ARTICLES: Final = 1_000_000
TARGETS: Final = 10_000

DESCRIPTION: Final = (
    "*related*: five ids and five stories from an artificial version of a million articles whose "
    "lists hold the last 10,000. *Of any*: of a random article, each asked once. *As readers ask*: "
    "of the last thousand articles, the one of rank r with a weight of 1 / r. Only `ymal` applies "
    "bans, exclusions and events and follows new versions; the others give a list's first five. "
    "The dict is read from JSON, SQLite maps its file. *Own* is the memory that is no page of a "
    "file, which all processes share. All take turns in each round, one process each."
)

COLUMNS: Final = {
    "ids, any": "five ids, µs: of any",
    "ids, readers": "as readers ask",
    "stories, any": "five stories, µs: of any",
    "stories, readers": "as readers ask",
    "start": "start to first answer, ms",
}


def report(rounds: int, articles: int = ARTICLES, targets: int = TARGETS) -> Report:
    """Run the work."""
    with tempfile.TemporaryDirectory() as folder:
        found = lookup.compare(Path(folder), articles, targets, rounds)
    lines = [compare(found, what, peer) for what in [*COLUMNS][:-1] for peer in [*found][1:]]
    text = f"{DESCRIPTION} Rounds: {rounds}; {machine()}."
    return Report(lines, "\n".join([text, "", *table(found)]), {})


def compare(found: Found, what: str, peer: str) -> str:
    """Describe how a peer's time compares with ours, and which share of its answers are ours."""
    pairs = list(zip(found["ymal"], found[peer], strict=True))
    ratios = [theirs[what] / ours[what] for ours, theirs in pairs]
    sums = ((ours[f"sums of {what}"], theirs[f"sums of {what}"]) for ours, theirs in pairs)
    equal = [a == b for ours, theirs in sums for a, b in zip(ours, theirs, strict=True)]
    return line(f"related(id, 5) {what}", peer, ratios, statistics.mean(equal))


def table(found: Found) -> list[str]:
    """Format medians, minima and maxima of the rounds as a Markdown table."""
    lines = [f"| store | {' | '.join(COLUMNS.values())} | own memory, MB |"]
    lines.append("|---" * (len(COLUMNS) + 2) + "|")
    for kind, printed in found.items():
        cells = [str(Spread.of([each[what] for each in printed])) for what in COLUMNS]
        own = statistics.median(each["own"] for each in printed)
        lines.append(f"| {kind} | {' | '.join(cells)} | {own:.0f} |")
    return lines
