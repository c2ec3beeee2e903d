"""Write a simulated site as text files, each atomically."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.records import Int64
from training.simulate.articles import ArticleText
from training.simulate.browsing import ReaderPopulation
from training.simulate.newsroom import Coverage
from training.simulate.views import PageViews
from training.storage import open_replacement, replace_file

_CONFIG: Final = """\
# A simulated news site: every place, person and company in it is invented.
# Train on it from this folder with `ymal train`, then ask for related stories with `ymal related`.
# {truth} says which articles share an event, what readers like and who is a robot. It is
# for measuring lists; training never reads it.

[paths]
articles = "{articles}"
views = "{views}"
artifacts = "artifacts"
"""


class TextFiles:
    """Writes a site as text: JSON Lines, CSV and JSON.

    Parameters
    ----------
    out : Path
        The directory of the files.
    """

    names: Final = ("articles.jsonl", "views.csv", "truth.json")

    def __init__(self, out: Path) -> None:
        self._articles, self._views, self._truth = (out / name for name in self.names)

    def articles(
        self, coverage: Coverage, sections: Sequence[str], texts: Iterator[tuple[int, ArticleText]]
    ) -> None:
        """Write the articles, ordered by publish time."""
        times = _iso(coverage.published)
        by_row = dict(texts)
        with open_replacement(self._articles) as file:
            for row in range(len(coverage)):
                article = article_of(row, by_row[row], sections[coverage.section[row]])
                file.write(_json({**article, "published_at": times[row]}))

    def views(self, days: Iterator[PageViews]) -> int:
        """Write the views, ordered by time, and return their number."""
        count = 0
        with open_replacement(self._views) as file:
            file.write(b"user,article,time,read_time\n")
            for visits in days:
                columns = zip(
                    visits.reader.tolist(),
                    visits.article.tolist(),
                    _iso(visits.time),
                    visits.read_time.tolist(),
                    strict=True,
                )
                file.writelines(
                    f"{user_id(reader)},{article_id(article)},{time},{read_time}\n".encode()
                    for reader, article, time, read_time in columns
                )
                count += len(visits)
        return count

    def truth(self, coverage: Coverage, sections: Sequence[str], readers: ReaderPopulation) -> None:
        """Write the ground truth: events, robots, and tastes in percent by section."""
        events: list[list[str]] = [[] for _ in range(coverage.events)]
        for row, event in enumerate(coverage.event.tolist()):
            events[event].append(article_id(row))
        truth = {
            "events": {f"e{event:06d}": articles for event, articles in enumerate(events)},
            "robots": [user_id(robot) for robot in readers.robots.tolist()],
            "sections": list(sections),
            "tastes": {
                user_id(reader): taste for reader, taste in enumerate(readers.percent.tolist())
            },
        }
        replace_file(self._truth, _json(truth))


def article_of(row: int, text: ArticleText, section: str) -> dict[str, Any]:
    """Return the fields of an article, without its publish time."""
    return {
        "id": article_id(row),
        "title": text.title,
        "body": text.body,
        "section": section,
        "tags": text.tags,
        "url": f"https://news.example/{section.lower()}/{text.slug}",
    }


def write_config(path: Path, names: Sequence[str]) -> None:
    """Write a `ymal.toml` that names the files or folders of articles, views and truth."""
    articles, views, truth = names
    replace_file(path, _CONFIG.format(articles=articles, views=views, truth=truth).encode())


def article_id(row: int) -> str:
    """Return the id of an article."""
    return f"a{row:06d}"


def user_id(reader: int) -> str:
    """Return the id of a reader."""
    return f"u{reader:06d}"


def _iso(seconds: Int64) -> list[str]:
    """Format times as ISO 8601, UTC."""
    texts: list[str] = np.datetime_as_string(
        seconds.astype("datetime64[s]"), timezone="UTC"
    ).tolist()
    return texts


def _json(value: object) -> bytes:
    """Return a value as a line of JSON."""
    return f"{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n".encode()
