"""Decayed sums by pair of articles: a sorted table of keys, and a column per half-life."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from training import kernels
from training.readers.half_lives import SLOWEST
from training.readers.tables import UNIT
from training.records import Bool, Float64, Int32, Int64, sorted_unique

MIN_PAIR_SUM: Final = 0.02 * UNIT
"""A pair is dropped at midnight if its sum at the slowest half-life is below this, in 2520ths: a
fiftieth of a direct transition."""

MIN_SUM: Final = 1e-9
"""A decayed sum below this becomes zero at the next midnight."""

_MIN_PAIRS_FOR_THREADS: Final = 1 << 23
"""Pairs from which two threads add them up."""

_Flows: TypeAlias = tuple[npt.NDArray[Any], tuple[int, int], Float64]


@dataclass(frozen=True)
class PairSums:
    """Sums by pair: `keys` int64[p] ascending, source << 32 | target; `sums` float64[p, h + 1].

    The columns are those of `half_lives`.
    """

    keys: Int64
    sums: Float64

    @classmethod
    def empty(cls, columns: int) -> "PairSums":
        """Return no pairs, with this many columns."""
        return cls(np.zeros(0, np.int64), np.zeros((0, columns)))

    @cached_property
    def _last_flows(self) -> list[_Flows]:
        """The last arguments and result of `flows`."""
        return []

    def flows(self, label: npt.NDArray[Any], labels: int, column: int) -> Float64:
        """Add up the pairs between labels of rows: float64[labels²] of one column.

        The last result is cached: from one midnight to the next the base stays as it is.
        """
        key = labels, column
        for before, same, flows in self._last_flows[-1:]:
            if same == key and np.array_equal(before, label):
                return flows
        found = self._add_up(kernels.readers.flows, column, label.astype(np.int32), labels)
        self._last_flows[:] = [(label, key, found)]
        return found

    def inflows(
        self, label: npt.NDArray[Any], labels: int, column: int, position: Int32, count: int
    ) -> Float64:
        """Add up the pairs to some rows by the label of their source: float64[count · labels].

        `position` int32[n] is the position of a row among them, -1 for other rows.
        """
        return self._add_up(
            kernels.readers.inflows, column, label.astype(np.int32), labels, position, count
        )

    def _add_up(self, kernel: Callable[..., Float64], column: int, *args: Int32 | int) -> Float64:
        """Add up the pairs by a kernel; two threads take a half each where there are many.

        The number of pairs alone decides, so that every machine adds in the same order.
        """

        def part(keys: Int64, sums: Float64) -> Float64:
            return kernel(keys, sums, column, *args)

        half = len(self.keys) // 2
        if len(self.keys) < _MIN_PAIRS_FOR_THREADS:
            return part(self.keys, self.sums)
        with ThreadPoolExecutor(2) as threads:
            halves = ([column[:half], column[half:]] for column in (self.keys, self.sums))
            first, second = threads.map(part, *halves)
        return first + second

    def add(self, keys: Int64, amounts: Float64) -> "PairSums":
        """Add amounts to pairs, in the order given; keys may repeat."""
        distinct = sorted_unique(keys)
        position = np.searchsorted(self.keys, distinct)
        new = np.searchsorted(self.keys, distinct, "right") == position
        known = np.insert(self.keys, position[new], distinct[new])
        sums = np.insert(self.sums, position[new], 0.0, axis=0)
        np.add.at(sums, np.searchsorted(known, keys), amounts)
        return PairSums(known, sums)

    def roll(self, today: "PairSums", decay: Float64, read: Bool, keep: int) -> "PairSums":
        """Add a day's pairs, decay all by float64[h + 1], and prune.

        A pair stays if it is not weak, both of its articles are still `read` (bool[n]), and it is
        among the `keep` strongest of its source, ties to the lower target.
        """
        tables = self.keys, self.sums, today.keys, today.sums
        return PairSums(
            *kernels.readers.roll(*tables, decay, read, SLOWEST, MIN_PAIR_SUM, MIN_SUM, keep)
        )


def pair_key(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> Int64:
    """Return the int64 key of the pair of two rows."""
    return np.asarray(source, np.int64) << 32 | np.asarray(target, np.int64)
