"""Overrides: what editors pin, ban and withdraw, in force at the next request, without training.

`overrides.json` stands beside the versions: `{"format": 1, "overrides": [...]}`, written by `ymal
pin`, `ban`, `withdraw` and `overrides`, by hand, or by another program. A file that cannot be used
is refused as a whole, and the last good one, kept as `overrides.last-good.json`, stays in force: a
takedown never fails open.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from .artifact import BLOCKS
from .files import replace
from .manifest import ArtifactError, error_text, read_json, read_small
from .values import iso

FILE: Final = "overrides.json"
LAST_GOOD: Final = "overrides.last-good.json"
FORMAT: Final = 1
ACTIONS: Final = ("pin", "ban", "withdraw")
NONE: Final = '{"format": 1, "overrides": []}'
"""A file without any."""

_TEXTS: Final = ("id", "action", "story", "block", "article", "section", "who", "why")
_TIMES: Final = ("when", "from", "until")
_KEYS: Final = (*_TEXTS, *_TIMES, "slot")
_LARGEST: Final = 16 << 20
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
"""The times of ISO 8601 that every language reads alike."""


class Override(NamedTuple):
    """One thing that an editor wants.

    Attributes
    ----------
    id : its own, by which it is lifted.
    action : `pin`, `ban` or `withdraw`.
    story : id of the article that is pinned, banned or withdrawn.
    block : the block that a pin or ban is for; None: `related` for a pin, every block for a ban.
    slot : place of a pin in the block, from 1; None for the others.
    article, section : the page, or the pages of the section, that it is for; both None: all.
    who, why : for those who come later; may be empty.
    when : when it was written, aware, UTC; None where nobody said.
    starts, until : it is in force in [starts, until), aware, UTC; None: open. `from` in the file.
    """

    id: str
    action: str
    story: str
    block: str | None = None
    slot: int | None = None
    article: str | None = None
    section: str | None = None
    who: str = ""
    why: str = ""
    when: datetime | None = None
    starts: datetime | None = None
    until: datetime | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Give the override as the file has it; what is absent is left out."""
        written = {
            **{name: getattr(self, name) for name in _TEXTS},
            "who": self.who or None,
            "why": self.why or None,
            "slot": self.slot,
            "when": iso(self.when),
            "from": iso(self.starts),
            "until": iso(self.until),
        }
        return {name: value for name, value in written.items() if value is not None}


class ActiveOverrides:
    """The overrides in force at a moment, laid out for a lookup.

    Parameters
    ----------
    overrides : iterable of Override
        All of them.
    at : float
        The moment, seconds since 1970.

    Attributes
    ----------
    withdrawn : ids of articles that are gone.
    uses_sections : whether any is for the pages of a section.
    in_force : the overrides that are in force, in the order given.
    at, until : seconds since 1970; what is in force is the same in [at, until).
    """

    __slots__ = (
        "_banned",
        "_banned_by",
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
        in_block: dict[str, set[str]] = {block: set() for block in BLOCKS}
        self._banned_by: dict[tuple[str, str, str], set[str]] = {}
        self._pinned: dict[tuple[str, str, str], dict[int, str]] = {}
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
                key = (*scope, override.block or "related")
                self._pinned.setdefault(key, {})[override.slot or 1] = override.story
            elif scope[0] == "all":
                (in_block[override.block] if override.block else everywhere).add(override.story)
            else:
                for block in (override.block,) if override.block else BLOCKS:
                    self._banned_by.setdefault((*scope, block), set()).add(override.story)
        self.in_force = tuple(in_force)
        self.withdrawn = frozenset(withdrawn)
        self._banned = {
            block: frozenset(withdrawn | everywhere | stories)
            for block, stories in in_block.items()
        }
        scopes = {key[0] for key in (*self._banned_by, *self._pinned)}
        self.uses_sections = "section" in scopes

    @property
    def digest(self) -> str:
        """A short name of what is in force; `""` where nothing is."""
        return hashlib.sha256(dump(self.in_force)).hexdigest()[:16] if self.in_force else ""

    def banned(self, block: str, source: str, section: str) -> frozenset[str]:
        """Give the ids that must not stand in a block of the page of an article."""
        general = self._banned[block]
        if not self._banned_by:
            return general
        from_article = self._banned_by.get(("article", source, block))
        from_section = self._banned_by.get(("section", section, block))
        if not from_article and not from_section:
            return general
        return general.union(from_article or (), from_section or ())

    def uniform_bans(self, block: str) -> frozenset[str] | None:
        """Give the ids banned from a block, if nothing is pinned there or banned on some pages."""
        more = any(key[2] == block for key in (*self._banned_by, *self._pinned))
        return None if more else self._banned[block]

    def pinned(self, block: str, source: str, section: str) -> list[tuple[int, str]]:
        """Give slots and ids of what is pinned in a block of the page of an article, ascending.

        Of two for one slot the one for the article comes before that for its section, and that
        before the one for every page.
        """
        if not self._pinned:
            return []
        slots: dict[int, str] = {}
        for scope in (("all", ""), ("section", section), ("article", source)):
            slots.update(self._pinned.get((*scope, block), {}))
        return sorted(slots.items())


NO_OVERRIDES: Final = ActiveOverrides((), 0.0)
"""No overrides at all."""


def load(directory: Path, *, expected: bool = False) -> tuple[list[Override], str]:
    """Read the overrides of an artifacts directory.

    Parameters
    ----------
    directory : Path
        The artifacts directory.
    expected : bool
        Whether there were some before, so that there must be a file.

    Returns
    -------
    list of Override
    str
        Why `overrides.json` was refused, where the last good one stands in for it; else "".

    Raises
    ------
    ArtifactError
        If the file cannot be used, and there is no last good one that can.
    """
    path, spare = directory / FILE, directory / LAST_GOOD
    try:
        if _is_there(path):
            return parse(path, _read(path)), ""
        if not expected and not _is_there(spare):
            return [], ""
        _refuse(path, "it is gone", f"copy {LAST_GOOD} there, or write {NONE} to lift them all")
    except ArtifactError as error:
        refused = str(error)
    try:
        return parse(spare, _read(spare)), f"{refused}; the last good ones stay in force ({spare})"
    except ArtifactError as error:
        raise ArtifactError(f"{refused}; there are no last good ones either ({error})") from None


def keep(directory: Path) -> None:
    """Keep the file that is in force for worse days, if it is good and was not kept yet.

    Raises
    ------
    ArtifactError
        If it is not good.
    OSError
        If it cannot be kept.
    """
    path, spare = directory / FILE, directory / LAST_GOOD
    kept: bytes | None = None
    while _is_there(path) and (data := _read(path)) != kept:  # again, if it was replaced meanwhile
        if not _holds(spare, data):
            parse(path, data)
            replace(spare, data)
        kept = data


def parse(path: Path, data: bytes) -> list[Override]:
    """Read overrides, every one checked.

    Raises
    ------
    ArtifactError
        With one line: which override, what is wrong with it.
    """
    try:
        written = read_json(data)
    except (ValueError, RecursionError):
        _refuse(path, "it is not JSON, or has a key twice")
    if not isinstance(written, dict) or set(written) != {"format", "overrides"}:
        _refuse(path, "it is not an object of format and overrides")
    if type(written["format"]) is not int or written["format"] != FORMAT:
        _refuse(path, f"its format is {written['format']!r} instead of {FORMAT}")
    if not isinstance(written["overrides"], list):
        _refuse(path, "its overrides are not a list")
    overrides = [
        _override(path, number, entry) for number, entry in enumerate(written["overrides"], 1)
    ]
    ids: set[str] = set()
    for override in overrides:
        if override.id in ids:
            _refuse(path, f"the id {override.id!r} stands twice")
        ids.add(override.id)
    return overrides


def dump(overrides: Iterable[Override]) -> bytes:
    """Write overrides as the file has them."""
    entries = [override.as_dict() for override in overrides]
    text = json.dumps({"format": FORMAT, "overrides": entries}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _override(path: Path, number: int, entry: object) -> Override:
    where = f"override {number}"
    if not isinstance(entry, dict):
        _refuse(path, f"{where} is not an object")
    for key, value in entry.items():
        if key not in _KEYS:
            _refuse(path, f"{where} has an unknown key {key!r} (known: {', '.join(_KEYS)})")
        if key != "slot" and not isinstance(value, str):
            _refuse(path, f"{where}: its {key} is {value!r} instead of a text")
    for key in ("id", "action", "story"):
        if not entry.get(key):
            _refuse(path, f"{where} has no {key}")
    for key in ("block", "article", "section"):
        if entry.get(key) == "":
            _refuse(path, f"{where}: its {key} is empty")
    where = f"override {entry['id']!r}"
    _check_meaning(path, where, entry)
    times = {key: _time(path, where, key, entry.get(key)) for key in _TIMES}
    if times["from"] and times["until"] and times["from"] >= times["until"]:
        _refuse(path, f"{where} ends before it begins")
    return Override(
        id=entry["id"],
        action=entry["action"],
        story=entry["story"],
        block=entry.get("block"),
        slot=entry.get("slot"),
        article=entry.get("article"),
        section=entry.get("section"),
        who=entry.get("who", ""),
        why=entry.get("why", ""),
        when=times["when"],
        starts=times["from"],
        until=times["until"],
    )


def _check_meaning(path: Path, where: str, entry: Mapping[str, Any]) -> None:
    """Check what depends on the action: block, slot, and the pages that it is for."""
    action = entry["action"]
    if action not in ACTIONS:
        _refuse(path, f"{where}: its action is {action!r} instead of {', '.join(ACTIONS)}")
    if "block" in entry and entry["block"] not in BLOCKS:
        _refuse(path, f"{where}: its block is {entry['block']!r} instead of {', '.join(BLOCKS)}")
    slot = entry.get("slot")
    if action == "pin" and not (type(slot) is int and 1 <= slot <= 100):
        _refuse(path, f"{where}: its slot is {slot!r} instead of 1 to 100")
    if action != "pin" and "slot" in entry:
        _refuse(path, f"{where}: only a pin has a slot")
    if action == "withdraw" and {"block", "article", "section"} & set(entry):
        _refuse(path, f"{where}: what is withdrawn is gone everywhere; use a ban")
    if "article" in entry and "section" in entry:
        _refuse(path, f"{where}: it is for an article or for a section, not for both")


def _time(path: Path, where: str, key: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text if _MOMENT.fullmatch(text) else "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(path, f"{where}: its {key} is {text!r}, not a time such as 2026-06-01T06:00:00Z")


def _scope(override: Override) -> tuple[str, str]:
    if override.article is not None:
        return "article", override.article
    return ("all", "") if override.section is None else ("section", override.section)


def _is_there(path: Path) -> bool:
    """Tell whether there is anything of that name; what cannot be told is an error."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        _refuse(path, error_text(error), "give permission")
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Tell whether a file holds just this; what is no plain file does not."""
    try:
        return _read(path) == data
    except ArtifactError:
        return False


def _read(path: Path) -> bytes:
    try:
        return read_small(path, _LARGEST)
    except ArtifactError as error:
        raise ArtifactError(
            f"{str(error).split('; ')[0]}; write a plain file in its place"
        ) from None


def _refuse(path: Path, what: str, advice: str = "mend it") -> NoReturn:
    raise ArtifactError(f"{path}: {what}; {advice}")
