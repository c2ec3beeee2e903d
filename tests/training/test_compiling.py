"""The bar that the largest values pass, against a sort."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.compiling import bar


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60), st.data())
def test_bar_is_the_least_of_the_largest(numbers: list[int], data: st.DataObject) -> None:
    most = data.draw(st.integers(1, len(numbers)))
    values = np.array(numbers, np.float64)
    least, equals = bar(values, most)
    largest = sorted(numbers, reverse=True)[:most]
    assert (least, equals) == (largest[-1], largest.count(largest[-1]))
    assert values.tolist() == numbers
