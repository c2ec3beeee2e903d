"""Lists of the nearest of each row: how a side makes and saves them, and their recall.

Peers import this too, so it needs numpy alone. A side's script is run as

    python -m SCRIPT SIDE INPUT OUTPUT            lists into the folder OUTPUT
    python -m SCRIPT SIDE INPUT OUTPUT --check N  recall of N of them, as JSON
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

NEAREST: Final = 20

TOLERANCE: Final = 1e-6
"""Tolerance within which a value equals that of the last place."""

_BLOCK: Final = 64

Similarity = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
"""Returns the exact similarity of all n rows to some sources, float[s, n]."""


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


def product(vectors: Any) -> Similarity:  # noqa: ANN401 - any of scipy's sparse matrices
    """Compare by the plain product of sparse vectors."""
    transposed = vectors.T.tocsr()
    return lambda sources: np.asarray((vectors[sources] @ transposed).toarray())


def sample_rows(n: int, most: int) -> npt.NDArray[Any]:
    """Draw at most `most` of n rows, always the same ones, ascending."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def sampled_recall(lists: Lists, similarity: Similarity, sources: npt.NDArray[Any]) -> float:
    """Return the recall of some sources' lists against the exact ones."""
    hits = wanted = 0
    for start in range(0, len(sources), _BLOCK):
        part = sources[start : start + _BLOCK]
        near = similarity(part)
        near[np.arange(len(part)), part] = 0
        found, there = hits_of(near, lists.rows[part])
        hits, wanted = hits + found, wanted + there
    return hits / wanted


def hits_of(near: npt.NDArray[Any], found: npt.NDArray[Any]) -> tuple[int, int]:
    """Count the exact nearest that were found, and how many there are to find.

    A row that is as near as the one in the last place, within the tolerance, is as right as it.

    Parameters
    ----------
    near : float[s, n]
        How near all rows are; 0 and less is not near at all.
    found : int[s, k]
        Rows, -1 where there are no more; of repeated ones one counts.
    """
    k = min(NEAREST, near.shape[1])
    best = -np.partition(-near, k - 1, axis=1)[:, :k]
    there = (best > 0).sum(axis=1)
    last = np.where(best > 0, best, np.inf).min(axis=1)
    bar = last - TOLERANCE * np.maximum(1, np.where(np.isfinite(last), last, 1))
    value = np.where(found < 0, 0, np.take_along_axis(near, np.maximum(found, 0), 1))
    order = np.sort(np.where(found < 0, -np.arange(1, found.shape[1] + 1), found), axis=1)
    repeated = (np.diff(order, axis=1) == 0).sum(axis=1)
    right = ((value > 0) & (value >= bar[:, None])).sum(axis=1) - repeated
    return int(np.clip(right, 0, there).sum()), int(there.sum())


def agreement(some: Lists, others: Lists) -> float:
    """Return the share of the others' entries that are in the lists too."""
    same = (some.rows[:, :, None] == others.rows[:, None, :]) & (others.rows >= 0)[:, None, :]
    return float(same.any(axis=1).sum() / (others.rows >= 0).sum())


class Clock:
    """Adds up the seconds of named stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Run a stage."""
        begun = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - begun


Maker = tuple[Callable[[Path, Clock], Lists], Callable[[Path], Similarity] | None]
"""How a side makes lists of an input, and how near rows exactly are by its own definition; None if
its lists cannot be checked.
"""


def main(sides: Mapping[str, Maker]) -> None:
    """Run the script of some sides."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=sides)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--check", type=int)
    options = parser.parse_args()
    make, similarity = sides[options.side]
    if options.check is None:
        clock = Clock()
        lists = make(options.input, clock)
        with clock("save"):
            lists.save(options.output)
        print(json.dumps({"seconds": clock.seconds}))
    elif similarity is not None:
        lists = Lists.load(options.output)
        sources = sample_rows(len(lists.rows), options.check)
        print(json.dumps({"recall": sampled_recall(lists, similarity(options.input), sources)}))
    else:
        parser.error("this side does not say what its exact lists are")
