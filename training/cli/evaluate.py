"""`ymal evaluate`: replay production over past days, and compare systems."""

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from joblib import cpu_count

from training.cli import clicks, options, output
from training.cli.html import check_html, write_html
from training.cli.inputs import InputPaths, read_past
from training.cli.times import read_duration, read_moment
from training.config import load
from training.data import default_now
from training.progress import Stages
from training.report.evaluate import DEFAULT
from training.report.evaluate import evaluate as replay
from training.report.parquet import write_rows
from training.storage import check_folder, replace_file


def evaluate(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    increments: options.Increments = None,
    now: options.Now = None,
    last: Annotated[
        str, typer.Option("--last", metavar="TIME", help="How far back the tested reads go.")
    ] = "7d",
    every: Annotated[
        list[str] | None,
        typer.Option(
            "--every", metavar="TIME", help="Time between cuts; may be repeated. [default: 15m]"
        ),
    ] = None,
    systems: Annotated[
        str | None,
        typer.Option(
            "--systems", metavar="A,B", help="Names of systems. [default: ours and all baselines]"
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows", metavar="FILE", help="Parquet file for the rows behind the figures."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help="File for the report as one HTML page with plots."
        ),
    ] = None,
    served: Annotated[
        bool,
        typer.Option(
            "--served", help="Measure the clicks on what was served, instead of a replay."
        ),
    ] = False,
    artifacts: options.Artifacts = None,
    blocks: Annotated[
        str | None,
        typer.Option(
            "--blocks", metavar="A,B", help="Blocks that the pages show. [default: all of the page]"
        ),
    ] = None,
    jobs: options.Jobs = None,
    quiet: options.Quiet = False,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="File for the report as JSON; - is stdout."),
    ] = None,
) -> None:
    """Replay production over the last days, and compare systems by what readers opened next."""
    if html is not None:
        check_html(html, "jinja2", "matplotlib")
    for file in filter(None, (rows, Path(json or "-"))):
        check_folder(file)
    settings = load(config)
    of_replay = {"--every": every, "--systems": systems, "--rows": rows, "--html": html}
    of_served = {"--artifacts": artifacts, "--blocks": blocks}
    clicks.alone(of_replay if served else of_served, served=served)
    cadences = [read_duration("--every", text) for text in every or ["15m"]]
    names = systems.split(",") if systems else DEFAULT
    with output.progress(quiet=quiet) as tell:
        stages = Stages(tell)
        with stages("read"):
            site = read_past(settings, InputPaths(articles, views, increments))
        if served:
            measured = clicks.measure(
                settings, site, artifacts, now=now, last=last, blocks=blocks, stages=stages
            )
            _write(json, measured.as_json(), lambda: clicks.print_report(measured))
            return
        report, replays = replay(
            site,
            now=read_moment(now) if now is not None else default_now(site),
            last=read_duration("--last", last),
            every=cadences,
            systems=names,
            jobs=jobs or cpu_count(),
            stages=stages,
        )
        if html:
            from training.report.page import render  # needs optional packages

            with stages("page"):
                page = render(report, shlex.join(["ymal", *sys.argv[1:]]))
            write_html(html, page)
    written = report.as_json()
    if rows:
        written["rows"] = {"path": str(rows), "sha256": write_rows(rows, replays)}
    _write(json, written, lambda: output.table(report.table()))


def _write(
    json: str | None, written: Mapping[str, object], print_table: Callable[[], None]
) -> None:
    """Write a report as JSON if requested, and as a table unless the JSON goes to stdout."""
    if json == "-":
        output.say_json(written)
        return
    if json:
        replace_file(Path(json), output.as_json(written).encode())
    print_table()
