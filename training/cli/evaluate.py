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
        str, typer.Option(metavar="TIME", help="Length of the test, such as 7d.")
    ] = "7d",
    every: Annotated[
        list[str] | None,
        typer.Option(metavar="TIME", help="Refresh interval; may be repeated. [default: 15m]"),
    ] = None,
    systems: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="Systems to compare. [default: ymal, ymal-free, all baselines]"
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the rows behind the figures as Parquet."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the report as one HTML file, with plots."),
    ] = None,
    served: Annotated[
        bool,
        typer.Option("--served", help="Measure clicks on the served lists, without a replay."),
    ] = False,
    artifacts: options.Artifacts = None,
    blocks: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="With --served: blocks that pages show. [default: all]"),
    ] = None,
    jobs: options.Jobs = None,
    quiet: options.Quiet = False,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the report as JSON; - is stdout."),
    ] = None,
) -> None:
    """Compare systems on past days by the reader's next click.

    It replays production: each list is made from what was known at its time.
    """
    if html is not None:
        check_html(html, "jinja2", "matplotlib")
    for file in filter(None, (rows, Path(json or "-"))):
        check_folder(file)
    settings = load(config)
    of_replay = {"--every": every, "--systems": systems, "--rows": rows, "--html": html}
    of_served = {"--artifacts": artifacts, "--blocks": blocks}
    clicks.check_mode(of_replay if served else of_served, served=served)
    intervals = [read_duration("--every", text) for text in every or ["15m"]]
    names = systems.split(",") if systems else DEFAULT
    with output.show_progress(quiet=quiet) as show:
        stages = Stages(show)
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
            every=intervals,
            systems=names,
            jobs=jobs or cpu_count(),
            stages=stages,
        )
        if html:
            from training.report.page import render  # needs optional packages

            with stages("page"):
                page = render(report, shlex.join(["ymal", *sys.argv[1:]]))
            write_html(html, page)
    report_json = report.as_json()
    if rows:
        report_json["rows"] = {"path": str(rows), "sha256": write_rows(rows, replays)}
    _write(json, report_json, lambda: output.print_table(report.table()))


def _write(
    json: str | None, report_json: Mapping[str, object], print_table: Callable[[], None]
) -> None:
    """Write a report as JSON if requested, and as a table unless the JSON goes to stdout."""
    if json == "-":
        output.print_json(report_json)
        return
    if json:
        replace_file(Path(json), output.as_json(report_json).encode())
    print_table()
