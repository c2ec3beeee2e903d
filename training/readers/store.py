"""A store of increments: a folder with the counts of one window after another, in place of views.

`parts/NAME/TABLE/*.parquet` holds the increments of a window. A part is committed once
`manifest.json`, replaced atomically, names it; a folder that it does not name was left by a job
that was killed.
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
from training.records import BUCKET, quantity, utc
from training.storage import make_directory, removal_errors, replace_file

FORMAT: Final = 1

INCREMENT_TABLES: Final = ("pairs", "views", "transitions", "reads", "sessions")
"""Tables of what a window adds, each made by the SQL query of its name."""

OPEN_SESSION_TABLES: Final = ("open_views", "day_views")
"""Tables that the next window needs of this one, likewise."""

IDS, HOURS = "ids", "hours"
"""Tables that no SQL query makes: the ids that a part gives rows to, and all views by the hour."""


@dataclass(frozen=True)
class StorePart:
    """The counts of a window.

    Attributes
    ----------
    name : of its folder.
    start, end : µs UTC, [start, end); the first part also has all earlier views.
    views : views of known articles, exact duplicates gone.
    first, newest : times of the first and last of them, µs UTC; 0 and -1 where there are none.
    read : rows read.
    articles : number of articles with rows at its end.
    left_out : number of rows left out or collapsed, by reason.
    strangers : the most viewed ids of unknown articles, with their views.
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
    settings : the settings that they were counted with.
    parts : of successive windows, the earliest first.
    """

    path: Path
    settings: Mapping[str, Any]
    parts: tuple[StorePart, ...] = ()

    @classmethod
    def open(cls, path: Path) -> "IncrementStore":
        """Open a store.

        Raises
        ------
        DataError
            If there is none, or it is damaged.
        """
        manifest = path / "manifest.json"
        try:
            fields_ = json.loads(manifest.read_bytes())
            if fields_["format"] != FORMAT:
                raise DataError(
                    f"{manifest}: its format {fields_['format']} is unknown; update ymal"
                )
            names = [entry.name for entry in fields(StorePart)]
            parts = tuple(
                StorePart(**{name: part[name] for name in names}) for part in fields_["parts"]
            )
            store = cls(path, fields_["settings"], parts)
        except FileNotFoundError:
            raise DataError(f"{path}: has no increments; create them by ymal count") from None
        except OSError as error:
            raise DataError(f"{manifest}: cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(f"{manifest}: is damaged; delete {path} and count again") from None
        store._check_files()
        return store

    @property
    def end(self) -> int:
        """End of the counted views, µs UTC; 0 if there are none."""
        return self.parts[-1].end if self.parts else 0

    @property
    def articles(self) -> int:
        """Number of articles that have rows."""
        return self.parts[-1].articles if self.parts else 0

    def folder(self, name: str) -> Path:
        """Return the folder of a part, committed or not."""
        return self.path / "parts" / name

    def files(self, table: str, part: StorePart) -> list[str]:
        """Return the files of a part's table, in their order."""
        inside = sorted(file for file in part.files if file.startswith(f"{table}/"))
        return [str(self.folder(part.name) / file) for file in inside]

    def commit(self, part: StorePart, name: str) -> "IncrementStore":
        """Commit a part whose tables lie in the folder `name`; return the store with it.

        A part that is committed already is replaced.

        Raises
        ------
        OutputError
            If it cannot be written; the store stays unchanged.
        """
        folder = self.folder(name)
        sizes = {
            str(file.relative_to(folder)): _sync(file) for file in sorted(folder.rglob("*.parquet"))
        }
        for directory in (*filter(Path.is_dir, folder.iterdir()), folder, folder.parent):
            sync_directory(directory)
        new_part = replace(part, name=name, files=sizes)
        parts = tuple(new_part if old == part else old for old in self.parts)
        return self._write_manifest(
            replace(self, parts=parts if part in self.parts else (*self.parts, new_part))
        )

    def remove_leftovers(self) -> None:
        """Remove the folders that killed jobs left; no other job may be running.

        Raises
        ------
        OutputError
            If something cannot be removed.
        """
        named = {part.name for part in self.parts}
        for folder in sorted(self.folder("").glob("*")):
            if folder.name not in named:
                with removal_errors(folder):
                    shutil.rmtree(folder)

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Check that the increments were counted with these settings, which may be some of all.

        Raises
        ------
        ConfigError
            If not.
        """
        for name, value in settings.items():
            if self.settings.get(name) != value:
                raise ConfigError(
                    f"{self.path}: was counted with another {_SETTING_NAMES[name]}; count again "
                    "into another folder, or undo the change"
                )

    def part_ending_at(self, end: int) -> StorePart | None:
        """Return the part that ends at a time (µs UTC), None if none does."""
        return next((part for part in self.parts if part.end == end), None)

    def parts_between(self, start: int, end: int) -> list[tuple[StorePart, int | None, int | None]]:
        """Return the parts of [start, end), µs UTC, and which buckets of each lie inside.

        Returns
        -------
        list of (StorePart, int or None, int or None)
            With the first bucket inside and the first one beyond; None where the part begins or
            ends inside.

        Raises
        ------
        UsageError
            If a bound is inside a part and not a multiple of five minutes.
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
                        f"{file}: is missing, or does not have {quantity(size, 'byte')}; restore "
                        f"it, or delete {self.path} and count again"
                    )

    def _write_manifest(self, store: "IncrementStore") -> "IncrementStore":
        manifest = {
            "format": FORMAT,
            "settings": store.settings,
            "parts": [asdict(part) for part in store.parts],
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        replace_file(self.path / "manifest.json", text.encode("utf-8", "backslashreplace"))
        return store


def open_or_create(path: Path, settings: Mapping[str, Any]) -> IncrementStore:
    """Open a store to add to it, or start one if there is none.

    Raises
    ------
    ConfigError
        If it was counted with other settings.
    DataError
        If it is damaged.
    """
    make_directory(path / "parts")
    if not (path / "manifest.json").exists():
        return IncrementStore(path, settings)
    store = IncrementStore.open(path)
    store.check_settings(settings)
    return store


def counting_settings(config: Config, key: bytes | None = None) -> dict[str, Any]:
    """Return the settings that views are counted with; the key of the readers' hashes is hashed.

    Parameters
    ----------
    config : Config
        All settings.
    key : bytes, optional
        That key; without it, only the settings that must be the same where increments are used.
    """
    used = {
        "sessions": config.sessions.model_dump(mode="json"),
        "block_discount": config.readers.block_discount,
    }
    if key is None:
        return used
    key_hash = hashlib.sha256(b"increments" + key).hexdigest()[:16]
    return {**used, "views": config.views.model_dump(mode="json"), "key": key_hash}


_SETTING_NAMES: Final = {
    "sessions": "[sessions]",
    "block_discount": "readers.block_discount",
    "views": "[views]",
    "key": "key of the readers' hashes (the file `key` of the artifacts directory)",
}


def _bound(time: int, part: StorePart) -> int | None:
    inside = part.start < time < part.end
    if inside and time % BUCKET:
        raise UsageError(
            f"{utc(time)} is inside a part of the increments ({utc(part.start)} to "
            f"{utc(part.end)}) and not a multiple of five minutes; name such a multiple, or the "
            "end of the part"
        )
    return time if inside else None


def _sync(file: Path) -> int:
    """Flush a file to disk; return its size."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
        return os.fstat(handle.fileno()).st_size
