"""From counts to vectors: TF-IDF weights, made anew over all articles or carried on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from training import kernels
from training.config import TextsConfig
from training.records import Articles, Float32, Int32, Int64
from training.strings import StringArray
from training.texts.neighbours import Index, join_near_duplicates, near_duplicates
from training.texts.terms import Vectors, counted, no_terms

_IDF_POWER: Final = 0.75
"""A cosine multiplies the idf of a shared term by itself, which makes too much of rare words."""

_COMMON: Final = 0.15
_MANY: Final = 1000
"""Among this many articles, a term in more than this share of them carries no weight: it tells
little and costs most of the time that comparing takes."""

_EVERYWHERE: Final = 10_000
"""However many articles there are, a term in more than this many of them carries none: comparing
would take time by the square of the articles."""

_MOST: Final = 0.5
_FEW: Final = 20
"""Among fewer, one in more than half of them, and in more than a few, carries none: it is
boilerplate, or a word that stands everywhere."""


@dataclass(frozen=True)
class Texts:
    """The vectors of all articles, and what the weights of their terms came from.

    Attributes
    ----------
    vocabulary : the number of each term, from 0 in this order: ascending after `learn`, what came
        later behind.
    frequencies : int32[v], articles in which each term stands.
    documents : number of articles counted.
    index : the vectors, one row per article, of length 1 (0 without text).
    near_duplicate : int32[n], label of near-identical texts; see `neighbours.near_duplicates`.
    """

    vocabulary: Mapping[str, int]
    frequencies: Int32
    documents: int
    index: Index
    near_duplicate: Int32

    @property
    def vectors(self) -> Vectors:
        """float32 csr [n, v], those of `index`."""
        return self.index.vectors

    @classmethod
    def empty(cls, n_rows: int = 0) -> Self:
        """Give the texts of rows that have none."""
        alone = np.arange(n_rows, dtype=np.int32)
        return cls({}, np.zeros(0, np.int32), 0, Index(no_terms(n_rows)), alone)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give the texts as plain arrays; `from_arrays` reads them back."""
        vocabulary = StringArray.of(list(self.vocabulary))
        return {
            "vocabulary": vocabulary.blob,
            "vocabulary_ends": vocabulary.ends,
            "frequencies": self.frequencies,
            "documents": np.array([self.documents], np.int64),
            "starts": self.vectors.indptr.astype(np.int64),
            "terms": self.vectors.indices.astype(np.int32),
            "weights": self.vectors.data,
            "twin": self.near_duplicate,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Rebuild the texts from what `arrays` gave."""
        vocabulary = list(StringArray(arrays["vocabulary"], arrays["vocabulary_ends"]))
        starts = arrays["starts"]
        vectors = csr_array(
            (arrays["weights"], arrays["terms"], starts), shape=(len(starts) - 1, len(vocabulary))
        )
        documents = int(arrays["documents"][0])
        numbers = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        return cls(numbers, arrays["frequencies"], documents, Index(vectors), arrays["twin"])


def learn(articles: Articles, rows: Int32, n_rows: int, config: TextsConfig, jobs: int) -> Texts:
    """Make the texts anew over all articles.

    A term that stands c times in an article, each time counted with its field's weight, weighs
    tf(c) × idf^0.75 there, where tf(c) = 1 + log c (c itself below 1, which meets it smoothly)
    and idf = 1 + log((1 + documents) / (1 + frequency)); vectors have length 1.

    Parameters
    ----------
    articles : Articles
        Not modified.
    rows : int32[len(articles)]
        The row of each article, distinct.
    n_rows : int
        Rows of the result; those without an article have no text.
    config : TextsConfig
        The fields' weights; `max_terms`.
    jobs : int
        Threads; the result is the same bytes for any number.

    Returns
    -------
    Texts
    """
    vocabulary, counts = counted(articles, config, jobs)
    if not vocabulary:
        return Texts.empty(n_rows)
    frequencies = np.bincount(counts.indices, minlength=len(vocabulary)).astype(np.int32)
    weighed = _weighed(counts, _idf(frequencies, len(articles))[counts.indices])
    vectors = _placed(_unit(_heaviest(weighed, config.max_terms)), rows, n_rows)
    labels = near_duplicates(vectors, config.near_identical, jobs)
    numbers = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
    return Texts(numbers, frequencies, len(articles), Index(vectors), labels)


def extend(
    texts: Texts, articles: Articles, rows: Int32, n_rows: int, config: TextsConfig
) -> Texts:
    """Carry the texts on with articles that are new or changed, the others as they are.

    An article is weighed with the frequencies known when it arrives, itself included, so that a
    word first seen in it counts fully, and nothing that comes later matters. Extending by some
    articles and then by others is extending by all of them in that order, exactly.

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
    terms, counts = counted(articles, config, 1)
    vocabulary, column = _grown(texts.vocabulary, terms, counts)
    counts = csr_array(
        (counts.data, column[counts.indices], counts.indptr), (len(articles), len(vocabulary))
    )
    counts.sort_indices()
    before = np.zeros(len(vocabulary), np.int32)
    before[: len(texts.frequencies)] = texts.frequencies
    place = np.repeat(np.arange(len(articles)), np.diff(counts.indptr))
    frequency = before[counts.indices] + _so_far(counts.indices)
    documents = texts.documents + 1 + place
    weighed = _weighed(counts, _idf(frequency, documents))
    added = _unit(_heaviest(weighed, config.max_terms))
    after = before + np.bincount(counts.indices, minlength=len(vocabulary)).astype(np.int32)
    index = Index(_replaced(texts.vectors, added, rows, n_rows))
    return Texts(
        vocabulary=vocabulary,
        frequencies=after,
        documents=texts.documents + len(articles),
        index=index,
        near_duplicate=join_near_duplicates(
            texts.near_duplicate, index, rows, config.near_identical
        ),
    )


def _unit(vectors: Vectors) -> Vectors:
    """Scale rows to length 1, in place; a row without terms stays."""
    lengths = np.diff(vectors.indptr)
    row = np.repeat(np.arange(len(lengths)), lengths)
    squares = vectors.data.astype(np.float64) ** 2
    norm = np.sqrt(np.bincount(row, squares, len(lengths)))
    vectors.data = (vectors.data / norm[row]).astype(np.float32)
    return vectors


def _grown(
    known: Mapping[str, int], terms: Sequence[str], counts: Vectors
) -> tuple[dict[str, int], npt.NDArray[np.int32]]:
    """Put new terms behind the known ones, as articles bring them; and where each term stands."""
    number = dict(known)
    first = np.full(len(terms), counts.shape[0])
    place = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    np.minimum.at(first, counts.indices, place)
    for at in np.lexsort((np.arange(len(terms)), first)).tolist():
        number.setdefault(terms[at], len(number))
    return number, np.array([number[term] for term in terms], np.int32)


def _so_far(columns: npt.NDArray[Any]) -> Int64:
    """How often each entry's value has stood in the array up to and including it."""
    order = np.argsort(columns, kind="stable")
    ordered = columns[order]
    rank = np.empty(len(columns), np.int64)
    rank[order] = np.arange(len(columns)) - np.searchsorted(ordered, ordered) + 1
    return rank


def _idf(frequency: Int32 | Int64, documents: Int64 | int) -> Float32:
    """Give what terms of these frequencies weigh among so many documents."""
    idf = (1 + np.log((1 + documents) / (1 + frequency))) ** _IDF_POWER
    share = np.where(np.asarray(documents) >= _MANY, _COMMON, _MOST)
    most = np.minimum(np.maximum(share * documents, _FEW), _EVERYWHERE)
    return np.asarray(np.where(frequency > most, 0, idf), np.float32)


def _weighed(counts: Vectors, idf: Float32) -> Vectors:
    """Weigh counts, given for each entry what its term weighs."""
    tf = np.minimum(counts.data, 1) + np.log(np.maximum(counts.data, 1))
    entries = tf * idf, counts.indices, counts.indptr
    weighed: Vectors = csr_array(entries, counts.shape, np.float32)
    weighed.eliminate_zeros()
    return weighed


def _replaced(vectors: Vectors, added: Vectors, rows: Int32, n_rows: int) -> Vectors:
    """Put added vectors at their rows, among the others, whose entries are copied as they lie."""
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


def _heaviest(vectors: Vectors, most: int) -> Vectors:
    """Keep the heaviest terms of each row, of equal ones the first."""
    ends, kept = kernels.terms.heaviest(vectors.indptr.astype(np.int64), vectors.data, most)
    return csr_array((vectors.data[kept], vectors.indices[kept], ends), vectors.shape)


def _placed(vectors: Vectors, rows: Int32, n_rows: int) -> Vectors:
    """Put the vector of each article at its row."""
    lengths = np.zeros(n_rows, np.int64)
    lengths[rows] = np.diff(vectors.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ordered = vectors[np.argsort(rows)]
    return csr_array((ordered.data, ordered.indices, starts), (n_rows, vectors.shape[1]))
