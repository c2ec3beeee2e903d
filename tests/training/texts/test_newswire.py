"""On real news texts, the nearest articles are mostly of the same section."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.config import TextsConfig
from training.records import Articles
from training.texts import learn, neighbours

FILE = Path(__file__).parents[3] / "../shared/data/newswire/articles.jsonl.gz"


@pytest.mark.realdata
@pytest.mark.skipif(not FILE.exists(), reason=f"no real data at {FILE}")
def test_the_five_nearest_are_of_the_same_section() -> None:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    n = len(read)
    site = replace(
        Articles.with_ids([article["id"] for article in read]),
        title=[article["title"] or "" for article in read],
        body=[article["body"] or "" for article in read],
    )
    rows = np.arange(n, dtype=np.int32)
    config = TextsConfig(title=3, body=1, section=0, tags=0, max_terms=128)
    vectors = learn(site, rows, n, config, 2).vectors
    found, _ = neighbours(vectors, 21, 2)

    names = np.array([article["section"] or "" for article in read])
    other = (found >= 0) & (found != rows[:, None])
    first_five = other & (np.cumsum(other, axis=1) <= 5)
    hits = (first_five & (names[found] == names[:, None])).sum(axis=1)
    source = np.array([article["source"] for article in read])
    for name, at_least in (("20newsgroups", 0.81), ("bbc", 0.81), ("reuters21578", 0.66)):
        assert hits[(source == name) & (names != "")].mean() / 5 >= at_least, name
