"""In every language, a short text's nearest text is of its own topic, mostly."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.config import TextsConfig
from training.records import Articles
from training.texts import learn, neighbours

SETS = tomllib.loads(Path(__file__).with_name("multilingual.toml").read_text(encoding="utf-8"))
DIACRITICS = "\u064e\u064f\u0650\u0651\u0652"


def own_topic(sets: dict[str, list[str]]) -> float:
    """Give the share of texts whose nearest other text is of their topic."""
    bodies = [text for texts in sets.values() for text in texts]
    topics = np.repeat(np.arange(len(sets)), [len(texts) for texts in sets.values()])
    n = len(bodies)
    site = replace(Articles.named([str(i) for i in range(n)]), body=bodies)
    rows = np.arange(n, dtype=np.int32)
    vectors = learn(site, rows, n, TextsConfig(), 1).vectors
    found, _ = neighbours(vectors, vectors, 2, 1)
    nearest = np.where(found[:, 0] == rows, found[:, 1], found[:, 0])
    return float((topics[nearest] == topics)[nearest >= 0].sum() / n)


@pytest.mark.parametrize(
    ("language", "at_least"),
    [("korean", 0.9), ("japanese", 0.9), ("arabic", 0.9), ("german", 0.8), ("mixed", 0.9)],
)
def test_the_nearest_text_is_of_the_same_topic(language: str, at_least: float) -> None:
    assert own_topic(SETS[language]) >= at_least


def test_diacritics_of_arabic_change_nothing() -> None:
    generator = np.random.default_rng(0)

    def marked(text: str) -> str:
        return "".join(
            c + generator.choice(list(DIACRITICS)) if "\u0621" <= c <= "\u064a" else c for c in text
        )

    mixed = {
        topic: [marked(text) if i % 2 else text for i, text in enumerate(texts)]
        for topic, texts in SETS["arabic"].items()
    }
    assert own_topic(mixed) == own_topic(SETS["arabic"])


def test_both_languages_of_a_mixed_site_find_their_own() -> None:
    both = {topic: SETS["korean"][topic] + SETS["german"][topic] for topic in SETS["korean"]}
    assert own_topic(both) >= 0.85
