"""Fill the blocks of a page: no story twice, and no two stories of one event in a block."""

from collections.abc import Iterable
from typing import Final

from .active_overrides import ActiveOverrides
from .cached_version import UNKNOWN, CachedVersion, Candidate

_NO_SECTIONS: Final[frozenset[str]] = frozenset()


class BlockBuilder:
    """Builds a block: first from the editors' pins, then from the best candidates.

    Parameters
    ----------
    slots : int
        Maximum number of stories.
    taken : set of str
        Ids used elsewhere on the page, and the article's own; the block adds its stories.
    banned : frozenset of str
        Ids to leave out.
    apart : frozenset of str
        Sections to leave out.
    max_per_section : int
        Maximum number of stories of one section, as long as there are others.
    """

    __slots__ = (
        "_apart",
        "_banned",
        "_events",
        "_max_per_section",
        "_pins",
        "_sections",
        "_slots",
        "_taken",
    )

    def __init__(
        self,
        slots: int,
        taken: set[str],
        banned: frozenset[str],
        apart: frozenset[str],
        max_per_section: int,
    ) -> None:
        self._slots, self._taken, self._banned = slots, taken, banned
        self._apart, self._max_per_section = apart, max_per_section
        self._pins: dict[int, Candidate] = {}
        self._events: set[int] = set()
        self._sections: dict[str, int] = {}

    @property
    def needs_sections(self) -> bool:
        """Whether the block needs the sections of candidates."""
        return bool(self._apart) or self._max_per_section < self._slots

    @property
    def has_pins(self) -> bool:
        """Whether a story is pinned to the block."""
        return bool(self._pins)

    def pin(self, slot: int, story: Candidate) -> bool:
        """Pin a story to a slot, even if the block has another story of its event.

        Return whether it stands there: a banned or taken story does not.
        """
        id_, _, event, section, _ = story
        if slot > self._slots or id_ in self._taken or id_ in self._banned:
            return False
        self._pins[slot] = story
        self._taken.add(id_)
        self._events.add(event)
        self._sections[section] = self._sections.get(section, 0) + 1
        return True

    def fill(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Fill the free slots with candidates, in their order, and return all stories.

        Candidates beyond `max_per_section` come after all others.
        """
        chosen: list[Candidate] = []
        free = self._slots - len(self._pins)
        if free:
            postponed = []
            taken, banned, apart, events = self._taken, self._banned, self._apart, self._events
            capped = self._max_per_section < self._slots
            for candidate in candidates:
                story, _, event, section, _ = candidate
                if story in taken or story in banned or event in events or section in apart:
                    continue
                if capped:
                    if self._sections.get(section, 0) >= self._max_per_section:
                        postponed.append(candidate)
                        continue
                    self._sections[section] = self._sections.get(section, 0) + 1
                chosen.append(candidate)
                taken.add(story)
                events.add(event)
                free -= 1
                if not free:
                    break
            for candidate in postponed:
                story, _, event, _, _ = candidate
                if free and event not in events:
                    chosen.append(candidate)
                    taken.add(story)
                    events.add(event)
                    free -= 1
        return self._insert_pins(chosen) if self._pins else chosen

    def _insert_pins(self, chosen: list[Candidate]) -> list[Candidate]:
        """Insert pins at their slots; pins beyond the last chosen story follow at the end."""
        rest, stories = iter(chosen), list[Candidate]()
        for slot in range(1, self._slots + 1):
            story = self._pins.get(slot) or next(rest, None)
            if story is None:
                return stories + [pin for at, pin in sorted(self._pins.items()) if at > slot]
            stories.append(story)
        return stories


class PageBuilder:
    """Builds the blocks of one page, which share the set of taken stories.

    Parameters
    ----------
    cached : CachedVersion
    overrides : ActiveOverrides
    source : str
        Id of the page's article; `""` for a page without one, such as a front page.
    row : int
        Its row; `UNKNOWN` for an unknown article, or none.
    section : str
        The page's section, or `""`.
    taken : set of str
        Ids to leave out; the page adds the stories it chooses.
    """

    __slots__ = ("_cached", "_overrides", "_row", "_section", "_source", "_taken")

    def __init__(
        self,
        cached: CachedVersion,
        overrides: ActiveOverrides,
        source: str,
        row: int,
        section: str,
        taken: set[str],
    ) -> None:
        self._cached, self._overrides = cached, overrides
        self._source, self._row, self._section, self._taken = source, row, section, taken

    def open_block(
        self, key: str, slots: int, max_per_section: int, pin_reason: str = "pinned"
    ) -> BlockBuilder:
        """Start a block with the pinned stories at their slots.

        Of several pins of a slot the first whose story can stand on this page has it. A story that
        is unknown, withdrawn, used elsewhere on the page or in another language cannot.
        """
        cached, overrides = self._cached, self._overrides
        block = BlockBuilder(
            slots,
            self._taken,
            overrides.bans(key, self._source, self._section),
            cached.version.apart.get(self._section, _NO_SECTIONS),
            max_per_section,
        )
        for slot, stories in overrides.pins(key, self._source, self._section):
            for row in map(cached.row, stories):
                if (
                    row != UNKNOWN
                    and cached.share_language(self._row, row)
                    and block.pin(slot, cached.candidate(row, pin_reason))
                ):
                    break
        return block
