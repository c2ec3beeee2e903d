"""The replay: production played again over past days, cut by cut.

Cuts lie at UTC multiples of the cadence. A next read belongs to the last cut at or before its
source's view, and every system is asked, at that cut, for the list of that source: with the same
views seen, the same articles eligible, and the same rest (popular, then latest) behind its own
items, so that no list is short.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from training.config import Config
from training.ranking import prior, ranking_inputs
from training.readers import Increments, OpenSessions, Transitions, advance, count, empty_sums
from training.records import DAY, Int32, Site, Window
from training.replay.rows import DEPTH, SLOTS, Replayed, Rows
from training.replay.scene import Scene
from training.replay.systems import OpenSystem, SessionSystem, Stage, Step, System
from training.replay.tally import Samples, Tally, sample
from training.replay.visits import histories
from training.state import State

UNFILLED: Final = "-unfilled"


@dataclass(frozen=True)
class Past:
    """What is played again, the same at every cadence.

    Attributes
    ----------
    site : its articles, views and settings.
    stage : what every system is given before the first window.
    increments : what all views up to the end add, and the next reads among them.
    start, end : µs UTC: next reads whose source was opened in [start, end) are tested.
    """

    site: Site
    stage: Stage
    increments: Increments
    start: int
    end: int

    def reads(self) -> Transitions:
        """Give the next reads that are tested."""
        return self.increments.transitions.where(self._tested)

    def opened(self) -> Int32:
        """Give what the reader of each had opened before it; see `visits.histories`."""
        return histories(self.increments.transitions)[self._tested]

    @property
    def _tested(self) -> npt.NDArray[np.bool_]:
        time = self.increments.transitions.source_time
        return np.asarray((time >= self.start) & (time < self.end))

    @property
    def config(self) -> Config:
        """All settings."""
        return self.site.config


def remember(site: Site, stage: Stage, start: int, end: int) -> Past:
    """Count a site's views up to `end` once, for all replays of [start, end), µs UTC."""
    window = Window(stage.start, end, site.views)
    increments, _ = count(window, OpenSessions.empty(), site.config.sessions, site.config.readers)
    return Past(site, stage, increments, start, end)


def play(
    past: Past,
    every: int,
    systems: Sequence[System],
    tell: Callable[[str], None] = lambda _line: None,
    jobs: int = 1,
) -> Replayed:
    """Replay the past at one cadence.

    Parameters
    ----------
    past : Past
        What is played.
    every : int
        µs between cuts.
    systems : sequence of System
        Each as it stands before the first window.
    tell : callable
        Is told which day it has come to.
    jobs : int
        Processes, which share the days among them where all systems are `apart`; the rows do not
        depend on it.

    Returns
    -------
    Replayed
        Of at least one next read. A system whose own items left a five open stands there twice:
        filled under its name, and as it is under its name with `-unfilled` behind it.
    """
    parts = _parts(past, jobs if all(getattr(s, "apart", False) for s in systems) else 1)
    samples = sample(past.reads(), every)
    if len(parts) == 1:
        books = [_book(past, every, systems, samples, tell)]
    else:
        tell(f"{len(parts)} runs of days at once")
        runs = (delayed(_book)(part, every, systems, samples) for part in parts)
        books = Parallel(n_jobs=len(parts))(runs)
    return _Book.together(books).closed(every, past, samples)


def _parts(past: Past, jobs: int) -> list[Past]:
    """Split the past at UTC midnights into as many runs of days as there are jobs."""
    midnights = range(past.start - past.start % DAY + DAY, past.end, DAY)
    days = len(midnights) + 1
    runs = min(jobs, days)
    bounds = [midnights[days * run // runs - 1] for run in range(1, runs)]
    spans = pairwise([past.start, *bounds, past.end])
    return [replace(past, start=start, end=end) for start, end in spans]


def _book(
    past: Past,
    every: int,
    systems: Sequence[System],
    samples: Samples,
    tell: Callable[[str], None] = lambda _line: None,
) -> "_Book":
    """Replay a run of days."""
    reads, opened = past.reads(), past.opened()
    cuts = reads.source_time - reads.source_time % every
    hour = past.config.readers.nearest_view_life(1.0)
    tallies = [Tally(len(past.stage.catalogue), samples) for _ in systems]
    book = _Book([system.name for system in systems], tallies)
    judge = _judge(past)
    for step in steps(past, every):
        if step.end % DAY == 0:
            tell(f"day {step.end // DAY}")
            of_day = opened[(cuts >= step.end) & (cuts < step.end + DAY)]
            _expect(systems, of_day[of_day >= 0])
        for number, system in enumerate(systems):
            with book.timing(number):
                system.advance(step)
        part = advance(judge.sums, step.increments, step.end, past.config.readers)
        judge = replace(judge, time=step.end, sums=part)
        at = np.flatnonzero(cuts == step.end)
        if not len(at):
            continue
        inputs = ranking_inputs(judge, past.config)
        scene = Scene(inputs, reads.where(at), opened[at], past.stage.texts, hour)
        visits = replace(scene, by_visit=True)
        book.eligible |= inputs.eligible
        for number, system in enumerate(systems):
            with book.timing(number):
                if isinstance(system, SessionSystem):
                    seen, lists = visits, system.lists_for(scene.opened, inputs.eligible, DEPTH)
                else:
                    seen, lists = scene, system.lists(scene.sources, inputs.eligible, DEPTH)
            book.enter(number, seen, lists, system)
    return book


def steps(past: Past, every: int) -> Iterator[Step]:
    """Give the windows: days up to the last midnight before the test, then from cut to cut."""
    first = past.start - past.start % every
    midnight = first - first % DAY
    ends = {*range(past.stage.start + DAY, midnight, DAY)}
    ends |= {*range(midnight, past.end, every), *range(midnight, past.end, DAY)}
    start = past.stage.start
    for end in sorted(end for end in ends if end > start):
        arrived = np.flatnonzero((past.stage.known >= start) & (past.stage.known < end))
        yield Step(
            start,
            end,
            past.site.views,
            increments=past.increments.between(start, end),
            arrived=arrived.astype(np.int32),
        )
        start = end


def _judge(past: Past) -> State:
    """A state that says what is hot, eligible and related; it ranks nothing."""
    stage, config = past.stage, past.config
    return State(
        time=stage.start,
        catalogue=stage.catalogue,
        texts=stage.texts,
        sums=empty_sums(stage.start, len(stage.catalogue), config.readers),
        open=OpenSessions.empty(),
        model=prior(config),
    )


def _expect(systems: Sequence[System], sources: Int32) -> None:
    """Tell those who want to know whose lists will be looked at until the next midnight."""
    for system in systems:
        if hasattr(system, "expect"):
            system.expect(np.unique(sources))


class _Book:
    """Keeps what the systems showed."""

    def __init__(self, names: list[str], tallies: list[Tally]) -> None:
        self.names, self.tallies = names, tallies
        self.rows: list[list[Rows]] = [[] for _ in names]
        self.bare: list[list[Rows]] = [[] for _ in names]
        self.short = [False] * len(names)
        self.seconds = [0.0] * len(names)
        self.eligible: npt.NDArray[np.bool_] | bool = False

    @classmethod
    def together(cls, books: Sequence["_Book"]) -> "_Book":
        """Put the books of successive runs of days, at least one, into the first."""
        whole, *rest = books
        for book in rest:
            for number in range(len(whole.names)):
                whole.rows[number] += book.rows[number]
                whole.bare[number] += book.bare[number]
                whole.short[number] |= book.short[number]
                whole.tallies[number].add(book.tallies[number])
                whole.seconds[number] += book.seconds[number]
            whole.eligible |= book.eligible
        return whole

    def timing(self, number: int) -> "_Timing":
        """Count the seconds of a block for a system."""
        return _Timing(self.seconds, number)

    def enter(
        self, number: int, scene: Scene, lists: Int32, system: System | SessionSystem
    ) -> None:
        """Enter a system's lists of a cut."""
        full = scene.filled(lists)
        reasons = getattr(system, "reasons", None)
        why = system.why if isinstance(system, OpenSystem) else None
        self.rows[number].append(scene.rows(number, full, reasons, why))
        self.bare[number].append(scene.rows(number, lists, reasons))
        self.short[number] |= bool((lists[:, :SLOTS] < 0).any())
        self.tallies[number].enter(scene, full, system, lists)

    def closed(self, every: int, past: Past, samples: Samples) -> Replayed:
        """Close the book."""
        short = [number for number, is_short in enumerate(self.short) if is_short]
        parts = [joined(rows) for rows in self.rows]
        for place, number in enumerate(short):
            bare = joined(self.bare[number])
            system = np.full(len(bare), len(self.names) + place, np.int16)
            parts.append(replace(bare, system=system))
        possible = int(np.sum(self.eligible))
        coverage = [tally.articles / max(possible, 1) for tally in self.tallies]
        shown = [tally.closed() for tally in self.tallies]
        numbers = [*range(len(self.names)), *short]
        return Replayed(
            every=every,
            systems=[*self.names, *(f"{self.names[number]}{UNFILLED}" for number in short)],
            rows=joined(parts),
            ids=list(past.stage.catalogue.ids),
            coverage=[coverage[number] for number in numbers],
            seconds=[self.seconds[number] for number in numbers],
            shown=[shown[number] for number in numbers],
            samples=samples,
            eligible=np.asarray(self.eligible),
            catalogue=past.stage.catalogue,
            known=past.stage.known,
        )


class _Timing:
    def __init__(self, seconds: list[float], number: int) -> None:
        self._seconds, self._number = seconds, number

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._number] += time.perf_counter() - self._begun


def joined(parts: Sequence[Rows]) -> Rows:
    """Put rows behind one another."""
    return Rows(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Rows)))
