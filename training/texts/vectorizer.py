"""TF-IDF vectors of articles, an estimator in scikit-learn's sense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from training import kernels
from training.config import TextsConfig
from training.estimators import Estimator
from training.records import Articles, Float32, Int32, Int64, UInt64
from training.texts.boilerplate import find_notices
from training.texts.stop_words import are_stop_words
from training.texts.terms import Vectors, count_terms

if TYPE_CHECKING:
    from sklearn.utils import Tags

_IDF_POWER: Final = 0.75
"""A cosine multiplies the idf of a shared term by itself, which overrates rare words."""

_LARGE_COLLECTION: Final = 1000
_MAX_SHARE: Final = 0.15
"""Among this many articles, a term in more than this share of them has weight 0: it says little
and costs most of the time of comparing."""

_MAX_SHARE_IF_SMALL: Final = 0.5
_MIN_LIMIT_IF_SMALL: Final = 20
"""Among fewer articles, a term in more than half of them, and in more than 20, has weight 0. So
have the function words of the article's language, since rarer ones are in fewer."""

_MAX_FREQUENCY: Final = 10_000
"""However many articles there are, a term in more than this many has weight 0: the time of
comparing would grow with the square of the articles."""


@dataclass(kw_only=True, eq=False, repr=False)
class TextVectorizer(Estimator):
    """Articles to rows of TF-IDF weights, of length 1; 0 without terms.

    A term that occurs c times in an article, each time counted with its field's weight, has the
    weight tf(c) × idf^0.75, where tf(c) = 1 + log c (c itself below 1) and
    idf = 1 + log((1 + documents) / (1 + document frequency)). The heaviest `max_terms` of each
    article are kept.

    `X` is `Articles`, or a sequence of texts, which count as bodies.

    Parameters
    ----------
    title, body, section, tags : float
        Weight of a term in that field.
    max_terms : int
        Heaviest terms kept per article.
    jobs : int
        Threads; the result is the same for any number.

    Attributes
    ----------
    vocabulary_ : the number of each term, from 0 in this order: ascending after `fit`, later terms
        behind.
    frequencies_ : int32[v], articles that each term occurs in.
    documents_ : number of articles.
    notices_ : uint64[b], passages of bodies that are left out, as `find_notices` returns them.
    """

    title: float = 3.0
    body: float = 1.0
    section: float = 1.0
    tags: float = 2.0
    max_terms: int = 128
    jobs: int = 1
    vocabulary_: Mapping[str, int] = field(init=False)
    frequencies_: Int32 = field(init=False)
    documents_: int = field(init=False)
    notices_: UInt64 = field(init=False)

    @classmethod
    def from_config(cls, config: TextsConfig, jobs: int = 1) -> Self:
        """Return a vectorizer with the settings of `[texts]`."""
        settings = config.model_dump(include={"title", "body", "section", "tags", "max_terms"})
        return cls(**settings, jobs=jobs)

    def fit(self, X: Articles | Sequence[str], y: object = None) -> Self:  # noqa: N803
        """Learn the vocabulary and the document frequencies."""
        self.fit_transform(X, y)
        return self

    def fit_transform(
        self,
        X: Articles | Sequence[str],  # noqa: N803 - scikit-learn's name
        y: object = None,  # noqa: ARG002 - the protocol's
    ) -> Vectors:
        """Learn from articles and return their vectors: float32 csr [n, v]."""
        articles = _articles(X)
        self.notices_ = find_notices(articles) if self.body else np.zeros(0, np.uint64)
        terms, counts = self._count(articles)
        frequencies = np.bincount(counts.indices, minlength=len(terms)).astype(np.int32)
        self.vocabulary_ = dict(zip(terms, range(len(terms)), strict=True))
        self.frequencies_, self.documents_ = frequencies, counts.shape[0]
        idf = _idf(frequencies, self.documents_)[counts.indices]
        return self._weigh(counts, idf, self.documents_)

    def transform(self, X: Articles | Sequence[str]) -> Vectors:  # noqa: N803
        """Return the vectors of articles over the vocabulary that was learned."""
        self._check_is_fitted()
        terms, counts = self._count(X)
        number = np.array([self.vocabulary_.get(term, -1) for term in terms], np.int32)
        column = number[counts.indices]
        known = column >= 0
        ends = np.concatenate([[0], np.cumsum(known)])[counts.indptr]
        entries = counts.data[known], column[known], ends
        counts = csr_array(entries, (counts.shape[0], len(self.vocabulary_)))
        counts.sort_indices()
        idf = _idf(self.frequencies_, self.documents_)[counts.indices]
        return self._weigh(counts, idf, self.documents_)

    def partial_fit_transform(self, X: Articles | Sequence[str]) -> Vectors:  # noqa: N803
        """Learn from further articles, one after the other, and return their vectors.

        An article is weighed with the frequencies at its arrival, itself included, so a word first
        seen in it has its full weight, and later articles change nothing. Some articles and then
        others give exactly what all of them give in that order.
        """
        self._check_is_fitted()
        terms, counts = self._count(X)
        vocabulary, column = _extend_vocabulary(self.vocabulary_, terms, counts)
        shape = counts.shape[0], len(vocabulary)
        counts = csr_array((counts.data, column[counts.indices], counts.indptr), shape)
        counts.sort_indices()
        before = np.zeros(len(vocabulary), np.int32)
        before[: len(self.frequencies_)] = self.frequencies_
        row = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
        frequency = before[counts.indices] + _running_count(counts.indices)
        documents = self.documents_ + 1 + row
        added = np.bincount(counts.indices, minlength=len(vocabulary)).astype(np.int32)
        self.vocabulary_, self.frequencies_ = vocabulary, before + added
        vectors = self._weigh(counts, _idf(frequency, documents), documents)
        self.documents_ += shape[0]
        return vectors

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:  # noqa: ARG002
        """Return the terms by number."""
        self._check_is_fitted()
        return np.array(list(self.vocabulary_), dtype=object)

    def __sklearn_tags__(self) -> "Tags":
        """Describe the estimator to scikit-learn: a transformer of texts."""
        from sklearn.utils import TransformerTags

        tags = super().__sklearn_tags__()
        tags.transformer_tags = TransformerTags(preserves_dtype=[])
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    def _check_is_fitted(self) -> None:
        if not hasattr(self, "vocabulary_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit first")

    def _count(self, given: Articles | Sequence[str]) -> tuple[list[str], Vectors]:
        weights = {"title": self.title, "body": self.body, "section": self.section}
        weights["tags"] = self.tags
        return count_terms(_articles(given), weights, self.jobs, self.notices_)

    def _weigh(self, counts: Vectors, idf: Float32, documents: Int64 | int) -> Vectors:
        """Return vectors of length 1, given the idf of each entry and the articles at that time."""
        if np.min(documents, initial=_LARGE_COLLECTION) < _LARGE_COLLECTION:
            small = np.broadcast_to(documents < _LARGE_COLLECTION, idf.shape)
            idf = np.where(small & are_stop_words(self.vocabulary_, counts), 0, idf)
        tf = np.minimum(counts.data, 1) + np.log(np.maximum(counts.data, 1))
        # A copy: eliminate_zeros works in place, on arrays that `counts` would share.
        entries = tf * idf, counts.indices, counts.indptr
        weighted: Vectors = csr_array(entries, counts.shape, np.float32, copy=True)
        weighted.eliminate_zeros()
        indptr = weighted.indptr.astype(np.int64)
        indptr, kept = kernels.terms.heaviest(indptr, weighted.data, self.max_terms)
        heaviest = weighted.data[kept], weighted.indices[kept], indptr
        return normalise(csr_array(heaviest, weighted.shape))


def _articles(given: Articles | Sequence[str]) -> Articles:
    """Return articles; texts are bodies."""
    if isinstance(given, str):
        raise ValueError("X is a sequence of texts or Articles, not one text")  # noqa: TRY004
    if isinstance(given, Articles):
        return given
    texts = list(given)
    return replace(Articles.with_ids([""] * len(texts)), body=texts)


def normalise(vectors: Vectors) -> Vectors:
    """Scale rows to length 1, in place; a row without terms stays."""
    lengths = np.diff(vectors.indptr)
    row = np.repeat(np.arange(len(lengths)), lengths)
    squares = vectors.data.astype(np.float64) ** 2
    norm = np.sqrt(np.bincount(row, squares, len(lengths)))
    vectors.data = (vectors.data / norm[row]).astype(np.float32)
    return vectors


def _extend_vocabulary(
    known: Mapping[str, int], terms: Sequence[str], counts: Vectors
) -> tuple[dict[str, int], Int32]:
    """Number new terms behind the known ones, in the order of the articles that bring them.

    Returns the vocabulary, and the number of each of `terms`.
    """
    number = dict(known)
    first = np.full(len(terms), counts.shape[0])
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    np.minimum.at(first, counts.indices, row)
    for at in np.lexsort((np.arange(len(terms)), first)).tolist():
        number.setdefault(terms[at], len(number))
    return number, np.array([number[term] for term in terms], np.int32)


def _running_count(values: npt.NDArray[Any]) -> Int64:
    """Count how often each entry's value has occurred up to and including it."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    count = np.empty(len(values), np.int64)
    count[order] = np.arange(len(values)) - np.searchsorted(ordered, ordered) + 1
    return count


def _idf(frequency: Int32 | Int64, documents: Int64 | int) -> Float32:
    """Return the idf weight of terms with these document frequencies."""
    idf = (1 + np.log((1 + documents) / (1 + frequency))) ** _IDF_POWER
    share = np.where(np.asarray(documents) >= _LARGE_COLLECTION, _MAX_SHARE, _MAX_SHARE_IF_SMALL)
    limit = np.minimum(np.maximum(share * documents, _MIN_LIMIT_IF_SMALL), _MAX_FREQUENCY)
    return np.asarray(np.where(frequency > limit, 0, idf), np.float32)
