"""Compiling: what arrays of numbers cannot say, as machine code."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function to machine code that other threads may run beside.

    What was compiled is kept for the next process, beside this file or in the user's cache folder;
    where neither can be written (see NUMBA_CACHE_DIR), each process compiles again.
    """
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))


@compiled
def bar(values: npt.NDArray[Any], most: int) -> tuple[Any, int]:
    """Give the least of the `most` largest values, and how many that equal it are among these."""
    least = np.partition(values, len(values) - most)[len(values) - most]
    return least, most - np.sum(values > least)
