"""A store of increments: a folder of what was counted, window by window, in the place of views.

`parts/NAME/TABLE/*.parquet` holds what a window has added. A part counts from the moment when
`manifest.json`, replaced at one stroke, names it; a folder that it does not name is a left-over of
a job that was killed.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from recommender.files import sync_directory
from training.config import Config
from training.errors import ConfigError, DataError, UsageError
from training.records import BUCKET, utc
from training.storage import make_directory, removing, replace_file

FORMAT: Final = 1

INCREMENT_TABLES: Final = ("pairs", "views", "transitions", "reads", "sessions")
"""Tables of what a window adds, each of a SQL text of its name."""

OPEN_SESSION_TABLES: Final = ("open_views", "day_views")
"""Tables of what the next window needs of this one, likewise."""

IDS, HOURS = "ids", "hours"
"""Tables that no SQL text makes: the ids that a part gives rows to, and all views by the hour."""


@dataclass(frozen=True)
class StorePart:
    """What was counted of a window.

    Attributes
    ----------
    name : its folder's.
    start, end : µs UTC, [start, end); all that was earlier belongs to the first part.
    views : views of known articles, exact duplicates gone.
    first, newest : times of the first and last of them, µs UTC; 0 and -1 where there are none.
    read : rows read.
    articles : that have rows by its end.
    left_out : number of rows left out or collapsed, by reason.
    strangers : the most viewed ids that no article has, with their views.
    files : size in bytes of each file of its tables, by path within its folder.
    """

    name: str
    start: int
    end: int
    views: int
    first: int
    newest: int
    read: int
    articles: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    strangers: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class IncrementStore:
    """Increments on disk.

    Attributes
    ----------
    path : the folder.
    settings : what they were counted under.
    parts : of successive windows, the earliest first.
    """

    path: Path
    settings: Mapping[str, Any]
    parts: tuple[StorePart, ...] = ()

    @classmethod
    def open(cls, path: Path) -> "IncrementStore":
        """Read what a store holds.

        Raises
        ------
        DataError
            If there is none, or it is damaged.
        """
        manifest = path / "manifest.json"
        try:
            told = json.loads(manifest.read_bytes())
            if told["format"] != FORMAT:
                raise DataError(f"{manifest}: format {told['format']} is not known; update ymal")
            names = [entry.name for entry in fields(StorePart)]
            parts = tuple(
                StorePart(**{name: part[name] for name in names}) for part in told["parts"]
            )
            store = cls(path, told["settings"], parts)
        except FileNotFoundError:
            raise DataError(f"{path}: holds no increments; make some: ymal count") from None
        except OSError as error:
            raise DataError(f"{manifest}: cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(f"{manifest}: damaged; remove {path} and count anew") from None
        store._check_files()
        return store

    @property
    def end(self) -> int:
        """Up to when views are counted, µs UTC; 0 where none are."""
        return self.parts[-1].end if self.parts else 0

    @property
    def articles(self) -> int:
        """How many articles have rows."""
        return self.parts[-1].articles if self.parts else 0

    def folder(self, name: str) -> Path:
        """Give the folder of a part, be it committed or not."""
        return self.path / "parts" / name

    def files(self, table: str, part: StorePart) -> list[str]:
        """Give the files of a part's table, in their order."""
        inside = sorted(file for file in part.files if file.startswith(f"{table}/"))
        return [str(self.folder(part.name) / file) for file in inside]

    def commit(self, part: StorePart, name: str) -> "IncrementStore":
        """Make a part count, whose tables lie in the folder of a name; give the store that has it.

        It takes the place of the part that it was, where that is committed already.

        Raises
        ------
        OutputError
            If it cannot be written; the store stays as it was.
        """
        folder = self.folder(name)
        sizes = {
            str(file.relative_to(folder)): _synced(file)
            for file in sorted(folder.rglob("*.parquet"))
        }
        for directory in (*filter(Path.is_dir, folder.iterdir()), folder, folder.parent):
            sync_directory(directory)
        made = replace(part, name=name, files=sizes)
        parts = tuple(made if old == part else old for old in self.parts)
        return self._written(
            replace(self, parts=parts if part in self.parts else (*self.parts, made))
        )

    def sweep(self) -> None:
        """Remove what jobs have left that were killed; nobody else may be at work.

        Raises
        ------
        OutputError
            If something cannot be removed.
        """
        named = {part.name for part in self.parts}
        for folder in sorted(self.folder("").glob("*")):
            if folder.name not in named:
                with removing(folder):
                    shutil.rmtree(folder)

    def check(self, settings: Mapping[str, Any]) -> None:
        """See that the increments were counted under some settings: all, or a part of them.

        Raises
        ------
        ConfigError
            If not.
        """
        for name, value in settings.items():
            if self.settings.get(name) != value:
                raise ConfigError(
                    f"{self.path}: counted with another {_TOLD[name]}; count anew into another "
                    "folder, or take back the change"
                )

    def at(self, end: int) -> StorePart | None:
        """Give the part that ends at a time (µs UTC), None where none does."""
        return next((part for part in self.parts if part.end == end), None)

    def overlapping(self, start: int, end: int) -> list[tuple[StorePart, int | None, int | None]]:
        """Give the parts of [start, end), µs UTC, and what buckets of each lie inside.

        Returns
        -------
        list of (Part, int or None, int or None)
            The first bucket, and the first that is beyond; None where the part begins or ends
            inside.

        Raises
        ------
        UsageError
            If a bound lies inside a part, at no multiple of five minutes.
        """
        return [
            (part, _bound(start, part), _bound(end, part))
            for part in self.parts
            if part.start < end and part.end > start
        ]

    def _check_files(self) -> None:
        for part in self.parts:
            for name, size in part.files.items():
                file = self.folder(part.name) / name
                if not file.is_file() or file.stat().st_size != size:
                    raise DataError(
                        f"{file}: is missing or not of {size:,} bytes; restore it, or remove "
                        f"{self.path} and count anew"
                    )

    def _written(self, store: "IncrementStore") -> "IncrementStore":
        told = {
            "format": FORMAT,
            "settings": store.settings,
            "parts": [asdict(part) for part in store.parts],
        }
        text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
        replace_file(self.path / "manifest.json", text.encode("utf-8", "backslashreplace"))
        return store


def open_or_create(path: Path, settings: Mapping[str, Any]) -> IncrementStore:
    """Open a store to add to it, or begin one where there is none.

    Raises
    ------
    ConfigError
        If it was counted under other settings.
    DataError
        If it is damaged.
    """
    make_directory(path / "parts")
    if not (path / "manifest.json").exists():
        return IncrementStore(path, settings)
    store = IncrementStore.open(path)
    store.check(settings)
    return store


def counting_settings(config: Config, key: bytes | None = None) -> dict[str, Any]:
    """Give the settings under which views are counted, the key of the readers' hashes hidden.

    Parameters
    ----------
    config : Config
        All settings.
    key : bytes, optional
        That key; where none is given, those settings alone that increments are used under.
    """
    used = {
        "sessions": config.sessions.model_dump(mode="json"),
        "block_discount": config.readers.block_discount,
    }
    if key is None:
        return used
    hidden = hashlib.sha256(b"increments" + key).hexdigest()[:16]
    return {**used, "views": config.views.model_dump(mode="json"), "key": hidden}


_TOLD: Final = {
    "sessions": "[sessions]",
    "block_discount": "readers.block_discount",
    "views": "[views]",
    "key": "key of the readers' hashes (the file `key` of the artifacts directory)",
}


def _bound(time: int, part: StorePart) -> int | None:
    inside = part.start < time < part.end
    if inside and time % BUCKET:
        raise UsageError(
            f"{utc(time)} lies inside a part of the increments ({utc(part.start)} to "
            f"{utc(part.end)}), at no multiple of five minutes: name such a time, or its end"
        )
    return time if inside else None


def _synced(file: Path) -> int:
    """Flush a file to disk, and give its size."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
        return os.fstat(handle.fileno()).st_size
