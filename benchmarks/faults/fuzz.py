"""Fuzz everything that is parsed with random and damaged bytes: only `ArtifactError` is raised.

    python -m benchmarks.faults.fuzz [--seconds 60] [--seed N]

Each case replaces the manifest, an array's header, the pointer or the overrides, in turn, and reads
it as a lookup does; an accepted version must give a page. Prints the seed, the cases per second and
the outcomes; exits with 1 if anything else is raised.
"""

import argparse
import faulthandler
import json
import logging
import random
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.faults import damage, site
from recommender import ArtifactError, Snapshot, overrides
from recommender.active_overrides import ActiveOverrides
from recommender.artifact import open_version
from recommender.cached_version import CachedVersion
from recommender.manifest import read_pointer

HANGS: Final = 60
"""Seconds after which a case counts as hung, and the program ends."""

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

KEYS: Final = (
    "id", "action", "story", "block", "slot", "article", "section", "who", "why", "when", "from",
    "until", "format", "overrides",
)  # fmt: skip
"""Keys of the overrides."""

EDGES: Final = ("0001-01-01", "9999-12-31T23:59:59.999999", "2026-06-01T06:00:00+23:59", "2026-W23")


@dataclass
class Findings:
    """Outcomes of the cases, by fuzzed file.

    Attributes
    ----------
    accepted, refused : cases.
    kinds : refusals, without the values in them.
    faults : anything else that was raised, with the bytes.
    seconds : in all.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cases(self) -> int:
        """All cases."""
        return self.accepted.total() + self.refused.total() + len(self.faults)

    def table(self) -> str:
        """Format the counts and the most frequent refusals."""
        lines = [f"{'':10}{'accepted':>12}{'refused':>12}{'kinds':>8}"]
        for name, kinds in self.kinds.items():
            counts = f"{self.accepted[name]:12,}{self.refused[name]:12,}{len(kinds):8}"
            lines.append(f"{name:10}{counts}")
            lines += [f"    {number:10,}  {kind}" for kind, number in kinds.most_common(5)]
        rate = self.cases / self.seconds
        lines.append(f"{self.cases:,} cases, {rate:,.0f} per second, {len(self.faults)} faults")
        return "\n".join([*lines, *self.faults[:20]])


class Fuzz:
    """A sound artifacts directory of which one file at a time is fuzzed and read."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        site.publish(folder, 1, articles=30, own=5)
        self._draw, self._folder = draw, folder
        self._version = folder / "versions" / read_pointer(folder)
        self._manifest = self._version / "manifest.json"
        self._overrides = folder / overrides.FILE
        entries = [
            overrides.Override("a", "pin", site.name(1), slot=1, section="section 001"),
            overrides.Override("b", "ban", site.name(2), block="latest", why="because"),
            overrides.Override("c", "withdraw", site.name(3)),
        ]
        self._overrides.write_bytes(overrides.dump(entries))
        self.targets: dict[str, Callable[[], list[Path]]] = {
            "manifest": self._write_manifest,
            "header": self._write_header,
            "pointer": self._write_pointer,
            "overrides": self._write_overrides,
        }

    def case(self, name: str, found: Findings) -> None:
        """Fuzz a file, read everything, and restore the file."""
        sound = {path: path.read_bytes() for path in (self._manifest, self._overrides)}
        sound[self._folder / "current"] = f"{self._version.name}\n".encode()
        written = sound | {path: path.read_bytes() for path in self._version.glob("*.npy")}
        changed = self.targets[name]()
        try:
            self._read(name)
            found.accepted[name] += 1
        except ArtifactError as error:
            found.refused[name] += 1
            found.kinds.setdefault(name, Counter())[_kind(str(error))] += 1
        except Exception as error:
            data = {path.name: path.read_bytes()[:2000] for path in changed}
            found.faults.append(f"{name}: {type(error).__name__}: {error}: {data!r}")
        for path in changed:
            path.write_bytes(written[path])

    def _read(self, name: str) -> None:
        if name == "overrides":
            entries, _ = overrides.load(self._folder)
            for at in (0.0, 1.8e9, 2.5e11):
                active = ActiveOverrides(entries, at)
                active.banned("latest", site.name(1), "section 001")
                active.pinned("related", site.name(1), "section 001")
            return
        if name == "pointer":
            read_pointer(self._folder)
            return
        snapshot = Snapshot(CachedVersion(open_version(self._version)))
        for row in (0, 8, 28):
            json.dumps(snapshot.page(site.name(row)).as_dict(), allow_nan=False).encode()

    def _write_manifest(self) -> list[Path]:
        self._manifest.write_bytes(self._json(self._manifest.read_bytes(), damage.KEYS))
        return [self._manifest]

    def _write_overrides(self) -> list[Path]:
        self._overrides.write_bytes(self._json(self._overrides.read_bytes(), KEYS))
        return [self._overrides]

    def _write_pointer(self) -> list[Path]:
        path = self._folder / "current"
        path.write_bytes(self._bytes(path.read_bytes()))
        return [path]

    def _write_header(self) -> list[Path]:
        draw = self._draw
        path = draw.choice(sorted(self._version.glob("*.npy")))
        data = path.read_bytes()
        start = 10 + int.from_bytes(data[8:10], "little")
        header, values = data[:start], data[start:]
        if draw.random() < 0.5:
            text = self._bytes(draw.choice((header[10:], *HEADERS)))
            text = text.ljust(draw.choice((0, len(header) - 11, 117)))
            if draw.random() < 0.7:
                text += b"\n"
            wide = draw.random() < 0.3
            length = draw.choice((len(text), len(text), 0, 65535, len(text) + 1))
            lead = b"\x93NUMPY" + (b"\x02\x00" if wide else b"\x01\x00")
            header = lead + length.to_bytes(4 if wide else 2, "little") + text
        else:
            header = self._bytes(header)
        path.write_bytes(header + values)
        manifest = json.loads(self._manifest.read_bytes())
        manifest["files"][path.name]["bytes"] = path.stat().st_size
        self._manifest.write_bytes(json.dumps(manifest).encode())
        return [path, self._manifest]

    def _json(self, data: bytes, keys: tuple[str, ...]) -> bytes:
        """Change JSON in its structure, in its bytes, or in both."""
        draw = self._draw
        if draw.random() < 0.7:
            value = json.loads(data)
            for _ in range(draw.choice((1, 1, 2, 5))):
                damage.edit_json(value, draw, keys)
            if draw.random() < 0.1:
                value = _deep(value, draw)
            data = json.dumps(value, ensure_ascii=draw.random() < 0.5).encode("utf-8", "replace")
            if draw.random() < 0.2:
                data = data.replace(b'"2', b'"' + draw.choice(EDGES).encode() + b'", "2')
            if draw.random() < 0.7:
                return data
        return self._bytes(data)

    def _bytes(self, data: bytes) -> bytes:
        """Change some bytes, or now and then all of them."""
        draw = self._draw
        if draw.random() < 0.05:
            return draw.randbytes(draw.choice((0, 1, 10, 100, 10_000)))
        changed = bytearray(data)
        for _ in range(draw.choice((1, 1, 2, 8))):
            at = draw.randrange(len(changed) + 1)
            end = at + draw.choice((0, 1, 1, 2, 16))
            new = (draw.choice(TOKENS), draw.randbytes(1), b"", bytes(changed[at:end]) * 2)
            changed[at:end] = draw.choice(new)
        return bytes(changed)


def run(seconds: float, seed: int) -> Findings:
    """Try cases for some seconds."""
    logging.disable()
    found = Findings()
    with site.workspace() as folder:
        fuzz = Fuzz(folder, random.Random(seed))  # noqa: S311 - no secret
        begun = time.perf_counter()
        while (passed := time.perf_counter() - begun) < seconds:
            for name in fuzz.targets:
                faulthandler.dump_traceback_later(HANGS, exit=True)
                fuzz.case(name, found)
        faulthandler.cancel_dump_traceback_later()
        found.seconds = passed
    return found


def _kind(message: str) -> str:
    """Return a refusal without path, values and advice."""
    refusal = message.split(": ", 1)[-1].split("; ")[0]
    values = r"'.*'|\".*\"|\{.*\}|\[.*\]|(?<!\w)-?\d[\d.e+]*|[0-9a-z_]+\.npy"
    return re.sub(values, "…", refusal)[:90]


def _deep(value: object, draw: random.Random) -> object:
    """Wrap a value into lists or objects, at times deeper than a parser may follow."""
    for _ in range(draw.choice((10, 200, 400))):
        value = [value] if draw.random() < 0.5 else {"a": value}
    return value


def main() -> None:
    """Fuzz for the seconds on the command line, and print the outcomes."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    found = run(options.seconds, options.seed)
    print(found.table())
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
