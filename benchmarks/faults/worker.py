"""A worker of a site's backend: reads without pause while versions are published; see `swaps`.

    python -m benchmarks.faults.worker ARTIFACTS ARTICLES THREADS

reads articles at random in some threads until the file `DONE` exists, and prints what it saw. It
imports what a backend would, nothing of the trainer, and checks the pointer before every answer
instead of once a second.
"""

import json
import os
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from recommender import Page, Recommender, RelatedStory, lookup

MIN_STORIES: Final = 15
"""Stories that every answer has at least."""

DONE: Final = "done"
"""A file whose appearance ends the workers."""

WARM_UP: Final = 4
"""Versions after which memory counts: the first ones fill caches and arenas."""

_MAPPING: Final = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)")
_MARK: Final = re.compile(r"\[v(\d+)\]")


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


@dataclass
class Reads:
    """What readers saw.

    Attributes
    ----------
    answers : how many calls were answered.
    mixed : answers that are not of just one version, or lack stories.
    failed : calls that raised.
    versions : numbers of the versions that were seen.
    own : MB of its own that each process took after `WARM_UP` versions, and in the end.
    """

    answers: int = 0
    mixed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)
    own: list[tuple[float, float]] = field(default_factory=list)

    def add(self, other: "Reads") -> None:
        """Add what another reader saw."""
        self.answers += other.answers
        self.mixed += other.mixed
        self.failed += other.failed
        self.versions |= set(other.versions)
        self.own += other.own


def read(recommender: Recommender, articles: int, draw: random.Random, reads: Reads) -> None:
    """Make one call for a random article, and check that the answer is of one version."""
    article = f"a{draw.randrange(0, articles, 2):07}"
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


def main() -> None:
    """Read until `DONE` exists, and print what was seen."""
    artifacts, articles, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    found = [Reads() for _ in range(threads)]
    done = artifacts / DONE
    with mock.patch.object(lookup, "CHECK_SECONDS", 0.0):
        recommender = Recommender.open(artifacts)
        print("ready", flush=True)

        def go(number: int) -> None:
            draw = random.Random(number)  # noqa: S311 - no secret
            while not done.exists():
                read(recommender, articles, draw, found[number])

        with ThreadPoolExecutor(threads) as pool:
            ended = [pool.submit(go, number) for number in range(threads)]
            while len(found[0].versions) < WARM_UP and not done.exists():
                time.sleep(0.01)
            warm = memory(artifacts).own
        for thread in ended:
            thread.result()
        total = Reads(own=[(warm, memory(artifacts).own)])
    for reads in found:
        total.add(reads)
    print(json.dumps({**vars(total), "versions": sorted(total.versions)}))


if __name__ == "__main__":
    main()
