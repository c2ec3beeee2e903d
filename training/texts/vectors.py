"""The vectors of all articles: learned anew from all of them, or extended by some."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from training.config import TextsConfig
from training.errors import OutputError
from training.records import Articles, Int32, UInt64
from training.strings import StringArray
from training.texts.neighbours import Index, join_near_duplicates, near_duplicates
from training.texts.terms import FIELDS, Vectors, empty_vectors
from training.texts.vectorizer import TextVectorizer, normalise


@dataclass(frozen=True)
class Texts:
    """The vectors of all articles, and what the weights of their terms came from.

    Attributes
    ----------
    vocabulary, frequencies, documents, notices : as in `TextVectorizer`.
    index : the vectors, one row per article, of length 1 (0 without text).
    near_duplicate : int32[n], label of near-identical texts; see `neighbours.near_duplicates`.
    """

    vocabulary: Mapping[str, int]
    frequencies: Int32
    documents: int
    index: Index
    near_duplicate: Int32
    notices: UInt64 = field(default_factory=lambda: np.zeros(0, np.uint64))

    @property
    def vectors(self) -> Vectors:
        """float32 csr [n, v], those of `index`."""
        return self.index.vectors

    @classmethod
    def empty(cls, n_rows: int = 0) -> Self:
        """Return the texts of rows that have none."""
        labels = np.arange(n_rows, dtype=np.int32)
        return cls({}, np.zeros(0, np.int32), 0, Index(empty_vectors(n_rows)), labels)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the texts as plain arrays; `from_arrays` reads them back."""
        vocabulary = StringArray.of(list(self.vocabulary))
        arrays: dict[str, npt.NDArray[Any]] = {
            "vocabulary": vocabulary.blob,
            "vocabulary_ends": vocabulary.ends,
            "frequencies": self.frequencies,
            "documents": np.array([self.documents], np.int64),
            "starts": self.vectors.indptr.astype(np.int64),
            "terms": self.vectors.indices.astype(np.int32),
            "weights": self.vectors.data,
            "twin": self.near_duplicate,
        }
        return {**arrays, "notices": self.notices} if len(self.notices) else arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Rebuild the texts from the arrays of `arrays`."""
        vocabulary = list(StringArray(arrays["vocabulary"], arrays["vocabulary_ends"]))
        starts = arrays["starts"]
        vectors = csr_array(
            (arrays["weights"], arrays["terms"], starts), shape=(len(starts) - 1, len(vocabulary))
        )
        documents = int(arrays["documents"][0])
        numbers = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        notices = arrays.get("notices", np.zeros(0, np.uint64))
        return cls(
            numbers, arrays["frequencies"], documents, Index(vectors), arrays["twin"], notices
        )

    def vectorize(
        self, articles: Articles, config: TextsConfig
    ) -> tuple[Vectors, Mapping[str, int], Int32, int]:
        """Return the vectors of arriving articles, and vocabulary, frequencies, documents then."""
        vectorizer = TextVectorizer.from_config(config)
        vectorizer.vocabulary_, vectorizer.frequencies_ = self.vocabulary, self.frequencies
        vectorizer.documents_, vectorizer.notices_ = self.documents, self.notices
        vectors = vectorizer.partial_fit_transform(articles)
        return vectors, vectorizer.vocabulary_, vectorizer.frequencies_, vectorizer.documents_


@dataclass(frozen=True)
class ForeignTexts(Texts):
    """Texts of another vectorizer, in the replay and the notebook only: no version holds them."""

    vectorizer: Any = None

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Refuse: what the vectors came from would have to be pickled.

        Raises
        ------
        OutputError
        """
        raise OutputError(
            f"the texts are those of a {type(self.vectorizer).__name__}, which a version "
            "cannot store: nothing is pickled. Use it only in the replay or a notebook"
        )

    def vectorize(
        self,
        articles: Articles,
        config: TextsConfig,  # noqa: ARG002 - as above
    ) -> tuple[Vectors, Mapping[str, int], Int32, int]:
        """Return the vectors of arriving articles, and what stays as it was fitted."""
        vectors = _unit_vectors(self.vectorizer.transform(_documents(articles)))
        return vectors, self.vocabulary, self.frequencies, self.documents


def learn(
    articles: Articles,
    rows: Int32,
    n_rows: int,
    config: TextsConfig,
    jobs: int,
    vectorizer: object | None = None,
) -> Texts:
    """Learn the vectors anew from all articles.

    Parameters
    ----------
    articles : Articles
        Not modified.
    rows : int32[len(articles)]
        The row of each article, distinct.
    n_rows : int
        Rows of the result; those without an article have no text.
    config : TextsConfig
        The fields' weights; `max_terms`; `near_identical`.
    jobs : int
        Threads; the result is the same bytes for any number.
    vectorizer : optional
        Of scikit-learn's protocol, in the place of `TextVectorizer`: a clone is fitted on each
        article's fields, joined by line breaks. Weights must not be negative.

    Returns
    -------
    Texts
    """
    if vectorizer is not None:
        return _learn_foreign(vectorizer, articles, rows, n_rows, config, jobs)
    ours = TextVectorizer.from_config(config, jobs)
    vectors = _place_rows(ours.fit_transform(articles), rows, n_rows)
    if not ours.vocabulary_:
        return Texts.empty(n_rows)
    labels = near_duplicates(vectors, config.near_identical, jobs)
    return Texts(
        ours.vocabulary_, ours.frequencies_, ours.documents_, Index(vectors), labels, ours.notices_
    )


def extend(
    texts: Texts, articles: Articles, rows: Int32, n_rows: int, config: TextsConfig
) -> Texts:
    """Add the vectors of new or changed articles; the others stay as they are.

    Extending by some articles and then by others is extending by all of them in that order,
    exactly; see `TextVectorizer.partial_fit_transform`.

    Parameters
    ----------
    texts : Texts
        Not modified.
    articles : Articles
        In the order in which they arrived.
    rows : int32[len(articles)]
        The row of each, distinct; a row that has a vector gets another.
    n_rows : int
        Rows of the result.
    config : TextsConfig
        As for `learn`.

    Returns
    -------
    Texts
    """
    if not len(articles) and n_rows == texts.vectors.shape[0]:
        return texts
    added, vocabulary, frequencies, documents = texts.vectorize(articles, config)
    index = Index(_replace_rows(texts.vectors, added, rows, n_rows))
    labels = join_near_duplicates(texts.near_duplicate, index, rows, config.near_identical)
    return replace(
        texts,
        vocabulary=vocabulary,
        frequencies=frequencies,
        documents=documents,
        index=index,
        near_duplicate=labels,
    )


def _learn_foreign(
    vectorizer: object,
    articles: Articles,
    rows: Int32,
    n_rows: int,
    config: TextsConfig,
    jobs: int,
) -> Texts:
    from sklearn.base import clone

    fitted = clone(vectorizer)
    vectors = _place_rows(_unit_vectors(fitted.fit_transform(_documents(articles))), rows, n_rows)
    labels = near_duplicates(vectors, config.near_identical, jobs)
    columns = vectors.shape[1]
    vocabulary = {f"column {number}": number for number in range(columns)}
    frequencies = np.bincount(vectors.indices, minlength=columns).astype(np.int32)
    return ForeignTexts(
        vocabulary, frequencies, len(articles), Index(vectors), labels, vectorizer=fitted
    )


def _documents(articles: Articles) -> list[str]:
    """Join the fields of each article."""
    fields = (getattr(articles, name) for name in FIELDS)
    return ["\n".join(filter(None, texts)) for texts in zip(*fields, strict=True)]


def _unit_vectors(vectors: Any) -> Vectors:  # noqa: ANN401 - whatever a vectorizer returns
    """Return another vectorizer's rows as our kernels need them: length 1, columns ascending.

    Raises
    ------
    ValueError
        If a weight is negative.
    """
    rows: Vectors = csr_array(vectors, dtype=np.float32)
    rows.eliminate_zeros()
    rows.sort_indices()
    if (rows.data < 0).any():
        raise ValueError("a vector has a negative weight: neighbours are searched among others")
    return normalise(rows)


def _place_rows(vectors: Vectors, rows: Int32, n_rows: int) -> Vectors:
    """Put the vector of each article at its row."""
    lengths = np.zeros(n_rows, np.int64)
    lengths[rows] = np.diff(vectors.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ordered = vectors[np.argsort(rows)]
    return csr_array((ordered.data, ordered.indices, starts), (n_rows, vectors.shape[1]))


def _replace_rows(vectors: Vectors, added: Vectors, rows: Int32, n_rows: int) -> Vectors:
    """Put added vectors at their rows; the entries of the other rows are copied in runs."""
    lengths = np.zeros(n_rows, np.int64)
    lengths[: vectors.shape[0]] = np.diff(vectors.indptr)
    lengths[rows] = np.diff(added.indptr)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    terms, weights = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.float32)

    def copy(source: Vectors, first: int, end: int, to: int) -> None:
        part = slice(*source.indptr[[first, end]])
        there = slice(ends[to], ends[to] + part.stop - part.start)
        terms[there], weights[there] = source.indices[part], source.data[part]

    start = 0
    for row in sorted(rows.tolist()):
        if start < min(row, vectors.shape[0]):
            copy(vectors, start, min(row, vectors.shape[0]), start)
        start = row + 1
    if start < vectors.shape[0]:
        copy(vectors, start, vectors.shape[0], start)
    for place, row in enumerate(rows.tolist()):
        copy(added, place, place + 1, row)
    return csr_array((weights, terms, ends), (n_rows, added.shape[1]))
