"""Filling a block: one slot after the other, nothing twice, no two of an event."""

from collections.abc import Iterable

from .shelf import UNKNOWN, Entry, Shelf


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
                section, event = self._shelf.section(row), self._shelf.version.events[row]
                self._pins[slot] = story, row, event, section, reason
                self._taken.add(story)
                self._events.add(event)
                self._sections[section] = self._sections.get(section, 0) + 1
                self.room -= 1

    @property
    def by_section(self) -> bool:
        """Whether it matters which section a story is of."""
        return bool(self._apart) or self._most < self._slots

    @property
    def empty(self) -> bool:
        """Whether nothing stands here yet."""
        return self.room == self._slots

    def follow(self, entries: Iterable[Entry]) -> None:
        """Take entries in order; those of which there are too many of a section, last."""
        if not self.room:
            return
        passed = []
        taken, banned, apart, events = self._taken, self._banned, self._apart, self._events
        capped, chosen, room = self._most < self._slots, self._chosen, self.room
        for entry in entries:
            story, _, event, section, _ = entry
            if story in taken or story in banned or event in events or section in apart:
                continue
            if capped:
                if self._sections.get(section, 0) >= self._most:
                    passed.append(entry)
                    continue
                self._sections[section] = self._sections.get(section, 0) + 1
            chosen.append(entry)
            taken.add(story)
            events.add(event)
            room -= 1
            if not room:
                break
        for entry in passed:
            story, _, event, _, _ = entry
            if room and event not in events:
                chosen.append(entry)
                taken.add(story)
                events.add(event)
                room -= 1
        self.room = room

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
