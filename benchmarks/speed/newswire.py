"""`newswire`: full texts to the nearest twenty of each, from the file to the lists."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speed.data import data
from benchmarks.speed.exact import agreement
from benchmarks.speed.lists import Lists
from benchmarks.speed.race import OURS, PEERS, Race, Result, Side, recall, run, script
from benchmarks.speed.report import Report, of_race
from benchmarks.speed.sections import Labels

CHECKED: Final = 2000
"""Sources whose lists by a peer are checked; of ours all are."""

MAY_LACK: Final = 0.005
"""How far our share in the own section may be below that of the vectors of all terms."""

DESCRIPTION: Final = (
    "*newswire*: 41,912 full texts to the 20 nearest of each, from the file to the lists. The "
    "peers compare all terms with scikit-learn's weights; ours keeps the heaviest terms of each "
    "text."
)


def report(rounds: int) -> Report:
    """Run the work."""
    given = data("newswire/articles.jsonl.gz")
    ours = script("ymal", OURS, "benchmarks.ours.newswire", given)
    brute = script("scikit-learn brute force", PEERS, "benchmarks.peers.sklearn_brute", given)
    dot = script("sparse_dot_topn", PEERS, "benchmarks.peers.sparse_dot", given)
    engine = script("tantivy more-like-this", PEERS, "benchmarks.peers.tantivy_like", given)
    with tempfile.TemporaryDirectory() as folder:
        result = run(Race("newswire", ours, [brute, dot, engine]), rounds, Path(folder))
        labels = Labels.read(given)
        exact = recall(result, ours, ours, len(labels.ids))
        full = Lists.load(result.output(dot))
        shared = agreement(Lists.load(result.output(engine)), full)
        checks = {
            ours.name: f"recall {exact:.3f} of the exact product over the terms it keeps",
            **{side.name: _by_itself(result, side) for side in (brute, dot)},
            engine.name: f"its lists share {shared:.3f} with those of {dot.name}",
        }
        report = of_race(result, exact, checks, DESCRIPTION)
        place = np.argsort(np.array(labels.ids, dtype=object))
        lists = Lists.load(result.output(ours)).renumber(place)
        return _with_sections(report, labels, lists, full)


def _by_itself(result: Result, side: Side) -> str:
    found = recall(result, side, side, CHECKED)
    return f"recall {found:.3f} of the exact product over all terms, {CHECKED:,} texts"


def _with_sections(report: Report, labels: Labels, ours: Lists, full: Lists) -> Report:
    """Add how many of the first five stand in the source's own section."""
    here, there = labels.shares(ours.rows), labels.shares(full.rows)
    lines = [
        f"newswire: own section in the first five, {source}: ours {here[source]:.4f}, "
        f"full vectors {there[source]:.4f}"
        for source in here
    ]
    table = [
        "Share of the first five in the source's section:",
        "",
        "| collection | ours | all terms |",
        "|---|---|---|",
        *(f"| {source} | {here[source]:.4f} | {there[source]:.4f} |" for source in here),
    ]
    missed = [
        line
        for source, line in zip(here, lines, strict=True)
        if here[source] < there[source] - MAY_LACK
    ]
    return replace(
        report,
        lines=[*report.lines, *lines],
        text="\n".join([report.text, "", *table]),
        missed=missed,
    )
