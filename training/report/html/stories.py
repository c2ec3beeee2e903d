"""Stories on the page: sampled lists side by side, and what no list had."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from training.metrics.misses import most_missed, section_of
from training.records import utc
from training.replay.results import MISSES
from training.report.html import words
from training.report.html.scope import Scope
from training.report.html.tables import table

FAILURES = 20
"""Missed stories that are shown."""

LONGEST = 120
"""Letters of a title that are shown in a table."""


def side_by_side(scope: Scope) -> str:
    """Give each sampled source with our list and the rival's, what was opened marked."""
    rows = scope.rows(scope.ours)
    parts = []
    for number, (cut, source) in enumerate(scope.trial.replay.samples):
        of = (rows.cut == cut) & (rows.source == source)
        opened = Counter(rows.target[of].tolist())
        lists = [scope.shown(system).lists.get(number, ()) for system in scope.two]
        columns = "\n".join(
            f"<div><h4>{escape(system)}</h4>\n{_list(scope, listed, opened)}</div>"
            for system, listed in zip(scope.two, lists, strict=True)
        )
        beside = {row: n for row, n in opened.items() if not any(row in each for each in lists)}
        more = "".join(
            f'<p class="missed">{_mark(n)} {_title(scope, row)}, not in the five'
            f"{_why(scope.ours, rows.miss[of & (rows.target == row)][0])}</p>"
            for row, n in beside.items()
        )
        section = escape(section_of(scope.trial.replay.catalogue, source))
        parts.append(
            f'<article><p class="label">{section}</p><h3>{_title(scope, source)}</h3>\n'
            f'<p class="version">{words.said(utc(cut))}</p>\n'
            f'<div class="lists">{columns}</div>{more}</article>'
        )
    return "\n".join(parts)


def failures(scope: Scope) -> str:
    """Give the most opened stories that no system had, and why ours had not."""
    systems = [scope.ours, *(system for system in scope.filled if system != scope.ours)]
    found = most_missed(scope.trial, systems, FAILURES)
    if not found:
        return "<p>Every next read stood in some list.</p>"
    rows = [
        [
            _short(miss.title or miss.id),
            miss.section,
            f"{miss.missed:,} of {miss.opened:,}",
            "; ".join(f"{MISSES[code]} {count:,}" for code, count in miss.why.items()),
        ]
        for miss in found
    ]
    return table(("story", "section", "next reads", f"why {scope.ours} had it not"), rows, "Misses")


def _list(scope: Scope, listed: Sequence[int], opened: Counter[int]) -> str:
    items = "\n".join(
        f"<li>{_title(scope, row)}{' ' + _mark(opened[row]) if row in opened else ''}</li>"
        for row in listed
        if row >= 0
    )
    return f"<ol>\n{items}\n</ol>" if items else "<p>nothing</p>"


def _mark(count: int) -> str:
    return f'<b class="opened">opened{f" × {count}" if count > 1 else ""}</b>'


def _why(system: str, code: int) -> str:
    return f" ({escape(system)}: {list(MISSES.values())[code]})" if code >= 0 else ""


def _title(scope: Scope, row: int) -> str:
    replay = scope.trial.replay
    return (
        f'<span dir="auto">{escape(replay.catalogue.titles[row].strip() or replay.ids[row])}</span>'
    )


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
