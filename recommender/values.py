"""The values that a lookup returns."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


def iso(time: datetime | None) -> str | None:
    """Format a time, aware, UTC, as ISO 8601 with `Z`; None stays None.

    Examples
    --------
    >>> iso(datetime.fromisoformat("2026-06-01T06:00:00+00:00"))
    '2026-06-01T06:00:00Z'
    """
    return None if time is None else time.isoformat().replace("+00:00", "Z")


class RelatedStory(NamedTuple):
    """One recommended story of a page.

    Attributes
    ----------
    id : the site's own id.
    title, url, section : from the site's data; `""` if absent.
    published_at : aware, UTC; None if the site's data has no time.
    rank : rank in the answer or block, from 1.
    score : the model's probability that a reader of the article opens this story next; it may rise
        with the rank. None for a story that is not in the article's list.
    reason : code of the reason to show it: `readers`, `text`, `event`, `section`, `popular`,
        `latest`, `pinned`; in the blocks also `weekly`, `finished`, `widely_opened`, `picked`.
    why : the reason in the site's words, for readers.
    extra : further fields of the site, non-empty strings by name.
    """

    id: str
    title: str
    url: str
    section: str
    published_at: datetime | None
    rank: int
    score: float | None
    reason: str
    why: str
    extra: dict[str, str] = {}  # noqa: RUF012 - a story with fields gets its own dict

    def __hash__(self) -> int:
        """Hash all fields except the mutable `extra`, so that sets can contain stories."""
        return hash(self[:-1])

    def as_dict(self) -> dict[str, str | int | float | dict[str, str] | None]:
        """Return the story as a JSON object; `published_at` is ISO 8601 with `Z`, or None.

        `extra` is left out if it is empty.

        Examples
        --------
        >>> RelatedStory("7", "Rain", "", "weather", None, 1, 0.25, "text", "").as_dict()["score"]
        0.25
        """
        fields = {**self._asdict(), "published_at": iso(self.published_at)}
        if not self.extra:
            del fields["extra"]
        return fields


def extra_of(text: str) -> dict[str, str]:
    """Parse further fields from their JSON object; `""` has none.

    Raises
    ------
    ValueError
        If the text is not a JSON object of strings.

    Examples
    --------
    >>> extra_of('{"author": "Ada"}'), extra_of("")
    ({'author': 'Ada'}, {})
    """
    if not text:
        return {}
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("it is not a JSON object of strings")
    return found


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page: its key, its heading, its stories."""

    key: str
    title: str
    items: tuple[RelatedStory, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the block as a JSON object."""
        return {"key": self.key, "title": self.title, "items": [s.as_dict() for s in self.items]}


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of an article's page; no story appears twice, and the article itself never.

    Attributes
    ----------
    source : id of the article.
    version : name of its version.
    blocks : in page order.

    Examples
    --------
    >>> Page("7", "v", (Block("related", "You May Also Like", ()),))["related"].title
    'You May Also Like'
    """

    source: str
    version: str
    blocks: tuple[Block, ...]

    def __getitem__(self, key: str) -> Block:
        """Return the block of a key; raise `KeyError` if the page has none."""
        for block in self.blocks:
            if block.key == key:
                return block
        raise KeyError(key)

    def as_dict(self) -> dict[str, object]:
        """Return the page as a JSON object."""
        blocks = [block.as_dict() for block in self.blocks]
        return {"source": self.source, "version": self.version, "blocks": blocks}
