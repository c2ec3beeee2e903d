"""Overrides: what editors pin, ban and withdraw, in force at the next request, without training.

`overrides.json` stands beside the versions: `{"format": 1, "overrides": [...]}`, written by `ymal
pin`, `ban`, `withdraw` and `overrides`, by hand, or by another program. A file that cannot be used
is refused as a whole, and the last good one, kept as `overrides.last-good.json`, stays in force: a
takedown never fails open.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from .artifact import BLOCKS
from .manifest import ArtifactError, read_small, refuse_constant

FILE: Final = "overrides.json"
LAST_GOOD: Final = "overrides.last-good.json"
FORMAT: Final = 1
ACTIONS: Final = ("pin", "ban", "withdraw")

_TEXTS: Final = ("id", "action", "story", "block", "article", "section", "who", "why")
_TIMES: Final = ("when", "from", "until")
_KEYS: Final = (*_TEXTS, *_TIMES, "slot")


@dataclass(frozen=True, slots=True)
class Override:
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
            **{name: getattr(self, name) or None for name in _TEXTS},
            "slot": self.slot,
            "when": _iso(self.when),
            "from": _iso(self.starts),
            "until": _iso(self.until),
        }
        return {name: value for name, value in written.items() if value is not None}


class Active:
    """The overrides in force at a moment, laid out for a lookup.

    Attributes
    ----------
    withdrawn : ids of articles that are gone.
    changes : when the next one begins or ends, seconds since 1970; infinite where none does.
    """

    __slots__ = ("_banned", "_banned_by", "_pinned", "_sections", "changes", "withdrawn")

    def __init__(self, overrides: Iterable[Override], at: float) -> None:
        moment = datetime.fromtimestamp(at, UTC)
        self.changes = math.inf
        everywhere: set[str] = set()
        withdrawn: set[str] = set()
        in_block: dict[str, set[str]] = {block: set() for block in BLOCKS}
        self._banned_by: dict[tuple[str, str, str], set[str]] = {}
        self._pinned: dict[tuple[str, str, str], dict[int, str]] = {}
        for override in overrides:
            for edge in (override.starts, override.until):
                if edge is not None and edge > moment:
                    self.changes = min(self.changes, edge.timestamp())
            if (override.starts and override.starts > moment) or (
                override.until and override.until <= moment
            ):
                continue
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
        self.withdrawn = frozenset(withdrawn)
        self._banned = {
            block: frozenset(withdrawn | everywhere | stories)
            for block, stories in in_block.items()
        }
        self._sections = any(key[0] == "section" for key in (*self._banned_by, *self._pinned))

    @property
    def scoped(self) -> bool:
        """Whether any asks for the section of the page."""
        return self._sections

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


NOTHING: Final = Active((), 0.0)
"""No overrides at all."""


def load(directory: Path) -> tuple[list[Override], str]:
    """Read the overrides of an artifacts directory, and keep what was good for worse days.

    Parameters
    ----------
    directory : Path
        The artifacts directory.

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
    has_spare = os.path.lexists(spare)
    if not os.path.lexists(path):
        if not has_spare:
            return [], ""
        complaint = f"{path}: it is gone; write one without overrides to lift them all"
    else:
        try:
            data = read_small(path)
            overrides = parse(path, data)
        except ArtifactError as error:
            if not has_spare:
                raise
            complaint = str(error)
        else:
            with suppress(OSError):  # where only others may write, they keep it
                _keep(spare, data)
            return overrides, ""
    return parse(spare, read_small(spare)), f"{complaint}; the last good ones stay in force"


def parse(path: Path, data: bytes) -> list[Override]:
    """Read overrides, every one checked.

    Raises
    ------
    ArtifactError
        With one line: which override, what is wrong with it.
    """
    try:
        written = json.loads(data, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        _refuse(path, "it is not JSON")
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
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(path, f"{where}: its {key} is {text!r}, not a time such as 2026-06-01T06:00:00Z")


def _scope(override: Override) -> tuple[str, str]:
    if override.article is not None:
        return "article", override.article
    return ("all", "") if override.section is None else ("section", override.section)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def _keep(path: Path, data: bytes) -> None:
    """Keep a good file's bytes, at one stroke."""
    with suppress(OSError):
        if path.read_bytes() == data:
            return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _refuse(path: Path, what: str) -> NoReturn:
    raise ArtifactError(f"{path}: {what}; mend it, or restore {LAST_GOOD} under its name")
