"""Cost of a page view: lookups in a version of a million articles with a thousand bans.

    python -m benchmarks.lookup DIR [ARTICLES [TARGETS]]

writes an artificial version into DIR once (about a gigabyte for a million), and measures it in its
own process: medians over random articles, each requested once. Lists are random too, of the last
10,000 articles: a site recommends stories of a month at most (`lists.max_age`), which is more than
300 a day. With as many TARGETS as ARTICLES, nothing is in a cache.

`python -m benchmarks.speed related` compares the lookup with a dict and SQLite. Each store answers
in a process of its own, which imports what a backend would, nothing of the trainer.
"""

import argparse
import contextlib
import gc
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

SECTIONS, BANS, OPENED, FIVE = 40, 1000, 9, 5

ASKED: Final = 20_000
"""Articles requested, each once."""

READ: Final = 1000
"""Articles that readers request: the last, the one of rank r with a weight of 1 / r."""

Row = tuple[tuple[str, str, str, str], list[str]]
"""An article (id, title, address, section), and the ids of its list."""

Calls = tuple[Callable[[str], list[str]], Callable[[str], Iterable[Any]]]
"""Article → the ids of the first five of its list; the stories, each of which begins as a row."""

Found = dict[str, list[dict[str, Any]]]
"""What each store printed in each round."""


def write(folder: Path, articles: int, targets: int) -> None:
    """Publish a version with lists of the last `targets` articles, and ban some."""
    from benchmarks import artificial
    from recommender.overrides import FILE, Override, dump

    artificial.publish(folder, articles=articles, targets=targets, sections=SECTIONS)
    banned = [artificial.name(7 * n % articles) for n in range(BANS)]
    bans = [Override(f"o{n}", "ban", story) for n, story in enumerate(banned)]
    (folder / FILE).write_bytes(dump(bans))


def ask_as(how: str, articles: int, seed: int, count: int = ASKED) -> list[str]:
    """Draw ids that every artificial version has: of `any` article, or as `readers` ask."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    rows: Any = range(0, articles, 2)
    weights = None
    if how == "readers":
        rows = rows[::-1][:READ]
        weights = list(accumulate(1 / rank for rank in range(1, len(rows) + 1)))
    return [f"a{row:07}" for row in draw.choices(rows, cum_weights=weights, k=count)]


def timed(call: Callable[[str], object], articles: list[str]) -> list[float]:
    """Return how long a call took for each article in µs, ascending."""
    times = []
    for article in articles:
        begun = time.perf_counter_ns()
        call(article)
        times.append((time.perf_counter_ns() - begun) / 1e3)
    return sorted(times)


def measure(folder: Path, asked: list[str]) -> dict[str, list[float]]:
    """Return how long opening and each call took in µs, ascending."""
    from recommender import Recommender

    times = {"open": timed(lambda _: Recommender.open(folder), asked[:OPENED])}
    recommender = Recommender.open(folder)
    calls: dict[str, Callable[[str], object]] = {
        "related_ids": recommender.related_ids,
        "related": recommender.related,
        "page": recommender.page,
        "next_for": lambda article: recommender.next_for([*asked[:9], article]),
    }
    return times | {name: timed(call, asked) for name, call in calls.items()}


def open_ours(place: str) -> Calls:
    """Open the lookup, which also heeds bans, exclusions and events."""
    from recommender import Recommender

    recommender = Recommender.open(place)
    return recommender.related_ids, recommender.related


def fill_dict(place: str, rows: Iterator[Row]) -> None:
    """Write two dicts into a file."""
    given = list(rows)
    dicts = {story[0]: story for story, _ in given}, {story[0]: ids for story, ids in given}
    Path(place).write_text(json.dumps(dicts), encoding="utf-8")


def open_dict(place: str) -> Calls:
    """Read two dicts from a file."""
    gc.disable()  # or the collector would scan each list many times
    with Path(place).open(encoding="utf-8") as file:
        shown, lists = json.load(file)
    same = {article: article for article in shown}  # one string of each, not twenty
    lists = {same[article]: [same[i] for i in listed] for article, listed in lists.items()}
    gc.freeze()
    gc.enable()

    def stories(article: str) -> list[Any]:
        return [shown[story] for story in lists[article][:FIVE]]

    return lambda article: lists[article][:FIVE], stories


def fill_sqlite(place: str, rows: Iterator[Row]) -> None:
    """Write a table by id, each list as ids between spaces."""
    with contextlib.closing(sqlite3.connect(place)) as opened, opened:
        opened.execute(
            "CREATE TABLE articles (id TEXT PRIMARY KEY, title TEXT, url TEXT, section TEXT,"
            " related TEXT) WITHOUT ROWID"
        )
        lines = ((*story, " ".join(related)) for story, related in rows)
        opened.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", lines)


def open_sqlite(place: str) -> Calls:
    """Open a file of SQLite, read only and mapped."""
    opened = sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)
    opened.execute(f"PRAGMA mmap_size = {1 << 31}")
    ask = opened.cursor().execute
    listed = "SELECT related FROM articles WHERE id = ?"
    shown = "SELECT id, title, url, section FROM articles WHERE id IN (?, ?, ?, ?, ?)"

    def ids(article: str) -> list[str]:
        related: str = ask(listed, (article,)).fetchone()[0]
        return related.split(" ", FIVE)[:FIVE]

    def stories(article: str) -> list[Any]:
        related = ids(article)
        found = {story[0]: story for story in ask(shown, related)}
        return [found[story] for story in related]

    return ids, stories


STORES: Final = {
    "ymal": (write, open_ours),
    "dict": (fill_dict, open_dict),
    "SQLite": (fill_sqlite, open_sqlite),
}
"""How each store is filled and opened; ours first."""


def read_rows(artifacts: Path) -> Iterator[Row]:
    """Yield the articles of the artificial version, each with its list."""
    from benchmarks import artificial
    from recommender.artifact import open_version
    from recommender.manifest import read_pointer

    version = open_version(artifacts / "versions" / read_pointer(artifacts))
    sections = [version.section_names[code] for code in range(len(version.section_names))]
    names = [artificial.name(row) + row % 2 * artificial.mark(0) for row in range(len(version.ids))]
    for row, name in enumerate(names):
        begin, end = version.list_ends[row], version.list_ends[row + 1]
        related = [names[target] for target in version.list_items[begin:end]]
        story = name, version.titles[row], version.urls[row], sections[version.sections[row]]
        yield story, related


def compare(folder: Path, articles: int, targets: int, rounds: int) -> Found:
    """Fill all stores, and let them answer in turn, `rounds` times."""
    places = {kind: folder / kind for kind in STORES}
    write(places["ymal"], articles, targets)
    for kind in [*STORES][1:]:
        STORES[kind][0](str(places[kind]), read_rows(places["ymal"]))
    found: Found = {kind: [] for kind in places}
    for number in range(rounds):
        for kind, place in places.items():
            options = ["--store", kind, "--seed", str(number)]
            command = [sys.executable, "-m", "benchmarks.lookup", str(place), str(articles)]
            begun = time.time()
            done = subprocess.run([*command, *options], check=True, stdout=subprocess.PIPE)
            printed = json.loads(done.stdout)
            found[kind].append({**printed, "start": 1e3 * (printed["answered"] - begun)})
    return found


def answer(kind: str, place: str, articles: int, seed: int) -> dict[str, object]:
    """Open a store, and answer: when the first answer came, medians in µs, checksums, memory."""
    calls = STORES[kind][1](place)
    calls[0](ask_as("any", articles, seed, 1)[0])
    figures: dict[str, object] = {"answered": time.time()}
    asked = {
        f"{what}, {how}": (call, ask_as(how, articles, 2 * seed + (what == "stories")))
        for how in ("any", "readers")
        for what, call in zip(("ids", "stories"), calls, strict=True)
    }
    for what, (call, ids) in asked.items():
        figures[what] = timed(call, ids)[ASKED // 2]
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    own = sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
    figures["own"] = own / 1024
    for what, (call, ids) in asked.items():
        answers = (call(article) for article in ids)
        shown = ([i if isinstance(i, str) else tuple(i)[:4] for i in each] for each in answers)
        figures[f"sums of {what}"] = [zlib.crc32(repr(each).encode()) for each in shown]
    return figures


def main() -> None:
    """Write the version, or measure it.

    With --ids, print the seconds of all calls for the ids in a file; with --store, answer from one.
    """
    parser = argparse.ArgumentParser(prog="benchmarks.lookup")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("articles", nargs="?", type=int, default=1_000_000)
    parser.add_argument("targets", nargs="?", type=int, default=10_000)
    parser.add_argument("--ids", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--store", choices=STORES, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder, articles = options.directory, options.articles
    if options.store:
        print(json.dumps(answer(options.store, str(folder), articles, options.seed)))
    elif options.ids:
        ids = options.ids.read_text(encoding="utf-8").split("\n")
        asked = random.Random(2).choices(ids, k=ASKED)  # noqa: S311 - no secret
        seconds = {name: sum(times) / 1e6 for name, times in measure(folder, asked).items()}
        print(json.dumps({"seconds": seconds}))
    elif (folder / "current").exists():
        for name, times in measure(folder, ask_as("any", articles, seed=2)).items():
            p99 = times[-len(times) // 100]
            print(f"{name}: median {statistics.median(times):.1f} µs, p99 {p99:.1f} µs")
    else:
        write(folder, articles, options.targets)
        subprocess.run([sys.executable, "-m", "benchmarks.lookup", *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
