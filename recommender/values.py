"""The values a lookup gives."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


def iso(time: datetime | None) -> str | None:
    """Write a time, aware, UTC, in ISO 8601 with `Z`; None stays None.

    Examples
    --------
    >>> iso(datetime.fromisoformat("2026-06-01T06:00:00+00:00"))
    '2026-06-01T06:00:00Z'
    """
    return None if time is None else time.isoformat().replace("+00:00", "Z")


class RelatedStory(NamedTuple):
    """One story under an article.

    Attributes
    ----------
    id : the site's own id.
    title, url, section : as the site gave them; `""` where it gave none.
    published_at : aware, UTC; None where the site gave no time.
    rank : place in the answer or block, from 1.
    score : probability that a reader of the article opens this story next, by the model; it need
        not fall with the rank. None for a story that is no own item of the article.
    reason : code of why it stands here: `readers`, `text`, `event`, `section`, `popular`,
        `latest`, `pinned`; in the blocks also `weekly`, `finished`, `widely_opened`, `picked`.
    why : the same in the site's words, for readers.
    extra : further fields that the site keeps, texts by their names; none that is empty.
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
    extra: dict[str, str] = {}  # noqa: RUF012 - each story that has any gets its own

    def __hash__(self) -> int:
        """Hash all but `extra`, which may change: stories can stand in sets."""
        return hash(self[:-1])

    def as_dict(self) -> dict[str, str | int | float | dict[str, str] | None]:
        """Give the story as JSON has it; `published_at` in ISO 8601 with `Z`, or None.

        `extra` is left out where there is none.

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
    """Read further fields from their JSON object; `""` holds none.

    Raises
    ------
    ValueError
        If it is no JSON object of texts.

    Examples
    --------
    >>> extra_of('{"author": "Ada"}'), extra_of("")
    ({'author': 'Ada'}, {})
    """
    if not text:
        return {}
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("it is no JSON object of texts")
    return found


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page: its key, the heading, its stories."""

    key: str
    title: str
    items: tuple[RelatedStory, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the block as JSON has it."""
        return {"key": self.key, "title": self.title, "items": [s.as_dict() for s in self.items]}


@dataclass(frozen=True, slots=True)
class Page:
    """What stands under an article: no story twice, the article itself nowhere.

    Attributes
    ----------
    source : id of the article.
    version : name of the version that it comes from.
    blocks : in the order in which they stand on the page.

    Examples
    --------
    >>> Page("7", "v", (Block("related", "You May Also Like", ()),))["related"].title
    'You May Also Like'
    """

    source: str
    version: str
    blocks: tuple[Block, ...]

    def __getitem__(self, key: str) -> Block:
        """Give the block of a key; `KeyError` where the page has none."""
        for block in self.blocks:
            if block.key == key:
                return block
        raise KeyError(key)

    def as_dict(self) -> dict[str, object]:
        """Give the page as JSON has it."""
        blocks = [block.as_dict() for block in self.blocks]
        return {"source": self.source, "version": self.version, "blocks": blocks}
