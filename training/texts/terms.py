"""The terms of a text, and their counts in articles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
import regex
from joblib import Parallel, delayed
from scipy.sparse import csr_array, vstack

from training.config import TextsConfig
from training.records import Articles, Bool, Int32, Int64
from training.texts.clean import clean

Vectors: TypeAlias = "csr_array[np.float32, tuple[int, int]]"
"""Texts as rows of weights over the vocabulary."""

FIELDS: Final = ("title", "body", "section", "tags")

_BLOCK: Final = 2048
"""Articles counted at a time, whatever the number of jobs: the result must not depend on it."""

_WORTH_PROCESSES: Final = 10_000_000
"""Characters of text from which counting in other processes pays for starting them."""

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


_WRITTEN: Final = regex.compile(rf"[\p{{L}}\p{{M}}{''.join(_UNSPACED)}]", regex.V1)


class _Letters(dict[int, str]):
    """What a character becomes, by its code: itself, or a space where no term can hold it."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if _WRITTEN.match(character) else " "
        return self[code]


_LETTERS: Final = _Letters()


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
    return [term for stretch in _stretches(text) for term in _terms(stretch)]


def _stretches(text: str) -> list[str]:
    """Split a text where no term can reach across: what is left are letters and their marks."""
    if not text:
        return []
    text = clean(text)
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    return text.translate(_LETTERS).split()


def _terms(stretch: str) -> list[str]:
    if stretch.isascii():
        return [stretch] if len(stretch) > 1 else []
    stretch = _ARABIC_OPTIONAL.sub("", stretch)
    words: list[str] = _WORD.findall(stretch)
    return [*words, *chain.from_iterable(map(_grams, _RUN.findall(stretch)))]


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
        Processes; the result is the same bytes for any number.

    Returns
    -------
    list of str
        The vocabulary, ascending.
    float32 csr [len(articles), v]
        How often each term stands in each article, each time counted with its field's weight.
    """
    told = {name: getattr(articles, name) for name in FIELDS if getattr(config, name) > 0}
    told = {name: texts for name, texts in told.items() if any(texts)}
    texts, weights = list(told.values()), [float(getattr(config, name)) for name in told]
    size = sum(len(text) for field in texts for text in field)
    counted = Parallel(n_jobs=jobs if size >= _WORTH_PROCESSES else 1)(
        delayed(_count)([field[at : at + _BLOCK] for field in texts], weights)
        for at in range(0, len(articles) if texts else 0, _BLOCK)
    )
    vocabulary = sorted(set(chain.from_iterable(terms for terms, _ in counted)))
    if not vocabulary:
        return [], no_terms(len(articles))
    column = {term: number for number, term in enumerate(vocabulary)}
    for terms, counts in counted:
        counts.indices = np.array([column[term] for term in terms], np.int32)[counts.indices]
        counts.resize(counts.shape[0], len(vocabulary))
    return vocabulary, vstack([counts for _, counts in counted], format="csr")


class _Numbers(defaultdict[str, int]):
    """Numbers strings from 0, as they come."""

    def __init__(self) -> None:
        super().__init__(self.__len__)

    def of(self, strings: Iterable[str]) -> Int32:
        """Give the number of each string; one not seen before gets the next."""
        return np.fromiter(map(self.__getitem__, strings), np.int32)


def _count(texts: Sequence[Sequence[str]], weights: Sequence[float]) -> tuple[list[str], Vectors]:
    """Count the terms of a block of articles, its fields one after the other in `texts`.

    What a word stands for is looked at once, and all that repeats is arrays of numbers.
    """
    size = len(texts[0])
    split = [_stretches(text) for field in texts for text in field]
    lengths = [len(stretches) for stretches in split]
    article = np.repeat(np.tile(np.arange(size), len(texts)), lengths)
    weight = np.repeat(np.repeat(np.array(weights, np.float32), size), lengths)
    numbers, terms = _Numbers(), _Numbers()
    stretch = numbers.of(chain.from_iterable(split))
    at, token = _replaced(stretch, [_terms(stretch) for stretch in numbers], terms)
    article, weight = article[at], weight[at]
    bends = np.flatnonzero(_bends(article, token, list(terms), size))
    bent, which = np.unique(token[bends], return_inverse=True)
    words = list(terms)
    at, part = _replaced(which, [_parts(words[term]) for term in bent.tolist()], terms)
    at = bends[at]
    entries = np.concatenate([article, article[at]]), np.concatenate([token, part])
    vocabulary = sorted(terms)
    column = np.empty(len(terms), np.int32)
    column[[terms[term] for term in vocabulary]] = np.arange(len(terms), dtype=np.int32)
    counts = csr_array(
        (np.concatenate([weight, weight[at]]), (entries[0], column[entries[1]])),
        (size, len(vocabulary)),
    )
    counts.sum_duplicates()
    return vocabulary, counts


def _replaced(
    tokens: Int32 | Int64, stands_for: Sequence[Sequence[str]], numbers: _Numbers
) -> tuple[Int64, Int32]:
    """Replace each token by what it stands for: positions among the tokens, and its numbers."""
    sizes = np.array([len(strings) for strings in stands_for], np.int64)
    starts = np.cumsum(sizes) - sizes
    all_numbers = numbers.of(chain.from_iterable(stands_for))
    length = sizes[tokens]
    at = np.repeat(np.arange(len(tokens)), length)
    inside = np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
    return at, all_numbers[np.repeat(starts[tokens], length) + inside]


def _bends(article: Int64, token: Int32, words: Sequence[str], size: int) -> Bool:
    """Mark the tokens of short articles whose words inflect: their parts count as terms too.

    A long article shares whole words enough, and English, told by its letters, bends few.
    """
    terms = np.bincount(article, minlength=size)
    strange = np.array([not word.isascii() for word in words], np.bool_)
    beyond = np.bincount(article, strange[token], minlength=size)
    bends = (terms <= _SHORT) & (beyond > 0) & (beyond >= _BEYOND_ASCII * terms)
    return np.asarray(bends[article])


def no_terms(n: int) -> Vectors:
    """Give the vectors of n texts without terms."""
    return csr_array(np.zeros((n, 0), np.float32))
