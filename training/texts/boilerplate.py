"""Notices: passages that stand in the bodies of many articles which are not alike otherwise."""

from typing import Final

import numpy as np
from scipy.sparse import csr_array

from training.records import Articles, Float64, Int64, UInt64
from training.texts.terms import clean_without_urls
from training.texts.words import Words, WordTable

MIN_BODIES: Final = 5
"""Fewest bodies that a notice stands in; a sentence of a story may be copied a few times."""

SAMPLE_ARTICLES: Final = 2048
"""Articles that are searched for notices."""

_MIN_BYTES: Final = 24
"""Shorter passages may be lines of tables or phrases; they are notices beside a longer one."""

_MAX_PAIRS: Final = 32
"""Pairs of articles compared per passage."""

_MAX_ALIKE: Final = 0.1
"""Mean similarity (Jaccard) of the other words of articles above which they are one story."""


def find_notices(articles: Articles) -> UInt64:
    """Find the lines and sentences that are notices, as "Subscribe to our newsletter" is.

    A passage is a notice if five bodies or more hold it, and the other words of these articles are
    not alike: copies and updates of one story share their sentences, too. A passage of fewer than
    24 bytes, which may be a line of a table, is one if it stands beside longer ones only.

    Parameters
    ----------
    articles : Articles
        Not modified. Of more than `SAMPLE_ARTICLES`, as many, evenly spread, are searched.

    Returns
    -------
    uint64[b]
        Hashes of passages as in `Words`, ascending.
    """
    if len(articles) > SAMPLE_ARTICLES:
        places = np.linspace(0, len(articles) - 1, SAMPLE_ARTICLES).astype(np.int64)
        articles = articles.pick(places.tolist())
    table, count = WordTable(), len(articles)
    words = table.split([clean_without_urls(text) for text in (*articles.title, *articles.body)])
    in_body = words.texts >= count
    found, codes = np.unique(words.hashes, return_inverse=True)
    pairs = np.unique(codes[in_body] * count + words.texts[in_body] - count)
    holders = np.bincount(pairs // count, minlength=len(found))
    frequent = holders >= MIN_BODIES
    if not frequent.any():
        return found[:0]
    rest = _binary(words.without(frequent[codes] & in_body), count, len(table))
    passage, article = np.divmod(pairs[frequent[pairs // count]], count)
    next_one = np.flatnonzero(np.diff(passage) == 0)
    order = np.arange(len(passage)) - np.searchsorted(passage, passage)
    next_one = next_one[order[next_one] < _MAX_PAIRS]
    alike = _jaccard(rest, article[next_one], article[next_one + 1])
    sums = np.bincount(passage[next_one], alike, len(found))
    compared = np.bincount(passage[next_one], minlength=len(found))
    size = np.zeros(len(found), np.int64)
    size[codes] = table.sizes(words)
    is_long = frequent & (size >= _MIN_BYTES) & (sums <= _MAX_ALIKE * compared)
    has_notice = np.zeros(count, np.bool_)
    has_notice[article[is_long[passage]]] = True
    beside = np.bincount(passage, has_notice[article], len(found)) == holders
    is_notice = is_long | (frequent & (size < _MIN_BYTES) & beside)
    return np.asarray(found[is_notice], np.uint64)


def _binary(words: Words, count: int, vocabulary: int) -> csr_array:
    """Mark the words of each article, whose title and body are `count` texts apart."""
    article = np.repeat(np.arange(len(words.lengths)) % count, words.lengths)
    marks = np.ones(len(article), np.float32)
    rows = csr_array((marks, (article, words.numbers)), (count, vocabulary))
    rows.sum_duplicates()
    rows.data[:] = 1
    return rows


def _jaccard(rows: csr_array, left: Int64, right: Int64) -> Float64:
    """Return the similarity of pairs of rows of marks; 1 for two empty ones."""
    size = np.diff(rows.indptr)
    shared = np.asarray(rows[left].multiply(rows[right]).sum(axis=1)).ravel()
    union = size[left] + size[right] - shared
    return np.where(union > 0, shared / np.maximum(union, 1), 1.0)
