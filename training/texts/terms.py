"""The terms of a text, and their counts in articles."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Final, TypeAlias, TypeVar

import numpy as np
import regex
from scipy.sparse import csr_array

from training import kernels
from training.config import TextsConfig
from training.records import Articles, Bool, Float32, Int32, Int64
from training.texts.clean import clean
from training.texts.words import WordTable

T = TypeVar("T")

Vectors: TypeAlias = "csr_array[np.float32, tuple[int, int]]"
"""Texts as rows of weights over the vocabulary."""

FIELDS: Final = ("title", "body", "section", "tags")

_BLOCK: Final = 2048
"""Articles counted at a time; the result does not depend on it."""

_SHORT: Final = 64
"""Terms up to which an article says too little for its words alone."""

_BEYOND_ASCII: Final = 1 / 30
"""Share of terms with letters beyond a to z from which a text is not taken for English."""

_PART: Final = 4

_URL: Final = re.compile(r"(?:https?://|www\.)[!-~]+")
_ARABIC_OPTIONAL: Final = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8]+")
"""Tatweel and the marks that most Arabic texts are written without."""

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
    r"""Give the terms of a text, in no particular order, each as often as it occurs.

    Words of two letters or more where the script puts spaces between them; where it does not,
    and for Korean with its endings, the character 2-grams of each run of one script, and of
    Han each character too. Numbers and addresses (URLs) are no terms. The text is cleaned first.

    Examples
    --------
    >>> terms_of("The <b>Seoul</b> summit of 2024: 정상회담 in 서울")
    ['the', 'seoul', 'summit', 'of', '정상', '상회', '회담', 'in', '서울']
    >>> terms_of("大学で")
    ['大', '学', '大学', 'で']
    """
    words = WordTable()
    numbers, _ = words.split([_letters(text)])
    spelled = words.since(0)
    return [term for number in numbers.tolist() for term in _terms(spelled[number])]


def _letters(text: str) -> str:
    """Clean a text, and take the addresses out."""
    text = clean(text)
    return _URL.sub(" ", text) if "://" in text or "www." in text else text


def _terms(word: str) -> list[str]:
    """Take apart a word of `WordTable`, which may hold other scripts and signs."""
    if word.isascii():
        return [word]
    word = _ARABIC_OPTIONAL.sub("", word)
    words: list[str] = _WORD.findall(word)
    return [*words, *chain.from_iterable(map(_grams, _RUN.findall(word)))]


def _grams(run: str) -> list[str]:
    pairs = [run[i : i + 2] for i in range(max(len(run) - 1, 1))]
    return [*run, *pairs] if len(run) > 1 and _HAN.match(run) else pairs


def _parts(term: str) -> list[str]:
    """Give the character 4-grams of a long word, which inflected words and compounds share."""
    if len(term) <= _PART:
        return []
    return [term[i : i + _PART] for i in range(len(term) - _PART + 1)]


def counted(articles: Articles, config: TextsConfig, jobs: int) -> tuple[list[str], Vectors]:
    """Count the terms of articles.

    Parameters
    ----------
    articles : Articles
        Not modified.
    config : TextsConfig
        The fields' weights.
    jobs : int
        With two or more, texts are split into words beside the counting; the result is the same.

    Returns
    -------
    list of str
        The vocabulary, ascending.
    float32 csr [len(articles), v]
        How often each term stands in each article, each time counted with its field's weight.
    """
    told = {name: getattr(articles, name) for name in FIELDS if getattr(config, name) > 0}
    told = {name: texts for name, texts in told.items() if any(texts)}
    if not told:
        return [], no_terms(len(articles))
    counting = _Counting([float(getattr(config, name)) for name in told])
    beside = _ahead if jobs > 1 else iter
    counts = [counting.count(*block) for block in beside(_split(beside(_cleaned(told.values()))))]
    vocabulary = sorted(counting.terms)
    column = np.empty(len(vocabulary), np.int32)
    column[[counting.terms[term] for term in vocabulary]] = np.arange(len(column), dtype=np.int32)
    lengths, tokens, times = (np.concatenate(parts) for parts in zip(*counts, strict=True))
    ends = np.concatenate([[0], np.cumsum(lengths)])
    shape = len(articles), len(vocabulary)
    joined = csr_array((times, column[tokens], ends), shape, np.float32)
    joined.sort_indices()
    return vocabulary, joined


def _cleaned(fields: Collection[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    """Give articles block by block: how many, and their texts by `_letters`, field by field."""
    for at in range(0, max(map(len, fields)), _BLOCK):
        texts = [_letters(text) for field in fields for text in field[at : at + _BLOCK]]
        yield len(texts) // len(fields), texts


def _split(
    blocks: Iterator[tuple[int, list[str]]],
) -> Iterator[tuple[int, Int32, Int64, list[str]]]:
    """Split blocks into words: numbers, how many each text has, and the words not met before.

    How many articles a block has is passed on.
    """
    words = WordTable()
    for size, texts in blocks:
        known = len(words)
        numbers, lengths = words.split(texts)
        yield size, numbers, lengths, words.since(known)


def _ahead(blocks: Iterator[T]) -> Iterator[T]:
    """Make each block beside the work on the one before it."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = beside.submit(next, blocks, None)
            yield block


class _Numbers(defaultdict[str, int]):
    """Numbers strings from 0, as they come."""

    def __init__(self) -> None:
        super().__init__(self.__len__)

    def since(self, first: int) -> list[str]:
        """Give the strings from a number on."""
        return list(islice(self, first, None))


class _Meaning:
    """What each of some numbered strings stands for: terms, none or one or many."""

    def __init__(self, terms: _Numbers) -> None:
        self._terms = terms
        self._ends, self._numbers = np.zeros(1, np.int64), np.zeros(0, np.int32)

    def add(self, meanings: Sequence[Sequence[str]]) -> None:
        """Say what the next strings stand for."""
        numbers = np.fromiter(map(self._terms.__getitem__, chain.from_iterable(meanings)), np.int32)
        ends = self._ends[-1] + np.cumsum([len(terms) for terms in meanings], dtype=np.int64)
        self._ends = np.concatenate([self._ends, ends])
        self._numbers = np.concatenate([self._numbers, numbers])

    def of(self, strings: Int32) -> tuple[Int32, Int32]:
        """Replace each string by its terms: positions among the strings, and the terms' numbers."""
        return kernels.terms.expand(strings, self._ends, self._numbers)


class _Counting:
    """Counts the terms of articles, block by block; what a word stands for is looked at once."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.terms = _Numbers()
        self._weights = np.array(weights, np.float32)
        self._meaning = _Meaning(self.terms)
        self._strange = np.zeros(0, np.bool_)

    def count(
        self, size: int, words: Int32, lengths: Int64, new: Sequence[str]
    ) -> tuple[Int64, Int32, Float32]:
        """Count the terms of a block of articles, as `_split` gives it.

        Returns how many distinct terms each article has, their numbers in `terms`, and their
        counts.
        """
        self._meaning.add([_terms(word) for word in new])
        at, token = self._meaning.of(words)
        text = np.repeat(np.arange(len(lengths)), lengths)[at]
        article = np.tile(np.arange(size, dtype=np.int32), len(self._weights))[text]
        weight = np.repeat(self._weights, size)[text]
        strange = [not term.isascii() for term in self.terms.since(len(self._strange))]
        self._strange = np.append(self._strange, np.array(strange, np.bool_))
        bends = np.flatnonzero(_bends(article, self._strange[token], size))
        if len(bends):
            bent, which = np.unique(token[bends], return_inverse=True)
            parts, spelled = _Meaning(self.terms), list(self.terms)
            parts.add([_parts(spelled[term]) for term in bent.tolist()])
            place, part = parts.of(which.astype(np.int32))
            whole = bends[place]
            article = np.append(article, article[whole])
            weight = np.append(weight, weight[whole])
            token = np.append(token, part)
        return kernels.terms.sum_by_term(article, token, weight, size, len(self.terms))


def _bends(article: Int32, strange: Bool, size: int) -> Bool:
    """Mark the tokens of short articles whose words inflect: their parts count as terms too.

    A long article shares whole words enough, and English, told by its letters, bends few: `strange`
    marks the tokens with others than a to z.
    """
    terms = np.bincount(article, minlength=size)
    beyond = np.bincount(article, strange, minlength=size)
    bends = (terms <= _SHORT) & (beyond > 0) & (beyond >= _BEYOND_ASCII * terms)
    return np.asarray(bends[article])


def no_terms(n: int) -> Vectors:
    """Give the vectors of n texts without terms."""
    return csr_array(np.zeros((n, 0), np.float32))
