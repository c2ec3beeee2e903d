"""How a training and a refresh grow with a site: ten, a hundred, a thousand times the articles.

    python -m benchmarks.speed.growth DIR [ARTICLES ...]

simulates a site of so many articles and a hundred views of each in DIR/ARTICLES where it is not
there yet (a million take half an hour and 1 GB), trains on it, takes in 10,000 views and 10
articles that came in the quarter of an hour after, and prints a line of JSON of each, also into
DIR/growth.jsonl. Last come the exponents of time and memory between one size and the next, and the
part of docs/benchmarks.md about all sizes in that file.
"""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.speed import page
from benchmarks.speed.picture import Curve, curves
from benchmarks.speed.process import ROOT, Taken, machine, take
from benchmarks.speed.report import Report

YMAL: Final = (sys.executable, "-m", "ymal")
SIZES: Final = (10_000, 100_000, 1_000_000)
DAYS: Final = 140
NEW_VIEWS: Final = 10_000
NEW_ARTICLES: Final = 10
READ: Final = 500
"""Articles that the new views are of: as many sources are active on a site of any size."""

PICTURE: Final = "bench-growth.svg"
DESCRIPTION: Final = (
    "Simulated sites of 140 days, a hundred views an article. *train* reads, trains and publishes; "
    "*refresh* adds 10,000 views of 500 articles and 10 new articles, with `lists.active` 15 "
    "minutes. Two shared cores;"
)


def simulated(folder: Path, articles: int) -> Path:
    """Return the folder of a simulated site; made where it is missing."""
    if not (folder / "ymal.toml").exists():
        scale = ("--articles", str(articles), "--days", str(DAYS), "--readers", str(articles))
        command = [*YMAL, "simulate", "--parquet", *scale, "--out", str(folder), "--quiet"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


def arrived(site: Path) -> None:
    """Write what comes next to DIR/next: views of what was read last, and copies of articles."""
    new = site / "next"
    new.mkdir(exist_ok=True)
    articles, views = (f"{site}/{name}/*.parquet" for name in ("articles", "views"))
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TEMP TABLE latest AS
                SELECT article, row_number() OVER () AS place
                FROM (SELECT article, max(time) AS seen FROM '{views}' GROUP BY 1
                      ORDER BY seen DESC, article LIMIT {READ});
                CREATE TEMP TABLE upto AS SELECT max(time) AS newest FROM '{views}';
                COPY (SELECT 'new-' || (n // 8) AS user, article,
                             newest + to_microseconds(1000000 + n * 80000) AS time, 30 AS read_time
                      FROM range({NEW_VIEWS}) AS r(n), upto, latest
                      WHERE latest.place = 1 + (n * 7919) % {READ})
                TO '{new}/views.parquet';
                COPY (SELECT * EXCLUDE (id, url, published_at),
                             'new-' || row_number() OVER () AS id,
                             'https://news.example/new/' || row_number() OVER () AS url,
                             newest + to_microseconds(60000000) AS published_at
                      FROM (SELECT * FROM '{articles}' ORDER BY id LIMIT {NEW_ARTICLES}), upto)
                TO '{new}/articles.parquet'"""
        )
    settings = (site / "ymal.toml").read_text()
    (site / "active.toml").write_text(f'{settings}\n[lists]\nactive = "15m"\n')


def record(articles: int, name: str, taken: Taken) -> dict[str, Any]:
    """Return what a command took."""
    return {
        "articles": articles,
        "command": name,
        "seconds": round(taken.wall, 1),
        "processor": round(taken.cpu, 1),
        "memory": taken.memory,
        "stages": taken.stages,
    }


def run(folder: Path, articles: int) -> list[dict[str, Any]]:
    """Train on a site of `articles` articles, and refresh."""
    site = simulated(folder / str(articles), articles)
    arrived(site)
    shutil.rmtree(site / "artifacts", ignore_errors=True)
    options = ("--config", site / "active.toml", "--quiet", "--json")
    trained = take([*YMAL, "train", *options])
    new = ("--articles", site / "next/articles.parquet", "--views", site / "next/views.parquet")
    refreshed = take([*YMAL, "refresh", *options, *new])
    return [record(articles, "train", trained), record(articles, "refresh", refreshed)]


def report(lines: Sequence[dict[str, Any]]) -> Report:
    """Report what was measured, of each size and command the last time."""
    last = {(line["articles"], line["command"]): line for line in lines}
    rows = [last[key] for key in sorted(last, key=lambda key: (key[1] != "train", key[0]))]
    trained = [line for line in rows if line["command"] == "train"]
    table = [
        "| articles | command | seconds | processor, s | peak memory | stages, s |",
        "|---|---|---|---|---|---|",
        *(
            f"| {line['articles']:,} | {line['command']} | {line['seconds']:,.1f} "
            f"| {line['processor']:,.1f} | {line['memory'] / 1e9:.2f} GB | "
            + ", ".join(f"{name} {took:,.1f}" for name, took in line["stages"].items())
            + " |"
            for line in rows
        ),
    ]
    grown = exponents(trained)
    title = "ymal train on sites of a hundred views an article"
    sides = [
        Curve("seconds, by articles", [(line["articles"], line["seconds"]) for line in trained]),
        Curve(
            "peak GB, by articles", [(line["articles"], line["memory"] / 1e9) for line in trained]
        ),
    ]
    text = [f"{DESCRIPTION} {machine()}.", "", *table, "", *(f"{line}." for line in grown), ""]
    picture = f"![{title}; both axes by powers of ten]({PICTURE})"
    return Report(grown, "\n".join([*text, picture]), {PICTURE: curves(title, sides)})


def exponents(trained: Sequence[dict[str, Any]]) -> list[str]:
    """Describe how time and memory of a training grow from one size to the next."""
    return [
        f"{name} grows with the articles to the power of {_power(before, after, key):.2f} "
        f"from {before['articles']:,} to {after['articles']:,} articles"
        for before, after in pairwise(trained)
        for name, key in (("Time", "seconds"), ("Memory", "memory"))
    ]


def _power(before: dict[str, Any], after: dict[str, Any], name: str) -> float:
    grown, larger = (after[key] / before[key] for key in (name, "articles"))
    return math.log(grown) / math.log(larger)


def main() -> None:
    """Run what the command line asks for, and write what is known of all sizes by now."""
    folder = Path(sys.argv[1])
    log = folder / "growth.jsonl"
    for articles in map(int, sys.argv[2:] or SIZES):
        for line in run(folder, articles):
            written = json.dumps(line)
            print(written, flush=True)
            with log.open("a") as file:
                file.write(f"{written}\n")
    found = report([json.loads(line) for line in log.read_text().splitlines()])
    print("\n".join(found.lines))
    page.write("growth", found)


if __name__ == "__main__":
    main()
