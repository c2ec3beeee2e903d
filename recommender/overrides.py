"""The overrides files: pins, bans and withdrawals, in force within a second.

Two files of one form are in the artifacts directory: `{"format": 1, "overrides": [...]}`.
`overrides.json` is the editors': `ymal pin`, `ban`, `withdraw` and `overrides` write it; so may a
person or another program. `withdrawals.json` holds what the articles say is withdrawn; `ymal train`
and `refresh` write it. A file with an error is refused as a whole. The last good one, saved beside
it, then stays in force, so that a mistake in the file does not bring a withdrawn story back.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from .blocks import BLOCKS
from .files import replace
from .manifest import ArtifactError, error_text, read_json, read_small
from .values import iso


class OverridesFile(NamedTuple):
    """Names of an overrides file, and of the copy that is in force after a bad one."""

    name: str
    last_good: str


EDITORS: Final = OverridesFile("overrides.json", "overrides.last-good.json")
ARTICLES: Final = OverridesFile("withdrawals.json", "withdrawals.last-good.json")
FILES: Final = (EDITORS, ARTICLES)
FORMAT: Final = 1
ACTIONS: Final = ("pin", "ban", "withdraw")
EMPTY_FILE: Final = '{"format": 1, "overrides": []}'
"""A file without overrides."""

MAX_BYTES: Final = 16 << 20
"""Maximum size of a file, in bytes."""

_TEXTS: Final = ("id", "action", "story", "block", "article", "section", "who", "why")
_TIMES: Final = ("when", "from", "until")
_KEYS: Final = (*_TEXTS, *_TIMES, "slot")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
"""The subset of ISO 8601 that all programming languages parse in the same way."""


class Override(NamedTuple):
    """A pin, a ban or a withdrawal.

    Attributes
    ----------
    id : the override's own id, by which `ymal overrides --lift` ends it.
    action : `pin`, `ban` or `withdraw`.
    story : id of the article that is pinned, banned or withdrawn.
    block : the block of a pin or ban; None means `related` for a pin, every block for a ban.
    slot : slot of a pin in the block, from 1; None for bans and withdrawals.
    article, section : scope, one page or the pages of a section; both None: every page.
    who, why : its author and reason; may be empty.
    when : when it was written, aware, UTC; may be None.
    starts, until : it is in force in [starts, until), aware, UTC; None for no limit. `starts` is
        `from` in the file.
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
        """Return the override as a JSON object of the file, without absent fields."""
        fields = {
            **{name: getattr(self, name) for name in _TEXTS},
            "who": self.who or None,
            "why": self.why or None,
            "slot": self.slot,
            "when": iso(self.when),
            "from": iso(self.starts),
            "until": iso(self.until),
        }
        return {name: value for name, value in fields.items() if value is not None}


def load(
    directory: Path, file: OverridesFile = EDITORS, *, expected: bool = False
) -> tuple[list[Override], str]:
    """Read an overrides file of an artifacts directory.

    Parameters
    ----------
    directory : Path
        The artifacts directory.
    file : OverridesFile
        Which one.
    expected : bool
        Whether there were overrides before; a missing file is then an error.

    Returns
    -------
    list of Override
    str
        Why the file was refused, if the last good one is used instead; else "".

    Raises
    ------
    ArtifactError
        If neither the file nor the last good file can be used.
    """
    path, last_good = directory / file.name, directory / file.last_good
    try:
        if _exists(path):
            return parse(path, _read(path)), ""
        if not expected and not _exists(last_good):
            return [], ""
        advice = f"copy {file.last_good} there, or write {EMPTY_FILE} to lift all overrides"
        _refuse(path, "it is missing", advice)
    except ArtifactError as error:
        refused = str(error)
    try:
        overrides = parse(last_good, _read(last_good))
    except ArtifactError as error:
        raise ArtifactError(
            f"{refused}; the last good overrides cannot be used either ({error})"
        ) from None
    return overrides, f"{refused}; the last good overrides stay in force ({last_good})"


def save_last_good(directory: Path, file: OverridesFile = EDITORS) -> None:
    """Save an overrides file as the last good one, if it is valid and not saved yet.

    Raises
    ------
    ArtifactError
        If it is not valid.
    OSError
        If it cannot be written.
    """
    path, last_good = directory / file.name, directory / file.last_good
    saved: bytes | None = None
    while _exists(path) and (data := _read(path)) != saved:  # repeat if it was replaced meanwhile
        if not _has_content(last_good, data):
            parse(path, data)
            replace(last_good, data)
        saved = data


def parse(path: Path, data: bytes) -> list[Override]:
    """Parse the file and check every override.

    Raises
    ------
    ArtifactError
        With one line: the override and the problem.
    """
    try:
        document = read_json(data)
    except (ValueError, RecursionError):
        _refuse(path, "it is not valid JSON, or has a duplicate key")
    if not isinstance(document, dict) or set(document) != {"format", "overrides"}:
        _refuse(path, "it is not an object with the keys format and overrides")
    if type(document["format"]) is not int or document["format"] != FORMAT:
        _refuse(path, f"its format is {document['format']!r} instead of {FORMAT}")
    if not isinstance(document["overrides"], list):
        _refuse(path, "its overrides are not a list")
    overrides = [
        _parse_override(path, number, entry)
        for number, entry in enumerate(document["overrides"], 1)
    ]
    ids: set[str] = set()
    for override in overrides:
        if override.id in ids:
            _refuse(path, f"the id {override.id!r} appears twice")
        ids.add(override.id)
    return overrides


def dump(overrides: Iterable[Override]) -> bytes:
    """Return the bytes of a file with these overrides."""
    entries = [override.as_dict() for override in overrides]
    text = json.dumps({"format": FORMAT, "overrides": entries}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _parse_override(path: Path, number: int, entry: object) -> Override:
    where = f"override {number}"
    if not isinstance(entry, dict):
        _refuse(path, f"{where} is not an object")
    for key, value in entry.items():
        if key not in _KEYS:
            _refuse(path, f"{where} has an unknown key {key!r} (known: {', '.join(_KEYS)})")
        if key != "slot" and not isinstance(value, str):
            _refuse(path, f"{where}: its {key} is {value!r} instead of a string")
    for key in ("id", "action", "story"):
        if not entry.get(key):
            _refuse(path, f"{where} has no {key}")
    for key in ("block", "article", "section"):
        if entry.get(key) == "":
            _refuse(path, f"{where}: its {key} is empty")
    where = f"override {entry['id']!r}"
    _check_meaning(path, where, entry)
    times = {key: _parse_time(path, where, key, entry.get(key)) for key in _TIMES}
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
    """Check the fields that depend on the action: block, slot, and scope."""
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
        _refuse(
            path,
            f"{where}: a withdrawal applies to all pages and blocks",
            "remove its block, article and section, or use a ban",
        )
    if "article" in entry and "section" in entry:
        _refuse(path, f"{where}: it has an article and a section; it can have only one")


def _parse_time(path: Path, where: str, key: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(path, f"{where}: its {key} is {text!r}, not a time such as 2026-06-01T06:00:00Z")


def _exists(path: Path) -> bool:
    """Whether a path exists, even as a broken link; raise if the system cannot determine it."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        _refuse(path, error_text(error), "allow this user to read it")
    return True


def _has_content(path: Path, data: bytes) -> bool:
    """Whether a path is a regular file with this content."""
    try:
        return _read(path) == data
    except ArtifactError:
        return False


def _read(path: Path) -> bytes:
    try:
        return read_small(path, MAX_BYTES)
    except ArtifactError as error:
        raise ArtifactError(
            f"{str(error).split('; ')[0]}; write a regular file in its place"
        ) from None


def _refuse(path: Path, what: str, advice: str = "correct it") -> NoReturn:
    raise ArtifactError(f"{path}: {what}; {advice}")
