"""Compare the lookup with other stores of the same lists: a dict, SQLite, Redis on loopback.

    python -m benchmarks.lookup_peers DIR [ARTICLES [TARGETS]] [--rounds 5]

takes the artificial version in DIR (`python -m benchmarks.lookup`, which writes it once), and puts
its lists, titles, addresses and sections into each of the others. In a round each answers in turn,
in a process of its own, for five ids and for five stories: of any article, each asked once, then as
readers ask, of the last thousand, the one of rank r with a weight of 1 / r. Only the lookup heeds
bans, exclusions and events; the others give a list's first five.

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
from typing import Any, Final

from benchmarks import lookup, lookup_stores
from benchmarks.lookup_stores import STORES, Row
from recommender.artifact import open_version
from recommender.manifest import read_pointer

Found = dict[str, list[dict[str, Any]]]
"""What each store printed in each round."""

ASKED: Final = ("ids, any", "ids, readers", "stories, any", "stories, readers")
"""What is asked for, and of which articles."""


def rows(artifacts: Path, count: int) -> Iterator[Row]:
    """Yield the articles of the artificial version, each with its list."""
    version = open_version(artifacts / "versions" / read_pointer(artifacts))
    names = [lookup.name(row) for row in range(count)]
    sections = [*(version.section_names[n] for n in range(len(version.section_names))), ""]
    for row, name in enumerate(names):
        begin, end = version.list_ends[row], version.list_ends[row + 1]
        related = [names[target] for target in version.list_items[begin:end]]
        section = sections[version.sections[row]]
        yield (name, version.titles[row], version.urls[row], section), related


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[tuple[int, int]]:
    """Run a server that keeps nothing on disk while the block runs; yield port and process."""
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
    """Let all answer in turn, `rounds` times."""
    found: Found = {kind: [] for kind in places}
    for number in range(rounds):
        for kind, place in places.items():
            command = [sys.executable, "-m", "benchmarks.lookup_stores", kind, place]
            begun = time.time()
            done = subprocess.run(
                [*command, str(count), str(number)], check=True, capture_output=True, text=True
            )
            printed = json.loads(done.stdout)
            found[kind].append({**printed, "start": 1e3 * (printed["answered"] - begun)})
    return found


def compare(found: Found, what: str, peer: str) -> str:
    """Describe how a peer's time compares with ours, and which share of its answers are ours."""
    sums = f"sums of {what}"
    pairs = list(zip(found["ymal"], found[peer], strict=True))
    ratio = statistics.median(theirs[what] / ours[what] for ours, theirs in pairs)
    equal = [
        a == b for ours, theirs in pairs for a, b in zip(ours[sums], theirs[sums], strict=True)
    ]
    result = f"{ratio:.1f} x faster than {peer} (recall {statistics.mean(equal):.3f})"
    return f"related(id, 5) {what}: {result}"


def table(found: Found, servers: dict[str, float]) -> list[str]:
    """Format medians, minima and maxima of the rounds as a Markdown table."""
    lines = [
        "| store | five ids, µs: of any | as readers ask | five stories, µs: of any "
        "| as readers ask | start to first answer, ms | own memory, MB | server, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, printed in found.items():
        cells = []
        for what in (*ASKED, "start"):
            values = [each[what] for each in printed]
            spread = f"({min(values):.1f} to {max(values):.1f})"
            cells.append(f"{statistics.median(values):.1f} {spread}")
        own = statistics.median(each["own"] for each in printed)
        server = f"{servers[kind]:.0f}" if kind in servers else ""
        lines.append(f"| {kind} | {' | '.join(cells)} | {own:.0f} | {server} |")
    return lines


def comparisons(found: Found) -> list[str]:
    """Describe how each peer's times compare with ours."""
    return [compare(found, what, peer) for what in ASKED for peer in list(found)[1:]]


def measure(
    directory: Path, articles: int, targets: int, rounds: int
) -> tuple[Found, dict[str, float]]:
    """Fill all stores and query them; return what each printed, and the servers' memory in MB."""
    if not (directory / "current").exists():
        lookup.write(directory, articles, targets)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as started:
        folder, servers = Path(name), dict[str, float]()
        places = {"ymal": str(directory), "dict": f"{folder}/dict", "SQLite": f"{folder}/db"}
        if shutil.which("redis-server"):
            port, server = started.enter_context(redis(folder))
            places["Redis"] = str(port)
        else:
            print(
                "Redis is left out: there is no redis-server (Debian: apt-get install redis-server)"
            )
        for kind, place in list(places.items())[1:]:
            STORES[kind].fill(place, rows(directory, articles))
        if "Redis" in places:
            servers["Redis"] = lookup_stores.own(server)
        return run(places, articles, rounds), servers


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.lookup_peers")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("articles", nargs="?", type=int, default=1_000_000)
    parser.add_argument("targets", nargs="?", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    found, servers = measure(options.directory, options.articles, options.targets, options.rounds)
    print("\n".join([*table(found, servers), *comparisons(found)]))


if __name__ == "__main__":
    main()
