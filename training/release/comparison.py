"""Compare two versions: removed and new articles, changed lists, articles that moved most."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from training import kernels
from training.records import Bool, Float64, Int32, Int64
from training.storage import Arrays
from training.strings import StringArray

TOP: Final = 5
"""Number of compared items of a list: the number that a page shows."""


@dataclass(frozen=True)
class VersionComparison:
    """How a later version differs from an earlier one.

    Attributes
    ----------
    gone, new : rows of articles that only the earlier, or only the later version knows.
    common : number of compared lists: both versions know the article, and the earlier list has
        items.
    overlap : float64[common], share of a list's first `TOP` items that are still among them.
    before, after : int64[n], by the later version's rows: number of common lists with the article
        among their first `TOP` items, in the earlier and the later version.
    """

    gone: Int32
    new: Int32
    overlap: Float64
    before: Int64
    after: Int64

    @property
    def common(self) -> int:
        """Number of compared lists."""
        return len(self.overlap)

    @property
    def mean_overlap(self) -> float:
        """Mean overlap; 1 if there is nothing to compare."""
        return float(self.overlap.mean()) if len(self.overlap) else 1.0

    @property
    def changed(self) -> float:
        """Share of the lists with at least one replaced item."""
        return float((self.overlap < 1).mean()) if len(self.overlap) else 0.0


def compare_versions(before: Arrays, after: Arrays) -> VersionComparison:
    """Compare two versions by their arrays."""
    rows = _later_rows(before, after)
    was, known = _known(before), _known(after)
    stays = was & (rows >= 0)
    stays[stays] = known[rows[stays]]
    new = known.copy()
    new[rows[stays]] = False
    lists, later = ((each["list_ends"], each["list_items"]) for each in (before, after))
    length = np.minimum(np.diff(lists[0]), TOP)
    common = stays & (length > 0)
    overlap = kernels.release.still(*lists, *later, rows, TOP)[common] / length[common]
    compared = np.zeros(len(known), np.bool_)
    compared[rows[common]] = True
    sources, items = first_items(before)
    items = rows[items[common[sources]]]
    later_sources, later_items = first_items(after)
    n = len(known)
    return VersionComparison(
        gone=np.flatnonzero(was & ~stays).astype(np.int32),
        new=np.flatnonzero(new).astype(np.int32),
        overlap=overlap,
        before=np.bincount(items[items >= 0], minlength=n),
        after=np.bincount(later_items[compared[later_sources]], minlength=n),
    )


def first_items(arrays: Arrays) -> tuple[Int32, Int32]:
    """Return source and item rows of the first `TOP` items of each known article's list."""
    ends = arrays["list_ends"]
    known = np.flatnonzero(_known(arrays))
    counts = np.minimum(np.diff(ends)[known], TOP)
    behind = np.cumsum(counts) - counts
    places = np.repeat(ends[known] - behind, counts) + np.arange(counts.sum())
    return np.repeat(known, counts).astype(np.int32), arrays["list_items"][places]


def _known(arrays: Arrays) -> Bool:
    known = np.zeros(len(arrays["sections"]), np.bool_)
    known[arrays["key_rows"]] = True
    return known


def _later_rows(before: Arrays, after: Arrays) -> Int32:
    """Return the later row of each article of the earlier version, -1 if it is gone."""
    rows, size = len(before["sections"]), len(before["ids"])
    if rows <= len(after["sections"]) and (
        np.array_equal(before["id_ends"], after["id_ends"][: rows + 1])
        and np.array_equal(before["ids"], after["ids"][:size])
    ):
        return np.arange(rows, dtype=np.int32)  # a refresh only adds rows
    later = {id_: row for row, id_ in enumerate(StringArray(after["ids"], after["id_ends"]))}
    ids = StringArray(before["ids"], before["id_ends"])
    return np.fromiter((later.get(id_, -1) for id_ in ids), np.int32, rows)
