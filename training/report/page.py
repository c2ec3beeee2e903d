"""The report as one HTML page; it loads nothing and runs no script."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from recommender.html import render_template
from training.data.events import is_other_event
from training.data.navigation import NAVIGATION
from training.data.publication import PREVIEW, is_unpublished
from training.report import stories, summary
from training.report.figures import COLUMNS
from training.report.formatting import interval, number
from training.report.plots import PLOTS, draw
from training.report.report import Report
from training.report.scope import Scope

BOUNDED: Final = ("hr@5", "hr@5|page", "hr@5|page-tail", "mrr@10")
"""Columns of the table in which an interval stands with the figure."""

UNUSED: Final = (
    "exact duplicate",
    "duplicate id",
    "unknown article",
    "forgotten reader",
    NAVIGATION,
    PREVIEW,
)
"""Rows that are sound and left out; those left out for another reason are quarantined."""


def render(report: Report, command: str) -> str:
    """Render a report, with its rows, as one HTML document.

    Parameters
    ----------
    report : Report
        As `evaluate` returns it; the plots are of its first refresh interval.
    command : str
        What made it.
    """
    scope = Scope.of(report)
    protocol, tuning = report.protocol, report.protocol["tuning"]
    return render_template(
        "report.html",
        ours=scope.ours,
        summary=summary.headline(scope),
        paragraphs=summary.paragraphs(scope),
        figures=[*_figures(scope)],
        pairs=[*_pairs(scope)],
        plots=[draw(scope, name) for name in PLOTS],
        samples=stories.list_samples(scope),
        failures=stories.failures(scope),
        counts=[[name, f"{count:,}"] for name, count in _counts(report.data).items()],
        files=[[file["path"], file["sha256"]] for file in report.data["inputs"]],
        protocol=_name_rows(
            {k: v for k, v in protocol.items() if k not in {"tuning", "config", "versions"}}
        ),
        tuning=tuning,
        settings=[
            [system, every, setting or "–"]
            for every, systems in tuning["settings"].items()
            for system, setting in systems.items()
        ],
        config=json.dumps(protocol["config"], ensure_ascii=False, indent=2),
        definitions=summary.DEFINITIONS.items(),
        command=command,
        versions=_name_rows(protocol["versions"]),
    )


def _figures(scope: Scope) -> Iterator[tuple[str, Sequence[str], list[list[str]]]]:
    """Yield name, head and rows of a table per refresh interval, the best list first."""
    for block in scope.report.blocks():
        rows = [
            [r["system"], *(_figure(r, name) for name in COLUMNS), f"{r['seconds']:.1f}"]
            for r in block
        ]
        yield f"Lists renewed every {block[0]['every']}", ("system", *COLUMNS, "seconds"), rows


def _figure(result: Mapping[str, Any], name: str) -> str:
    value = result["metrics"][name]
    if name in BOUNDED:
        return interval(value, result["ci"][name])
    return number(value, COLUMNS[name])


def _pairs(scope: Scope) -> Iterator[list[str]]:
    """Yield rows that compare our system with each of the others."""
    for system in scope.filled:
        if system == scope.ours:
            continue
        found = scope.report.compare(scope.ours, system, scope.every)
        for name in ("hr@5", "hr@5|page"):
            pair = found[name]
            low, high = pair.ci
            counts = (f"{count:,}" for count in (pair.wins, pair.ties, pair.losses))
            difference = f"{pair.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
            yield [system, name, difference, f"{pair.ratio:.2f}", *counts]


def _counts(data: Mapping[str, Any]) -> dict[str, int]:
    """Return what was read and left out, by name."""
    quarantined = dict(data["left_out"])
    others = [why for why in quarantined if is_unpublished(why) or is_other_event(why)]
    unused = {reason: quarantined.pop(reason, 0) for reason in (*UNUSED, *others)}
    return {
        **{f"rows of {name} read": count for name, count in data["read"].items()},
        "articles": data["articles"],
        "views up to the end": data["views"],
        "views at the end or later, not used": data["late"],
        **{f"left out: {reason}": count for reason, count in unused.items()},
        "quarantined": sum(quarantined.values()),
        **{f"quarantined: {reason}": count for reason, count in quarantined.items()},
    }


def _name_rows(values: Mapping[str, Any]) -> list[list[str]]:
    """Return rows of a name and a value as text."""
    return [
        [key, ", ".join(value) if isinstance(value, list) else str(value)]
        for key, value in values.items()
    ]
