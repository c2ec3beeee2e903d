"""Compiled kernels: loaded at their first use, and the k-th largest against a sort."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.processes import run_program
from training import kernels
from training.kernels.selection import kth_largest

LOADING = """
import sys, pkgutil, importlib, training
rooms = [m.name for m in pkgutil.iter_modules(training.__path__) if m.name not in {"cli"}]
for room in rooms:
    importlib.import_module(f"training.{room}")
assert "numba" not in sys.modules, "loaded with the rooms"
training.kernels.terms
assert "numba" in sys.modules
"""


def test_no_room_of_training_loads_numba() -> None:
    done = run_program([sys.executable, "-c", LOADING])
    assert done.returncode == 0, done.stderr


def test_an_unknown_kernel_module_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kernels.nothing  # type: ignore[attr-defined]


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60), st.data())
def test_the_kth_largest_and_its_ties(numbers: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(numbers)))
    values = np.array(numbers, np.float64)
    kth, ties = kth_largest(values, k)
    largest = sorted(numbers, reverse=True)[:k]
    assert (kth, ties) == (largest[-1], largest.count(largest[-1]))
    assert values.tolist() == numbers
