"""The page: one file that holds its whole look, loads nothing and runs no script."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from recommender.html import document
from training.report.html import stories, words
from training.report.html.plots import PLOTS, draw
from training.report.html.scope import Scope
from training.report.html.tables import interval, number, table
from training.report.report import COLUMNS, Report

BOUNDED: Final = ("hr@5", "hr@5|page", "hr@5|page-tail", "mrr@10")
"""Columns of the table in which an interval stands with the figure."""

UNUSED: Final = ("exact duplicate", "duplicate id", "unknown article", "forgotten reader")
"""Rows that are sound and left out; those left out for another reason are quarantined."""

STYLE: Final = """
:root { --ours: #9c1c1f; --rival: #0b62a4; }
@media screen and (prefers-color-scheme: dark) { :root { --ours: #f2938a; --rival: #6cb8f0; } }
main > section { padding-bottom: 2rem; }
main p, dl, li { max-width: 44rem; }
header p:not([class]) { padding-top: .8rem; }
section p { padding-bottom: .8rem; }
h3 { font-size: 1.125rem; line-height: 1.25; }
h4 { padding: .4rem 0; font: 600 .875rem/1.3 var(--sans); color: var(--quiet); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
  gap: 1.5rem 3rem; align-items: start; }
.plots section { padding: 0; }
.plots h3 { padding-bottom: .5rem; font: 600 .9375rem/1.3 var(--sans); }
figure { max-width: 32rem; }
svg { display: block; width: 100%; height: auto; font-family: var(--sans); }
figcaption, .plots p { padding: .4rem 0; font: .8125rem/1.45 var(--sans); color: var(--quiet); }
.wide { overflow-x: auto; padding-bottom: 1rem; }
.wide:focus-visible, summary:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 2px; }
table { border-collapse: collapse; font: .875rem/1.4 var(--sans); overflow-wrap: normal; }
th, td { padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: start;
  vertical-align: top; font-weight: 400; }
td, tbody th { overflow-wrap: anywhere; min-width: 6rem; }
thead th, summary, .wide caption { color: var(--quiet); }
.short { white-space: nowrap; }
.number { min-width: 0; text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { padding: .3rem 0; font: .875rem var(--sans); cursor: pointer; }
article { padding: .9rem 0; border-top: 1px solid var(--rule); break-inside: avoid; }
article .version { padding: .1rem 0 .3rem; }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr));
  gap: .5rem 3rem; max-width: 60rem; }
.lists ol { columns: 1; font-size: .9375rem; }
.lists li { margin-inline-start: 1.5rem; padding-bottom: .3rem; }
.opened { padding: 0 .35rem; border: 1px solid; border-radius: .2rem; color: var(--accent);
  font: 600 .75rem/1.4 var(--sans); white-space: nowrap; }
.missed { padding-top: .4rem; font-size: .9375rem; color: var(--quiet); }
dt { padding-top: .6rem; font: 600 .875rem/1.4 var(--sans); }
dd, pre { font: .875rem/1.45 var(--sans); }
pre { white-space: pre-wrap; font-family: ui-monospace, Menlo, Consolas, monospace; }
@media print { .wide { overflow: visible; } table { font-size: 7pt; }
  th, td { min-width: 0; padding-inline-end: .5rem; }
  .number, .short { white-space: normal; }
  figure, tr { break-inside: avoid; }
  .plots { grid-template-columns: 1fr 1fr; } details:not([open]) { display: none; } }
"""


def render(report: Report, command: str) -> str:
    """Give a report, with its rows, as one HTML document.

    Parameters
    ----------
    report : Report
        As `evaluate` gives it; the plots are of its first cadence.
    command : str
        What made it.

    Returns
    -------
    str
        Every text in it is escaped.
    """
    scope = Scope.of(report)
    told = "\n".join(f"<p>{escape(text)}</p>" for text in words.paragraphs(scope))
    sections = {
        "Figures": _figures(scope),
        "System against system": _pairs(scope),
        "Plots": _plots(scope),
        "Lists side by side": "<p>Sources drawn by chance among the next reads, with the five as "
        "they were at the cut; what readers opened before the next cut is marked.</p>\n"
        + stories.side_by_side(scope),
        "Where every list failed": "<p>The stories that readers opened most while no system had "
        "them in its five.</p>\n" + stories.failures(scope),
        "Data": _data(report.data),
        "Protocol": _protocol(report.protocol),
        "What each figure means": _definitions(),
        "Made by": f"<pre>{escape(command)}</pre>\n"
        + _names(report.protocol["versions"], "Versions"),
    }
    blocks = "\n".join(
        f'<section aria-labelledby="part-{at}"><h2 id="part-{at}">{title}</h2>\n{body}</section>'
        for at, (title, body) in enumerate(sections.items())
    )
    body = f"""<header><p class="label">Evaluation</p>
<h1>{escape(words.headline(scope))}</h1>
{told}
</header>
{blocks}"""
    return document("ymal evaluate", body, style=STYLE)


def _figures(scope: Scope) -> str:
    """Give a table per cadence, the best list first, unfilled ones last."""
    parts = []
    for block in scope.report.blocks():
        every = block[0]["every"]
        rows = [
            [r["system"], *(_figure(r, name) for name in COLUMNS), f"{r['seconds']:.1f}"]
            for r in block
        ]
        name = f"Lists renewed every {every}"
        parts.append(f"<h3>{name}</h3>\n" + table(("system", *COLUMNS, "seconds"), rows, name))
    return "\n".join(parts)


def _figure(result: Mapping[str, Any], name: str) -> str:
    value = result["metrics"][name]
    if name in BOUNDED:
        return interval(value, result["ci"][name])
    return number(value, COLUMNS[name])


def _pairs(scope: Scope) -> str:
    """Set our system against each of the others."""
    rows = []
    for system in scope.filled:
        if system == scope.ours:
            continue
        found = scope.report.compare(scope.ours, system, scope.every)
        for name in ("hr@5", "hr@5|page"):
            pair = found[name]
            low, high = pair.ci
            counts = (f"{count:,}" for count in (pair.wins, pair.ties, pair.losses))
            ratio = f"{pair.ratio:.2f}"
            difference = f"{pair.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
            rows.append([system, name, difference, ratio, *counts])
    if not rows:
        return "<p>One system took part.</p>"
    head = ("against", "figure", "difference", "ratio", "wins", "ties", "losses")
    return (
        f"<p>{escape(scope.ours)} against each, on the same next reads.</p>\n"
        f"{table(head, rows, 'Pairs')}"
    )


def _plots(scope: Scope) -> str:
    parts = []
    for name in PLOTS:
        plot = draw(scope, name)
        parts.append(
            f'<section data-plot="{name}" aria-labelledby="plot-{name}">'
            f'<h3 id="plot-{name}">{escape(plot.title)}</h3>\n{plot.html()}</section>'
        )
    drawn = "\n".join(parts)
    return f'<div class="plots">\n{drawn}\n</div>'


def _data(data: Mapping[str, Any]) -> str:
    left_out = dict(data["left_out"])
    unused = {reason: left_out.pop(reason, 0) for reason in UNUSED}
    counts = {f"rows of {name} read": count for name, count in data["read"].items()}
    counts |= {"articles": data["articles"], "views up to the end": data["views"]}
    counts |= {"views at the end or later, not looked at": data["late"]}
    counts |= {f"left out: {reason}": count for reason, count in unused.items()}
    counts |= {"quarantined": sum(left_out.values())}
    counts |= {f"quarantined: {reason}": count for reason, count in left_out.items()}
    told = [[name, f"{count:,}"] for name, count in counts.items()]
    files = [[file["path"], file["sha256"]] for file in data["inputs"]]
    return f"{table((), told, 'Counts')}\n{table(('file', 'SHA-256'), files, 'Files')}"


def _protocol(protocol: Mapping[str, Any]) -> str:
    told = {k: v for k, v in protocol.items() if k not in {"tuning", "config", "versions"}}
    tuning = protocol["tuning"]
    settings = [
        [system, every, setting or "–"]
        for every, systems in tuning["settings"].items()
        for system, setting in systems.items()
    ]
    chosen = (
        f"<h3>Settings of the baselines</h3>\n<p>Chosen from {escape(tuning['start'])} to "
        f"{escape(tuning['end'])}.</p>\n"
        + table(("system", "every", "setting"), settings, "Settings of the baselines")
        if settings
        else ""
    )
    config = escape(json.dumps(protocol["config"], ensure_ascii=False, indent=2))
    return (
        f"{_names(told, 'How it was measured')}\n{chosen}\n"
        f"<details><summary>Configuration</summary>\n<pre>{config}</pre></details>"
    )


def _names(values: Mapping[str, Any], name: str) -> str:
    """Give names and values."""
    rows = [
        [key, ", ".join(value) if isinstance(value, list) else str(value)]
        for key, value in values.items()
    ]
    return table((), rows, name)


def _definitions() -> str:
    entries = "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>"
        for name, text in words.DEFINITIONS.items()
    )
    return f"<dl>\n{entries}\n</dl>"
