"""The main job on real data: seconds, memory of the process tree, and what the lists are worth.

Run from the project's root, with the data sets in ../shared/data:

    .venv/bin/python benchmarks/main_job.py [ebnerd] [globo] [newswire] [lookup]
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from recommender import Recommender

DATA = Path("../shared/data")
YMAL = Path(sys.executable).parent / "ymal"
GLOBO_NOW = "2017-10-17T00:00:00Z"


def tree_memory(root: int) -> int:
    """Resident bytes of a process and of all that descend from it, shared pages counted once."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total * 1024


def train(name: str, artifacts: Path, *options: str) -> dict[str, object]:
    """Train by the committed config, as a user would; report wall seconds and peak memory."""
    command = [str(YMAL), "train", "--config", f"examples/{name}.toml", "--json"]
    begun, peak = time.perf_counter(), 0
    with subprocess.Popen(
        [*command, "--artifacts", str(artifacts), *options], stdout=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            peak = max(peak, tree_memory(process.pid))
            time.sleep(0.05)
        assert process.stdout is not None
        summary = json.loads(process.stdout.read())
    seconds = time.perf_counter() - begun
    print(f"{name}: {seconds:.1f} s, {peak / 1e9:.2f} GB; stages {summary['seconds']}")
    print(f"{name}: {summary['counts']}, model {summary['model']}, lists {summary['lists']}")
    return dict(summary)


def ebnerd(artifacts: Path) -> None:
    """Train on EB-NeRD and print a list."""
    train("ebnerd", artifacts)
    for story in Recommender.open(artifacts).related("9737535"):
        print(" ", story.rank, story.title, story.section, story.reason, story.score)


def globo(artifacts: Path) -> None:
    """Train on globo, and count items with reason `readers` under the day's most read articles."""
    train("globo", artifacts, "--now", GLOBO_NOW)
    most_read = duckdb.sql(
        f"""SELECT click_article_id::VARCHAR FROM '{DATA}/globo/clicks.parquet'
            WHERE click_timestamp >= epoch_ms(TIMESTAMP '2017-10-16')
              AND click_timestamp < epoch_ms(TIMESTAMP '2017-10-17')
            GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 10"""
    ).fetchall()
    served = Recommender.open(artifacts)
    by_readers = [
        sum(s.reason == "readers" and s.score is not None for s in served.related(article))
        for (article,) in most_read
    ]
    print(f"  items with reason readers in the first five of the ten most read: {by_readers}")


def newswire(artifacts: Path) -> None:
    """Train on texts alone, and print the share of the first five in the source's own section."""
    train("newswire", artifacts)
    served = Recommender.open(artifacts)
    with gzip.open(DATA / "newswire/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    section = {article["id"]: article["section"] for article in articles}
    hits, slots = Counter[str](), Counter[str]()
    for article in articles:
        if article["section"]:
            found = served.related_ids(article["id"], 5)
            hits[article["source"]] += sum(section[i] == article["section"] for i in found)
            slots[article["source"]] += 5
    for source, count in sorted(slots.items()):
        print(f"  {source}: {hits[source] / count:.4f} of the first five in the source's section")


LOOKUP = """
import sys, time
begun = time.perf_counter()
from recommender import Recommender
imported = time.perf_counter()
Recommender.open(sys.argv[1]).related("9737535", 5)
done = time.perf_counter()
print(f"import {(imported - begun) * 1e3:.1f} ms", end=", ")
print(f"open and first list {(done - imported) * 1e3:.1f} ms")
"""


def lookup(artifacts: Path) -> None:
    """Time import, open and the first list on the EB-NeRD version, in a process of its own."""
    train("ebnerd", artifacts)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", LOOKUP, str(artifacts)], check=True)


if __name__ == "__main__":
    works = {work.__name__: work for work in (ebnerd, globo, newswire, lookup)}
    for name in sys.argv[1:] or works:
        with tempfile.TemporaryDirectory() as folder:
            works[name](Path(folder))
