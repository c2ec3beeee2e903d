"""How a training and a refresh grow with a site: ten, a hundred, a thousand times the articles.

    python -m benchmarks.speed.growth DIR [ARTICLES ...]

simulates a site of so many articles and a hundred views of each in DIR/ARTICLES where it is not
there yet (a million take half an hour and 1 GB), trains on it, takes in 10,000 views and 10
articles that came in the quarter of an hour after, and prints a line of JSON of each, also into
DIR/growth.jsonl. Last come the exponents of time and memory between one size and the next.
"""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.speed.process import ROOT, Taken, take

YMAL: Final = (sys.executable, "-m", "ymal")
SIZES: Final = (10_000, 100_000, 1_000_000)
DAYS: Final = 140
NEW_VIEWS: Final = 10_000
NEW_ARTICLES: Final = 10
READ: Final = 500
"""Articles that the new views are of: as many sources are active on a site of any size."""


def simulated(folder: Path, articles: int) -> Path:
    """Give the folder of a simulated site; made where it is missing."""
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


def told(articles: int, name: str, taken: Taken) -> dict[str, object]:
    """Say what a command took."""
    return {
        "articles": articles,
        "command": name,
        "seconds": round(taken.wall, 1),
        "processor": round(taken.cpu, 1),
        "memory": taken.memory,
        "stages": taken.stages,
    }


def run(folder: Path, articles: int) -> list[dict[str, object]]:
    """Train on a site of so many articles, and refresh."""
    site = simulated(folder / str(articles), articles)
    arrived(site)
    shutil.rmtree(site / "artifacts", ignore_errors=True)
    options = ("--config", site / "active.toml", "--quiet", "--json")
    trained = take([*YMAL, "train", *options])
    new = ("--articles", site / "next/articles.parquet", "--views", site / "next/views.parquet")
    refreshed = take([*YMAL, "refresh", *options, *new])
    return [told(articles, "train", trained), told(articles, "refresh", refreshed)]


def exponents(lines: Sequence[dict[str, object]]) -> list[str]:
    """Say how time and memory of a training grow from one size to the next."""
    trained = [line for line in lines if line["command"] == "train"]
    return [
        f"train, {before['articles']} to {after['articles']} articles: "
        f"seconds by the power of {_power(before, after, 'seconds'):.2f}, "
        f"memory by that of {_power(before, after, 'memory'):.2f}"
        for before, after in pairwise(trained)
    ]


def _power(before: dict[str, object], after: dict[str, object], name: str) -> float:
    ratios = (float(str(after[key])) / float(str(before[key])) for key in (name, "articles"))
    grown, larger = ratios
    return math.log(grown) / math.log(larger)


def main() -> None:
    """Run what the command line asks for."""
    folder = Path(sys.argv[1])
    lines = []
    for articles in map(int, sys.argv[2:] or SIZES):
        for line in run(folder, articles):
            lines.append(line)
            written = json.dumps(line)
            print(written, flush=True)
            with (folder / "growth.jsonl").open("a") as log:
                log.write(f"{written}\n")
    print("\n".join(exponents(lines)))


if __name__ == "__main__":
    main()
