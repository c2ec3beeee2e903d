"""What every export must be: what the lookup answers, and nothing else."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

from recommender import RelatedStory, Snapshot

DOCUMENT = Path(__file__).parents[1] / "docs" / "export.md"
RELATED, PAGE = re.findall(
    r"```sql\n(SELECT.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
)


def check_lines(data: bytes, snapshot: Snapshot, n: int) -> None:
    """A line for each known article, each what the lookup answers."""
    lines = [json.loads(line) for line in data.decode().removesuffix("\n").split("\n") if line]
    assert [line["id"] for line in lines] == [name for name, _ in snapshot.articles()]
    assert sorted(line["id"] for line in lines) == sorted(snapshot.ids())
    for line, (name, card) in zip(lines, snapshot.articles(), strict=True):
        *shown, extra = card
        article = RelatedStory(name, *shown, 1, None, "", "", extra).as_dict()
        shown = ("id", "title", "url", "section", "published_at", "extra")
        assert line == {
            **{key: article[key] for key in shown if key in article},
            "version": snapshot.version,
            "related": [story.as_dict() for story in snapshot.related(name, n)],
            "page": [block.as_dict() for block in snapshot.page(name).blocks],
        }


def check_tables(path: Path, snapshot: Snapshot, n: int) -> None:
    """The documented queries give what the lookup answers, and search without scanning."""
    for database in opened(path):
        for query in (RELATED, PAGE):
            plan = database.execute(f"EXPLAIN QUERY PLAN {query}", {"id": "7"}).fetchall()
            assert not [step for step in plan if "SCAN" in step["detail"]]
        cards = database.execute("SELECT * FROM articles ORDER BY number").fetchall()
        assert [card["id"] for card in cards] == [name for name, _ in snapshot.articles()]
        for card in cards:
            article = card["id"]
            wanted = [story.as_dict() for story in snapshot.related(article, min(n, 5))]
            assert stories(database.execute(RELATED, {"id": article})) == wanted
            rows = database.execute(PAGE, {"id": article}).fetchall()
            page = [
                {"key": key, "title": heading, "items": stories(items)}
                for (key, heading), items in groupby(rows, lambda r: (r["block"], r["heading"]))
            ]
            assert page == [block.as_dict() for block in snapshot.page(article).blocks]
            (count,) = database.execute(
                "SELECT count(*) FROM related WHERE source = ?", (article,)
            ).fetchone()
            assert count == len(snapshot.related(article, n))
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
        assert database.execute("PRAGMA user_version").fetchone()[0] == 1
        (version,) = database.execute("SELECT * FROM version").fetchall()
        assert (version["name"], version["n"]) == (snapshot.version, n)


def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database as a site would."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        yield database


def stories(rows: Any) -> list[dict[str, object]]:
    """The stories of rows, as JSON has them."""
    found = [{name: row[name] for name in RelatedStory._fields} for row in rows]
    for story in found:
        extra = story.pop("extra")
        if extra is not None:
            story["extra"] = json.loads(extra)
    return found


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())
