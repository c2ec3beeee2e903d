"""Ways to damage an artifacts directory, drawn by a seed.

A directory to damage may share its files with others by hard links: a file is always replaced,
never written into.
"""

import hashlib
import io
import json
import os
import pickle
import random
import shutil
import socket
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from recommender.manifest import read_pointer

SPECIAL: Final = (0, 1, -1, 127, 255, 2**31 - 1, -(2**31), 2**32, 2**62, 2**63 - 1, -(2**63))
"""Numbers at which something might overflow."""

VALUES: Final[tuple[object, ...]] = (
    None, True, False, 0, 1, -1, 2, 3.5, -0.0, 1e308, 10**30, -(10**30), 2**63, "", "x", "\ud800",
    "../x", "/etc/passwd", "a\u0000b", [], [0], [-1], [[]], [None], {}, {"a": 1}, ["a", "b"],
    "9" * 5000, [2**63], "<i8", "|O", "0" * 64,
)  # fmt: skip
"""Values to put into a manifest."""

KEYS: Final = (
    "format", "kind", "name", "requires", "optional", "files", "now", "reasons", "fallback", "page",
    "why", "not_from", "apart", "state", "config", "watched", "layout", "time", "model",
)  # fmt: skip

DTYPES: Final = (
    ">i4", ">i8", ">f4", "<i2", "<i8", "<i4", "<u8", "<f8", "<f2", "|b1", "<c16", "<U1", "|S1",
    "<M8[us]",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An artifacts directory to damage.

    Attributes
    ----------
    artifacts : the directory.
    outside : a folder beside it that holds a sound copy; nothing may be read there.
    version, state : names of what is served.
    other : name of another version.
    """

    artifacts: Path
    outside: Path
    version: str
    state: str
    other: str

    @classmethod
    def of(cls, artifacts: Path, outside: Path) -> "Place":
        """Look at a sound directory of two versions or more."""
        version = read_pointer(artifacts)
        manifest = json.loads((artifacts / "versions" / version / "manifest.json").read_bytes())
        other = min({path.name for path in (artifacts / "versions").iterdir()} - {version})
        return cls(artifacts, outside, version, manifest["state"]["name"], other)

    @property
    def version_dir(self) -> Path:
        """The served version."""
        return self.artifacts / "versions" / self.version

    @property
    def state_dir(self) -> Path:
        """Its state."""
        return self.artifacts / "states" / self.state

    def folder(self, draw: random.Random) -> Path:
        """Choose the version, or now and then its state."""
        return draw.choice((self.version_dir, self.version_dir, self.state_dir))

    def array(self, draw: random.Random) -> Path:
        """Choose an array."""
        return draw.choice(sorted(self.folder(draw).glob("*.npy")))

    def file(self, draw: random.Random) -> Path:
        """Choose any file that is read."""
        others = [self.artifacts / name for name in ("current", "overrides.json")]
        others += [folder / "manifest.json" for folder in (self.version_dir, self.state_dir)]
        return self.array(draw) if draw.random() < 0.7 else draw.choice(others)


Damage = Callable[[Place, random.Random], None]


def flip(place: Place, draw: random.Random) -> None:
    """Flip one or more bits."""
    path = place.file(draw)
    data = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        if data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    put(path, bytes(data))
    _sealed_at_times(place, path, draw)


def cut(place: Place, draw: random.Random) -> None:
    """Cut a file short, empty ones included."""
    path = place.file(draw)
    data = path.read_bytes()
    put(path, data[: draw.choice((0, 1, 9, 11, len(data) // 2, max(len(data) - 1, 0)))])
    _sealed_at_times(place, path, draw)


def extend(place: Place, draw: random.Random) -> None:
    """Add bytes to a file."""
    path = place.file(draw)
    put(path, path.read_bytes() + draw.randbytes(draw.choice((1, 4, 8, 64, 4096))))
    _sealed_at_times(place, path, draw)


def overwrite(place: Place, draw: random.Random) -> None:
    """Put zeros or noise in the place of a stretch, or of all."""
    path = place.file(draw)
    data = bytearray(path.read_bytes())
    start = draw.randrange(len(data) + 1)
    length = draw.choice((8, 512, len(data))) if data else 0
    hole = data[start : start + length]
    data[start : start + length] = (
        bytes(len(hole)) if draw.random() < 0.5 else draw.randbytes(len(hole))
    )
    put(path, bytes(data))
    _sealed_at_times(place, path, draw)


def swap(place: Place, draw: random.Random) -> None:
    """Exchange two files, or take one from another version or from the state."""
    path = place.array(draw)
    if draw.random() < 0.5:
        other = draw.choice(sorted(path.parent.glob("*.npy")))
        data = path.read_bytes()
        put(path, other.read_bytes())
        put(other, data)
        seal(place, other) if draw.random() < 0.5 else None
    else:
        source = place.artifacts / "versions" / place.other / path.name
        wrong = draw.choice(sorted(place.state_dir.glob("*.npy")))
        put(path, (source if source.exists() else wrong).read_bytes())
    _sealed_at_times(place, path, draw)


def swap_manifest(place: Place, draw: random.Random) -> None:
    """Take the manifest of another version or of the state, under its name or the right one."""
    path = place.version_dir / "manifest.json"
    source = draw.choice((place.artifacts / "versions" / place.other, place.state_dir))
    manifest = json.loads((source / "manifest.json").read_bytes())
    if draw.random() < 0.7:
        manifest["name"] = place.version
    put(path, json.dumps(manifest).encode())


def edit_manifest(place: Place, draw: random.Random) -> None:
    """Replace, remove or add a value of a manifest."""
    folder = place.folder(draw)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    edit_json(manifest, draw, KEYS)
    _put_manifest(place, folder, json.dumps(manifest).encode())


def edit_json(value: Any, draw: random.Random, keys: tuple[str, ...]) -> None:  # noqa: ANN401
    """Change something within a JSON object or list, in place."""
    while True:
        if isinstance(value, dict):
            known = [key for key in keys if key in value]
            key = draw.choice(known if known and draw.random() < 0.7 else [*value, *keys[:1]])
        elif value:
            key = draw.randrange(len(value))
        else:
            value.append(_drawn(draw))
            return
        within = value.get(key) if isinstance(value, dict) else value[key]
        if isinstance(within, dict | list) and within and draw.random() < 0.8:
            value = within
            continue
        what = draw.random()
        if what < 0.15 and (isinstance(value, list) or key in value):
            del value[key]
        elif what < 0.25 and isinstance(value, dict):
            value[draw.choice((*keys, "more", ""))] = _drawn(draw)
        else:
            value[key] = _drawn(draw) if draw.random() < 0.7 else draw.choice(SPECIAL)
        return


def double_key(place: Place, draw: random.Random) -> None:
    """Write a key of a manifest twice, with the same or another value."""
    folder = place.folder(draw)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    key = draw.choice(sorted(manifest))
    value = draw.choice((manifest[key], *VALUES))
    text = json.dumps(manifest)
    twice = f"{json.dumps(key)}: {json.dumps(value)}"
    text = f"{{{twice}, {text[1:]}" if draw.random() < 0.5 else f"{text[:-1]}, {twice}}}"
    _put_manifest(place, folder, text.encode())


def require(place: Place, draw: random.Random) -> None:
    """Require or offer features that nobody knows."""
    folder = place.folder(draw)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    flags = draw.choice((["zstd"], ["zstd", ""], [1], "zstd", {"zstd": 1}))
    manifest[draw.choice(("requires", "requires", "optional"))] = flags
    _put_manifest(place, folder, json.dumps(manifest).encode())


def misname(place: Place, draw: random.Random) -> None:
    """Name files, states and versions that lie elsewhere."""
    wrong = draw.choice(
        (
            "../ids.npy", str(place.outside / "ids.npy"), "/etc/passwd", "..", "", "a/b.npy",
            f"../../{place.outside.name}/versions/{place.version}/ids.npy", "ids.npy\u0000",
            "manifest.json", "x" * 300 + ".npy", ".ids.npy", "ids.npy/", "\ud800.npy",
        )
    )  # fmt: skip
    path = place.version_dir / "manifest.json"
    manifest = json.loads(path.read_bytes())
    match draw.randrange(4):
        case 0:
            manifest["files"][wrong] = manifest["files"]["ids.npy"]
        case 1:
            manifest["files"][wrong] = manifest["files"].pop("ids.npy")
        case 2:
            manifest["state"]["name"] = wrong
        case _:
            manifest["name"] = wrong
    put(path, json.dumps(manifest).encode())


def lie(place: Place, draw: random.Random) -> None:
    """Put other values into an array, mostly with a checksum that says it is right."""
    path = place.array(draw)
    values = np.load(path)
    flat = values.reshape(-1).copy()
    if len(flat):
        with np.errstate(all="ignore"):
            for at in draw.choices(range(len(flat)), k=draw.choice((1, 1, 2, len(flat)))):
                flat[at] = _other(flat[at], flat, draw)
    write_array(path, flat.reshape(values.shape))
    if draw.random() < 0.85:
        seal(place, path)


def reorder(place: Place, draw: random.Random) -> None:
    """Turn, rotate, repeat or shorten an array, mostly with a checksum that says it is right."""
    path = place.array(draw)
    values = np.load(path)
    half = len(values) // 2
    write_array(
        path,
        draw.choice((values[::-1], np.roll(values, 1, 0), values[:half], values[1:],
                     np.concatenate([values, values]), values[:0], np.sort(values, 0))),
    )  # fmt: skip
    if draw.random() < 0.85:
        seal(place, path)


def retype(place: Place, draw: random.Random) -> None:
    """Write an array as another type, in another shape or order, or under another header."""
    path = place.array(draw)
    values = np.load(path)
    version = (1, 0)
    with np.errstate(all="ignore"):
        match draw.randrange(5):
            case 0:
                values = values.astype(draw.choice(DTYPES))
            case 1:
                values = values.reshape(draw.choice(((1, -1), (-1, 1), (-1,), (1, 1, -1))))
            case 2:
                values = np.asfortranarray(np.stack([values, values]))
            case 3:
                values = values.reshape(-1)[:1].reshape(())[()] if values.size else values
            case _:
                version = draw.choice(((2, 0), (3, 0)))
    write_array(path, values, version)
    if draw.random() < 0.7:
        seal(place, path)


def insert_pickle(place: Place, draw: random.Random) -> None:
    """Put a pickle in an array's place, with or without the header of an array of objects."""
    path = place.array(draw)
    if draw.random() < 0.5:
        put(path, pickle.dumps(_Bomb(place.outside / "exploded")))
    else:
        buffer = io.BytesIO()
        bombs = np.array([_Bomb(place.outside / "exploded")], dtype=object)
        np.lib.format.write_array(buffer, bombs, allow_pickle=True)
        put(path, buffer.getvalue())
    seal(place, path, draw.choice(("|O", None)))


def replace_by_other(place: Place, draw: random.Random) -> None:
    """Replace a file or folder by a link, a pipe, a socket, a folder or nothing."""
    path = draw.choice(
        (
            place.file(draw), place.array(draw), place.version_dir, place.state_dir,
            place.artifacts / "versions", place.artifacts / "states", place.artifacts / "current",
            place.artifacts / "overrides.json", place.artifacts / "overrides.last-good.json",
        )
    )  # fmt: skip
    moved = place.artifacts / "moved"
    path.rename(moved)
    match draw.randrange(9):
        case 0:
            path.symlink_to(moved)
        case 1:
            path.symlink_to(place.outside / path.relative_to(place.artifacts))
        case 2:
            path.symlink_to(path.name)
        case 3:
            path.symlink_to(place.outside)
        case 4:
            path.symlink_to("nowhere")
        case 5:
            os.mkfifo(path)
        case 6:
            path.mkdir()
        case 7:
            with socket.socket(socket.AF_UNIX) as end:
                at = os.open(path.parent, os.O_RDONLY)
                try:  # the path may be too long for a socket, that of its folder is not
                    end.bind(f"/proc/self/fd/{at}/{path.name}")
                finally:
                    os.close(at)
        case _:
            pass


def add(place: Place, draw: random.Random) -> None:
    """Add a file or link that nobody listed."""
    path = place.folder(draw) / draw.choice(
        ("more.npy", ".hidden", "manifest.json~", "ids.npy.bak")
    )
    if draw.random() < 0.5:
        put(path, draw.randbytes(draw.randrange(64)))
    else:
        path.symlink_to(place.outside / "current")


def point(place: Place, draw: random.Random) -> None:
    """Let the pointer name something else, or nothing."""
    outside = f"../../{place.outside.name}/versions/{place.version}"
    named = draw.choice(
        (
            place.other, place.other + "\n\n", place.version + " ", "", "\n", ".", "..", outside,
            str(place.outside / "versions" / place.version), place.version[:-1], "x" * 5000,
            f"{place.version}/", f"{place.version}\u0000", "versions", "a b", "é",
        )
    )  # fmt: skip
    put(place.artifacts / "current", draw.choice((named.encode(), draw.randbytes(20))))


def edit_overrides(place: Place, draw: random.Random) -> None:
    """Change a value of the overrides; now and then damage the last good ones too."""
    path = place.artifacts / "overrides.json"
    written = json.loads(path.read_bytes())
    keys = ("overrides", "id", "action", "story", "block", "slot", "article", "section", "until")
    edit_json(written, draw, keys)
    put(path, json.dumps(written).encode())
    if draw.random() < 0.3:
        put(path.with_name("overrides.last-good.json"), draw.randbytes(draw.randrange(64)))


KINDS: Final[dict[str, Damage]] = {
    "bits flipped": flip,
    "cut short": cut,
    "extended": extend,
    "overwritten": overwrite,
    "files exchanged": swap,
    "manifests exchanged": swap_manifest,
    "manifest edited": edit_manifest,
    "key twice": double_key,
    "unknown features": require,
    "names that lead elsewhere": misname,
    "other values": lie,
    "other order or length": reorder,
    "other types and headers": retype,
    "pickles": insert_pickle,
    "links, pipes, folders": replace_by_other,
    "files nobody listed": add,
    "pointer": point,
    "overrides": edit_overrides,
}


def put(path: Path, data: bytes) -> None:
    """Replace a file."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def write_array(path: Path, values: Any, version: tuple[int, int] = (1, 0)) -> None:  # noqa: ANN401
    """Write an array in the place of a file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asanyarray(values), version=version)
    put(path, buffer.getvalue())


def seal(place: Place, path: Path, dtype: str | None = None) -> None:
    """Update checksums in the manifest after damage, and in the version for its state."""
    if path.suffix != ".npy":
        return
    manifest_path = path.parent / "manifest.json"
    manifest = json.loads(manifest_path.read_bytes())
    data = path.read_bytes()
    entry = manifest["files"].setdefault(path.name, {"dtype": "|u1", "shape": [0]})
    entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    try:
        values = np.load(path)
        entry.update(dtype=values.dtype.str, shape=list(values.shape))
    except Exception:  # noqa: S110 - then the entry stays as it was
        pass
    if dtype:
        entry["dtype"] = dtype
    _put_manifest(place, path.parent, json.dumps(manifest).encode())


def sealed_or_free(place: Place, sound: Path) -> bool:
    """Return whether answers may differ although no checksum is wrong.

    So it may where a manifest that no checksum covers, the pointer or the overrides are not those
    of the sound directory.
    """
    names = ("current", "overrides.json", "overrides.last-good.json")
    paths = [Path(name) for name in names]
    paths.append(Path("versions", place.version, "manifest.json"))
    for path in paths:
        damaged = place.artifacts / path
        if damaged.is_symlink() or not damaged.is_file():
            return True
        if damaged.read_bytes() != (sound / path).read_bytes():
            return True
    return False


def copy_by_links(sound: Path, target: Path) -> None:
    """Copy an artifacts directory by hard links."""
    shutil.copytree(sound, target, copy_function=os.link)


@dataclass(frozen=True)
class _Bomb:
    """An object that writes a file when it is unpickled."""

    path: Path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def _sealed_at_times(place: Place, path: Path, draw: random.Random) -> None:
    if draw.random() < 0.4:
        seal(place, path)


def _put_manifest(place: Place, folder: Path, data: bytes) -> None:
    """Write a manifest; for a state, update its checksum in the version's manifest."""
    put(folder / "manifest.json", data)
    if folder == place.state_dir:
        path = place.version_dir / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["state"]["sha256"] = hashlib.sha256(data).hexdigest()
        put(path, json.dumps(manifest).encode())


def _drawn(draw: random.Random) -> object:
    return deepcopy(draw.choice(VALUES))  # a value in a manifest may be edited later


def _other(value: Any, among: Any, draw: random.Random) -> Any:  # noqa: ANN401
    """Return another value of the same type."""
    if value.dtype.kind == "f":
        return draw.choice((-1, 2, float("nan"), float("inf"), -0.0, 1e-45, float(value) / 2))
    number = draw.choice((*SPECIAL, int(value) + 1, int(value) - 1, -int(value), int(among[0])))
    width = 8 * value.dtype.itemsize
    number %= 1 << width
    if value.dtype.kind == "i" and number >= 1 << (width - 1):
        number -= 1 << width
    return number
