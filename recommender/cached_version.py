"""A version with an in-memory cache of decoded ids, sections, cards and rankings."""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import repeat
from typing import Final, TypeVar

from .artifact import FREE_SLOT, StoredRanking, Version
from .manifest import raise_damaged
from .sections import section_key

Value = TypeVar("Value")

UNKNOWN: Final = -1
"""Row of an unknown article."""

HISTORY_DECAY: Final = 0.5
"""Weight of a story's list, relative to the list of the next opened story."""

RANK_OFFSET: Final = 5.0
"""Constant of reciprocal rank fusion: a larger value gives the first ranks less weight."""

NO_SECTION: Final = -1
"""Section of an article without one, and of an unknown article."""

ANY_LANGUAGE: Final = -1
"""Language that matches every other: the article has none, or is unknown."""

CACHED_ARTICLES: Final = 20_000
"""Maximum entries of a per-article cache, some megabytes; a full cache is emptied."""

Candidate = tuple[str, int, int, str, int | str]
"""A candidate for a list: id, row, event, section and origin.

The section is `""` for an item of the article's list if no section is needed. The origin of such an
item is its index in the list arrays. The origin of any other candidate is its reason."""

Card = tuple[str, str, str, datetime | None, dict[str, str]]
"""How an article is shown: title, url, section, publish time, further fields."""


def merge_lists(lists: Iterable[Iterable[int]]) -> list[int]:
    """Merge lists by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009).

    The score of an item is the sum over the lists of `HISTORY_DECAY`^(index of the list) /
    (`RANK_OFFSET` + rank). The first list therefore weighs most. Ties go to the lower row.

    Examples
    --------
    >>> merge_lists([[7, 8], [8, 9]])
    [8, 7, 9]
    """
    scores: dict[int, float] = {}
    for index, items in enumerate(lists):
        for rank, item in enumerate(items, 1):
            scores[item] = scores.get(item, 0.0) + HISTORY_DECAY**index / (RANK_OFFSET + rank)
    return sorted(scores, key=lambda item: (-scores[item], item))


class CachedVersion:
    """A version that decodes its sections, rankings and most shown articles only once.

    A site recommends articles of the last few weeks, so all lists share the same few thousand
    articles. Threads may share the cache: two threads that decode the same row get equal values.

    Attributes
    ----------
    version : Version
    by_priority : the blocks of the page in the order in which they choose.
    """

    __slots__ = (
        "_cards",
        "_codes",
        "_ids",
        "_rankings",
        "_sections",
        "_shared_events",
        "by_priority",
        "version",
    )

    def __init__(self, version: Version) -> None:
        self.version = version
        self.by_priority = sorted(version.page, key=lambda block: block.priority)
        self._sections: dict[int, str] = {NO_SECTION: ""}
        # By name and by key.
        self._codes: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        # Rows with a cached id whose event label is the row of another article.
        self._shared_events: set[int] = set()
        self._cards: dict[int, Card] = {}
        self._rankings: dict[tuple[str, int, int], tuple[Candidate, ...]] = {}

    @property
    def name(self) -> str:
        """The version's name."""
        return self.version.directory.name

    def row(self, article: str) -> int:
        """Find the row of a known article; `UNKNOWN` for any other."""
        version = self.version
        try:
            encoded = article.encode()
        except UnicodeEncodeError:  # a lone surrogate has no UTF-8, so it equals no id
            return UNKNOWN
        key, slots = zlib.crc32(encoded), version.key_slots
        if slots is None:
            return self._bisect(article, encoded, key)
        last = len(slots) - 1
        slot = begin = key & last
        while (row := slots[slot]) != FREE_SLOT:
            if version.ids.equals(row, article, encoded):
                return row
            slot = slot + 1 & last
            if slot == begin:
                raise_damaged(version.file("key_slots"), "none of its slots is free")
        return UNKNOWN

    def _bisect(self, article: str, encoded: bytes, key: int) -> int:
        """Find the row of a known article in a version without `key_slots`."""
        version = self.version
        hashes = version.key_hashes
        index = bisect_left(hashes, key)
        while index < len(hashes) and hashes[index] == key:
            row: int = version.key_rows[index]
            if version.ids.equals(row, article, encoded):
                return row
            index += 1
        return UNKNOWN

    def section(self, row: int) -> str:
        """Return the section of an article; `""` if it has none or is `UNKNOWN`."""
        code = NO_SECTION if row == UNKNOWN else self.version.sections[row]
        name = self._sections.get(code)
        if name is None:
            name = self._sections[code] = self.version.section_names[self._section_code(row)]
        return name

    def card(self, row: int) -> Card:
        """Return the card of a row."""
        card = self._cards.get(row)
        if card is None:
            version = self.version
            title, url = version.titles[row], version.urls[row]
            extra = version.extra_at(row)
            card = title, url, self.section(row), version.published_at(row), extra
            _put(self._cards, row, card)
        return card

    def candidate(self, row: int, reason: str) -> Candidate:
        """Return the candidate of a row with a given reason."""
        return self._id(row), row, self.version.events[row], self.section(row), reason

    def _id(self, row: int) -> str:
        """Decode and cache the id of an article.

        `first_items` relies on `_shared_events` for every id in the cache. Rows are therefore never
        removed from that set, even when the cache is emptied.
        """
        version = self.version
        story = version.ids[row]  # raises for a row that is out of range
        if version.events[row] != row:
            self._shared_events.add(row)
        _put(self._ids, row, story)
        return story

    def first_items(
        self, row: int, n: int, taken: set[str], banned: frozenset[str]
    ) -> tuple[int, list[int], list[str]] | None:
        """Return index, rows and ids of the first `n` items of a list, if these are the answer.

        None if there are fewer than `n`, or if a `BlockBuilder` might leave one out: an item that
        is taken or banned, or that shares its event with another article.
        """
        if row == UNKNOWN:
            return None
        version = self.version
        ends, items = version.list_ends, version.list_items
        begin, ids = ends[row], self._ids
        if begin + n > ends[row + 1] or ends[row + 1] > len(items):
            return None
        rows = items[begin : begin + n].tolist()
        chosen = [ids.get(target) or self._id(target) for target in rows]
        if (
            len(taken.union(chosen)) < len(taken) + n
            or (banned and not banned.isdisjoint(chosen))
            or (self._shared_events and not self._shared_events.isdisjoint(rows))
        ):
            return None
        return begin, rows, chosen

    def related(self, row: int, *, sections: bool = False) -> Iterator[Candidate]:
        """Iterate over the items of an article's list, best first, then the fallback rankings.

        Parameters
        ----------
        row : int
            The article, or `UNKNOWN`.
        sections : bool
            Whether candidates from the article's own list need their section.
        """
        begin, end = self._list_span(row)
        return self._candidates(row, enumerate(self.version.list_items[begin:end], begin), sections)

    def related_to_all(self, rows: Sequence[int], *, sections: bool = False) -> Iterator[Candidate]:
        """Iterate, as `related`, over the merged lists of several articles; the first weighs most.

        Items in another language than the first article are left out.
        """
        lists: list[list[int]] = []
        indexes: dict[int, int] = {}
        for row in rows:
            begin, end = self._list_span(row)
            items = self.version.list_items[begin:end].tolist()
            lists.append(items)
            for index, target in enumerate(items, begin):
                indexes.setdefault(target, index)
        merged = (target for target in merge_lists(lists) if self.share_language(rows[0], target))
        found = ((indexes[target], target) for target in merged)
        return self._candidates(rows[0], found, sections)

    def _candidates(
        self, row: int, items: Iterable[tuple[int, int]], sections: bool
    ) -> Iterator[Candidate]:
        """Iterate over list items, given by index and row, then over the fallback rankings."""
        ids, section = self._ids, ""
        for index, target in items:
            story = ids.get(target) or self._id(target)
            if sections:
                section = self.section(target)
            yield story, target, self.version.events[target], section, index
        for name in self.version.fallback:
            yield from self.ranking(name, row)

    def _list_span(self, row: int) -> tuple[int, int]:
        """Return the offsets of a row's list, [begin, end); empty for `UNKNOWN`."""
        version = self.version
        if row == UNKNOWN:
            return 0, 0
        return version.span("list_ends", version.list_ends, row, len(version.list_items))

    def score_and_reason(self, index: int) -> tuple[float, str]:
        """Return score and reason of the item at an index of the list arrays."""
        version = self.version
        score = version.list_scores[index]
        if not 0.0 <= score <= 1.0:
            raise_damaged(version.file("list_scores"), f"{score} is not a probability")
        return score, version.reason("list_reasons", version.list_reasons[index])

    def ranking(self, name: str, row: int) -> tuple[Candidate, ...]:
        """Return a ranking, best first, for the page of an article, or for `UNKNOWN`.

        A ranking by section returns the part of the article's section; it is empty if the article
        has none. Stories in another language than the article are left out.
        """
        by_section = self.version.rankings[name].ends is not None
        section = self._section_code(row) if by_section else NO_SECTION
        return self._ranking(name, section, self._language(row))

    def section_code(self, section: str) -> int:
        """Return the code of a section by its name, however spelled; `NO_SECTION` if unknown."""
        codes = self._codes
        if not codes:
            names = self.version.section_names
            by_name = {names[code]: code for code in range(len(names))}
            by_key = {section_key(name): code for name, code in reversed(by_name.items())}
            codes = self._codes = by_key | by_name
        return codes.get(section, codes.get(section_key(section), NO_SECTION))

    def section_ranking(self, name: str, section: str) -> tuple[Candidate, ...]:
        """Return a ranking, as `ranking` does, for the front page of a section."""
        by_section = self.version.rankings[name].ends is not None
        code = self.section_code(section) if section and by_section else NO_SECTION
        return self._ranking(name, code, ANY_LANGUAGE)

    def _ranking(self, name: str, section: int, language: int) -> tuple[Candidate, ...]:
        ranking = self._rankings.get((name, section, language))
        if ranking is None:
            ranking = self._read_ranking(self.version.rankings[name], section)
            if language != ANY_LANGUAGE:
                allowed = (language, ANY_LANGUAGE)
                ranking = tuple(story for story in ranking if self._language(story[1]) in allowed)
            self._rankings[name, section, language] = ranking
        return ranking

    def _read_ranking(self, stored: StoredRanking, section: int) -> tuple[Candidate, ...]:
        version, spec, rows = self.version, stored.spec, stored.rows
        begin, end = 0, len(rows)
        if stored.ends is not None:
            if section == NO_SECTION:
                return ()
            begin, end = version.span(spec.ends, stored.ends, section, len(rows))
        reasons: Iterable[str] = repeat(spec.reason)
        if stored.reasons is not None:
            codes = stored.reasons[begin:end]
            reasons = (version.reason(spec.reasons, code) for code in codes)
        return tuple(map(self.candidate, rows[begin:end], reasons))

    def _language(self, row: int) -> int:
        languages = self.version.languages
        if languages is None or row == UNKNOWN:
            return ANY_LANGUAGE
        if not row < len(languages):
            raise_damaged(self.version.file("list_items"), f"there is no row {row}")
        language: int = languages[row]
        return language

    def share_language(self, row: int, other: int) -> bool:
        """Whether the languages of two articles match."""
        one, two = self._language(row), self._language(other)
        return one == two or ANY_LANGUAGE in (one, two)

    def _section_code(self, row: int) -> int:
        version = self.version
        section: int = NO_SECTION if row == UNKNOWN else version.sections[row]
        if not NO_SECTION <= section < len(version.section_names):
            raise_damaged(version.file("sections"), f"there is no section {section}")
        return section


def _put(cache: dict[int, Value], row: int, value: Value) -> None:
    if len(cache) >= CACHED_ARTICLES:
        cache.clear()
    cache[row] = value
