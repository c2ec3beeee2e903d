"""Filling a block: one slot after the other, nothing twice, no two of an event."""

from collections.abc import Iterable, Iterator

from .shelf import UNKNOWN, Entry, Shelf

FADING = 0.5
"""What a list weighs of the list of the story that was opened after it."""

LEAD = 5.0
"""Ranks by which the first of a list stands ahead; smoothes how much more the first counts."""


class Filling:
    """A block being filled.

    Parameters
    ----------
    shelf : Shelf
        The version.
    slots : int
        How many stories at most.
    taken : set of str
        Ids that stand elsewhere, and the article's own; what is chosen here is added.
    banned : frozenset of str
        Ids that must not stand here.
    apart : frozenset of str
        Sections whose stories must not stand here.
    most : int
        How many may be of one section, as long as there are others.
    """

    __slots__ = (
        "_apart",
        "_banned",
        "_chosen",
        "_events",
        "_most",
        "_pins",
        "_sections",
        "_shelf",
        "_slots",
        "_taken",
        "room",
    )

    def __init__(
        self,
        shelf: Shelf,
        slots: int,
        taken: set[str],
        banned: frozenset[str],
        apart: frozenset[str] = frozenset(),
        most: int = 100,
    ) -> None:
        self._shelf, self._slots, self.room = shelf, slots, slots
        self._taken, self._banned, self._apart, self._most = taken, banned, apart, most
        self._chosen: list[Entry] = []
        self._pins: dict[int, Entry] = {}
        self._events: set[int] = set()
        self._sections: dict[str, int] = {}

    def pin(self, pins: Iterable[tuple[int, str]], reason: str) -> None:
        """Put stories, by slot and id, where editors want them, also two of an event.

        Those that are unknown, banned, or stand elsewhere already are passed over.
        """
        for slot, story in pins:
            if slot > self._slots or story in self._taken or story in self._banned:
                continue
            row = self._shelf.row(story)
            if row != UNKNOWN:
                section, event = self._shelf.card(row)[3], self._shelf.version.events[row]
                self._pins[slot] = entry = Entry(story, row, event, section, reason)
                self._take(entry)

    @property
    def empty(self) -> bool:
        """Whether nothing stands here yet."""
        return self.room == self._slots

    def own(self, row: int) -> Iterator[Entry]:
        """Go through a row's own items, best first."""
        version, labelled = self._shelf.version, self._labelled
        ids, items, events = version.ids, version.list_items, version.events
        for place in self._shelf.own(row):
            target = items[place]
            section = version.section(target) if labelled else ""
            yield Entry(ids[target], target, events[target], section, place)

    def joint(self, rows: Iterable[int]) -> Iterator[Entry]:
        """Go through what stands high in the lists of several rows, the first weighing most.

        An item's worth is the sum over the lists of `FADING`^place of the list / (`LEAD` + rank).
        """
        worth: dict[int, float] = {}
        best: dict[int, int] = {}
        for at, row in enumerate(rows):
            for rank, place in enumerate(self._shelf.own(row), 1):
                target = self._shelf.version.list_items[place]
                worth[target] = worth.get(target, 0.0) + FADING**at / (LEAD + rank)
                best.setdefault(target, place)
        order = sorted(worth, key=lambda target: (-worth[target], target))
        version = self._shelf.version
        for target in order:
            section = version.section(target) if self._labelled else ""
            yield Entry(version.ids[target], target, version.events[target], section, best[target])

    def follow(self, entries: Iterable[Entry]) -> None:
        """Take entries in order; those of which there are too many of a section, last."""
        if not self.room:
            return
        passed = []
        taken, banned, apart, events = self._taken, self._banned, self._apart, self._events
        capped = self._most < self._slots
        for entry in entries:
            story, _, event, section, _ = entry
            if story in taken or story in banned or event in events or section in apart:
                continue
            if capped and self._sections.get(section, 0) >= self._most:
                passed.append(entry)
                continue
            self._chosen.append(entry)
            self._take(entry)
            if not self.room:
                return
        for entry in passed:
            if self.room and entry.event not in events:
                self._chosen.append(entry)
                self._take(entry)

    def entries(self) -> list[Entry]:
        """Give what was chosen, pins at their slots, or at the end where it ends before them."""
        if not self._pins:
            return self._chosen
        rest, filled = iter(self._chosen), list[Entry]()
        for slot in range(1, self._slots + 1):
            entry = self._pins.get(slot) or next(rest, None)
            if entry is None:
                return filled + [entry for at, entry in sorted(self._pins.items()) if at > slot]
            filled.append(entry)
        return filled

    @property
    def _labelled(self) -> bool:
        """Whether it matters which section an own item is of."""
        return bool(self._apart) or self._most < self._slots

    def _take(self, entry: Entry) -> None:
        self.room -= 1
        self._taken.add(entry.id)
        self._events.add(entry.event)
        if self._most < self._slots:
            self._sections[entry.section] = self._sections.get(entry.section, 0) + 1
