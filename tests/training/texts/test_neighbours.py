"""Neighbours, cosines and near-duplicates, each against a naive computation."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from training.texts import Index, cosines, near_duplicates, neighbours

MODULE = import_module("training.texts.neighbours")  # the package's name of it is the function


def random_vectors(n: int, seed: int) -> Any:
    generator = np.random.default_rng(seed)
    drawn = random_array((n, 60), density=0.1, rng=generator, dtype=np.float32)
    return normalize(csr_array(drawn))


def plain(vectors_a: Any, vectors_b: Any, k: int) -> tuple[list[list[int]], Any]:
    """Rank by falling cosine, then by row, from the dense product."""
    product = (vectors_a @ vectors_b.T).toarray()
    ranked = [
        [j for j in sorted(range(len(row)), key=lambda j, row=row: (-row[j], j)) if row[j] > 0][:k]
        for row in product
    ]
    return ranked, product


@pytest.mark.parametrize("jobs", [1, 2])
def test_neighbours_are_those_of_brute_force(jobs: int) -> None:
    a, b = random_vectors(150, 0), random_vectors(220, 1)
    rows, cosine = Index(b).nearest(a, 7, jobs)
    assert (rows.dtype, cosine.dtype, rows.shape) == (np.int32, np.float32, (150, 7))
    distance, found = (
        NearestNeighbors(n_neighbors=7, metric="cosine", algorithm="brute").fit(b).kneighbors(a)
    )
    np.testing.assert_allclose(cosine, 1 - distance, atol=1e-6)
    differ = rows != found
    assert differ.mean() < 0.02  # only where two are equally near
    np.testing.assert_array_equal(rows, [r + [-1] * (7 - len(r)) for r in plain(a, b, 7)[0]])


def test_ties_go_to_the_lower_row() -> None:
    texts = csr_array(np.eye(3, dtype=np.float32)[[0, 1, 0, 0, 1, 0, 0, 2]])
    rows, cosine = neighbours(texts, 3, 1)
    assert rows.tolist()[0] == [0, 2, 3]
    assert rows.tolist()[6] == [0, 2, 3]
    assert rows.tolist()[4] == [1, 4, -1]
    assert rows.tolist()[7] == [7, -1, -1]
    assert cosine.tolist()[4] == [1, 1, 0]


def test_threads_and_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = random_vectors(300, 2)
    vectors = csr_array(vectors[np.random.default_rng(3).integers(0, 300, 900)])  # many ties
    expected = neighbours(vectors, 5, 1)
    monkeypatch.setattr(MODULE, "_BLOCK_ROWS", 37)
    for jobs in (1, 2):
        for ours, theirs in zip(neighbours(vectors, 5, jobs), expected, strict=True):
            assert ours.tobytes() == theirs.tobytes()


def test_minimum_and_missing_texts() -> None:
    texts = normalize(csr_array(np.array([[1, 0], [1, 1], [0, 0]], np.float32)))
    rows, _ = neighbours(texts, 2, 1)
    assert rows.tolist() == [[0, 1], [1, 0], [-1, -1]]
    rows, _ = neighbours(texts, 2, 1, minimum=0.8)
    assert rows.tolist() == [[0, -1], [1, -1], [-1, -1]]
    for a, b in ((texts[:0], texts), (texts, texts[:0])):
        assert Index(b).nearest(a, 2, 1)[0].tolist() == [[-1, -1]] * a.shape[0]


def test_cosines_are_the_dense_product() -> None:
    vectors = random_vectors(80, 4)
    generator = np.random.default_rng(5)
    left, right = generator.integers(0, 80, (2, 5000), dtype=np.int32)
    ours = cosines(vectors, left, right)
    dense = vectors.toarray()
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, (dense[left] * dense[right]).sum(axis=1), atol=1e-6)


def test_cosines_are_those_of_neighbours_bit_by_bit_from_either_side() -> None:
    vectors = random_vectors(200, 6)
    rows, found = neighbours(vectors, 9, 2)
    left, place = np.nonzero(rows >= 0)
    right = rows[left, place]
    for pairs in ((left, right), (right, left)):
        assert (
            cosines(vectors, *(p.astype(np.int32) for p in pairs)).tolist()
            == found[left, place].tolist()
        )


@pytest.mark.parametrize("jobs", [1, 2])
def test_neighbours_are_those_of_the_index_bit_by_bit(jobs: int) -> None:
    vectors = random_vectors(300, 8)
    vectors = csr_array(vectors[np.random.default_rng(9).integers(0, 300, 900)])  # many ties
    for ours, theirs in zip(
        neighbours(vectors, 5, 2), Index(vectors).nearest(vectors, 5, jobs), strict=True
    ):
        assert ours.tobytes() == theirs.tobytes()


def test_only_rows_among_those_given_are_found() -> None:
    a, b = random_vectors(150, 10), random_vectors(220, 11)
    among = np.random.default_rng(12).random(220) < 0.3
    rows, cosine = Index(b).nearest(a, 7, 2, among=among)
    part, same = Index(csr_array(b[among])).nearest(a, 7, 1)
    np.testing.assert_array_equal(rows, np.where(part < 0, -1, np.flatnonzero(among)[part]))
    assert cosine.tobytes() == same.tobytes()
    for ours, theirs in zip(Index(b, among).nearest(a, 7, 1), (rows, cosine), strict=True):
        assert ours.tobytes() == theirs.tobytes()
    both = Index(b).nearest(a, 7, 2, among=np.stack([np.ones(220, np.bool_), among]))
    for ours, everywhere, there in zip(
        both, Index(b).nearest(a, 7, 1), (rows, cosine), strict=True
    ):
        assert ours.tobytes() == everywhere.tobytes() + there.tobytes()


def test_cosines_of_nothing() -> None:
    vectors = random_vectors(20, 6)
    left, right = np.random.default_rng(7).integers(0, 20, (2, 300), dtype=np.int32)
    assert len(cosines(vectors, left[:0], right[:0])) == 0
    assert cosines(csr_array((3, 0), dtype=np.float32), left % 3, right % 3).tolist() == [0] * 300


def test_near_duplicates_share_the_lowest_row() -> None:
    a, b = [3.0, 4.0, 0.0], [0.0, 3.0, 4.0]
    nearly = [3.1, 3.9, 0.0]
    vectors = normalize(csr_array(np.array([b, a, nearly, b, [0, 0, 0], a], np.float32)))
    assert near_duplicates(vectors, 0.95, 1).tolist() == [0, 1, 1, 0, 4, 1]
    assert near_duplicates(vectors, 1.0, 1).tolist() == [0, 1, 2, 0, 4, 1]
    assert near_duplicates(vectors, 0, 1).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_large_group_of_near_duplicates_is_one() -> None:
    vectors = csr_array(np.eye(2, dtype=np.float32)[[0, 1] * 500])
    assert near_duplicates(vectors, 0.9, 2).tolist() == [0, 1] * 500
