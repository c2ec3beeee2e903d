"""The lookup beside other places for the same lists: a dict, SQLite, Redis on loopback.

    python -m benchmarks.lookup_peers DIR [ARTICLES [TARGETS]] [--rounds 5]

takes the artificial version in DIR (`python -m benchmarks.lookup`, which writes it once), and puts
its lists, titles, addresses and sections into each of the others. In a round each answers in turn,
in a process of its own: random articles, each asked once, for five ids, then for five stories. Only
the lookup heeds bans, exclusions and events; the others give a list's first five.

*Start* is from the process's start to its first answer, *own* the memory that is no page of a file,
which all processes share. Redis is asked over a socket by a few lines of its protocol, which spare
what its client adds; without `redis-server` it is left out.
"""

import argparse
import contextlib
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import lookup, lookup_stores
from benchmarks.lookup_stores import STORES, Row
from recommender import Recommender

Found = dict[str, list[dict[str, Any]]]
"""What each store told in each round."""


def rows(artifacts: Path, count: int) -> Iterator[Row]:
    """Go through the articles of the artificial version, each with its list."""
    version = Recommender.open(artifacts).snapshot()._shelf.version  # noqa: SLF001
    names = [lookup.name(row) for row in range(count)]
    sections = [*(version.section_names[n] for n in range(len(version.section_names))), ""]
    for row, name in enumerate(names):
        begin, end = version.list_ends[row], version.list_ends[row + 1]
        related = [names[target] for target in version.list_items[begin:end]]
        section = sections[version.sections[row]]
        yield (name, version.titles[row], version.urls[row], section), related


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[tuple[int, int]]:
    """Start a server that keeps nothing on disk; give port and process, and stop it in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with (folder / "redis.log").open("wb") as log:
        server = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=log)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                lookup_stores.Redis(str(port)).ask(("PING",))
                break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def run(places: dict[str, str], count: int, rounds: int) -> Found:
    """Let all answer in turn, so many times."""
    found: Found = {kind: [] for kind in places}
    for number in range(rounds):
        for kind, place in places.items():
            command = [sys.executable, "-m", "benchmarks.lookup_stores", kind, place]
            begun = time.time()
            done = subprocess.run(
                [*command, str(count), str(number)], check=True, capture_output=True, text=True
            )
            told = json.loads(done.stdout)
            found[kind].append({**told, "start": 1e3 * (told["answered"] - begun)})
    return found


def compare(found: Found, what: str, sums: str, peer: str) -> str:
    """Say how a peer's time compares with ours, and which share of its answers are ours."""
    pairs = list(zip(found["ours"], found[peer], strict=True))
    ratio = statistics.median(theirs[what] / ours[what] for ours, theirs in pairs)
    equal = [
        a == b for ours, theirs in pairs for a, b in zip(ours[sums], theirs[sums], strict=True)
    ]
    return f"lookup {what}: {ratio:.1f} x faster than {peer} (recall {statistics.mean(equal):.3f})"


def show(found: Found, servers: dict[str, float]) -> None:
    """Print a table, medians with least and most of the rounds, then each comparison."""
    print(f"{'':8}{'ids µs':>26}{'stories µs':>26}{'start ms':>28}{'own MB':>10}{'server MB':>11}")
    for kind, told in found.items():
        cells = []
        for what in ("ids", "stories", "start"):
            values = [each[what] for each in told]
            spread = f"({min(values):.1f} to {max(values):.1f})"
            cells.append(f"{statistics.median(values):.1f} {spread}")
        own = statistics.median(each["own"] for each in told)
        print(f"{kind:8}{cells[0]:>26}{cells[1]:>26}{cells[2]:>28}{own:>10.1f}", end="")
        print(f"{servers[kind]:>11.1f}" if kind in servers else f"{'':>11}")
    for what, sums in (("ids", "id_sums"), ("stories", "story_sums")):
        for peer in list(found)[1:]:
            print(compare(found, what, sums, peer))


def main() -> None:
    """Fill all, let them answer, and print what was found."""
    parser = argparse.ArgumentParser(prog="benchmarks.lookup_peers")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("articles", nargs="?", type=int, default=1_000_000)
    parser.add_argument("targets", nargs="?", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if not (asked.directory / "current").exists():
        lookup.write(asked.directory, asked.articles, asked.targets)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as started:
        folder, servers = Path(name), dict[str, float]()
        places = {"ours": str(asked.directory), "dict": f"{folder}/dict", "SQLite": f"{folder}/db"}
        if shutil.which("redis-server"):
            port, server = started.enter_context(redis(folder))
            places["Redis"] = str(port)
        else:
            print(
                "Redis is left out: there is no redis-server (Debian: apt-get install redis-server)"
            )
        for kind, place in list(places.items())[1:]:
            STORES[kind].fill(place, rows(asked.directory, asked.articles))
        if "Redis" in places:
            servers["Redis"] = lookup_stores.own(server)
        show(run(places, asked.articles, asked.rounds), servers)


if __name__ == "__main__":
    main()
