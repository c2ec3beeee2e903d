"""Stories of the report: sampled lists side by side, and what no list had."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from training.metrics.misses import most_missed, section_of
from training.records import utc
from training.replay.results import MISSES
from training.report import summary
from training.report.scope import Scope

MAX_FAILURES = 20
"""Missed stories that are shown."""

MAX_TITLE_CHARACTERS = 120
"""Characters of a title in a table."""


@dataclass(frozen=True)
class ListSample:
    """A sampled source with the lists under it.

    Attributes
    ----------
    title, section : of the source.
    time : of the cutoff.
    lists : system, and title and number of opens of each story of its five.
    missed : title, number of opens and reason of each story that was opened and is in no five.
    """

    title: str
    section: str
    time: str
    lists: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    missed: Sequence[tuple[str, int, str]]


def list_samples(scope: Scope) -> list[ListSample]:
    """Return each sampled source with our list and that of the best baseline."""
    replay, rows = scope.trial.replay, scope.rows(scope.ours)
    causes = list(MISSES.values())
    samples = []
    for number, (cut, source) in enumerate(replay.samples):
        of = (rows.cut == cut) & (rows.source == source)
        opened = Counter(rows.target[of].tolist())
        lists = {
            system: [row for row in scope.shown(system).lists.get(number, ()) if row >= 0]
            for system in scope.two
        }
        missed = []
        for row, count in opened.items():
            if not any(row in listed for listed in lists.values()):
                code = int(rows.miss[of & (rows.target == row)][0])
                missed.append((_title(scope, row), count, causes[code] if code >= 0 else ""))
        samples.append(
            ListSample(
                _title(scope, source),
                section_of(replay.catalogue, source),
                summary.format_minute(utc(cut)),
                [
                    (system, [(_title(scope, row), opened[row]) for row in listed])
                    for system, listed in lists.items()
                ],
                missed,
            )
        )
    return samples


def failures(scope: Scope) -> list[list[str]]:
    """Return a row for each of the most opened stories that no system had, and why ours had not."""
    systems = [scope.ours, *(system for system in scope.filled if system != scope.ours)]
    return [
        [
            _shorten(miss.title or miss.id),
            miss.section,
            f"{miss.missed:,} of {miss.opened:,}",
            "; ".join(f"{MISSES[code]} {count:,}" for code, count in miss.why.items()),
        ]
        for miss in most_missed(scope.trial, systems, MAX_FAILURES)
    ]


def _title(scope: Scope, row: int) -> str:
    replay = scope.trial.replay
    return replay.catalogue.titles[row].strip() or replay.ids[row]


def _shorten(title: str) -> str:
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    return f"{title[: MAX_TITLE_CHARACTERS - 1]}…"
