"""The loop of the replay: production and other systems, asked at each cutoff of past days.

Cutoffs lie at UTC multiples of the refresh interval. A transition belongs to the last cutoff at or
before its source's view. Every system is asked at that cutoff for the list of that source, with the
same views seen and the same articles eligible. Short lists are filled up from popular, then latest.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Final

import numpy as np
from joblib import Parallel, delayed

from training.ranking import prior, ranking_inputs
from training.readers import Increments, OpenSessions, Transitions, advance, count, empty_sums
from training.records import DAY, Bool, Int32, Window
from training.replay.counters import Counters, Samples, sample
from training.replay.cut_evaluator import CutEvaluator
from training.replay.results import DEPTH, SLOTS, ReplayResult, ReplayRows
from training.replay.systems import (
    ExplainedSystem,
    ReplayInputs,
    ReplayStep,
    SessionSystem,
    System,
)
from training.replay.visits import histories
from training.state import State

UNFILLED: Final = "-unfilled"
"""Ends the name under which a system's short lists are reported as they are."""


@dataclass(frozen=True)
class ReplayPeriod:
    """The transitions that are tested, and what leads up to them; the same at every interval.

    Attributes
    ----------
    inputs : what every system receives before the first window.
    increments : what all views up to `end` add.
    start, end : µs UTC: transitions whose source was viewed in [start, end) are tested.
    """

    inputs: ReplayInputs
    increments: Increments
    start: int
    end: int

    @classmethod
    def of(cls, inputs: ReplayInputs, start: int, end: int) -> "ReplayPeriod":
        """Count a site's views up to `end` once, for all replays of [start, end), µs UTC."""
        config = inputs.config
        window = Window(inputs.start, end, inputs.site.views)
        increments, _ = count(window, OpenSessions.empty(), config.sessions, config.readers)
        return cls(inputs, increments, start, end)

    def transitions(self) -> Transitions:
        """Return the transitions that are tested."""
        return self.increments.transitions.where(self._tested)

    def opened(self) -> Int32:
        """Return what the reader of each transition had opened before it; see `histories`."""
        return histories(self.increments.transitions)[self._tested]

    @property
    def _tested(self) -> Bool:
        time = self.increments.transitions.source_time
        return np.asarray((time >= self.start) & (time < self.end))


def replay(
    period: ReplayPeriod,
    every: int,
    systems: Sequence[System],
    note: Callable[[str], None] = lambda _line: None,
    jobs: int = 1,
) -> ReplayResult:
    """Replay a period at one refresh interval.

    Parameters
    ----------
    period : ReplayPeriod
        With at least one transition.
    every : int
        µs between cutoffs.
    systems : sequence of System
        Asked side by side.
    note : callable
        Receives the day that is replayed.
    jobs : int
        Processes that share the days where all systems have `parallel_days`; the rows do not
        depend on it.

    Returns
    -------
    ReplayResult
        A system that left one of the first five slots open appears twice: filled under its name,
        and as it is under its name with `-unfilled` behind it.
    """
    inputs = period.inputs.with_settings(ranking={"every": every})
    period = replace(period, inputs=inputs)
    parts = _split_days(period, jobs if all(system.parallel_days for system in systems) else 1)
    samples = sample(period.transitions(), every)
    if len(parts) == 1:
        results = [_replay_days(period, every, systems, samples, note)]
    else:
        note(f"{len(parts)} runs of days in parallel")
        runs = (delayed(_replay_days)(part, every, systems, samples) for part in parts)
        results = Parallel(n_jobs=len(parts))(runs)
    first, *later = results
    for result in later:
        first.add(result)
    return first.result(every, period, samples)


def _split_days(period: ReplayPeriod, jobs: int) -> list[ReplayPeriod]:
    """Split a period at UTC midnights into as many runs of days as there are jobs."""
    midnights = range(period.start - period.start % DAY + DAY, period.end, DAY)
    days = len(midnights) + 1
    runs = min(jobs, days)
    bounds = [midnights[days * run // runs - 1] for run in range(1, runs)]
    spans = pairwise([period.start, *bounds, period.end])
    return [replace(period, start=start, end=end) for start, end in spans]


def _replay_days(
    period: ReplayPeriod,
    every: int,
    systems: Sequence[System],
    samples: Samples,
    note: Callable[[str], None] = lambda _line: None,
) -> "_Accumulator":
    """Replay a run of days."""
    inputs, config = period.inputs, period.inputs.config
    transitions, opened = period.transitions(), period.opened()
    cutoffs = transitions.source_time - transitions.source_time % every
    hour = config.readers.nearest_view_life(1.0)
    found = _Accumulator.of(systems, len(inputs.catalogue), samples)
    state = _shared_state(inputs)
    for system in systems:
        system.begin(inputs)
    for step in steps(period, every):
        if step.end % DAY == 0:
            note(f"day {step.end // DAY}")
        at = np.flatnonzero(cutoffs == step.end)
        today = (cutoffs >= step.end) & (cutoffs < step.end - step.end % DAY + DAY)
        plain = step.with_sources(transitions.source[at], transitions.source[today])
        by_session = step.with_sources(opened[at], opened[today])
        for system, record in zip(systems, found.records, strict=True):
            with record.timing():
                system.advance(by_session if isinstance(system, SessionSystem) else plain)
        sums = advance(state.sums, step.increments, step.end, config.readers)
        state = replace(state, time=step.end, sums=sums)
        if not len(at):
            continue
        ranking = ranking_inputs(state, config)
        found.eligible |= ranking.eligible
        cut = CutEvaluator(ranking, transitions.where(at), opened[at], inputs.texts, hour)
        for number, system in enumerate(systems):
            found.add_lists(number, system, cut)
    return found


def steps(period: ReplayPeriod, every: int) -> Iterator[ReplayStep]:
    """Return the windows: whole days up to the midnight before the test, then interval by interval.

    Their `sources` are empty: nothing is compared yet.
    """
    inputs = period.inputs
    first = period.start - period.start % every
    midnight = first - first % DAY
    ends = {*range(inputs.start + DAY, midnight, DAY)}
    ends |= {*range(midnight, period.end, every), *range(midnight, period.end, DAY)}
    start = inputs.start
    for end in sorted(end for end in ends if end > start):
        arrived = np.flatnonzero((inputs.known >= start) & (inputs.known < end))
        yield ReplayStep(
            start,
            end,
            inputs.site.views,
            increments=period.increments.between(start, end),
            arrived=arrived.astype(np.int32),
        )
        start = end


def _shared_state(inputs: ReplayInputs) -> State:
    """Return the state by which all systems are measured: what is hot, eligible and related."""
    config = inputs.config
    return State(
        time=inputs.start,
        catalogue=inputs.catalogue,
        texts=inputs.texts,
        sums=empty_sums(inputs.start, len(inputs.catalogue), config.readers),
        open=OpenSessions.empty(),
        model=prior(config),
    )


@dataclass
class _SystemRecord:
    """What one system showed so far: rows of its lists as filled and as they are, and counters."""

    name: str
    counters: Counters
    filled: list[ReplayRows] = field(default_factory=list)
    unfilled: list[ReplayRows] = field(default_factory=list)
    is_short: bool = False
    seconds: float = 0.0

    @contextmanager
    def timing(self) -> Iterator[None]:
        """Add the seconds of a block."""
        begun = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - begun

    def add(self, later: "_SystemRecord") -> None:
        """Add what the same system showed on later days."""
        self.filled += later.filled
        self.unfilled += later.unfilled
        self.is_short |= later.is_short
        self.counters.add(later.counters)
        self.seconds += later.seconds


@dataclass
class _Accumulator:
    """What all systems showed so far, and bool[n], what was eligible at some cutoff."""

    records: list[_SystemRecord]
    eligible: Bool

    @classmethod
    def of(cls, systems: Sequence[System], articles: int, samples: Samples) -> "_Accumulator":
        """Begin with nothing."""
        records = [_SystemRecord(system.name, Counters(articles, samples)) for system in systems]
        return cls(records, np.zeros(articles, np.bool_))

    def add(self, later: "_Accumulator") -> None:
        """Add later days."""
        for record, other in zip(self.records, later.records, strict=True):
            record.add(other)
        self.eligible |= later.eligible

    def add_lists(self, number: int, system: System, cut: CutEvaluator) -> None:
        """Ask a system for its lists at a cutoff, and add them."""
        record, eligible = self.records[number], cut.inputs.eligible
        with record.timing():
            if isinstance(system, SessionSystem):
                cut = replace(cut, by_session=True)
                lists = system.lists_for(cut.opened, eligible, DEPTH)
            else:
                lists = system.lists(cut.sources, eligible, DEPTH)
        reasons = miss_reasons = None
        if isinstance(system, ExplainedSystem):
            reasons, miss_reasons = system.reasons, system.miss_reasons
            record.counters.add_explained(cut, lists, system)
        filled = cut.fill(lists)
        record.filled.append(cut.rows(number, filled, reasons, miss_reasons))
        record.unfilled.append(cut.rows(number, lists, reasons))
        record.is_short |= bool((lists[:, :SLOTS] < 0).any())
        record.counters.add_lists(cut, filled)

    def result(self, every: int, period: ReplayPeriod, samples: Samples) -> ReplayResult:
        """Return all rows and totals."""
        short = [number for number, record in enumerate(self.records) if record.is_short]
        parts = [concatenate(record.filled) for record in self.records]
        for place, number in enumerate(short, len(self.records)):
            rows = concatenate(self.records[number].unfilled)
            parts.append(replace(rows, system=np.full(len(rows), place, np.int16)))
        possible = max(int(self.eligible.sum()), 1)
        records = [*self.records, *(self.records[number] for number in short)]
        names = [record.name for record in self.records]
        return ReplayResult(
            every=every,
            systems=[*names, *(f"{names[number]}{UNFILLED}" for number in short)],
            rows=concatenate(parts),
            ids=list(period.inputs.catalogue.ids),
            coverage=[record.counters.articles / possible for record in records],
            seconds=[record.seconds for record in records],
            totals=[record.counters.totals() for record in records],
            samples=samples,
            eligible=self.eligible,
            catalogue=period.inputs.catalogue,
            known=period.inputs.known,
        )


def concatenate(parts: Sequence[ReplayRows]) -> ReplayRows:
    """Put rows behind one another."""
    columns = (
        np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(ReplayRows)
    )
    return ReplayRows(*columns)
