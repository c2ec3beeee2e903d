"""Other stores for a site's lists: a dict, SQLite, Redis; see `lookup_peers`.

As a program it is one process of a backend: it opens a store, answers, and tells what that took.
It imports what such a backend would, nothing of the trainer.
"""

import contextlib
import json
import random
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol

ASKED: Final = 20_000
"""Articles requested, each once."""

LATELY: Final = 1000
"""Articles that readers request: the last, the one of rank r with a weight of 1 / r."""

FIVE: Final = 5

Story = tuple[str, str, str, str]
"""Id, title, address, section."""

Row = tuple[Story, list[str]]
"""An article, and the ids of its list."""

_SENT: Final = 1000
"""Commands in a batch when Redis is filled."""


class Store(Protocol):
    """A store of lists."""

    def ids(self, article: str) -> list[str]:
        """Return the first five of an article's list."""

    def stories(self, article: str) -> Iterable[tuple[object, ...]]:
        """Return the stories to show; each begins as a `Story` does."""


class Ours:
    """The lookup, which also heeds bans, exclusions and events."""

    def __init__(self, place: str) -> None:
        from recommender import Recommender

        recommender = Recommender.open(place)
        self.ids, self.stories = recommender.related_ids, recommender.related


class Dict:
    """Two dicts, read from a file."""

    def __init__(self, place: str) -> None:
        import gc

        gc.disable()  # or the collector would scan each list many times
        with Path(place).open(encoding="utf-8") as file:
            self._stories, lists = json.load(file)
        ids = {article: article for article in self._stories}  # one string of each, not twenty
        self._lists = {ids[article]: [ids[i] for i in listed] for article, listed in lists.items()}
        gc.freeze()
        gc.enable()

    @staticmethod
    def fill(place: str, rows: Iterator[Row]) -> None:
        """Write what `__init__` reads."""
        stories: dict[str, Story] = {}
        lists: dict[str, list[str]] = {}
        for story, related in rows:
            stories[story[0]] = story
            lists[story[0]] = related
        with Path(place).open("w", encoding="utf-8") as file:
            json.dump((stories, lists), file)

    def ids(self, article: str) -> list[str]:
        """See `Store`."""
        return self._lists[article][:FIVE]

    def stories(self, article: str) -> list[Story]:
        """See `Store`."""
        stories = self._stories
        return [stories[story] for story in self._lists[article][:FIVE]]


class Sqlite:
    """A file of SQLite, read only and mapped: a table by id, its list as ids between spaces."""

    _LIST: Final = "SELECT related FROM articles WHERE id = ?"
    _STORIES: Final = "SELECT id, title, url, section FROM articles WHERE id IN (?, ?, ?, ?, ?)"

    def __init__(self, place: str) -> None:
        import sqlite3

        self._opened = sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)
        self._opened.execute(f"PRAGMA mmap_size = {1 << 31}")
        self._ask = self._opened.cursor().execute

    @staticmethod
    def fill(place: str, rows: Iterator[Row]) -> None:
        """Write the file."""
        import sqlite3

        with contextlib.closing(sqlite3.connect(place)) as opened, opened:
            opened.execute(
                "CREATE TABLE articles (id TEXT PRIMARY KEY, title TEXT, url TEXT, section TEXT,"
                " related TEXT) WITHOUT ROWID"
            )
            opened.executemany(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?)",
                ((*story, " ".join(related)) for story, related in rows),
            )

    def ids(self, article: str) -> list[str]:
        """See `Store`."""
        related: str = self._ask(self._LIST, (article,)).fetchone()[0]
        return related.split(" ", FIVE)[:FIVE]

    def stories(self, article: str) -> list[Story]:
        """See `Store`."""
        ids = self.ids(article)
        found = {story[0]: story for story in self._ask(self._STORIES, ids)}
        return [found[story] for story in ids]


class Redis:
    """A server on loopback, by its own protocol: a list and a hash for each article."""

    def __init__(self, place: str) -> None:
        import socket

        self._socket = socket.create_connection(("127.0.0.1", int(place)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")

    @classmethod
    def fill(cls, place: str, rows: Iterator[Row]) -> None:
        """Send all articles."""
        store, commands = cls(place), list[tuple[str, ...]]()
        for (article, title, url, section), related in rows:
            shown = ("id", article, "title", title, "url", url, "section", section)
            commands.append(("RPUSH", f"l:{article}", *related))
            commands.append(("HSET", f"s:{article}", *shown))
            if len(commands) >= _SENT:
                store.ask(*commands)
                commands.clear()
        store.ask(*commands)

    def ask(self, *commands: tuple[str, ...]) -> list[object]:
        """Send commands in one batch; return their replies."""
        self._socket.sendall(b"".join(map(_command, commands)))
        return [self._reply() for _ in commands]

    def ids(self, article: str) -> list[str]:
        """See `Store`."""
        (found,) = self.ask(("LRANGE", f"l:{article}", "0", "4"))
        return found

    def stories(self, article: str) -> list[tuple[object, ...]]:
        """See `Store`."""
        shown = ("id", "title", "url", "section")
        found = self.ask(*(("HMGET", f"s:{story}", *shown) for story in self.ids(article)))
        return [tuple(story) for story in found]

    def _reply(self) -> object:
        line = self._replies.readline()
        kind, text = line[:1], line[1:-2]
        if kind == b"$":
            return self._replies.read(int(text) + 2)[:-2].decode()
        if kind == b"*":
            return [self._reply() for _ in range(int(text))]
        if kind == b"-":
            raise OSError(text.decode())
        return text.decode()


def _command(words: tuple[str, ...]) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in encoded)


STORES: Final[dict[str, type]] = {"ymal": Ours, "dict": Dict, "SQLite": Sqlite, "Redis": Redis}


def own(process: int | str = "self") -> float:
    """Return the anonymous memory of a process in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def asked(count: int, seed: int) -> dict[str, list[str]]:
    """Draw ids of the artificial version's articles (see `lookup`): any, and as readers ask."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    last = range(count - 1, max(count - 1 - LATELY, -1), -1)
    weights = list(accumulate(1 / rank for rank in range(1, len(last) + 1)))
    rows = {
        "any": [draw.randrange(count) for _ in range(ASKED)],
        "readers": draw.choices(last, cum_weights=weights, k=ASKED),
    }
    return {how: [str(9_000_000 + 3 * row) for row in drawn] for how, drawn in rows.items()}


def median_time(call: Callable[[str], object], articles: list[str]) -> float:
    """Return a call's median in µs."""
    times = []
    for article in articles:
        begun = time.perf_counter_ns()
        call(article)
        times.append(time.perf_counter_ns() - begun)
    return sorted(times)[len(times) // 2] / 1e3


def main() -> None:
    """Open a store, answer once, print the time; then time answers, with a checksum of each."""
    kind, place, count, seed = sys.argv[1:]
    store: Store = STORES[kind](place)
    articles = asked(int(count), int(seed))
    store.ids(articles["any"][0])
    figures: dict[str, object] = {"answered": time.time()}
    others = asked(int(count), int(seed) + 1_000_000)
    for how in ("any", "readers"):
        figures[f"ids, {how}"] = median_time(store.ids, articles[how])
        figures[f"stories, {how}"] = median_time(store.stories, others[how])
    figures["own"] = own()
    for how in ("any", "readers"):
        shown = ([tuple(story)[:4] for story in store.stories(article)] for article in others[how])
        ids = (store.ids(article) for article in articles[how])
        figures[f"sums of ids, {how}"] = [zlib.crc32(repr(answer).encode()) for answer in ids]
        figures[f"sums of stories, {how}"] = [zlib.crc32(repr(answer).encode()) for answer in shown]
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
