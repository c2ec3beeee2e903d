"""The lists of a side: the nearest of each row. Peers import this too, so it needs numpy alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

NEAREST: Final = 20


@dataclass(frozen=True)
class Lists:
    """The nearest of each of n rows, best first.

    Attributes
    ----------
    rows : int32[n, 20], -1 where there are no more.
    values : float32[n, 20], how near each is.
    """

    rows: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def save(self, folder: Path) -> None:
        """Write both arrays into a folder."""
        np.save(folder / "rows.npy", self.rows)
        np.save(folder / "values.npy", self.values)

    @classmethod
    def load(cls, folder: Path) -> "Lists":
        """Read what `save` wrote."""
        return cls(np.load(folder / "rows.npy"), np.load(folder / "values.npy"))

    def renumber(self, number: npt.NDArray[Any]) -> "Lists":
        """Return the lists in another numbering: row r is `number[r]` there."""
        rows, values = np.empty_like(self.rows), np.empty_like(self.values)
        rows[number] = np.where(self.rows < 0, -1, number[self.rows])
        values[number] = self.values
        return Lists(rows, values)


def less_itself(rows: npt.NDArray[Any], values: npt.NDArray[Any]) -> Lists:
    """Drop each row from its own list of 21; if it is not there, drop the last."""
    own = rows == np.arange(len(rows))[:, None]
    kept = np.argsort(own, axis=1, kind="stable")[:, :NEAREST]
    return Lists(
        np.take_along_axis(rows, kept, 1).astype(np.int32),
        np.take_along_axis(values, kept, 1).astype(np.float32),
    )


def best_per_row(
    row: npt.NDArray[Any], column: npt.NDArray[Any], value: npt.NDArray[Any], n: int, k: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return the k best entries of each of n rows, by falling value, then by column."""
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    best = place < k
    rows = np.full((n, k), -1, np.int32)
    values = np.zeros((n, k), np.float32)
    rows[row[best], place[best]] = column[best]
    values[row[best], place[best]] = value[best]
    return rows, values
