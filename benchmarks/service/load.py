"""Load while versions and overrides change: all requests answered, each from one version.

    python -m benchmarks.service.load [--publishes 10] [--overrides 100]

wrk requests random articles over 16 connections: related stories, pages, a block, what to read
next, and pages that it has already (`check.lua`). Every text that a version shows names the
version, and so do the answer's header and body, so an answer of two versions would be found. Exits
with 1 if a request is not answered, an answer is mixed, or a worker grows by more than `GROWTH` MB.
"""

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import artificial
from benchmarks.faults import site
from benchmarks.faults.worker import memory
from recommender.files import replace
from recommender.overrides import EDITORS, Override, dump
from tests.services import serving

ARTICLES: Final = 200
CONNECTIONS: Final = 16
WORKERS: Final = 2

APART: Final = 1.1
"""Seconds between two changes, of which a worker sees those that last a second."""

GROWTH: Final = 2.0
"""MB that a worker may grow by from the first new version to the last."""

OVERRIDES: Final = 20
"""Overrides in force at a time."""

_SCRIPT: Final = Path(__file__).with_name("check.lua")


@dataclass(frozen=True)
class Load:
    """What wrk counted under a load.

    Attributes
    ----------
    answers, unchanged : all of them; that said 304.
    faults, refused : with a status of 500 or more; with another status than 200 and 304.
    cut : connections that were refused, broken, or had no answer in two seconds.
    mixed : of two versions, or of another than they say; `example` is the last.
    versions, states : versions that were seen, and states of version and overrides.
    p50, p99, slowest : milliseconds.
    own : after each new version, MB of its own that each worker takes.
    """

    answers: int
    unchanged: int
    faults: int
    refused: int
    cut: int
    mixed: int
    example: str
    versions: int
    states: int
    p50: float
    p99: float
    slowest: float
    own: list[list[float]] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Largest growth of a worker since the first new version, MB."""
        return max(last - first for first, last in zip(self.own[0], self.own[-1], strict=True))

    def well(self, versions: int) -> bool:
        """Whether every request was answered correctly, and `versions` were seen."""
        bad = self.faults + self.refused + self.cut + self.mixed
        return bad == 0 and self.versions == versions and self.growth <= GROWTH


def run(folder: Path, publishes: int, overrides: int) -> Load:
    """Load a service while versions are published, each followed by overrides."""
    artifacts = folder / "artifacts"
    artificial.publish(artifacts, 0, articles=ARTICLES)
    changes = range(1 + overrides // publishes)
    own: list[list[float]] = []
    with serving(artifacts, folder / "log", f"--workers={WORKERS}") as service:
        workers = service.workers()
        with asking(service.url, APART * (1 + publishes * len(changes))) as wrk:
            for number in range(1, publishes + 1):
                for change in changes:
                    time.sleep(APART)
                    if change:
                        replace(artifacts / EDITORS.name, dump(overrides_of(number, change)))
                    else:
                        artificial.publish(artifacts, number, articles=ARTICLES)
                own.append([memory(artifacts, str(worker)).own for worker in workers])
            found = answers_of(wrk, own)
        if service.workers() != workers:
            raise RuntimeError(f"a worker ended: {service.log.read_text()}")
    return found


def asking(url: str, seconds: float) -> subprocess.Popen[str]:
    """Start wrk for some seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{math.ceil(seconds)}s", "-s", str(_SCRIPT)]
    return subprocess.Popen([*command, url, "--", str(ARTICLES)], stdout=subprocess.PIPE, text=True)


def answers_of(wrk: subprocess.Popen[str], own: Sequence[list[float]] = ()) -> Load:
    """Return what wrk counted, when it has ended, with what the workers took."""
    return Load(**json.loads(wrk.communicate()[0].splitlines()[-1]), own=[*own])


def overrides_of(number: int, change: int) -> Iterator[Override]:
    """Pin two articles that only one version has, and ban others."""
    for place in range(OVERRIDES):
        row = (2 * (change + 4 * place) + 1) % ARTICLES
        story = artificial.name(row) + artificial.mark(number)
        if place < 2:
            yield Override(f"o{place}", "pin", story, slot=1 + 2 * place)
        else:
            yield Override(f"o{place}", "ban", story)


def main() -> None:
    """Run the load, and print the outcome."""
    parser = argparse.ArgumentParser(prog="benchmarks.service.load")
    parser.add_argument("--publishes", type=int, default=10)
    parser.add_argument("--overrides", type=int, default=100)
    options = parser.parse_args()
    with site.workspace() as folder:
        found = run(folder, options.publishes, options.overrides)
    print(
        f"{found.answers:,} answers, {found.unchanged:,} of them 304, by {WORKERS} workers: "
        f"{found.faults} of 5xx, {found.refused} otherwise refused, "
        f"{found.cut} connections cut, {found.mixed} mixed {found.example}"
    )
    print(
        f"{options.publishes} publishes, {options.overrides} changes of overrides: "
        f"{found.versions} versions and {found.states} states seen"
    )
    print(f"p50 {found.p50:.2f} ms, p99 {found.p99:.2f} ms, slowest {found.slowest:.0f} ms")
    for number, own in enumerate(zip(*found.own, strict=True), 1):
        print(f"worker {number}: {' '.join(f'{each:.1f}' for each in own)} MB of its own")
    sys.exit(not found.well(options.publishes + 1))


if __name__ == "__main__":
    main()
