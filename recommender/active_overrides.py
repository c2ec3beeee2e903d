"""The overrides in force at one moment, indexed for the lookup."""

import hashlib
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from .blocks import RELATED
from .overrides import Override, dump
from .sections import section_key

_Scope = tuple[str, str]
"""Scope of an override: `all`, or `section` with its key, or `article` with its id."""

_ALL: Final = ("all", "")


class ActiveOverrides:
    """The overrides in force at one moment.

    Parameters
    ----------
    overrides : iterable of Override
        All overrides of the file.
    at : float
        Time, in seconds since 1970.

    Attributes
    ----------
    withdrawn : ids of the withdrawn articles.
    uses_sections : whether an override applies to the pages of a section.
    in_force : the overrides in force, in their given order.
    at, until : seconds since 1970; the overrides in force are the same in [at, until).
    """

    __slots__ = (
        "_banned",
        "_banned_everywhere",
        "_banned_on",
        "_pinned",
        "at",
        "in_force",
        "until",
        "uses_sections",
        "withdrawn",
    )

    def __init__(self, overrides: Iterable[Override], at: float) -> None:
        moment = datetime.fromtimestamp(at, UTC)
        self.at, self.until = at, math.inf
        everywhere: set[str] = set()
        withdrawn: set[str] = set()
        in_block: dict[str, set[str]] = {}
        self._banned_on: dict[tuple[_Scope, str | None], set[str]] = {}
        self._pinned: dict[tuple[_Scope, str], dict[int, list[str]]] = {}
        in_force: list[Override] = []
        for override in overrides:
            for edge in (override.starts, override.until):
                if edge is not None and edge > moment:
                    self.until = min(self.until, edge.timestamp())
            if (override.starts and override.starts > moment) or (
                override.until and override.until <= moment
            ):
                continue
            in_force.append(override)
            scope = _scope(override)
            if override.action == "withdraw":
                withdrawn.add(override.story)
            elif override.action == "pin":
                key = scope, override.block or RELATED
                slots = self._pinned.setdefault(key, {})
                slots.setdefault(override.slot or 1, []).append(override.story)
            elif scope != _ALL:
                self._banned_on.setdefault((scope, override.block), set()).add(override.story)
            elif override.block:
                in_block.setdefault(override.block, set()).add(override.story)
            else:
                everywhere.add(override.story)
        self.in_force = tuple(in_force)
        self.withdrawn = frozenset(withdrawn)
        self._banned_everywhere = self.withdrawn.union(everywhere)
        self._banned = {
            block: self._banned_everywhere.union(stories) for block, stories in in_block.items()
        }
        scopes = {scope[0] for scope, _ in (*self._banned_on, *self._pinned)}
        self.uses_sections = "section" in scopes

    @property
    def digest(self) -> str:
        """A hash of the overrides in force, 16 hex digits; `""` if there are none."""
        return hashlib.sha256(dump(self.in_force)).hexdigest()[:16] if self.in_force else ""

    def bans(self, block: str, source: str, section: str) -> frozenset[str]:
        """Return the ids banned from a block on the page of an article."""
        general = self._banned.get(block, self._banned_everywhere)
        if not self._banned_on:
            return general
        scopes = ("article", source), ("section", section_key(section))
        sets = (self._banned_on.get((scope, key), ()) for scope in scopes for key in (block, None))
        return general.union(*sets)

    def uniform_bans(self, block: str) -> frozenset[str] | None:
        """Return the ids banned from a block, if they are the same on every page.

        None if they differ by page, or if a story is pinned to the block.
        """
        if any(key in (block, None) for _, key in (*self._banned_on, *self._pinned)):
            return None
        return self._banned.get(block, self._banned_everywhere)

    def pins(self, block: str, source: str, section: str) -> list[tuple[int, list[str]]]:
        """Return slots and ids of the pins of a block on the page of an article, by slot.

        The first id of a slot that can stand there has it. The narrower scope comes first: the
        article before its section, and the section before all pages; of one scope, the newest.
        """
        if not self._pinned:
            return []
        slots: dict[int, list[str]] = {}
        for scope in (("article", source), ("section", section_key(section)), _ALL):
            for slot, stories in self._pinned.get((scope, block), {}).items():
                slots.setdefault(slot, []).extend(reversed(stories))
        return sorted(slots.items())


def _scope(override: Override) -> _Scope:
    if override.article is not None:
        return "article", override.article
    if override.section is None:
        return _ALL
    return "section", section_key(override.section) or override.section  # a blank one is of no page


NO_OVERRIDES: Final = ActiveOverrides((), 0.0)
"""No override is in force."""
