"""Compiling: what arrays of numbers cannot say, as machine code."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
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
    """Give the least of the `most` largest values, and how many that equal it are among these.

    Hoare, "Algorithm 65: Find", 1961: numpy's own takes many seconds to compile.
    """
    part, at = values.copy(), len(values) - most
    low, high = 0, len(part) - 1
    while low < high:
        pivot, left, right = part[(low + high) // 2], low, high
        while left <= right:
            while part[left] < pivot:
                left += 1
            while part[right] > pivot:
                right -= 1
            if left <= right:
                part[left], part[right] = part[right], part[left]
                left += 1
                right -= 1
        if right < at < left:
            break
        low, high = (low, right) if at <= right else (left, high)
    least, larger = part[at], 0
    for value in values:
        larger += value > least
    return least, most - larger
