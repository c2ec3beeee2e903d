"""Quality of the main job's lists on real data; `benchmarks.speed` measures their cost.

python -m benchmarks.main_job [ebnerd] [globo] [newswire]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.speed.sections import FIRST, Labels
from benchmarks.speed.sites import GLOBO_END, HERE, Inputs, data
from recommender import Recommender


def train(name: str, artifacts: Path, now: str | None = None) -> None:
    """Train with the committed config, as a user would; print the outcome."""
    command = HERE.ymal("train", name, Inputs(None, None, now), artifacts)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    summary = json.loads(done.stdout)
    print(f"{name}: {summary['counts']}, model {summary['model']}, lists {summary['lists']}")


def ebnerd(artifacts: Path) -> None:
    """Train on EB-NeRD and print a list."""
    train("ebnerd", artifacts)
    for story in Recommender.open(artifacts).related("9737535"):
        print(" ", story.rank, story.title, story.section, story.reason, story.score)


def globo(artifacts: Path) -> None:
    """Train on globo, and count items with reason `readers` under the day's most read articles."""
    train("globo", artifacts, GLOBO_END)
    most_read = duckdb.sql(
        f"""SELECT click_article_id::VARCHAR FROM '{data("globo/clicks.parquet")}'
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
    labels = Labels.read(data("newswire/articles.jsonl.gz"))
    row = {article: place for place, article in enumerate(labels.ids)}
    rows = np.full((len(row), FIRST), -1)
    for article, place in row.items():
        found = [row[i] for i in served.related_ids(article, FIRST)]
        rows[place, : len(found)] = found
    for source, share in labels.shares(rows).items():
        print(f"  {source}: {share:.4f} of the first five in the source's section")


if __name__ == "__main__":
    works = {work.__name__: work for work in (ebnerd, globo, newswire)}
    for name in sys.argv[1:] or works:
        with tempfile.TemporaryDirectory() as folder:
            works[name](Path(folder))
