"""The table of benchmarks, and those of texts, clicks and refreshes, from the file to the lists.

A work's name is the first word of the lines that its comparisons print.
"""

import csv
import gzip
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speed import loop, related
from benchmarks.speed.carried import compare
from benchmarks.speed.lists import Lists, agreement
from benchmarks.speed.process import ROOT
from benchmarks.speed.race import Race, Result, Side, ours, peer, recall, run
from benchmarks.speed.report import Report, join_reports, of_race
from benchmarks.speed.sections import Labels
from benchmarks.speed.sites import HERE, SplitSite, data, ebnerd, empty_folder, globo
from training.config import load

CHECKED: Final = 2000
"""Rows whose lists are checked, where not all are."""

ALL: Final = 1_000_000

MAY_LACK: Final = 0.005
"""How far our share in the own section may be below that of the vectors of all terms."""

MIN_WORDS: Final = 4
"""Words that a headline must have."""

NAMES: Final = {"ebnerd": "EB-NeRD", "globo": "globo"}

NEWSWIRE: Final = (
    "*newswire*: 41,912 full texts to the 20 nearest of each, from the file to the lists. The "
    "peers compare all terms with scikit-learn's weights; ours keeps the heaviest terms of each "
    "text."
)
HEADLINES: Final = (
    "*headlines*: 343,069 titles of four words or more to the 20 nearest of each, from the file to "
    "the lists."
)
GLOBO: Final = (
    "*globo*: 2,988,181 clicks to the 20 nearest of each of 46,033 articles, from the file to the "
    "lists. Ours and the join count pairs within ten steps of a session; `implicit` counts common "
    "readers."
)
REFRESH: Final = (
    "*refresh {name}*: `ymal refresh` adds the newest 1 % of the views, and the articles that "
    "nobody had read before; `ymal train` trains anew on everything."
)


def newswire(rounds: int) -> Report:
    """Find the nearest of full texts."""
    given = data("newswire/articles.jsonl.gz")
    own = ours("newswire", given)
    brute = peer("scikit-learn brute force", "texts", "brute", given)
    dot = peer("sparse_dot_topn", "texts", "dot", given)
    engine = peer("tantivy more-like-this", "texts", "tantivy", given)
    with tempfile.TemporaryDirectory() as folder:
        result = run(Race("newswire", own, [brute, dot, engine]), rounds, Path(folder))
        labels = Labels.read(given)
        exact = recall(result, own, own, len(labels.ids))
        full = Lists.load(result.output(dot))
        shared = agreement(Lists.load(result.output(engine)), full)
        checks = {
            own.name: f"recall {exact:.3f} of the exact product over the terms it keeps",
            **{side.name: _by_itself(result, side) for side in (brute, dot)},
            engine.name: f"its lists share {shared:.3f} with those of {dot.name}",
        }
        report = of_race(result, exact, checks, NEWSWIRE)
        place = np.argsort(np.array(labels.ids, dtype=object))
        lists = Lists.load(result.output(own)).renumber(place)
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


def headlines(rounds: int) -> Report:
    """Find the nearest of short texts at scale."""
    source = data("headlines/headlines.tsv.gz")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "headlines.tsv.gz"
        _write_long_enough(source, given)
        own = ours("headlines", given)
        dot = peer("sparse_dot_topn", "texts", "dot", given)
        result = run(Race("headlines", own, [dot]), rounds, Path(folder))
        exact = {side.name: recall(result, side, side, CHECKED) for side in (own, dot)}
        over = {own.name: "the terms it keeps", dot.name: "all terms"}
        checks = {
            name: f"recall {found:.3f} of the exact product over {over[name]}, {CHECKED:,} titles"
            for name, found in exact.items()
        }
        return of_race(result, exact[own.name], checks, HEADLINES)


def _write_long_enough(source: Path, path: Path) -> None:
    """Write the titles that are long enough: the same input for all sides."""
    with (
        gzip.open(source, "rt", encoding="utf-8", newline="") as lines,
        gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=6) as out,
    ):
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        out.write("\t".join(table.fieldnames or []) + "\n")
        for row in table:
            if len(row["slug_words"].split()) >= MIN_WORDS:
                out.write("\t".join(row.values()) + "\n")


def clicks(rounds: int) -> Report:
    """Find the nearest of articles by what is read together."""
    given = data("globo/clicks.parquet")
    own = ours("globo", given)
    cosine = peer("implicit cosine", "clicks", "cosine", given)
    bm25 = peer("implicit BM25", "clicks", "bm25", given)
    join = peer("pandas self-join", "clicks", "join", given)
    with tempfile.TemporaryDirectory() as folder:
        result = run(Race("globo", own, [cosine, bm25, join]), rounds, Path(folder))
        exact = recall(result, own, join, ALL)
        checks = {
            own.name: f"recall {exact:.3f} of the exact lists by the join's sums",
            **{
                side.name: f"recall {recall(result, side, side, CHECKED):.3f} of its own exact "
                f"lists, {CHECKED:,} articles"
                for side in (cosine, bm25, join)
            },
        }
        return of_race(result, exact, checks, GLOBO)


def refresh(rounds: int) -> Report:
    """Add the newest views and articles, beside making everything anew."""
    with tempfile.TemporaryDirectory() as folder:
        read = globo(Path(folder))
        refit = peer("implicit refit", "clicks", "cosine", read.whole.views)
        return join_reports(
            [
                _raced(ebnerd(Path(folder)), [], rounds, Path(folder)),
                _raced(read, [refit], rounds, Path(folder)),
                loop.report(rounds),
            ]
        )


def _raced(cut: SplitSite, peers: list[Side], rounds: int, folder: Path) -> Report:
    own = Side(
        "ymal refresh",
        lambda output: HERE.ymal("refresh", cut.name, cut.after, output),
        HERE.trained(cut, folder),
    )
    anew = Side(
        "ymal train", lambda output: HERE.ymal("train", cut.name, cut.whole, output), empty_folder
    )
    name = f"refresh {NAMES[cut.name]}"
    result = run(Race(name, own, [anew, *peers]), rounds, folder / cut.name)
    config = load(ROOT / "examples" / f"{cut.name}.toml").config
    exact, shared = compare(result.output(own), result.output(anew), config)
    checks = {
        own.name: f"recall {exact:.3f} of the strongest pairs of {anew.name}; the lists of "
        f"recently read articles share {shared:.3f} with those of the new model"
    }
    return of_race(result, exact, checks, REFRESH.format(name=NAMES[cut.name]))


WORKS: Final[dict[str, Callable[[int], Report]]] = {
    "newswire": newswire,
    "headlines": headlines,
    "globo": clicks,
    "refresh": refresh,
    "related": related.report,
}
"""Rounds → report."""

QUICK: Final = ("newswire",)
"""What `make bench-quick` runs."""
