"""Function words have no weight on small sites, in the article's own language."""

from dataclasses import replace

import numpy as np
import pytest

from training.config import TextsConfig
from training.records import Articles
from training.texts import Texts, learn


def texts(titles: list[str]) -> Texts:
    articles = replace(Articles.with_ids([f"{i:05d}" for i in range(len(titles))]), title=titles)
    return learn(articles, np.arange(len(titles), dtype=np.int32), len(titles), TextsConfig(), 1)


def terms(found: Texts, row: int) -> set[str]:
    return {list(found.vocabulary)[i] for i in found.vectors[[row]].indices}


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("After the flood they are without a mayor", {"flood", "mayor"}),
        ("Die Flut und der Sturm nach dem Sommer", {"flut", "sturm", "sommer", "die"}),
        ("Two men and a hat die in the war", {"two", "men", "hat", "die", "war"}),
        ("Le maire est avec les pompiers à Nice", {"maire", "pompiers", "nice"}),
        ("El alcalde y las calles de la ciudad", {"alcalde", "calles", "ciudad"}),
        ("Война и мир после выборов", {"война", "мир", "выборов"}),
    ],
)
def test_words_that_name_something_stay(title: str, named: set[str]) -> None:
    others = [f"other {'abcdefghij'[i]}{'abcdefghij'[i]}" for i in range(10)]
    whole = {term for term in terms(texts([title, *others]), 0) if term in title.lower().split()}
    assert whole == named


def test_on_large_sites_frequencies_decide() -> None:
    titles = [f"after {'abcdefghij'[i % 10]}{'abcdefghij'[i // 100]}" for i in range(1000)]
    rare = ["flood after" if i == 0 else title[6:] for i, title in enumerate(titles)]
    assert terms(texts(rare), 0) == {"flood", "after"}
    assert terms(texts(rare[:999]), 0) == {"flood"}
