"""Tokenisation: the terms of a text, and their counts in articles."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Final, TypeAlias, TypeVar

import numpy as np
import regex
from scipy.sparse import csr_array

from training import kernels
from training.records import Articles, Bool, Float32, Int32, Int64, UInt64
from training.texts.clean import clean
from training.texts.folding import fold, without_optional_marks
from training.texts.words import Words, WordTable

T = TypeVar("T")

Vectors: TypeAlias = "csr_array[np.float32, tuple[int, int]]"
"""Texts as rows of weights over the vocabulary."""

FIELDS: Final = ("title", "body", "section", "tags")

_CHUNK_ARTICLES: Final = 2048
"""Articles counted at a time; the result does not depend on it."""

_MAX_SHORT_TERMS: Final = 64
"""An article of at most so many terms is short: its whole words match too few others."""

_MIN_NON_ASCII_SHARE: Final = 1 / 30
"""A text with a larger share of terms with other letters than a to z is not English."""

_NGRAM: Final = 4
"""Characters of the n-grams of inflected words."""

_URL: Final = re.compile(r"(?:https?://|www\.)[!-~]+")
_APOSTROPHE_LETTERS: Final = str.maketrans(dict.fromkeys("ʹʻʼ", "'"))
"""Letters that stand for an apostrophe, which separates words."""

_UNSPACED: Final = (
    r"\p{Han}",
    r"\p{Hiragana}",
    r"[\p{Katakana}\u30fc]",
    r"\p{Hangul}",
    r"[[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]--\p{N}]",
)
_HAN: Final = regex.compile(r"\p{Han}")
_RUN: Final = regex.compile("|".join(f"{script}+" for script in _UNSPACED), regex.V1)
_WORD: Final = regex.compile(
    rf"[\p{{L}}--[{''.join(_UNSPACED)}]][[\p{{L}}\p{{M}}]--[{''.join(_UNSPACED)}]]+", regex.V1
)


def terms_of(text: str) -> list[str]:
    r"""Return the terms of a text, in no particular order, each as often as it occurs.

    Terms are words of at least two letters in scripts that separate words by spaces. In other
    scripts, and in Korean, they are the character 2-grams of each run of one script, and for Han
    each character too. Numbers and URLs are not terms. The text is cleaned first, and words are
    folded: a word's written forms are one term.

    Examples
    --------
    >>> terms_of("The <b>Seoul</b> summit of 2024: 정상회담 in 서울")
    ['the', 'seoul', 'summit', 'of', '정상', '상회', '회담', 'in', '서울']
    >>> terms_of("大学で")
    ['大', '学', '大学', 'で']
    """
    words = WordTable()
    numbers = words.split([clean_without_urls(text)]).numbers
    spelled = words.since(0)
    return [fold(form) for number in numbers.tolist() for form in _word_forms(spelled[number])]


def clean_without_urls(text: str) -> str:
    """Clean a text, and remove URLs."""
    text = clean(text)
    return _URL.sub(" ", text) if "://" in text or "www." in text else text


def _word_forms(word: str) -> list[str]:
    """Split a word of `WordTable`, which may hold several scripts and signs, into terms' forms."""
    if word.isascii():
        return [word]
    word = without_optional_marks(word.translate(_APOSTROPHE_LETTERS))
    words: list[str] = _WORD.findall(word)
    return [*words, *chain.from_iterable(map(_ngrams, _RUN.findall(word)))]


def _ngrams(run: str) -> list[str]:
    """Return the 2-grams of a run of one script, and of Han its characters."""
    pairs = [run[i : i + 2] for i in range(max(len(run) - 1, 1))]
    return [*run, *pairs] if len(run) > 1 and _HAN.match(run) else pairs


def _subwords(term: str) -> list[str]:
    """Return the character 4-grams of a longer word: inflected words and compounds share them."""
    if len(term) <= _NGRAM:
        return []
    return [term[i : i + _NGRAM] for i in range(len(term) - _NGRAM + 1)]


def count_terms(
    articles: Articles, weights: Mapping[str, float], jobs: int, notices: UInt64
) -> tuple[list[str], Vectors]:
    """Count the terms of articles.

    Parameters
    ----------
    articles : Articles
        Not modified.
    weights : mapping of str to float
        The weight of each of `FIELDS`; a field of weight 0 is not read.
    jobs : int
        With two or more, further threads clean and split texts ahead of the counting. The result
        is the same.
    notices : uint64[b]
        Passages of bodies that are left out, as `find_notices` returns them.

    Returns
    -------
    list of str
        The vocabulary, ascending.
    float32 csr [len(articles), v]
        How often each term occurs in each article, each time counted with its field's weight.
    """
    fields = {name: getattr(articles, name) for name in FIELDS if weights[name] > 0}
    fields = {name: texts for name, texts in fields.items() if any(texts)}
    if not fields:
        return [], empty_vectors(len(articles))
    counter = _TermCounter([float(weights[name]) for name in fields])
    ahead = _prefetch if jobs > 1 else iter
    is_body = np.array([name == "body" for name in fields])
    chunks = ahead(_split_chunks(ahead(_clean_chunks(fields.values())), is_body, notices))
    counts = [counter.count(*chunk) for chunk in chunks]
    vocabulary = sorted(counter.terms)
    column = np.empty(len(vocabulary), np.int32)
    column[[counter.terms[term] for term in vocabulary]] = np.arange(len(column), dtype=np.int32)
    lengths, terms, sums = (np.concatenate(parts) for parts in zip(*counts, strict=True))
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    shape = len(articles), len(vocabulary)
    joined = csr_array((sums, column[terms], indptr), shape, np.float32)
    joined.sort_indices()
    if len(notices):  # words of notices alone are no terms
        used = np.bincount(joined.indices, minlength=len(vocabulary)) > 0
        column = (np.cumsum(used) - 1).astype(np.int32)
        vocabulary = [vocabulary[number] for number in np.flatnonzero(used).tolist()]
        entries = joined.data, column[joined.indices], joined.indptr
        joined = csr_array(entries, (len(articles), len(vocabulary)))
    return vocabulary, joined


def _clean_chunks(fields: Collection[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield chunks of articles: how many, and their cleaned texts, field by field."""
    for at in range(0, max(map(len, fields)), _CHUNK_ARTICLES):
        chunk = slice(at, at + _CHUNK_ARTICLES)
        texts = [clean_without_urls(text) for field in fields for text in field[chunk]]
        yield len(texts) // len(fields), texts


def _split_chunks(
    chunks: Iterator[tuple[int, list[str]]], is_body: Bool, notices: UInt64
) -> Iterator[tuple[int, Words, list[str]]]:
    """Split chunks into words, without the notices in fields that are bodies.

    Yields how many articles a chunk has, its words, and the words that are new.
    """
    table = WordTable()
    for size, texts in chunks:
        known = len(table)
        words = table.split(texts)
        if len(notices):
            in_body = is_body[words.texts // size]
            words = words.without(np.isin(words.hashes, notices) & in_body)
        yield size, words, table.since(known)


def _prefetch(chunks: Iterator[T]) -> Iterator[T]:
    """Make each chunk on another thread while the one before it is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


class _Vocabulary(defaultdict[str, int]):
    """Terms numbered from 0 in the order of their first occurrence."""

    def __init__(self) -> None:
        super().__init__(self.__len__)

    def since(self, first: int) -> list[str]:
        """Return the terms from a number on."""
        return list(islice(self, first, None))


class _TermTable:
    """The terms of each numbered word or term: none, one or several."""

    def __init__(self, terms: _Vocabulary) -> None:
        self._terms = terms
        self._ends, self._numbers = np.zeros(1, np.int64), np.zeros(0, np.int32)

    def append(self, entries: Sequence[Sequence[str]]) -> None:
        """Append the terms of the next strings."""
        numbers = np.fromiter(map(self._terms.__getitem__, chain.from_iterable(entries)), np.int32)
        ends = self._ends[-1] + np.cumsum([len(terms) for terms in entries], dtype=np.int64)
        self._ends = np.concatenate([self._ends, ends])
        self._numbers = np.concatenate([self._numbers, numbers])

    def expand(self, strings: Int32) -> tuple[Int32, Int32]:
        """Replace each string by its terms: positions among the strings, and the terms' numbers."""
        return kernels.terms.expand(strings, self._ends, self._numbers)


class _TermCounter:
    """Counts the terms of articles chunk by chunk; each distinct word is taken apart once.

    A word has several forms if it mixes scripts, and forms that are folded alike are one term.
    """

    def __init__(self, weights: Sequence[float]) -> None:
        self.terms = _Vocabulary()
        self._weights = np.array(weights, np.float32)
        self._forms = _Vocabulary()
        self._word_forms = _TermTable(self._forms)
        self._folded = np.zeros(0, np.int32)
        self._has_non_ascii = np.zeros(0, np.bool_)

    def count(self, size: int, words: Words, new: Sequence[str]) -> tuple[Int64, Int32, Float32]:
        """Count the terms of a chunk of `_split_chunks`.

        Returns how many distinct terms each article has, their numbers in `terms`, and their
        weighted counts.
        """
        self._word_forms.append([_word_forms(word) for word in new])
        forms = self._forms.since(len(self._folded))
        is_ascii = [form.isascii() for form in forms]
        folded = [
            self.terms[form if plain else fold(form)]
            for form, plain in zip(forms, is_ascii, strict=True)
        ]
        self._folded = np.append(self._folded, np.array(folded, np.int32))
        self._has_non_ascii = np.append(self._has_non_ascii, ~np.array(is_ascii, np.bool_))
        at, form = self._word_forms.expand(words.numbers)
        term = self._folded[form]
        text = np.repeat(np.arange(len(words.lengths)), words.lengths)[at]
        article = np.tile(np.arange(size, dtype=np.int32), len(self._weights))[text]
        weight = np.repeat(self._weights, size)[text]
        inflected = np.flatnonzero(_is_inflected(article, self._has_non_ascii[form], size))
        if len(inflected):
            distinct, which = np.unique(term[inflected], return_inverse=True)
            subwords, spelled = _TermTable(self.terms), list(self.terms)
            subwords.append([_subwords(spelled[number]) for number in distinct.tolist()])
            place, subword = subwords.expand(which.astype(np.int32))
            whole = inflected[place]
            article = np.append(article, article[whole])
            weight = np.append(weight, weight[whole])
            term = np.append(term, subword)
        return kernels.terms.sum_by_term(article, term, weight, size, len(self.terms))


def _is_inflected(article: Int32, has_non_ascii: Bool, size: int) -> Bool:
    """Mark the terms of short articles in inflected languages: their subwords count too.

    A long article shares enough whole words with others. English, which inflects little, is
    recognised by its letters.
    """
    terms = np.bincount(article, minlength=size)
    non_ascii = np.bincount(article, has_non_ascii, minlength=size)
    is_short = terms <= _MAX_SHORT_TERMS
    inflected = is_short & (non_ascii > 0) & (non_ascii >= _MIN_NON_ASCII_SHARE * terms)
    return np.asarray(inflected[article])


def empty_vectors(n: int) -> Vectors:
    """Return the vectors of n texts without terms."""
    return csr_array(np.zeros((n, 0), np.float32))
