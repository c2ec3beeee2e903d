"""Versions published while readers read: each answer is of one version, and none fails.

    python -m benchmarks.faults.swaps [--publishes 1000]

Sixteen threads of one process and two further processes read, with one `Recommender` per process,
which checks the pointer before every answer instead of once a second. Every text that a version
shows names the version.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

from benchmarks.faults import site
from recommender import Page, Recommender, RelatedStory, lookup

ARTICLES: Final = 200
THREADS: Final = 16
PROCESSES: Final = 2

MIN_STORIES: Final = 15
"""Stories that every answer has at least."""

DONE: Final = "done"
"""A file by which readers are told to end."""

_MARK: Final = re.compile(r"\[v(\d+)\]")


@dataclass
class Reads:
    """What readers saw.

    Attributes
    ----------
    answers : how many calls were answered.
    mixed : answers that are not of just one version, or lack stories.
    failed : calls that raised.
    versions : numbers of the versions that were seen.
    """

    answers: int = 0
    mixed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)

    def add(self, other: "Reads") -> None:
        """Add what another reader saw."""
        self.answers += other.answers
        self.mixed += other.mixed
        self.failed += other.failed
        self.versions |= other.versions

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {**vars(self), "versions": sorted(self.versions)}


def read(recommender: Recommender, draw: random.Random, reads: Reads) -> None:
    """Make one call for a random article, and check that the answer is of one version."""
    article = site.name(2 * draw.randrange(ARTICLES // 2))
    call = draw.choice((recommender.related_ids, recommender.related, recommender.page))
    try:
        answer = call(article) if call == recommender.page else call(article, 30)
    except Exception as error:
        reads.failed.append(f"{article}: {type(error).__name__}: {error}")
        return
    reads.answers += 1
    numbers, stories = versions_of(answer)
    if len(numbers) != 1 or stories < MIN_STORIES:
        reads.mixed.append(f"{article}: {stories} stories of versions {sorted(numbers)}")
    reads.versions |= numbers


def versions_of(answer: Page | list[RelatedStory] | list[str]) -> tuple[set[int], int]:
    """Return the numbers of the versions that an answer is of, and how many stories it has."""
    texts: list[str] = []
    stories: list[RelatedStory | str] = []
    if isinstance(answer, Page):
        texts += [block.title for block in answer.blocks]
        stories += [story for block in answer.blocks for story in block.items]
    else:
        stories += answer
    for story in stories:
        texts += (story,) if isinstance(story, str) else (story.id, story.title, story.why)
    return {int(number) for text in texts for number in _MARK.findall(text)}, len(stories)


def reader(artifacts: Path, threads: int) -> Reads:
    """Read with some threads until the file `DONE` exists."""
    found = [Reads() for _ in range(threads)]
    with mock.patch.object(lookup, "CHECK_SECONDS", 0.0):
        recommender = Recommender.open(artifacts)
        print("ready", flush=True)

        def go(number: int) -> None:
            draw = random.Random(number)  # noqa: S311 - no secret
            while not (artifacts / DONE).exists():
                read(recommender, draw, found[number])

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(go, range(threads)))
    total = Reads()
    for reads in found:
        total.add(reads)
    return total


def run(artifacts: Path, publishes: int) -> Reads:
    """Publish versions while all readers read; return what they saw."""
    site.publish(artifacts, 0, articles=ARTICLES)
    command = [sys.executable, "-m", "benchmarks.faults.swaps", "--reader", str(artifacts)]
    readers = [
        subprocess.Popen([*command, "--threads", str(threads)], stdout=subprocess.PIPE, text=True)
        for threads in (THREADS, *(1 for _ in range(PROCESSES)))
    ]
    try:
        for process in readers:
            process.stdout.readline()
        for number in range(1, publishes + 1):
            site.publish(artifacts, number, articles=ARTICLES)
    finally:
        (artifacts / DONE).touch()
        outputs = [process.communicate()[0] for process in readers]
    total = Reads()
    for output in outputs:
        seen = json.loads(output)
        total.add(Reads(**{**seen, "versions": set(seen["versions"])}))
    return total


def main() -> None:
    """Publish the number of versions on the command line, and print what the readers saw."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults.swaps")
    parser.add_argument("--publishes", type=int, default=1000)
    parser.add_argument("--reader", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        print(json.dumps(reader(options.reader, options.threads).as_dict()))
        return
    begun = time.perf_counter()
    with site.workspace() as folder:
        reads = run(folder, options.publishes)
    print(
        f"{options.publishes:,} publishes, {reads.answers:,} answers of {len(reads.versions):,} "
        f"versions by {THREADS} threads and {PROCESSES} processes: {len(reads.failed)} failed, "
        f"{len(reads.mixed)} mixed, {time.perf_counter() - begun:.0f} s"
    )
    print("\n".join([*reads.failed[:5], *reads.mixed[:5]]))
    sys.exit(bool(reads.failed or reads.mixed))


if __name__ == "__main__":
    main()
