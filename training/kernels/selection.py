"""Selection: the k-th largest of an array."""

from typing import Any

import numpy.typing as npt

from training.kernels.compiling import jit


@jit
def kth_largest(values: npt.NDArray[Any], k: int) -> tuple[Any, int]:
    """Return the k-th largest value, and how many values equal to it are among the k largest.

    Quickselect (Hoare, "Algorithm 65: Find", 1961). numpy's own `partition` takes many seconds to
    compile.
    """
    part, at = values.copy(), len(values) - k
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
    kth, larger = part[at], 0
    for value in values:
        larger += value > kth
    return kth, k - larger
