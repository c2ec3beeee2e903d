"""Report of a benchmark: lines for stdout, a section of docs/benchmarks.md, pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.speed import figures
from benchmarks.speed.figures import Spread
from benchmarks.speed.picture import Bar, bars
from benchmarks.speed.process import THREADS, Taken, machine
from benchmarks.speed.race import Result


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
    """Report a race.

    Parameters
    ----------
    recall : float
        Of ours.
    checks : Mapping
        What was found right, by the side's name.
    description : str
        What the work is, for the docs.
    """
    race = result.race
    sides = [race.ours, *race.peers]
    lines = [figures.line(race.name, peer.name, result.ratios(peer), recall) for peer in race.peers]
    file = f"bench-{race.name.replace(' ', '-').lower()}.svg"
    heights = [
        Bar(side.name, Spread.of([spent.wall for spent in result.taken[side.name]]))
        for side in sides
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
