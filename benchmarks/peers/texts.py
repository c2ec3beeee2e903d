"""Texts as a user of scikit-learn would read and weight them."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.speed.exact import Similarity, product


def texts(path: Path) -> list[str]:
    """Read titles and bodies from JSON Lines, or titles from a table, in the file's order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            articles = map(json.loads, lines)
            return [f"{article['title']}\n{article['body']}" for article in articles]
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["slug_words"] for row in table]


def tfidf(path: Path) -> csr_matrix:
    """Weight all terms by scikit-learn's default TF-IDF."""
    return csr_matrix(TfidfVectorizer(dtype=np.float32).fit_transform(texts(path)))


def similarity(path: Path) -> Similarity:
    """Compare by cosine over all terms."""
    return product(tfidf(path))
