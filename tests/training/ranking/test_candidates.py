"""Sorting candidates, against numpy's sort of all keys."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.ranking import sort_by_source


@given(st.lists(st.integers(0, 400), max_size=4), st.integers(1, 50), st.integers(0, 9))
def test_candidates_are_sorted_by_value_then_precedence(
    lengths: list[int], values: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    starts = np.cumsum([0, *lengths])
    index = np.repeat(np.arange(len(lengths)), lengths)
    value = generator.integers(0, values, len(index)) / 7
    precedence = generator.permutation(len(index)).astype(np.int32)
    found = sort_by_source(starts, value, precedence)
    np.testing.assert_array_equal(found, np.lexsort((precedence, -value, index)))
