"""JSON Lines: a line per article, ready for a key-value store."""

import json
from collections.abc import Iterator
from pathlib import Path

from recommender.values import iso
from training.export.pages import ArticlePages
from training.storage import replacing_file


def json_lines(answers: ArticlePages) -> Iterator[bytes]:
    """Give a line per article: UTF-8, its end included.

    The same version, overrides and number of stories give the same bytes.
    """
    version = answers.snapshot.version
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for article, (title, url, section, published, extra), related, page in answers:
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


def write_lines(path: Path, answers: ArticlePages) -> None:
    """Write the lines to a file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written; an old file stays.
    """
    with replacing_file(path) as file:
        file.writelines(json_lines(answers))
