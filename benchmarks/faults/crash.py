"""A model of power loss: what a disk may hold after every operation of a writer.

The model promises what POSIX promises, which is less than most file systems keep: the content of a
file is safe up to the last `fsync` of the file, the names in a directory up to the last `fsync` of
the directory. Later changes may be there or not, in any order; unsafe content may be missing, cut
at any length, or zeros. One name never holds a mix of two files.

The changes are read from the real directory before and after each operation, not from its calls, so
the way in which bytes were written does not matter.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Final
from unittest.mock import patch

Tree = dict[str, bytes | None]
"""What a directory holds: contents by path, None for a directory; parents come first."""

FrozenTree = tuple[tuple[str, bytes | None], ...]
"""A tree that cannot be changed."""

OPERATIONS: Final = (
    *("mkdir", "rmdir", "rename", "replace", "unlink", "remove", "link", "fsync", "fdatasync"),
)
"""Functions of `os` before and after which the power may go."""


@dataclass(frozen=True)
class Fate:
    """What remains of unflushed names and contents.

    Attributes
    ----------
    name : of a name's files since the last flush, the oldest first, the one it has; None for none.
    content : of a file's safe and newest content, what it holds.
    """

    name: Callable[[Sequence[int | None]], int | None]
    content: Callable[[bytes, bytes], bytes]


def lost() -> Fate:
    """Lose everything unflushed."""
    return Fate(lambda files: files[0], lambda safe, _newest: safe)


def names_kept(draw: random.Random) -> Fate:
    """Keep all names, and cut what was not flushed."""
    return Fate(lambda files: files[-1], lambda _safe, newest: torn(newest, draw))


def mixed(draw: random.Random) -> Fate:
    """Keep or lose each name and content independently."""
    return Fate(draw.choice, lambda safe, newest: draw.choice([safe, newest, torn(newest, draw)]))


def torn(content: bytes, draw: random.Random) -> bytes:
    """Return what may be left of content that was not flushed."""
    length = draw.randint(0, len(content))
    return draw.choice([b"", content[:length], bytes(len(content))])


class Disk:
    """A directory whose operations are followed; its initial content counts as flushed.

    `draws` trees are drawn at random after each operation, by a seed.

    Attributes
    ----------
    trees : dict
        Every tree that the power loss may leave, and whether it may do so after the writer has
        returned.
    operations : int
        How many operations were followed.
    """

    def __init__(self, root: Path, *, seed: int, draws: int) -> None:
        self.trees: dict[FrozenTree, bool] = {}
        self.operations = 0
        self._root, self._device = root, root.stat().st_dev
        self._one_at_a_time = Lock()  # files are written side by side
        draw = random.Random(seed)  # noqa: S311
        self._fates = [lost(), names_kept(draw), *[mixed(draw)] * draws]
        self._count, self._numbers = count(), dict[int, int]()
        self._folders: dict[int, dict[str, int]] = {}
        self._files: dict[int, bytes] = {}
        self._safe_folders: dict[int, dict[str, int]] = {}
        self._safe_files: dict[int, bytes] = {}
        self._since: dict[int, dict[str, list[int | None]]] = {}
        self._look()
        self._safe_folders = {number: dict(names) for number, names in self._folders.items()}
        self._safe_files = dict(self._files)
        self._since = {}

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow what is written inside the block; at its end the writer has returned."""
        with ExitStack() as stack:
            for name in OPERATIONS:
                stack.enter_context(patch.object(os, name, self._hooked(name)))
            yield
        self._crash(returned=True)

    def _hooked(self, name: str) -> Callable[..., Any]:
        real, flushes = getattr(os, name), name in ("fsync", "fdatasync")

        def operation(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            with self._one_at_a_time:
                self._crash()
                before = self._folders
                done = real(*arguments, **named)
                flushed = flushes and self._flush(*arguments)
                self._crash()
                self.operations += flushed or self._folders != before
                return done

        return operation

    def _flush(self, handle: int) -> bool:
        """Record a flush; return whether it was of the directory."""
        found = os.fstat(handle)
        number = self._numbers.get(found.st_ino) if found.st_dev == self._device else None
        if number in self._folders:
            self._safe_folders[number] = dict(self._folders[number])
            self._since.pop(number, None)
        elif number in self._files:
            self._safe_files[number] = self._files[number]
        return number is not None

    def _crash(self, *, returned: bool = False) -> None:
        """Add the trees that a power loss may leave now."""
        self._look()
        for fate in self._fates:
            tree: Tree = {}
            self._grow(tree, 0, "", fate)
            key = tuple(tree.items())
            self.trees[key] = returned or self.trees.get(key, False)

    def _grow(self, tree: Tree, folder: int, path: str, fate: Fate) -> None:
        safe, since = self._safe_folders.get(folder, {}), self._since.get(folder, {})
        for name in sorted({*safe, *since}):
            number = fate.name([safe.get(name), *since.get(name, [])])
            if number is None:
                continue
            if number in self._folders:
                tree[f"{path}{name}"] = None
                self._grow(tree, number, f"{path}{name}/", fate)
            else:
                safe_, newest = self._safe_files.get(number, b""), self._files[number]
                content = newest if newest == safe_ else fate.content(safe_, newest)
                tree[f"{path}{name}"] = content

    def _look(self) -> None:
        """Read the directory, and record which names changed."""
        before, found = self._folders, set[int]()
        self._folders = dict(before)
        self._read(self._root, found)
        for number in found & self._folders.keys():
            old, new = before.get(number, {}), self._folders[number]
            for name in old.keys() | new.keys():
                if old.get(name) != new.get(name):
                    history = self._since.setdefault(number, {}).setdefault(name, [])
                    history.append(new.get(name))
        # An inode that is gone may come back as another file.
        self._numbers = {inode: n for inode, n in self._numbers.items() if n in found}

    def _read(self, folder: Path, found: set[int]) -> int:
        own = self._number(folder.stat().st_ino)
        found.add(own)
        names = {}
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                names[path.name] = self._read(path, found)
                continue
            number = names[path.name] = self._number(path.stat().st_ino)
            found.add(number)
            self._files[number] = path.read_bytes()
        self._folders[own] = names
        return own

    def _number(self, inode: int) -> int:
        if inode not in self._numbers:
            self._numbers[inode] = next(self._count)
        return self._numbers[inode]


def write_tree(tree: FrozenTree, folder: Path) -> None:
    """Write a tree into an empty directory."""
    for path, content in tree:
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
