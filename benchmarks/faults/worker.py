"""A worker of a site's backend: serves random articles, and reports its memory; see `memory`.

It imports what a backend would, nothing of the trainer.
"""

import argparse
import json
import os
import random
import re
import sys
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from recommender import Recommender, lookup

SAMPLE: Final = 20_000
"""Articles of which a worker knows the ids."""

_MAPPING: Final = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)")


class Memory(NamedTuple):
    """Memory of a process in MB: its own, and mapped files of an artifacts directory.

    The latter is the system's page cache: it is shared with whoever reads the same, and given up
    when memory is short.
    """

    own: float
    mapped: float


def memory(artifacts: Path, process: str = "self") -> Memory:
    """Measure this process, or one with a process id, by `/proc/PID/smaps`."""
    own = mapped = 0
    within = str(artifacts.resolve()) + os.sep
    path = ""
    for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
        if found := _MAPPING.fullmatch(line):
            path = found[1]
            continue
        key, value = line.split(maxsplit=1)
        if path.startswith(within):
            mapped += int(value.split()[0]) if key == "Rss:" else 0
        elif key in ("Private_Clean:", "Private_Dirty:"):
            own += int(value.split()[0])
    return Memory(round(own / 1024, 1), round(mapped / 1024, 1))


def serve(recommender: Recommender, articles: list[str], count: int, seed: int) -> None:
    """Answer `count` calls: of ten, six for ids, three for stories, one for a page."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        article = draw.choice(articles)
        if number % 10 == 0:
            recommender.page(article)
        elif number % 10 < 4:
            recommender.related(article)
        else:
            recommender.related_ids(article)


def sample_ids(recommender: Recommender) -> list[str]:
    """Return the ids of some known articles."""
    step = max(len(recommender) // SAMPLE, 1)
    return list(islice(recommender.snapshot().ids(), 0, None, step))


def tell(artifacts: Path, recommender: Recommender) -> None:
    """Print the version served and the memory of this process."""
    figures = {"version": recommender.version, **memory(artifacts)._asdict()}
    sys.stdout.write(f"{json.dumps(figures)}\n")  # at once: others write to the same pipe
    sys.stdout.flush()


def main() -> None:
    """Serve once for each line of stdin, and print the memory each time.

    With `--forks N`, N processes forked after opening serve once instead.
    """
    parser = argparse.ArgumentParser(prog="benchmarks.faults.worker")
    parser.add_argument("artifacts", type=Path)
    parser.add_argument("--lookups", type=int, required=True)
    parser.add_argument("--forks", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with mock.patch.object(lookup, "CHECK_SECONDS", 0.0):
        recommender = Recommender.open(options.artifacts)
        articles = sample_ids(recommender)
        for number in range(options.forks):
            if not os.fork():
                serve(recommender, articles, options.lookups, options.seed + number)
                tell(options.artifacts, recommender)
                os._exit(0)
        for _ in range(options.forks):
            os.wait()
        if not options.forks:
            print("ready", flush=True)
            for number, _ in enumerate(sys.stdin):
                serve(recommender, articles, options.lookups, options.seed + number)
                tell(options.artifacts, recommender)


if __name__ == "__main__":
    main()
