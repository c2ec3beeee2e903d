"""Page views in a DuckDB table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import duckdb
import numpy as np
import numpy.typing as npt

from training.records import DAY, NEVER, Int64


@dataclass(frozen=True)
class ViewTable:
    """Page views in a DuckDB table: `ViewRows`."""

    connection: duckdb.DuckDBPyConnection
    table: str
    count: int
    start: int
    """Time of the first view, µs UTC; `NEVER` where there is none."""
    newest: int
    """Time of the last view, µs UTC; -1 where there is none."""
    versions: Sequence[str] = ()
    """The versions that views came from, ascending."""
    navigation: str = ""
    """Name of the table of views of no article; empty if there is none."""

    def __getstate__(self) -> dict[str, object]:
        """Leave out the connection: another process gets the counts alone."""
        return {**vars(self), "connection": None}

    @property
    def ends(self) -> None:
        """None: open sessions can be counted at any moment."""
        return None

    def count_between(self, start: int, end: int) -> int:
        """Count the views in [start, end), µs UTC."""
        return int(self._inside(start, end).count("time").fetchall()[0][0])

    def count_late(self, time: int) -> int:
        """Count the views that came before a time, µs UTC."""
        return self.count_between(0, time)

    def daily_counts(self, start: int, end: int) -> list[tuple[int, int]]:
        """Count the views in [start, end) of each UTC day that has any; its midnight (µs) first."""
        by_day = self._inside(start, end).aggregate(
            f"time - time % {DAY:d} AS day, count(*) AS views", "day"
        )
        return by_day.order("day").fetchall()

    def first_views(self, articles: int, until: int) -> Int64:
        """Return the first view of each of n rows before `until`: int64[n], `NEVER` without one."""
        found = self._inside(0, until).aggregate("article, min(time) AS first").fetchnumpy()
        first = np.full(articles, NEVER, np.int64)
        first[found["article"]] = found["first"]
        return first

    def read_counts(self, start: int, end: int) -> Mapping[str, npt.NDArray[Any]]:
        """Count who read what in [start, end): `reader`, `article`, `views`, ascending by them.

        Views without a reader are not in it.
        """
        named = self._inside(start, end).filter("reader IS NOT NULL")
        found = named.aggregate("reader, article, count(*) AS views")
        return found.order("reader, article").fetchnumpy()

    def rows(self) -> Self:
        """Return the views one by one."""
        return self

    def _inside(self, start: int, end: int) -> duckdb.DuckDBPyRelation:
        table = self.connection.table(self.table)
        return table.filter(f"time >= {start:d} AND time < {end:d}")
