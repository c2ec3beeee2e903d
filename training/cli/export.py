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
        typer.Option("--format", help="jsonl: one line of JSON per article; sqlite: a database."),
    ] = "jsonl",
    out: Annotated[
        str, typer.Option(metavar="FILE", help="File to write; - is stdout (jsonl only).")
    ] = _STDOUT,
    n: Annotated[int, typer.Option("-n", min=1, metavar="N", help="Longest list.")] = 20,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    quiet: options.Quiet = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON; needs --out FILE.")
    ] = False,
) -> None:
    """Write all lists and pages to one file.

    Sites without Python read it: JSON Lines, or an SQLite database.
    """
    to_stdout = out == _STDOUT
    if not to_stdout and not Path(out).name:
        raise UsageError("--out: name a file")
    if to_stdout and form == "sqlite":
        raise UsageError("--format sqlite: name a file by --out")
    if to_stdout and json:
        raise UsageError("--json: the data go to stdout; name a file by --out")
    directory = options.artifacts_of(config, artifacts)
    with output.show_progress(quiet=quiet) as show:
        stages = Stages(show)
        with stages("export") as note:
            snapshot = Recommender.open(directory).snapshot()
            pages = ArticlePages(snapshot, n, note)
            if to_stdout:
                output.print_bytes(json_lines(pages))
            elif form == "jsonl":
                write_lines(Path(out), pages)
            else:
                write_tables(Path(out), pages)
    if to_stdout:
        return
    summary = {
        "version": snapshot.version,
        "path": out,
        "articles": pages.articles,
        "stories": pages.stories,
        "bytes": Path(out).stat().st_size,
        "seconds": stages.rounded()["total"],
    }
    output.print_result(summary, json=json)
