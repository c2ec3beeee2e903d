"""What can be read off a version: its articles by id, own items, and rankings ready to show."""

import time
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heapreplace
from itertools import repeat
from typing import Final, TypeVar

from .artifact import FREE, NEVER, Version
from .manifest import broken

Read = TypeVar("Read")

UNKNOWN: Final = -1
"""Row of an article that is not known."""

FADING: Final = 0.5
"""What a list weighs of the list of the story that was opened after it."""

LEAD: Final = 5.0
"""Ranks by which the first of a list stands ahead; smoothes how much more the first counts."""

NO_SECTION: Final = -1
"""Section of an article that has none, or is not known."""

ANY: Final = -1
"""Language of an article that goes with all: one that has none, or is not known."""

_OF_SECTION: Final = ("section", "section_latest")
"""The rankings that each section has its own of."""

_SEARCHED: Final = 512
"""Titles that are searched at a time."""

_BREATH: Final = 1e-6
"""Seconds that a search sleeps before each run of titles, so that a service's other threads, which
would wait for the interpreter's lock, answer meanwhile."""

_NO_TIME: Final = -NEVER - 1
"""What comes before every time, in a search for the newest."""


def merge_lists(lists: Iterable[Iterable[int]]) -> list[int]:
    """Put the items of several lists in one order, the first list weighing most.

    An item's worth is the sum over the lists of `FADING`^place of the list / (`LEAD` + rank); of
    two alike the lower row comes first.

    Examples
    --------
    >>> merge_lists([[7, 8], [8, 9]])
    [8, 7, 9]
    """
    worth: dict[int, float] = {}
    for place, items in enumerate(lists):
        for rank, item in enumerate(items, 1):
            worth[item] = worth.get(item, 0.0) + FADING**place / (LEAD + rank)
    return sorted(worth, key=lambda item: (-worth[item], item))


Candidate = tuple[str, int, int, str, int | str]
"""An article in a list: its id, row and event; its section, `""` for an own item of which nobody
asks; its origin, the place of an own item among the lists, and the reason of any other."""

Card = tuple[str, str, str, datetime | None, dict[str, str]]
"""How an article is shown: title, url, section, publish time, further fields."""


KEPT: Final = 20_000
"""Articles of which what was read is kept, before all of it is let go: some megabytes."""


class CachedVersion:
    """A version, with what many pages show of it read once each: sections, rankings, articles.

    A site recommends what is a few weeks old at most, so that of any number of articles the same
    few thousand stand in all lists. Threads may share it: what two of them read is the same.

    Attributes
    ----------
    version : Version
    by_priority : the blocks of the page in the order in which they choose.
    """

    __slots__ = (
        "_alike",
        "_cards",
        "_ids",
        "_rankings",
        "_sections",
        "by_priority",
        "version",
    )

    def __init__(self, version: Version) -> None:
        self.version = version
        self.by_priority = sorted(version.page, key=lambda plan: plan.priority)
        self._sections: dict[int, str] = {NO_SECTION: ""}
        self._ids: dict[int, str] = {}
        self._alike: set[int] = set()  # rows that were read whose event has another's label
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
        except UnicodeEncodeError:  # half of a surrogate pair is no valid text: it equals no id
            return UNKNOWN
        key, slots = zlib.crc32(encoded), version.key_slots
        if slots is None:
            return self._bisected(article, encoded, key)
        last = len(slots) - 1
        place = begin = key & last
        while (row := slots[place]) != FREE:
            if version.ids.has(row, article, encoded):
                return row
            place = place + 1 & last
            if place == begin:
                broken(version.file("key_slots"), "none of its slots is free")
        return UNKNOWN

    def _bisected(self, article: str, encoded: bytes, key: int) -> int:
        """Find the row of a known article in a version that has no slots."""
        version = self.version
        hashes = version.key_hashes
        place = bisect_left(hashes, key)
        while place < len(hashes) and hashes[place] == key:
            row: int = version.key_rows[place]
            if version.ids.has(row, article, encoded):
                return row
            place += 1
        return UNKNOWN

    def section(self, row: int) -> str:
        """Give the section of an article; `""` where it has none, or is `UNKNOWN`."""
        code = NO_SECTION if row == UNKNOWN else self.version.sections[row]
        name = self._sections.get(code)
        if name is None:
            name = self._sections[code] = self.version.section_names[self._code(row)]
        return name

    def card(self, row: int) -> Card:
        """Give the card of a row."""
        card = self._cards.get(row)
        if card is None:
            version = self.version
            title, url = version.titles[row], version.urls[row]
            extra = version.extra_at(row)
            card = title, url, self.section(row), version.published_at(row), extra
            _keep(self._cards, row, card)
        return card

    def entry(self, row: int, reason: str) -> Candidate:
        """Make the entry of an article that stands there for a reason."""
        return self._id(row), row, self.version.events[row], self.section(row), reason

    def _id(self, row: int) -> str:
        """Read the id of an article.

        Who finds an id kept relies on what `_alike` says of it, so that is never let go of.
        """
        version = self.version
        story = version.ids[row]  # which refuses a row there is not
        if version.events[row] != row:
            self._alike.add(row)
        _keep(self._ids, row, story)
        return story

    def first(
        self, row: int, n: int, taken: set[str], banned: frozenset[str]
    ) -> tuple[int, list[int], list[str]] | None:
        """Give place, rows and ids of an article's first own items, if they may stand as they are.

        None where there are fewer than `n`, or where `PageBuilder` might pass over one of them: one
        that is taken or banned, or that shares an event with any other.
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
            or (self._alike and not self._alike.isdisjoint(rows))
        ):
            return None
        return begin, rows, chosen

    def related(self, row: int, *, sections: bool = False) -> Iterator[Candidate]:
        """Go through what may follow an article: its own items, best first, then rankings.

        `sections` tells whether anyone asks those of own items.
        """
        begin, end = self._places(row)
        return self._through(row, enumerate(self.version.list_items[begin:end], begin), sections)

    def merged(self, rows: Sequence[int], *, sections: bool = False) -> Iterator[Candidate]:
        """Go through what may follow several articles, the first weighing most, as `related`.

        What stands in the others' lists in another language than that of the first is left out.
        """
        lists: list[list[int]] = []
        places: dict[int, int] = {}
        for row in rows:
            begin, end = self._places(row)
            items = self.version.list_items[begin:end].tolist()
            lists.append(items)
            for at, target in enumerate(items, begin):
                places.setdefault(target, at)
        ordered = (target for target in merge_lists(lists) if self._goes(rows[0], target))
        own = ((places[target], target) for target in ordered)
        return self._through(rows[0], own, sections)

    def _through(
        self,
        row: int,
        own: Iterable[tuple[int, int]],
        sections: bool,
    ) -> Iterator[Candidate]:
        """Go through own items, by place and row, then through the rankings for an article."""
        ids, section = self._ids, ""
        for at, target in own:
            story = ids.get(target) or self._id(target)
            if sections:
                section = self.section(target)
            yield story, target, self.version.events[target], section, at
        for name in self.version.fallback:
            yield from self.ranking(name, row)

    def _places(self, row: int) -> tuple[int, int]:
        """Give where a row's own items begin and end; there are none for `UNKNOWN`."""
        version = self.version
        if row == UNKNOWN:
            return 0, 0
        return version.span("list_ends", version.list_ends, row, len(version.list_items))

    def score_and_reason(self, place: int) -> tuple[float, str]:
        """Give score and reason of an own item."""
        version = self.version
        score = version.list_scores[place]
        if not 0.0 <= score <= 1.0:
            broken(version.file("list_scores"), f"{score} is no probability")
        return score, version.reason("list_reasons", version.list_reasons[place])

    def ranking(self, name: str, row: int) -> tuple[Candidate, ...]:
        """Give a ranking, best first.

        Parameters
        ----------
        name : str
            `popular`, `latest`, `weekly`, `must_reads`; `section` or `section_latest`, which is
            that of the article's section, and empty where it has none.
        row : int
            The article whose page it is for, or `UNKNOWN`.

        Returns
        -------
        tuple of Candidate
        """
        section = self._code(row) if name in _OF_SECTION else NO_SECTION
        return self._ranking(name, section, self._language(row))

    def front(self, name: str, section: str) -> tuple[Candidate, ...]:
        """Give a ranking as `ranking` does, for the front page of a section, of any name."""
        code = NO_SECTION
        if name in _OF_SECTION and section:
            names = self.version.section_names
            code = next((at for at in range(len(names)) if names[at] == section), NO_SECTION)
        return self._ranking(name, code, ANY)

    def _ranking(self, name: str, section: int, language: int) -> tuple[Candidate, ...]:
        if section == NO_SECTION and name in _OF_SECTION:
            return ()
        made = self._rankings.get((name, section, language))
        if made is None:
            made = self._made(name, section)
            if language != ANY:
                made = tuple(e for e in made if self._language(e[1]) in (language, ANY))
            self._rankings[name, section, language] = made
        return made

    def titled(self, words: Sequence[str], n: int, shown: Callable[[int], bool]) -> list[int]:
        """Give the newest rows that have all of some words in their title, those of no time last.

        Parameters
        ----------
        words : sequence of str
            Case-folded.
        n : int
            How many rows at most.
        shown : callable
            Tells of a row whether it may be given.

        Returns
        -------
        list of int
        """
        titles, times = self.version.titles, self.version.published
        newest = [(_NO_TIME, UNKNOWN)] * min(n, len(titles))  # a heap: the oldest comes first
        for end in range(len(titles) if newest else 0, 0, -_SEARCHED):
            begin = max(end - _SEARCHED, 0)
            if max(times[begin:end]) < newest[0][0]:
                continue
            time.sleep(_BREATH)
            if _has(titles.run(begin, end), words):  # few runs have, so few titles are read
                for row in range(begin, end):
                    at = times[row]
                    found = _NO_TIME if at == NEVER else at, row
                    if found > newest[0] and _has(titles[row], words) and shown(row):
                        heapreplace(newest, found)
        return [row for _, row in sorted(newest, reverse=True) if row != UNKNOWN]

    def _made(self, name: str, section: int) -> tuple[Candidate, ...]:
        version = self.version
        if section == NO_SECTION:
            rows: memoryview = getattr(version, name)
        else:
            rows, ends = getattr(version, f"{name}_rows"), getattr(version, f"{name}_ends")
            begin, end = version.span(f"{name}_ends", ends, section, len(rows))
            rows = rows[begin:end]
        reasons: Iterable[str] = repeat("latest" if name == "section_latest" else name, len(rows))
        if name == "must_reads":
            codes = version.must_read_reasons
            reasons = (version.reason("must_read_reasons", code) for code in codes)
        return tuple(self.entry(*pair) for pair in zip(rows, reasons, strict=True))

    def _language(self, row: int) -> int:
        languages = self.version.languages
        if languages is None or row == UNKNOWN:
            return ANY
        if not row < len(languages):
            broken(self.version.file("list_items"), f"there is no row {row}")
        language: int = languages[row]
        return language

    def _goes(self, row: int, other: int) -> bool:
        """Tell whether an article may follow another as far as their languages go."""
        one, two = self._language(row), self._language(other)
        return one == two or ANY in (one, two)

    def _code(self, row: int) -> int:
        version = self.version
        section: int = NO_SECTION if row == UNKNOWN else version.sections[row]
        if not NO_SECTION <= section < len(version.section_names):
            broken(version.file("sections"), f"there is no section {section}")
        return section


def _has(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text has all of some case-folded words."""
    folded = text.casefold()
    return all(word in folded for word in words)


def _keep(kept: dict[int, Read], row: int, read: Read) -> None:
    if len(kept) >= KEPT:
        kept.clear()
    kept[row] = read
