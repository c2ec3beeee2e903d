"""Write a large simulated site as Parquet while it is generated, with one view file per day."""

# The SQL contains only our own column names and quoted literals.
# ruff: noqa: S608

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from training.errors import OutputError
from training.simulate.articles import ArticleText
from training.simulate.browsing import ReaderPopulation
from training.simulate.newsroom import Coverage
from training.simulate.text_files import article_of
from training.simulate.views import PageViews

_ARTICLES: Final = 20_000
"""Articles per file."""


_TEXTS: Final = ("id", "title", "body", "section", "url")


class ParquetFolders:
    """Writes the tables of a site into new folders.

    Parameters
    ----------
    out : Path
        The directory in which the folders are created.

    Raises
    ------
    OutputError
        If one of them exists: old files in it would be read as part of the site.
    """

    names: Final = ("articles", "views", "truth")

    def __init__(self, out: Path) -> None:
        self._out = out
        for name in self.names:
            if (out / name).exists():
                raise OutputError(f"{out / name}: exists already; remove it, or name another --out")
        for name in self.names:
            (out / name).mkdir()
        self._connection = duckdb.connect(config={"threads": 1})  # for reproducible bytes
        self._connection.execute("SET enable_progress_bar = false")

    def articles(
        self, coverage: Coverage, sections: Sequence[str], texts: Iterator[tuple[int, ArticleText]]
    ) -> None:
        """Write the articles, event by event."""
        files = iter(lambda: list(itertools.islice(texts, _ARTICLES)), [])
        for number, rows in enumerate(files):
            made = [article_of(row, text, sections[coverage.section[row]]) for row, text in rows]
            columns = {key: np.array([one[key] for one in made], object) for key in _TEXTS}
            columns["tags"] = np.array([";".join(one["tags"]) for one in made], object)
            columns["published"] = coverage.published[[row for row, _ in rows]]
            select = f"* EXCLUDE published, {_time('published')} AS published_at"
            self._write(f"articles/{number:03}", columns, select)

    def views(self, days: Iterator[PageViews]) -> int:
        """Write one file per day, ordered by time, and return the number of views."""
        count = 0
        for visits in days:
            if not len(visits):
                continue
            day = datetime.fromtimestamp(int(visits.time[0]), UTC).strftime("%Y-%m-%d")
            select = (
                f"{_user('reader')} AS user, {_article('article')} AS article, "
                f"{_time('time')} AS time, read_time"
            )
            self._write(f"views/{day}", vars(visits), select)
            count += len(visits)
        return count

    def truth(self, coverage: Coverage, sections: Sequence[str], readers: ReaderPopulation) -> None:
        """Write the ground truth: events and appeal of articles, robots, tastes of readers."""
        rows = np.arange(len(coverage))
        self._write(
            "truth/articles",
            {"row": rows, "event": coverage.event, "appeal": coverage.appeal},
            f"{_article('row')} AS article, event, appeal",
        )
        reader = np.arange(len(readers.activity))
        tastes = {f"taste{at}": readers.percent[:, at] for at in range(len(sections))}
        named = ", ".join(
            f'{taste} AS "{name}"' for taste, name in zip(tastes, sections, strict=True)
        )
        self._write(
            "truth/readers",
            {"reader": reader, "robot": np.isin(reader, readers.robots), **tastes},
            f"{_user('reader')} AS user, robot, {named}",
        )

    def _write(self, name: str, columns: Mapping[str, object], select: str) -> None:
        self._connection.register("written", columns)
        self._connection.execute(
            f"COPY (SELECT {select} FROM written) TO $1 (FORMAT parquet, COMPRESSION zstd)",
            [str(self._out / f"{name}.parquet")],
        )
        self._connection.unregister("written")


def _user(column: str) -> str:
    return f"printf('u%06d', {column})"


def _article(column: str) -> str:
    return f"printf('a%06d', {column})"


def _time(column: str) -> str:
    return f"make_timestamptz({column} * 1000000)"
