"""Convert a WordPress export (Tools → Export, the XML file) to articles for `ymal`.

python wordpress.py export.xml > articles.jsonl
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse


def articles(path: Path) -> Iterator[dict[str, object]]:
    """Yield the published posts."""
    for _, item in iterparse(path):  # noqa: S314 - the site's own export
        if item.tag != "item":
            continue
        if (_text(item, "}post_type"), _text(item, "}status")) == ("post", "publish"):
            sections = _terms(item, "category")
            yield {
                "id": _text(item, "}post_id"),
                "title": _text(item, "}title"),
                "body": _text(item, "content/}encoded"),
                "section": sections[0] if sections else "",
                "tags": _terms(item, "post_tag"),
                "url": _text(item, "}link"),
                "published_at": _text(item, "}post_date_gmt").replace(" ", "T") + "Z",
            }
        item.clear()


def _text(item: Element, end: str) -> str:
    """Give a child's text by the end of its tag, because namespaces differ between versions."""
    found = (child.text for child in item if f"}}{child.tag}".endswith(end))
    return next(found, None) or ""


def _terms(item: Element, domain: str) -> list[str]:
    return [term.text or "" for term in item.iter("category") if term.get("domain") == domain]


if __name__ == "__main__":
    for article in articles(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(article) + "\n")
