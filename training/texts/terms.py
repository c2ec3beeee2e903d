"""From articles to TF-IDF vectors: the terms of a text, their counts, their weights."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import regex
from joblib import Parallel, delayed
from scipy.sparse import csr_array, vstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize

from training.config import TextsConfig
from training.records import Articles, Int32
from training.storage import pack_strings, unpack_strings
from training.texts.clean import clean

Vectors: TypeAlias = "csr_array[np.float32, tuple[int, int]]"
"""Texts as rows of weights over the vocabulary."""

FIELDS: Final = ("title", "body", "section", "tags")

_BLOCK: Final = 2048
"""Articles counted at a time, whatever the number of jobs: the result must not depend on it."""

_WORTH_PROCESSES: Final = 10_000_000
"""Characters of text from which counting in other processes pays for starting them."""

_IDF_POWER: Final = 0.75
"""A cosine multiplies the idf of a shared term by itself, which makes too much of rare words."""

_COMMON: Final = 0.15
_MANY: Final = 1000
"""Among this many articles, a term in more than this share of them carries no weight: it tells
little and costs most of the time that comparing takes."""

_URL: Final = re.compile(r"(?:https?://|www\.)[!-~]+")
_ASCII_WORD: Final = re.compile(r"[a-z]{2,}")
_ARABIC_OPTIONAL: Final = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8]+")
"""Tatweel and the marks that most Arabic texts are written without."""

_UNSPACED: Final = (
    r"\p{Han}",
    r"\p{Hiragana}",
    r"[\p{Katakana}\u30fc]",
    r"\p{Hangul}",
    r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]",
)
_RUN: Final = regex.compile("|".join(f"{script}+" for script in _UNSPACED), regex.V1)
_WORD: Final = regex.compile(
    rf"[\p{{L}}--[{''.join(_UNSPACED)}]][[\p{{L}}\p{{M}}]--[{''.join(_UNSPACED)}]]+", regex.V1
)


def terms_of(text: str) -> list[str]:
    r"""Give the terms of a text, in no particular order, each as often as it occurs.

    Words of two letters or more where the script puts spaces between them; where it does not,
    and for Korean with its endings, the character 2-grams of each run of one script. Numbers
    and addresses (URLs) are no terms. The text is cleaned first.

    Examples
    --------
    >>> terms_of("The <b>Seoul</b> summit of 2024: 정상회담 in 서울")
    ['the', 'seoul', 'summit', 'of', 'in', '정상', '상회', '회담', '서울']
    """
    text = _URL.sub(" ", clean(text))
    if text.isascii():
        return _ASCII_WORD.findall(text)
    text = _ARABIC_OPTIONAL.sub("", text)
    words: list[str] = _WORD.findall(text)
    return [*words, *chain.from_iterable(map(_grams, _RUN.findall(text)))]


def _grams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(max(len(run) - 1, 1))]


@dataclass(frozen=True)
class Texts:
    """The vectors of all articles, and what the weights of their terms came from.

    Attributes
    ----------
    vocabulary : every term of the articles, ascending.
    frequencies : int32[v], articles in which each term stands.
    documents : number of articles counted.
    vectors : float32 csr [n, v], one row per article, of length 1 (0 without text), indices
        ascending.
    """

    vocabulary: Sequence[str]
    frequencies: Int32
    documents: int
    vectors: Vectors

    @classmethod
    def empty(cls, n_rows: int = 0) -> Self:
        """Give the texts of rows that have none."""
        return cls([], np.zeros(0, np.int32), 0, _no_terms(n_rows))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give the texts as plain arrays; `from_arrays` reads them back."""
        vocabulary, ends = pack_strings(self.vocabulary)
        return {
            "vocabulary": vocabulary,
            "vocabulary_ends": ends,
            "frequencies": self.frequencies,
            "documents": np.array([self.documents], np.int64),
            "starts": self.vectors.indptr.astype(np.int64),
            "terms": self.vectors.indices.astype(np.int32),
            "weights": self.vectors.data,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Rebuild the texts from what `arrays` gave."""
        vocabulary = unpack_strings(arrays["vocabulary"], arrays["vocabulary_ends"])
        starts = arrays["starts"]
        vectors = csr_array(
            (arrays["weights"], arrays["terms"], starts), shape=(len(starts) - 1, len(vocabulary))
        )
        return cls(vocabulary, arrays["frequencies"], int(arrays["documents"][0]), vectors)


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
        Processes to count with; the result is the same bytes for any number.

    Returns
    -------
    Texts
    """
    vocabulary, counts = _counted(articles, config, jobs)
    if not vocabulary:
        return Texts.empty(n_rows)
    frequencies = np.bincount(counts.indices, minlength=len(vocabulary)).astype(np.int32)
    idf = TfidfTransformer().fit(counts).idf_ ** _IDF_POWER
    if len(articles) >= _MANY:
        idf[frequencies > _COMMON * len(articles)] = 0
    tf = np.minimum(counts.data, 1) + np.log(np.maximum(counts.data, 1))
    counts.data = tf * idf[counts.indices].astype(np.float32)
    counts.eliminate_zeros()
    vectors = normalize(_heaviest(counts, config.max_terms), copy=False)
    return Texts(vocabulary, frequencies, len(articles), _placed(vectors, rows, n_rows))


def _counted(articles: Articles, config: TextsConfig, jobs: int) -> tuple[list[str], Vectors]:
    """Count all terms: the vocabulary, ascending, and float32 [len(articles), v] counts."""
    weights = {name: getattr(config, name) for name in FIELDS if getattr(config, name) > 0}
    texts = [getattr(articles, name) for name in weights]
    size = sum(len(text) for field in texts for text in field)
    counted = Parallel(n_jobs=jobs if size >= _WORTH_PROCESSES else 1)(
        delayed(_count)([field[at : at + _BLOCK] for field in texts], list(weights.values()))
        for at in range(0, len(articles), _BLOCK)
    )
    vocabulary = sorted(set(chain.from_iterable(terms for terms, _ in counted)))
    if not vocabulary:
        return [], _no_terms(len(articles))
    column = {term: number for number, term in enumerate(vocabulary)}
    for terms, counts in counted:
        counts.indices = np.array([column[term] for term in terms], np.int32)[counts.indices]
        counts.resize(counts.shape[0], len(vocabulary))
    return vocabulary, vstack([counts for _, counts in counted], format="csr")


def _count(texts: Sequence[Sequence[str]], weights: Sequence[float]) -> tuple[list[str], Vectors]:
    """Count the terms of a block of articles, its fields one after the other in `texts`."""
    terms = [terms_of(text) for text in chain.from_iterable(texts)]
    size = len(texts[0]) if texts else 0
    if not any(terms):
        return [], _no_terms(size)
    counter = CountVectorizer(analyzer=_as_given, dtype=np.float32)
    stacked = csr_array(counter.fit_transform(terms))
    counts = sum(
        (
            stacked[at * size : (at + 1) * size] * np.float32(weight)
            for at, weight in enumerate(weights)
        ),
        start=csr_array((size, stacked.shape[1]), dtype=np.float32),
    )
    counts.sort_indices()
    return counter.get_feature_names_out().tolist(), counts


def _no_terms(n: int) -> Vectors:
    return csr_array(np.zeros((n, 0), np.float32))


def _as_given(terms: list[str]) -> list[str]:
    return terms


def _heaviest(vectors: Vectors, most: int) -> Vectors:
    """Keep the heaviest terms of each row, of equal ones the first."""
    lengths = np.diff(vectors.indptr)
    row = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((-vectors.data, row))
    rank = np.arange(len(row)) - np.repeat(vectors.indptr[:-1], lengths)
    kept = np.sort(order[rank < most])
    starts = np.concatenate([[0], np.cumsum(np.minimum(lengths, most))])
    return csr_array((vectors.data[kept], vectors.indices[kept], starts), vectors.shape)


def _placed(vectors: Vectors, rows: Int32, n_rows: int) -> Vectors:
    """Put the vector of each article at its row."""
    lengths = np.zeros(n_rows, np.int64)
    lengths[rows] = np.diff(vectors.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ordered = vectors[np.argsort(rows)]
    return csr_array((ordered.data, ordered.indices, starts), (n_rows, vectors.shape[1]))
