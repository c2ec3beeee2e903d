"""`ymal export`: write lists and pages to one file, for sites without Python."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from recommender import Recommender
from training.cli import options, output
from training.errors import UsageError
from training.export import ArticlePages, json_lines, write_lines, write_tables
from training.progress import Stages

_STDOUT = "-"


def export(
    form: Annotated[
        Literal["jsonl", "sqlite"],
        typer.Option("--format", help="JSON Lines, a line per article; or an SQLite database."),
    ] = "jsonl",
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="File to write; - is stdout, for jsonl.")
    ] = _STDOUT,
    n: Annotated[int, typer.Option("-n", min=1, help="Stories in a list at most.")] = 20,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    quiet: options.Quiet = False,
    json: Annotated[
        bool, typer.Option("--json", help="The summary as JSON on stdout, with --out FILE.")
    ] = False,
) -> None:
    """Write list and page of every article as one file, for sites without Python."""
    to_stdout = out == _STDOUT
    if not to_stdout and not Path(out).name:
        raise UsageError("--out: name a file")
    if to_stdout and form == "sqlite":
        raise UsageError("--format sqlite: name a file by --out")
    if to_stdout and json:
        raise UsageError("--json: the data go to stdout; name a file by --out")
    directory = options.artifacts_of(config, artifacts)
    with output.progress(quiet=quiet) as tell:
        stages = Stages(tell)
        with stages("export") as note:
            snapshot = Recommender.open(directory).snapshot()
            answers = ArticlePages(snapshot, n, note)
            if to_stdout:
                output.stream(json_lines(answers))
            elif form == "jsonl":
                write_lines(Path(out), answers)
            else:
                write_tables(Path(out), answers)
    if to_stdout:
        return
    summary = {
        "version": snapshot.version,
        "path": out,
        "articles": answers.articles,
        "stories": answers.stories,
        "bytes": Path(out).stat().st_size,
        "seconds": stages.rounded()["total"],
    }
    output.result(summary, json=json)
