"""Export as JSON Lines: one line per article, for example for a key-value store."""

import json
from collections.abc import Iterator
from pathlib import Path

from recommender.values import iso
from training.export.pages import ArticlePages
from training.storage import open_replacement


def json_lines(pages: ArticlePages) -> Iterator[bytes]:
    """Yield one line per article, in UTF-8, with its line end.

    The same version, overrides and number of stories give the same bytes.
    """
    version = pages.snapshot.version
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for article, (title, url, section, published, extra), related, page in pages:
        line = {
            "id": article,
            "title": title,
            "url": url,
            "section": section,
            "published_at": iso(published),
            **({"extra": extra} if extra else {}),
            "version": version,
            "related": [story.as_dict() for story in related],
            "page": [block.as_dict() for block in page],
        }
        yield f"{encode(line)}\n".encode()


def write_lines(path: Path, pages: ArticlePages) -> None:
    """Write the lines to a file, atomically.

    Raises
    ------
    OutputError
        If the file cannot be written; an old file is kept.
    """
    with open_replacement(path) as file:
        file.writelines(json_lines(pages))
