"""Quality of text similarity in ten languages: nearest texts of the same topic.

Run from the project's root:

    .venv/bin/python -m benchmarks.languages
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.config import TextsConfig
from training.records import Articles
from training.texts import learn, neighbours

SETS = Path(__file__).parents[1] / "tests/training/texts/labelled"
NEAREST = 3


def read(path: Path) -> tuple[Articles, list[str]]:
    """Read a labelled set: its texts as articles without section and tags, and their topics."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = replace(
        Articles.with_ids([str(i) for i in range(len(lines))]),
        title=[line["title"] for line in lines],
        body=[line["body"] for line in lines],
    )
    return articles, [line["topic"] for line in lines]


def same_topic(articles: Articles, topics: list[str]) -> float:
    """Return the mean share of each text's three nearest others that are of its topic.

    A neighbour that is missing, as where no term is shared, is not of the topic.
    """
    n = len(articles)
    rows = np.arange(n, dtype=np.int32)
    vectors = learn(articles, rows, n, TextsConfig(), 1).vectors
    found, _ = neighbours(vectors, NEAREST + 1, 1)
    other = (found >= 0) & (found != rows[:, None])
    other &= np.cumsum(other, axis=1) <= NEAREST
    own = np.array(topics)
    return float((other & (own[found] == own[:, None])).sum() / (n * NEAREST))


def main() -> None:
    """Print a row of the table for each language."""
    print("| language | same-topic@3 | by chance |\n|---|---|---|")
    for path in sorted(SETS.glob("*.jsonl")):
        articles, topics = read(path)
        chance = np.mean([(topics.count(topic) - 1) / (len(topics) - 1) for topic in topics])
        print(f"| {path.stem} | {same_topic(articles, topics):.3f} | {chance:.3f} |")


if __name__ == "__main__":
    main()
