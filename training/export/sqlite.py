"""Export as one SQLite file, with the tables of `schema.sql`."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

from recommender import ArtifactError, RelatedStory
from recommender.values import iso
from training.export.pages import ArticlePages
from training.storage import open_replacement

FORMAT: Final = 1
"""Value of `PRAGMA user_version`; raised when a change breaks existing queries."""

_SETTINGS: Final = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
PRAGMA user_version = {FORMAT};
"""
"""No journal and no flush, since nobody reads the file before it is complete; 64 MiB of cache."""

_NUMBER: Final = "(SELECT number FROM articles WHERE id = ?)"
_BATCH: Final = 10_000
"""Approximate number of rows per write."""


def write_tables(path: Path, pages: ArticlePages) -> None:
    """Write lists and pages as an SQLite database, atomically.

    Raises
    ------
    OutputError
        If the file cannot be written; an old file is kept.
    ArtifactError
        If the version is damaged.
    """
    schema = files("training.export").joinpath("schema.sql").read_text(encoding="utf-8")
    with open_replacement(path) as file:
        try:
            with closing(sqlite3.connect(file.name, isolation_level=None)) as database:
                database.executescript(_SETTINGS + schema)
                database.execute("BEGIN")
                _fill(database, pages)
                database.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            raise ArtifactError(
                f"version {pages.snapshot.version}: a list or block holds an article that it "
                "does not know, or an id appears twice; run ymal verify"
            ) from error
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error


def _fill(database: sqlite3.Connection, pages: ArticlePages) -> None:
    """Write all rows. Articles are numbered from 1, in catalogue order."""
    snapshot = pages.snapshot
    database.execute(
        "INSERT INTO version VALUES (?, ?, ?, ?)",
        (
            snapshot.version,
            iso(snapshot.now),
            iso(datetime.now(UTC).replace(microsecond=0)),
            pages.n,
        ),
    )
    database.executemany(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (number, article, title, url, section, iso(published), _json(extra))
            for number, (article, (title, url, section, published, extra)) in enumerate(
                snapshot.articles(), 1
            )
        ),
    )
    items = _Items(database, snapshot.blocks)
    for number, (*_, related, page) in enumerate(pages, 1):
        items.add_list(number, related)
        for block in page:
            items.add_block(number, block.key, block.title, block.items)
        items.write(_BATCH)
    items.write(0)
    items.write_names()


def _json(extra: dict[str, str]) -> str | None:
    return json.dumps(extra, ensure_ascii=False) if extra else None


class _Items:
    """Buffers items of lists and blocks for the database, and numbers reasons and blocks."""

    def __init__(self, database: sqlite3.Connection, blocks: tuple[str, ...]) -> None:
        self._database, self._places = database, {key: at for at, key in enumerate(blocks, 1)}
        self._related: list[tuple[object, ...]] = []
        self._page: list[tuple[object, ...]] = []
        self._reasons: dict[tuple[str, str], int] = {}
        self._blocks: dict[tuple[str, str], int] = {}

    def add_list(self, source: int, stories: list[RelatedStory]) -> None:
        """Add the list of article number `source`."""
        self._related += [(source, s.rank, s.id, s.score, self._reason(s)) for s in stories]

    def add_block(
        self, source: int, key: str, heading: str, stories: tuple[RelatedStory, ...]
    ) -> None:
        """Add a block of the page of article number `source`."""
        block = self._blocks.setdefault((key, heading), len(self._blocks) + 1)
        self._page += [(source, block, s.rank, s.id, s.score, self._reason(s)) for s in stories]

    def write(self, limit: int) -> None:
        """Write the buffered rows, if a table has more than `limit` of them."""
        if len(self._related) > limit or len(self._page) > limit:
            self._database.executemany(
                f"INSERT INTO related_items VALUES (?, ?, {_NUMBER}, ?, ?)",  # noqa: S608
                self._related,
            )
            self._database.executemany(
                f"INSERT INTO page_items VALUES (?, ?, ?, {_NUMBER}, ?, ?)",  # noqa: S608
                self._page,
            )
            self._related.clear()
            self._page.clear()

    def write_names(self) -> None:
        """Write the tables of the numbered reasons and blocks."""
        self._database.executemany(
            "INSERT INTO reasons VALUES (?, ?, ?)",
            ((number, *reason) for reason, number in self._reasons.items()),
        )
        self._database.executemany(
            "INSERT INTO blocks VALUES (?, ?, ?, ?)",
            (
                (number, key, heading, self._places[key])
                for (key, heading), number in self._blocks.items()
            ),
        )

    def _reason(self, story: RelatedStory) -> int:
        return self._reasons.setdefault((story.reason, story.why), len(self._reasons) + 1)
