"""Counting terms, and keeping the heaviest of each text."""

import numpy as np

from training.kernels.compiling import jit
from training.kernels.selection import kth_largest
from training.records import Float32, Int32, Int64


@jit
def expand(strings: Int32, ends: Int64, terms: Int32) -> tuple[Int32, Int32]:
    """Replace each numbered string by its terms; those of s are terms[ends[s] : ends[s + 1]].

    Returns the position in `strings` that each term comes from, and the terms, both int32.
    """
    total = 0
    for string in strings:
        total += ends[string + 1] - ends[string]
    positions, expanded = np.empty(total, np.int32), np.empty(total, np.int32)
    count = 0
    for position in range(len(strings)):
        for at in range(ends[strings[position]], ends[strings[position] + 1]):
            positions[count], expanded[count] = position, terms[at]
            count += 1
    return positions, expanded


@jit
def sum_by_term(
    article: Int32, term: Int32, weight: Float32, articles: int, terms: int
) -> tuple[Int64, Int32, Float32]:
    """Add up the weights of each term of each article.

    Returns how many distinct terms each of `articles` has; and article by article these, below
    `terms`, in the order of their first occurrence, with their sums.
    """
    starts = np.zeros(articles + 1, np.int64)
    for at in range(len(article)):
        starts[article[at] + 1] += 1
    for row in range(articles):
        starts[row + 1] += starts[row]
    found, weights = np.empty(len(term), np.int32), np.empty(len(term), np.float32)
    free = starts[:-1].copy()
    for at in range(len(article)):
        found[free[article[at]]] = term[at]
        weights[free[article[at]]] = weight[at]
        free[article[at]] += 1
    counts, last = np.zeros(articles, np.int64), np.full(terms, -1, np.int64)
    kept = 0
    for row in range(articles):
        first = kept
        for at in range(starts[row], starts[row + 1]):
            before = last[found[at]]
            if before >= first:
                weights[before] += weights[at]
            else:
                last[found[at]] = kept
                found[kept], weights[kept] = found[at], weights[at]
                kept += 1
        counts[row] = kept - first
    return counts, found[:kept].copy(), weights[:kept].copy()


@jit
def heaviest(indptr: Int64, weights: Float32, k: int) -> tuple[Int64, Int64]:
    """Select the k heaviest entries of each row, ties by position.

    Returns the rows' new `indptr`, and the entries that are kept, ascending.
    """
    kept = np.empty(len(weights), np.int64)
    new_indptr = np.zeros(len(indptr), np.int64)
    count = 0
    for row in range(len(indptr) - 1):
        first, end = indptr[row], indptr[row + 1]
        kth, ties = np.float32(-1), 0
        if end - first > k:
            kth, ties = kth_largest(weights[first:end], k)
        for at in range(first, end):
            if weights[at] == kth:
                ties -= 1
            if weights[at] > kth or (weights[at] == kth and ties >= 0):
                kept[count] = at
                count += 1
        new_indptr[row + 1] = count
    return new_indptr, kept[:count].copy()
