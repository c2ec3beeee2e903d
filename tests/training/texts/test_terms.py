"""Terms, counts and weights, against scikit-learn's vectorizer and on small texts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, normalize

from training.config import TextsConfig
from training.errors import OutputError
from training.records import Articles
from training.texts import Texts, TextVectorizer, extend, learn, terms, terms_of

BODY_ONLY = {"title": 0.0, "body": 1.0, "section": 0.0, "tags": 0.0}


def articles(title: Sequence[str], body: Sequence[str] | None = None) -> Articles:
    named = Articles.with_ids([f"{i:05d}" for i in range(len(title))])
    return replace(named, title=title, body=body or named.body)


def random_bodies(n: int, seed: int = 0) -> list[str]:
    generator = np.random.default_rng(seed)
    words = [f"{a}{b}{c}ex" for a in "bcdfg" for b in "aeiou" for c in "klmnp"]
    return [" ".join(generator.choice(words, generator.integers(0, 40))) for _ in range(n)]


def same(a: Texts, b: Texts) -> bool:
    ours, theirs = a.arrays(), b.arrays()
    return list(ours) == list(theirs) and all(
        ours[k].dtype == theirs[k].dtype and ours[k].tobytes() == theirs[k].tobytes() for k in ours
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Bank's 24 rates, a 2nd rise", ["the", "bank", "rates", "nd", "rise"]),
        ("see https://example.org/a?b=c or www.example.org now", ["see", "or", "now"]),
        ("Öl für Zürich", ["öl", "für", "zürich"]),
        ("क्षेत्र हिन्दी", ["क्षेत्र", "हिन्दी"]),
        ("الْعَرَبِيَّةُ", ["العربية"]),
        ("العـــربية", ["العربية"]),
        ("태풍이 온다", ["태풍", "풍이", "온다"]),
        ("비", ["비"]),
        ("東京タワーへ行く", ["東", "京", "東京", "タワ", "ワー", "へ", "行", "く"]),
        ("https://example.org日本", ["日", "本", "日本"]),
        ("2024年 G7サミット", ["年", "サミ", "ミッ", "ット"]),
        ("서울 Seoul", ["seoul", "서울"]),
        ("๑๒๐ นาที", ["นา", "าท", "ที"]),
        ("12 345 — !", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert sorted(terms_of(text)) == sorted(expected)


def test_one_field_is_what_the_tfidf_vectorizer_gives() -> None:
    bodies = [*random_bodies(200), ""]
    config = TextsConfig(**BODY_ONLY, max_terms=4096)
    ours = learn(articles([""] * 201, bodies), np.arange(201, dtype=np.int32), 201, config, 1)
    reference = TfidfVectorizer(analyzer=terms_of, sublinear_tf=True, norm=None)
    expected = reference.fit_transform(bodies)
    expected.data *= reference.idf_[expected.indices] ** (0.75 - 1)
    expected = normalize(expected)
    assert list(ours.vocabulary) == reference.get_feature_names_out().tolist()
    np.testing.assert_allclose(ours.vectors.toarray(), expected.toarray(), rtol=2e-6, atol=1e-7)
    np.testing.assert_array_equal(ours.frequencies, (expected.toarray() > 0).sum(axis=0))
    assert ours.documents == 201
    assert ours.vectors.has_sorted_indices


def test_fields_count_with_their_weights() -> None:
    config = TextsConfig(title=3, body=1, section=0, tags=0)
    site = articles(["alpha", "other"], ["alpha beta beta", "other"])
    texts = learn(site, np.array([0, 1], np.int32), 2, config, 1)
    # All terms stand in one article, so idf cancels: alpha counts 3 + 1, beta 2.
    row = dict(zip(texts.vocabulary, texts.vectors[[0]].toarray()[0].tolist(), strict=True))
    assert row["alpha"] / row["beta"] == pytest.approx((1 + np.log(4)) / (1 + np.log(2)))
    assert row["other"] == 0


def test_a_field_of_small_weight_adds_a_small_weight() -> None:
    config = TextsConfig(title=0.25, body=1, section=0, tags=0)
    site = articles(["alpha"], ["beta"])
    texts = learn(site, np.array([0], np.int32), 1, config, 1)
    alpha, beta = texts.vectors.toarray()[0]
    assert alpha / beta == pytest.approx(0.25)


def test_the_heaviest_terms_are_kept_and_ties_go_to_the_first() -> None:
    config = TextsConfig(**BODY_ONLY, max_terms=2)
    site = articles(["", ""], ["cc bb aa aa", "dd"])
    texts = learn(site, np.array([0, 1], np.int32), 2, config, 1)
    kept = [list(texts.vocabulary)[i] for i in texts.vectors[[0]].indices]
    assert kept == ["aa", "bb"]
    assert np.linalg.norm(texts.vectors[[0]].data) == pytest.approx(1)
    assert list(texts.vocabulary) == ["aa", "bb", "cc", "dd"]


@pytest.mark.parametrize(
    ("n", "frequency", "weighs"),
    [(1000, 150, True), (1000, 151, False), (999, 499, True), (999, 500, False), (20, 20, True)],
)
def test_a_term_of_most_articles_has_no_weight(n: int, frequency: int, weighs: bool) -> None:
    words = [f"own{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    own = [words[i // 10] for i in range(n)]
    titles = [f"common {word}" if i < frequency else word for i, word in enumerate(own)]
    rows = np.arange(n, dtype=np.int32)
    texts = learn(articles(titles), rows, n, TextsConfig(), 1)
    assert texts.frequencies[0] == frequency
    assert next(iter(texts.vocabulary)) == "common"
    assert (texts.vectors[:, [0]].nnz > 0) == weighs


def test_vectors_are_at_the_rows_of_their_articles() -> None:
    site = articles(["one", "two", ""])
    texts = learn(site, np.array([3, 0, 1], np.int32), 5, TextsConfig(), 1)
    terms_by_row = [
        [list(texts.vocabulary)[i] for i in texts.vectors[[r]].indices] for r in range(5)
    ]
    assert terms_by_row == [["two"], [], [], ["one"], []]


@pytest.mark.parametrize("n", [0, 3])
def test_no_text_at_all(n: int) -> None:
    texts = learn(articles([""] * n), np.arange(n, dtype=np.int32), n, TextsConfig(), 1)
    assert texts.vectors.shape == (n, 0)
    assert same(texts, Texts.empty(n))
    assert same(Texts.from_arrays(texts.arrays()), texts)


def test_arrays_give_the_texts_back() -> None:
    site = articles(["Straße nach Süden", "東京タワー", ""])
    texts = learn(site, np.array([0, 1, 2], np.int32), 3, TextsConfig(), 1)
    again = Texts.from_arrays(texts.arrays())
    assert same(texts, again)
    assert list(again.vocabulary) == list(texts.vocabulary)
    assert (again.vectors != texts.vectors).nnz == 0


def test_any_number_of_jobs_and_any_chunk_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = articles(random_bodies(180, seed=1), [*random_bodies(179, seed=2), "Straße nach Süden"])
    rows = np.arange(180, dtype=np.int32)
    alone = learn(site, rows, 180, TextsConfig(), 1)
    assert same(alone, learn(site, rows, 180, TextsConfig(), 2))
    monkeypatch.setattr(terms, "_CHUNK_ARTICLES", 50)
    assert same(alone, learn(site, rows, 180, TextsConfig(), 1))


def test_inputs_are_not_modified() -> None:
    bodies = random_bodies(5)
    site, rows = articles(list(bodies)), np.arange(5, dtype=np.int32)[::-1].copy()
    before = rows.copy()
    learn(site, rows, 5, TextsConfig(), 1)
    assert list(site.title) == bodies
    np.testing.assert_array_equal(rows, before)
    assert isinstance(Texts.empty().vectors, csr_array)


def test_transform_gives_the_vectors_of_fit_transform() -> None:
    bodies = random_bodies(60, seed=4)
    vectorizer = TextVectorizer(max_terms=4096)
    vectors = vectorizer.fit_transform(bodies)
    assert (abs(vectorizer.transform([*bodies, "unknown words"])[:60] - vectors) > 1e-7).nnz == 0
    assert vectorizer.transform(["unknown words"]).nnz == 0
    assert vectorizer.get_feature_names_out().tolist() == list(vectorizer.vocabulary_)
    with pytest.raises(ValueError, match="not one text"):
        vectorizer.fit("one text")


def test_terms_without_weight_count_when_they_arrive_later() -> None:
    # "common" stands in every article and has no weight; "zebra" comes behind it in its row.
    words = [f"own{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    bodies = [f"common {words[i % 100]}" for i in range(1000)]
    later = ["common zebra", "yak common", "zebra"]
    vectorizer = TextVectorizer().fit(bodies)
    vectorizer.partial_fit_transform(later)
    of = dict(zip(vectorizer.vocabulary_, vectorizer.frequencies_.tolist(), strict=True))
    assert (of["common"], of["zebra"], of["yak"]) == (1002, 2, 1)

    one_by_one = TextVectorizer().fit(bodies)
    for body in later:
        one_by_one.partial_fit_transform([body])
    np.testing.assert_array_equal(one_by_one.frequencies_, vectorizer.frequencies_)


def test_another_vectorizer_can_be_used_but_not_saved() -> None:
    bodies = random_bodies(60, seed=4)
    site, rows, config = articles([""] * 60, bodies), np.arange(60, dtype=np.int32), TextsConfig()
    given = TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
    texts = learn(site, rows, 60, config, 1, vectorizer=given)
    expected = given.fit_transform(bodies).toarray()
    np.testing.assert_allclose(texts.vectors.toarray(), expected, atol=1e-6)
    more = articles([""], [bodies[3]])
    later = extend(texts, more, np.array([60], np.int32), 61, config)
    np.testing.assert_allclose(later.vectors.toarray()[60], expected[3], atol=1e-6)
    with pytest.raises(OutputError, match="those of a TfidfVectorizer, which a version cannot"):
        later.arrays()
    signed = make_pipeline(TfidfVectorizer(), FunctionTransformer(lambda x: -x))
    with pytest.raises(ValueError, match="negative weight"):
        learn(site, rows, 60, config, 1, vectorizer=signed)
