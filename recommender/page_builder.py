"""PageBuilder a block: one slot after the other, nothing twice, no two of an event."""

from collections.abc import Iterable

from .cached_version import Candidate


class PageBuilder:
    """A block to be filled: first what editors pin, then the next best.

    Parameters
    ----------
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

    __slots__ = ("_apart", "_banned", "_events", "_most", "_pins", "_sections", "_slots", "_taken")

    def __init__(
        self, slots: int, taken: set[str], banned: frozenset[str], apart: frozenset[str], most: int
    ) -> None:
        self._slots, self._taken, self._banned = slots, taken, banned
        self._apart, self._most = apart, most
        self._pins: dict[int, Candidate] = {}
        self._events: set[int] = set()
        self._sections: dict[str, int] = {}

    @property
    def by_section(self) -> bool:
        """Whether it matters which section a story is of."""
        return bool(self._apart) or self._most < self._slots

    @property
    def empty(self) -> bool:
        """Whether nothing is pinned here."""
        return not self._pins

    def pin(self, slot: int, entry: Candidate) -> None:
        """Put a story where editors want it, even if another of its event stands here.

        One that is banned, or stands elsewhere already, is passed over.
        """
        story, _, event, section, _ = entry
        if slot <= self._slots and story not in self._taken and story not in self._banned:
            self._pins[slot] = entry
            self._taken.add(story)
            self._events.add(event)
            self._sections[section] = self._sections.get(section, 0) + 1

    def fill(self, entries: Iterable[Candidate]) -> list[Candidate]:
        """Give what stands here when entries are taken in order.

        Those of which there are too many of a section come last.
        """
        chosen: list[Candidate] = []
        room = self._slots - len(self._pins)
        if room:
            passed = []
            taken, banned, apart, events = self._taken, self._banned, self._apart, self._events
            capped = self._most < self._slots
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
        return self._among_pins(chosen) if self._pins else chosen

    def _among_pins(self, chosen: list[Candidate]) -> list[Candidate]:
        """Put pins at their slots, or at the end where it ends before them."""
        rest, filled = iter(chosen), list[Candidate]()
        for slot in range(1, self._slots + 1):
            entry = self._pins.get(slot) or next(rest, None)
            if entry is None:
                return filled + [entry for at, entry in sorted(self._pins.items()) if at > slot]
            filled.append(entry)
        return filled
