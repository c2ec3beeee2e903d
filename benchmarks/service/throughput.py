"""Answers per second of a worker, compared with the shortest answer of the same server.

    python -m benchmarks.service.throughput DIR [ARTICLES [TARGETS]] [--rounds 7]

serves the artificial version in DIR (`python -m benchmarks.lookup`, which writes it once) by one
worker, and `hello` by one worker of the same server with the same settings, with Starlette and
without. All take turns, round by round; ratios are medians of those of each round.

*Readers* ask for the last thousand articles, the one of rank r with a weight of 1 / r: the hundred
most read have 69 % of the requests (on EB-NeRD, 79 to 99 % of a day's views). *All* is another
article at each request, of all of them: hardly one answer was given before.
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from typing import Final

from benchmarks import lookup
from benchmarks.service import speed
from tests.services import serving

READ: Final = 1000
"""Articles that readers open."""

ASKED: Final = 50_000
"""Paths requested in a round, in turn."""

_HELLO: Final = (sys.executable, "-m", "benchmarks.service.hello")
_SERVICE: Final = (sys.executable, "-m", "recommender.service")

COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "hello, raw": (*_HELLO, "raw"),
    "hello, Starlette": (*_HELLO, "starlette"),
    "related, readers": _SERVICE,
    "related, all": _SERVICE,
    "page, readers": _SERVICE,
    "page, all": _SERVICE,
}
"""What is measured, each in its own process, since they would evict each other's caches."""


def paths(asked: str, articles: int, draw: random.Random) -> Iterator[str]:
    """Draw the paths of a round."""
    kind, _, of = asked.partition(", ")
    if kind == "hello":
        yield "/hello"
        return
    if of == "all":
        rows = [draw.randrange(articles) for _ in range(ASKED)]
    else:
        last = range(articles - 1, max(articles - READ, 0) - 1, -1)
        weights = list(accumulate(1 / rank for rank in range(1, len(last) + 1)))
        rows = draw.choices(last, cum_weights=weights, k=ASKED)
    for row in rows:
        yield f"/v1/{kind}/{lookup.name(row)}"


def run(folder: Path, artifacts: Path, articles: int, rounds: int) -> dict[str, list[speed.Speed]]:
    """Measure all in turn, `rounds` times."""
    draw = random.Random(1)  # noqa: S311 - no secret
    found: dict[str, list[speed.Speed]] = {asked: [] for asked in COMMANDS}
    with ExitStack() as started:
        urls = {
            asked: started.enter_context(
                serving(artifacts, folder / asked, "--workers=1", command=command)
            ).url
            for asked, command in COMMANDS.items()
        }
        for number in range(rounds + 1):
            for asked, url in urls.items():
                (folder / "paths").write_text("\n".join(paths(asked, articles, draw)))
                measured = speed.measure(url, folder / "paths")
                found[asked] += [measured] if number else []  # the first warms up
    return found


def main() -> None:
    """Measure, and print a table: answers per second, ratio to `hello`, milliseconds."""
    parser = argparse.ArgumentParser(prog="benchmarks.service.throughput")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("articles", nargs="?", type=int, default=1_000_000)
    parser.add_argument("targets", nargs="?", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if not (options.directory / "current").exists():
        lookup.write(options.directory, options.articles, options.targets)
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), options.directory, options.articles, options.rounds)
    print(f"{'':28}{'a second':>8}{'ratio':>8}{'p50 ms':>8}{'p99 ms':>8}")
    for name, rounds in found.items():
        hello = found["hello, Starlette"]
        ratio = statistics.median(a.speed / b.speed for a, b in zip(rounds, hello, strict=True))
        print(speed.row(name, speed.median(rounds), ratio))


if __name__ == "__main__":
    main()
