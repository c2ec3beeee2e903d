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
from contextlib import suppress
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


TOKENS: Final = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\u0000", b"\\ud800", b"null", b"true", b"NaN",
    b"Infinity", b"-0", b"1e999", b"-1", b"1.5", b"9" * 30, b"9" * 5000, b"\x00", b"\xff",
    b"\xef\xbb\xbf", b"\n", b" ",
    b"[" * 500, b"{\"a\":" * 500, b"\xe2\x80\xa8", b"../", b"'", b"(", b")", b"False",
    b"2026-06-01T06:00:00Z", b"0001-01-01", b"9999-12-31T23:59:59.999999-23:59",
)  # fmt: skip
"""Tokens that are hard for parsers."""

HEADERS: Final = (
    b"{'descr': '<i4', 'fortran_order': False, 'shape': (5,), }",
    b"{'descr': '|O', 'fortran_order': False, 'shape': (5,), }",
    b"{'descr': '>i8', 'fortran_order': False, 'shape': (5,), }",
    b"{'descr': '<i8', 'fortran_order': True, 'shape': (5,), }",
    b"{'descr': '|u1', 'fortran_order': False, 'shape': (999999999999999999,), }",
    b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }",
    b"{'descr': '|u1', 'fortran_order': False, 'shape': (), }",
    b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }",
    b"{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (5,), }",
    b"__import__('os').abort()",
)

OVERRIDE_KEYS: Final = (
    "id", "action", "story", "block", "slot", "article", "section", "who", "why", "when", "from",
    "until", "format", "overrides",
)  # fmt: skip
"""Keys of the overrides."""

EDGES: Final = ("0001-01-01", "9999-12-31T23:59:59.999999", "2026-06-01T06:00:00+23:59", "2026-W23")


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


def of_bytes(change: Callable[[bytes, random.Random], bytes]) -> Damage:
    """Return the damage that changes a file's bytes, at times with its checksum."""

    def damaged(place: Place, draw: random.Random) -> None:
        path = place.file(draw)
        put(path, change(path.read_bytes(), draw))
        _sealed_at_times(place, path, draw)

    return damaged


def of_manifest(change: Callable[[Any, random.Random], bytes]) -> Damage:
    """Return the damage that changes the manifest of the version or of its state."""

    def damaged(place: Place, draw: random.Random) -> None:
        folder = place.folder(draw)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        _put_manifest(place, folder, change(manifest, draw))

    return damaged


def of_values(change: Callable[[Any, random.Random], Any]) -> Damage:
    """Return the damage that changes an array, mostly with a checksum that says it is right."""

    def damaged(place: Place, draw: random.Random) -> None:
        path = place.array(draw)
        write_array(
            path, change(np.load(path), draw), draw.choice(((1, 0),) * 8 + ((2, 0), (3, 0)))
        )
        if draw.random() < 0.85:
            seal(place, path)

    return damaged


def flip(data: bytes, draw: random.Random) -> bytes:
    """Flip one or more bits."""
    flipped = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 8)) if data else 0):
        flipped[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(flipped)


def cut(data: bytes, draw: random.Random) -> bytes:
    """Cut a file short, empty ones included."""
    return data[: draw.choice((0, 1, 9, 11, len(data) // 2, max(len(data) - 1, 0)))]


def extend(data: bytes, draw: random.Random) -> bytes:
    """Add bytes to a file."""
    return data + draw.randbytes(draw.choice((1, 4, 8, 64, 4096)))


def overwrite(data: bytes, draw: random.Random) -> bytes:
    """Put zeros or noise in the place of a stretch, or of all."""
    start = draw.randrange(len(data) + 1)
    length = min(draw.choice((8, 512, len(data))), len(data) - start)
    noise = bytes(length) if draw.random() < 0.5 else draw.randbytes(length)
    return data[:start] + noise + data[start + length :]


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


def edit(manifest: Any, draw: random.Random) -> bytes:  # noqa: ANN401
    """Change values of a manifest, its bytes, or both."""
    return scrambled_json(json.dumps(manifest).encode(), draw, KEYS)


def double_key(manifest: Any, draw: random.Random) -> bytes:  # noqa: ANN401
    """Write a key of a manifest twice, with the same or another value."""
    key = draw.choice(sorted(manifest))
    value = draw.choice((manifest[key], *VALUES))
    text = json.dumps(manifest)
    twice = f"{json.dumps(key)}: {json.dumps(value)}"
    text = f"{{{twice}, {text[1:]}" if draw.random() < 0.5 else f"{text[:-1]}, {twice}}}"
    return text.encode()


def require(manifest: Any, draw: random.Random) -> bytes:  # noqa: ANN401
    """Require or offer features that nobody knows."""
    flags = draw.choice((["zstd"], ["zstd", ""], [1], "zstd", {"zstd": 1}))
    manifest[draw.choice(("requires", "requires", "optional"))] = flags
    return json.dumps(manifest).encode()


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


def lie(values: Any, draw: random.Random) -> Any:  # noqa: ANN401
    """Put other values into an array."""
    flat = values.reshape(-1).copy()
    if len(flat):
        with np.errstate(all="ignore"):
            for at in draw.choices(range(len(flat)), k=draw.choice((1, 1, 2, len(flat)))):
                flat[at] = _other(flat[at], flat, draw)
    return flat.reshape(values.shape)


def reorder(values: Any, draw: random.Random) -> Any:  # noqa: ANN401
    """Turn, rotate, repeat or shorten an array."""
    half = len(values) // 2
    return draw.choice(
        (values[::-1], np.roll(values, 1, 0), values[:half], values[1:],
         np.concatenate([values, values]), values[:0], np.sort(values, 0))
    )  # fmt: skip


def retype(values: Any, draw: random.Random) -> Any:  # noqa: ANN401
    """Return an array as another type, in another shape or in another order."""
    with np.errstate(all="ignore"):
        match draw.randrange(4):
            case 0:
                return values.astype(draw.choice(DTYPES))
            case 1:
                return values.reshape(draw.choice(((1, -1), (-1, 1), (-1,), (1, 1, -1))))
            case 2:
                return np.asfortranarray(np.stack([values, values]))
            case _:
                return values.reshape(-1)[:1].reshape(())[()] if values.size else values


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
    sound = f"{place.version}\n".encode()
    put(place.artifacts / "current", draw.choice((named.encode(), scrambled(sound, draw))))


def edit_overrides(place: Place, draw: random.Random) -> None:
    """Change a value of the overrides; in half of the cases damage the last good ones too."""
    path = place.artifacts / "overrides.json"
    put(path, scrambled_json(path.read_bytes(), draw, OVERRIDE_KEYS))
    if draw.random() < 0.5:
        put(path.with_name("overrides.last-good.json"), draw.randbytes(draw.randrange(64)))


def scramble_header(place: Place, draw: random.Random) -> None:
    """Scramble an array's header, mostly with a checksum that says it is right."""
    path = place.array(draw)
    data = path.read_bytes()
    start = 10 + int.from_bytes(data[8:10], "little")
    header, values = data[:start], data[start:]
    if draw.random() < 0.5:
        text = scrambled(draw.choice((header[10:], *HEADERS)), draw)
        text = text.ljust(draw.choice((0, len(header) - 11, 117)))
        if draw.random() < 0.7:
            text += b"\n"
        wide = draw.random() < 0.3
        length = draw.choice((len(text), len(text), 0, 65535, len(text) + 1))
        lead = b"\x93NUMPY" + (b"\x02\x00" if wide else b"\x01\x00")
        header = lead + length.to_bytes(4 if wide else 2, "little") + text
    else:
        header = scrambled(header, draw)
    put(path, header + values)
    if draw.random() < 0.85:
        seal(place, path, read=False)


def scrambled_json(data: bytes, draw: random.Random, keys: tuple[str, ...]) -> bytes:
    """Change JSON in its structure, in its bytes, or in both."""
    if draw.random() < 0.7:
        value = json.loads(data)
        for _ in range(draw.choice((1, 1, 2, 5))):
            edit_json(value, draw, keys)
        if draw.random() < 0.1:  # at times deeper than a parser may follow
            for _ in range(draw.choice((10, 200, 400))):
                value = [value] if draw.random() < 0.5 else {"a": value}
        data = json.dumps(value, ensure_ascii=draw.random() < 0.5).encode("utf-8", "replace")
        if draw.random() < 0.2:
            data = data.replace(b'"2', b'"' + draw.choice(EDGES).encode() + b'", "2')
        if draw.random() < 0.7:
            return data
    return scrambled(data, draw)


def scrambled(data: bytes, draw: random.Random) -> bytes:
    """Change some bytes, or now and then all of them."""
    if draw.random() < 0.05:
        return draw.randbytes(draw.choice((0, 1, 10, 100, 10_000)))
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(changed) + 1)
        end = at + draw.choice((0, 1, 1, 2, 16))
        new = (draw.choice(TOKENS), draw.randbytes(1), b"", bytes(changed[at:end]) * 2)
        changed[at:end] = draw.choice(new)
    return bytes(changed)


KINDS: Final[dict[str, Damage]] = {
    "bits flipped": of_bytes(flip),
    "cut short": of_bytes(cut),
    "extended": of_bytes(extend),
    "overwritten": of_bytes(overwrite),
    "files exchanged": swap,
    "manifests exchanged": swap_manifest,
    "manifest edited": of_manifest(edit),
    "key twice": of_manifest(double_key),
    "unknown features": of_manifest(require),
    "names that lead elsewhere": misname,
    "other values": of_values(lie),
    "other order or length": of_values(reorder),
    "other types and shapes": of_values(retype),
    "header scrambled": scramble_header,
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


def seal(place: Place, path: Path, dtype: str | None = None, *, read: bool = True) -> None:
    """Update checksums in the manifest after damage, and in the version for its state.

    With `read`, type and shape become those that the array has now.
    """
    if path.suffix != ".npy":
        return
    manifest_path = path.parent / "manifest.json"
    manifest = json.loads(manifest_path.read_bytes())
    data = path.read_bytes()
    entry = manifest["files"].setdefault(path.name, {"dtype": "|u1", "shape": [0]})
    entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    if read:
        with suppress(Exception):  # then the entry stays as it was
            values = np.load(path)
            entry.update(dtype=values.dtype.str, shape=list(values.shape))
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
