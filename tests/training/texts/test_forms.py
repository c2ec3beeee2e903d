"""All written forms of a word are one term; what is not a word has no weight."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from training.config import TextsConfig
from training.records import Articles
from training.texts import Texts, extend, learn, neighbours, terms_of


def site(bodies: Sequence[str]) -> Articles:
    return replace(Articles.with_ids([f"{i:04d}" for i in range(len(bodies))]), body=bodies)


def texts(bodies: Sequence[str]) -> Texts:
    rows = np.arange(len(bodies), dtype=np.int32)
    return learn(site(bodies), rows, len(bodies), TextsConfig(), 1)


def weighed(found: Texts, row: int) -> set[str]:
    return {list(found.vocabulary)[i] for i in found.vectors[[row]].indices}


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        (unicodedata.normalize("NFD", "Überschwemmung café"), "überschwemmung café"),
        (unicodedata.normalize("NFD", "대통령 선거"), "대통령 선거"),
        (unicodedata.normalize("NFD", "がんのワクチン"), "がんのワクチン"),
        ("ＦＵＬＬ Ｗｉｄｔｈ", "full width"),
        ("ﾜｸﾁﾝ", "ワクチン"),
        ("eﬃcient ﬁnance ﬂood", "efficient finance flood"),
        ("Hoch\u00adwasser\u00adschutz", "hochwasserschutz"),
        ("zero\u200dwidth join\u200cer", "zerowidth joiner"),
        ("GROSSE STRAẞE", "große straße"),
        ("&Uuml;berschwemmung &amp; Fl&#252;sse", "überschwemmung flüsse"),
        ("İSTANBUL İdman", "i̇stanbul i̇dman"),
        ("الِانْتِخَابَاتُ", "الانتخابات"),
        ("الانتخـــابات", "الانتخابات"),
        ("ﺍﻟﺒﻨﻚ", "البنك"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_one_word_in_two_forms(form: str, plain: str) -> None:
    assert terms_of(form) == terms_of(plain) != []


@pytest.mark.parametrize(
    "addition",
    [
        " 2,024.50 – 1 000 – 50% ",
        " https://example.org/news/2026/flood-in-kelby?utm_source=feed#top ",
        " www.example.org/flood ",
        " 12:30 –  ٢٠٢٦ ２０２６ ๒๕๖๙ ½ ",
        "<img src='flood.jpg' alt=''><!-- flood -->",
    ],
)
def test_numbers_and_urls_have_no_weight(addition: str) -> None:
    plain = ["the river rose", "the bank fell", "the vote was close"]
    ours, expected = texts([body + addition for body in plain]), texts(plain)
    assert ours.vocabulary == expected.vocabulary
    assert (ours.vectors != expected.vectors).nnz == 0


def test_boilerplate_changes_no_neighbour() -> None:
    boilerplate = "Subscribe to our newsletter, follow us and read more about our terms of use."
    generator = np.random.default_rng(0)
    words = [f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in "klmnp"]
    own = [" ".join(generator.choice(words, 12)) for _ in range(200)]
    with_it, without = texts([f"{body}. {boilerplate}" for body in own]), texts(own)
    for row in (0, 199):
        assert weighed(with_it, row) == weighed(without, row)
    nearest = [neighbours(found.vectors, 6, 1)[0] for found in (with_it, without)]
    np.testing.assert_array_equal(*nearest)


def test_boilerplate_has_no_weight_in_articles_that_arrive_later() -> None:
    before = texts([f"article{chr(97 + i % 26)} boilerplate" for i in range(100)])
    later = extend(
        before, site(["fresh boilerplate"]), np.array([100], np.int32), 101, TextsConfig()
    )
    assert weighed(later, 100) == {"fresh"}


@pytest.mark.parametrize("n", [1, 2, 20])
def test_among_few_articles_every_word_counts(n: int) -> None:
    assert weighed(texts(["flood defences"] * n), 0) == {"flood", "defences"}


def test_short_texts_match_by_compounds_and_inflected_words() -> None:
    words = {
        "Hochwasserschutz für Kelten": "Hochwassergebiet im Süden",
        "Seçmenlerin oyları": "Seçmenlere göre oylar",
        "Избиратели голосуют": "Избирателей просят голосовать",
        "الناخبون ينتظرون": "للناخبين انتظار",
    }
    for one, other in words.items():
        assert not set(terms_of(one)) & set(terms_of(other))
        found = texts([one, other])
        assert (found.vectors[[0]] @ found.vectors[[1]].T).toarray()[0, 0] > 0.05, one


@pytest.mark.parametrize(
    "body",
    [
        "Elections in Kelby: the candidates and their campaigns",
        "One café, " + "and the candidates debated in town " * 6,
        "Überschwemmungen im Süden " * 30,
    ],
    ids=["English", "English with a foreign word", "long"],
)
def test_other_texts_have_whole_words_only(body: str) -> None:
    assert set(texts([body]).vocabulary) == set(terms_of(body))


def test_subwords_count_across_the_fields_of_an_article() -> None:
    ascii_title = replace(site(["Wähler für Süden"]), title=["Landtagswahl"])
    found = learn(ascii_title, np.array([0], np.int32), 1, TextsConfig(), 1)
    assert {"landtagswahl", "wahl", "wähler", "ähle"} <= set(found.vocabulary)
