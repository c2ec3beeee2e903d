"""Words and their numbers, against a regular expression and a dict."""

import re
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.texts.words import WordTable

TEXTS = st.lists(st.text(st.sampled_from("ab z-1\néÖ—京"), max_size=30), max_size=6)


def expected(blocks: Sequence[Sequence[str]]) -> tuple[list[str], list[list[int]]]:
    """Give the distinct words of blocks of texts, and each text's, by number."""
    number: dict[bytes, int] = {}
    split = [
        [number.setdefault(w, len(number)) for w in re.findall(rb"[a-z\x80-\xff]{2,}", t.encode())]
        for block in blocks
        for t in block
    ]
    return [word.decode() for word in number], split


@given(st.lists(TEXTS, max_size=4))
def test_words_are_those_of_a_regular_expression(blocks: list[list[str]]) -> None:
    words, split = WordTable(), []
    for block in blocks:
        numbers, counts, *_ = words.split(block)
        split += [part.tolist() for part in np.split(numbers, np.cumsum(counts))[:-1]]
    assert (words.since(0), split) == expected(blocks)


def test_the_table_grows_with_the_words_and_with_their_length() -> None:
    generator = np.random.default_rng(5)
    short = ["".join(map(chr, generator.integers(97, 123, 8))) for _ in range(30_000)]
    blocks = [[" ".join(short)], ["x" * 100_000, " ".join(reversed(short))], ["京" * 50_000]]
    words = WordTable()
    found = [words.split(block).numbers.tolist() for block in blocks]
    spelled, split = expected(blocks)
    assert words.since(0) == spelled
    assert found == [split[0], split[1] + split[2], split[3]]
    assert words.since(len(words) - 1) == ["京" * 50_000]
