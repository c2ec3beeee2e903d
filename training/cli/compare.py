"""`ymal compare`: compare two evaluations by each metric."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from training.cli import options, output
from training.errors import WorseError
from training.metrics.definitions import HITS
from training.report.comparing import ComparisonLine, RunComparison, compare_runs, worse_in
from training.report.figures import COLUMNS, finite
from training.report.stored import read_report


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="Report of ymal evaluate --json.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another report, compared with A.")],
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="System to compare; may be repeated. [default: all that both have]"
        ),
    ] = None,
    fail_if_worse: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if-worse",
            metavar="METRIC",
            help="Exit with code 9 if B is worse in it (interval below 0); may be repeated.",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Compare two evaluations, metric by metric, with intervals."""
    compared = compare_runs(read_report(a), read_report(b), system or ())
    worse = [line for metric in fail_if_worse or () for line in worse_in(compared, metric)]
    if json:
        output.print_json(finite({"a": str(a), "b": str(b), **asdict(compared)}))
    else:
        output.print_facts({"A": str(a), "B": str(b), **_facts(compared)})
        output.print_line()
        output.print_table([_HEADING, *map(_row, filter(_is_shown, compared.lines))])
    if worse:
        found = "; ".join(
            f"{line.metric} of {line.system} at {line.every} by {-line.difference:.4f} "
            f"({-line.ci[1]:.4f} to {-line.ci[0]:.4f})"
            for line in worse
        )
        raise WorseError(f"{b} is worse than {a}: {found}")


_HEADING = ["every", "system", "metric", "A", "B", "B − A", "95 %", "B is"]


def _facts(compared: RunComparison) -> dict[str, str]:
    """Return how the two runs were compared, and their other differences."""
    config = [f"{key} {one} and {other}" for key, (one, other) in compared.config.items()]
    how = {
        "paired": f"no: {compared.unpaired}" if compared.unpaired else "by transition",
        "interval": "of two independent figures" * bool(compared.unpaired),
        "config": ", ".join(config) or "the same",
        "also": "; ".join(compared.notes),
    }
    return {name: text for name, text in how.items() if text}


def _is_shown(line: ComparisonLine) -> bool:
    return line.metric in HITS or line.metric in COLUMNS


def _row(line: ComparisonLine) -> list[str]:
    low, high = (_number(end, "+") for end in line.ci)
    figures = _number(line.a), _number(line.b), _number(line.difference, "+")
    interval = "–" if math.isnan(line.ci[0]) else f"{low} to {high}"
    return [line.every, line.system, line.metric, *figures, interval, line.verdict]


def _number(value: float, sign: str = "") -> str:
    return "–" if math.isnan(value) else f"{value + 0.0:{sign}.4f}"  # + 0.0 turns -0.0 into 0.0
