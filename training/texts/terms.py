"""The terms of a text, and their counts in articles."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
import regex
from joblib import Parallel, delayed
from scipy.sparse import csr_array, vstack

from training.config import TextsConfig
from training.records import Articles
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
_ASCII_WORD: Final = re.compile(r"[a-z]{2,}")
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
    ['the', 'seoul', 'summit', 'of', 'in', '정상', '상회', '회담', '서울']
    >>> terms_of("大学で")
    ['大', '学', '大学', 'で']
    """
    text = _URL.sub(" ", clean(text))
    if text.isascii():
        return _ASCII_WORD.findall(text)
    text = _ARABIC_OPTIONAL.sub("", text)
    words: list[str] = _WORD.findall(text)
    return [*words, *chain.from_iterable(map(_grams, _RUN.findall(text)))]


def _grams(run: str) -> list[str]:
    pairs = [run[i : i + 2] for i in range(max(len(run) - 1, 1))]
    return [*run, *pairs] if len(run) > 1 and _HAN.match(run) else pairs


def _add_parts(fields: Sequence[list[str]]) -> None:
    """Add to the terms of a short article the character 4-grams of its long words, in place.

    They are what inflected words and compounds share. A long article shares whole words enough,
    and English, told by its letters, bends few.
    """
    size = sum(map(len, fields))
    if size <= _SHORT:
        beyond = sum(not term.isascii() for term in chain.from_iterable(fields))
        if beyond >= _BEYOND_ASCII * size:
            for terms in fields:
                terms += [part for term in terms for part in _parts(term)]


def _parts(term: str) -> list[str]:
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
    weights = {name: getattr(config, name) for name in FIELDS if getattr(config, name) > 0}
    texts = [getattr(articles, name) for name in weights]
    size = sum(len(text) for field in texts for text in field)
    counted = Parallel(n_jobs=jobs if size >= _WORTH_PROCESSES else 1)(
        delayed(_count)([field[at : at + _BLOCK] for field in texts], list(weights.values()))
        for at in range(0, len(articles), _BLOCK)
    )
    vocabulary = sorted(set(chain.from_iterable(terms for terms, _ in counted)))
    if not vocabulary:
        return [], no_terms(len(articles))
    column = {term: number for number, term in enumerate(vocabulary)}
    for terms, counts in counted:
        counts.indices = np.array([column[term] for term in terms], np.int32)[counts.indices]
        counts.resize(counts.shape[0], len(vocabulary))
    return vocabulary, vstack([counts for _, counts in counted], format="csr")


def _count(texts: Sequence[Sequence[str]], weights: Sequence[float]) -> tuple[list[str], Vectors]:
    """Count the terms of a block of articles, its fields one after the other in `texts`."""
    # Half of the time that a command takes to start, and an editor's commands count nothing.
    from sklearn.feature_extraction.text import CountVectorizer

    terms = [terms_of(text) for text in chain.from_iterable(texts)]
    size = len(texts[0]) if texts else 0
    if not any(terms):
        return [], no_terms(size)
    for article in range(size):
        _add_parts(terms[article::size])
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


def no_terms(n: int) -> Vectors:
    """Give the vectors of n texts without terms."""
    return csr_array(np.zeros((n, 0), np.float32))


def _as_given(terms: list[str]) -> list[str]:
    return terms
