"""A check as one HTML page with plots: it holds its whole look, loads nothing, runs no script."""

from collections.abc import Sequence
from html import escape
from typing import Final

from recommender.html import document
from training.checking.findings import Finding
from training.checking.report import CheckReport, ReportPart, parts

LETTERS: Final = 44
"""Letters that fit below a plot on a phone: of more labels the first, middle and last stand there.
"""

STYLE: Final = """
dl { max-width: 52rem; padding-bottom: 2rem; }
dt { padding-top: .9rem; }
dt b { margin-inline-end: .5rem; padding: .1rem .4rem; border: 1px solid; border-radius: .2rem;
  font: 600 .75rem var(--sans); }
dt b.stops { border-color: var(--accent); background: var(--accent); color: var(--paper); }
dt b.harms { color: var(--accent); }
dt b.note { color: var(--quiet); }
dd { padding-top: .2rem; color: var(--quiet); font: .9375rem/1.4 var(--sans); }
figure { max-width: 26rem; padding-bottom: .5rem; font: .75rem/1.8 var(--sans);
  color: var(--quiet); }
svg { display: block; width: 100%; height: 7.5rem; border-block: 1px solid var(--rule); }
rect { fill: var(--accent); }
.labels { display: flex; }
.labels span { flex: 1; text-align: center; overflow-wrap: normal; white-space: nowrap; }
.ends span:first-child { text-align: start; }
.ends span:last-child { text-align: end; }
table { width: 100%; border-collapse: collapse; font: .875rem/1.4 var(--sans); }
th, td { padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--rule); text-align: start;
  vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-inline-end: 0; }
thead th, summary { color: var(--quiet); }
.number { text-align: end; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
summary { padding: .3rem 0; font: .875rem var(--sans); cursor: pointer; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""


def render(report: CheckReport) -> str:
    """Give a report as one HTML document; every text in it is escaped."""
    told = "" if report.facts is None else f"Up to {report.facts.times.now}. "
    blocks = "\n".join(_part(part, at) for at, part in enumerate(parts(report, page=True)))
    body = f"""<header><p class="label">What training would see</p>
<h1>{escape(report.verdict)}</h1>
<p class="version">{told}{_counted(len(report.findings))}</p>
</header>
{_findings(report.findings)}
<div class="blocks">
{blocks}
</div>"""
    return document("ymal check", body, style=STYLE)


def _counted(findings: int) -> str:
    return {0: "Nothing was found.", 1: "One finding."}.get(findings, f"{findings} findings.")


def _findings(findings: Sequence[Finding]) -> str:
    entries = "\n".join(
        f'<dt><b class="{finding.level}">{finding.level}</b>{escape(finding.found)}</dt>\n'
        f"<dd>{escape(finding.advice)}</dd>"
        for finding in findings
    )
    return f"<dl>\n{entries}\n</dl>" if findings else ""


def _part(part: ReportPart, at: int) -> str:
    """Give a part: its table, or a plot and the table to be opened."""
    table = _table(part.head, part.rows)
    if part.bars:
        labels = [row[0] for row in part.rows]
        plot = _plot(part.title, labels, part.bars, f"plot-{at}")
        table = f"{plot}\n<details><summary>Numbers</summary>\n{table}\n</details>"
    return f"""<section aria-labelledby="part-{at}">
<h2 id="part-{at}">{part.title}</h2>
{table}
</section>"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heads = "".join(
        f'<th scope="col"{_kind(at, rows)}>{escape(name)}</th>' if name else "<td></td>"
        for at, name in enumerate(head)
    )
    above = f"<thead><tr>{heads}</tr></thead>\n" if head else ""
    lines = "\n".join(
        "<tr>" + "".join(_cell(cell, at, rows) for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f"<table>\n{above}<tbody>\n{lines}\n</tbody>\n</table>"


def _cell(text: str, column: int, rows: Sequence[Sequence[str]]) -> str:
    if column == 0:
        return f'<th scope="row">{escape(text)}</th>'
    return f"<td{_kind(column, rows)}>{escape(text)}</td>"


def _kind(column: int, rows: Sequence[Sequence[str]]) -> str:
    """Mark a column that holds numbers and shares alone, but the first."""
    numbers = column and all(set(row[column]) <= set("0123456789.,%-") for row in rows)
    return ' class="number"' if numbers else ""


def _plot(title: str, labels: Sequence[str], values: Sequence[int], name: str) -> str:
    """Draw bars, and say what they show for those who cannot see them."""
    most, count = max(values), len(values)
    # A bar is one unit wide and the highest is one unit high; the box is stretched.
    bars = "".join(
        f'<rect x="{at + 0.1:g}" y="{1 - height:.4f}" width=".8" height="{height:.4f}"/>'
        for at, value in enumerate(values)
        if (height := value / max(most, 1))
    )
    highest = labels[values.index(most)]
    said = f"{count} bars, {labels[0]} to {labels[-1]}; the highest, {highest}, is {most:,}."
    few = sum(map(len, labels)) <= LETTERS
    shown = labels if few else (labels[0], labels[count // 2], labels[-1])
    below = "".join(f"<span>{escape(label)}</span>" for label in shown)
    return f"""<figure><p aria-hidden="true">{most:,}</p>
<svg viewBox="0 0 {count} 1" preserveAspectRatio="none" role="img"
 aria-labelledby="{name} {name}-said">
<title id="{name}">{escape(title)}</title><desc id="{name}-said">{escape(said)}</desc>
{bars}
</svg>
<p class="labels{"" if few else " ends"}" aria-hidden="true">{below}</p></figure>"""
