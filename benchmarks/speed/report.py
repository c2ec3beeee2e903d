"""Report of a benchmark: its lines for stdout, its section of docs/benchmarks.md, its pictures.

A picture is SVG: readable by a screen reader, with bars distinguished by words, not by hue.
"""

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from benchmarks.speed.process import ROOT, THREADS, Taken, machine
from benchmarks.speed.race import Result

DOCS: Final = ROOT / "docs"

OURS, PEER, INK = "#0072b2", "#e69f00", "#222222"
"""Blue and orange of Okabe and Ito, distinct under every common colour blindness."""

_WIDTH: Final = 720
_LEFT: Final = 230
_RIGHT: Final = 170
_ROW: Final = 34
_TOP: Final = 40


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)} to {_short(self.most)})"


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


Bar = tuple[str, Spread]
"""One side of a picture: its name and its times."""


@dataclass(frozen=True)
class Report:
    """Report of one benchmark.

    Attributes
    ----------
    lines : for stdout.
    text : Markdown, the work's part of docs/benchmarks.md.
    pictures : SVG by file name, for the folder docs.
    missed : bounds that the result does not hold, a line each.
    """

    lines: Sequence[str]
    text: str
    pictures: Mapping[str, str]
    missed: Sequence[str] = field(default_factory=list)


def of_race(result: Result, recall: float, checks: Mapping[str, str], description: str) -> Report:
    """Report a race: the recall of ours, and by the side's name what was found right."""
    race = result.race
    sides = [race.ours, *race.peers]
    lines = [line(race.name, peer.name, result.ratios(peer), recall) for peer in race.peers]
    file = f"bench-{race.name.replace(' ', '-').lower()}.svg"
    heights = [
        (side.name, Spread.of([spent.wall for spent in result.taken[side.name]])) for side in sides
    ]
    rounds = len(result.taken[race.ours.name])
    title = f"{race.name}: seconds of a whole process, median of {rounds} rounds, least to most"
    text = "\n".join(
        [
            f"{description} Rounds in turn: {rounds}; threads of each: {THREADS}; {machine()}.",
            "",
            "| side | whole process, s | its own stages, s (median) | processor, s | peak memory "
            "| times ours | checked |",
            "|---|---|---|---|---|---|---|",
            *(_row(result, side.name, checks.get(side.name, "")) for side in sides),
            "",
            f"![{title}]({file})",
        ]
    )
    return Report(lines, text, {file: bars(title, heights)})


def join_reports(reports: Sequence[Report]) -> Report:
    """Concatenate the reports of a benchmark's races."""
    return Report(
        [line for report in reports for line in report.lines],
        "\n\n".join(report.text for report in reports),
        {name: svg for report in reports for name, svg in report.pictures.items()},
        [line for report in reports for line in report.missed],
    )


def _row(result: Result, name: str, checked: str) -> str:
    taken = result.taken[name]
    stages = ", ".join(f"{stage} {_median(taken, stage):.1f}" for stage in taken[0].stages)
    ours = result.taken[result.race.ours.name]
    ratios = Spread.of([t.wall / o.wall for t, o in zip(taken, ours, strict=True)])
    memory = max(spent.memory for spent in taken) / 1e9
    return (
        f"| {name} | {Spread.of([spent.wall for spent in taken])} | {stages} "
        f"| {Spread.of([spent.cpu for spent in taken])} | {memory:.2f} GB | {ratios} | {checked} |"
    )


def _median(taken: Sequence[Taken], stage: str) -> float:
    return Spread.of([spent.stages.get(stage, 0.0) for spent in taken]).median


def line(name: str, peer: str, ratios: Sequence[float], recall: float) -> str:
    """Format the speed-up over a peer: the median of the rounds' ratios.

    Examples
    --------
    >>> line("newswire", "a search engine", [2.0, 4.0, 3.0], 0.99964)
    'newswire: 3.0 x faster than a search engine (recall 1.000)'
    """
    if not name.strip() or any(bracket in peer for bracket in "()[]{}"):
        raise ValueError(f"{name!r}, {peer!r}: a name is wanted, and a peer without brackets")
    return f"{name}: {statistics.median(ratios):.1f} x faster than {peer} (recall {recall:.3f})"


def bars(title: str, sides: Sequence[Bar]) -> str:
    """Draw horizontal bars with their spread, the first one ours."""
    longest = max(spread.most for _, spread in sides)
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    height = _TOP + _ROW * len(sides) + 10
    description = "; ".join(f"{name} {spread}" for name, spread in sides)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="14">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="22" fill="{INK}">{escape(title)}</text>',
    ]
    for place, side in enumerate(sides):
        drawn += _bar(side, _TOP + _ROW * place, scale, PEER if place else OURS)
    return "\n".join([*drawn, "</svg>", ""])


def _bar(side: Bar, top: int, scale: float, colour: str) -> list[str]:
    (name, spread), middle = side, top + _ROW / 2
    width, least, most = (value * scale for value in (spread.median, spread.least, spread.most))
    return [
        f'<text x="{_LEFT - 10}" y="{middle + 5:.0f}" text-anchor="end" fill="{INK}">'
        f"{escape(name)}</text>",
        f'<rect x="{_LEFT}" y="{top + 5}" width="{width:.1f}" height="{_ROW - 10}" '
        f'fill="{colour}"/>',
        f'<path d="M{_LEFT + least:.1f} {middle:.0f}H{_LEFT + most:.1f}" stroke="{INK}" '
        'stroke-width="2"/>',
        f'<text x="{_LEFT + most + 8:.1f}" y="{middle + 5:.0f}" fill="{INK}">'
        f"{escape(str(spread))}</text>",
    ]


def replace_section(text: str, work: str, part: str, by: str = "make bench") -> str:
    """Replace a section between its markers, which name what writes it; keep the rest."""
    begin, end = f"<!-- {work}: begin, written by {by} -->", f"<!-- {work}: end -->"
    pattern = f"{re.escape(begin)}\n.*?{re.escape(end)}"
    if len(re.findall(pattern, text, re.DOTALL)) != 1:
        raise ValueError(f"the page must hold once, in this order: {begin} and {end}")
    return re.sub(pattern, lambda _: f"{begin}\n{part}\n{end}", text, flags=re.DOTALL)


def write(work: str, report: Report, folder: Path = DOCS) -> None:
    """Write a work's part of the page, and its pictures beside it."""
    page = folder / "benchmarks.md"
    text = replace_section(page.read_text(encoding="utf-8"), work, report.text)
    for name, svg in report.pictures.items():
        (folder / name).write_text(svg, encoding="utf-8")
    page.write_text(text, encoding="utf-8")
