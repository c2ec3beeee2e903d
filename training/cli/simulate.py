"""`ymal simulate`: write a simulated news site, for tests."""

from pathlib import Path
from typing import Annotated

import typer

from training import simulate as simulator
from training.cli import options, output


def simulate(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    articles: Annotated[
        int, typer.Option(metavar="N", help="Number of articles, 100 to 1,000,000.")
    ] = 2000,
    days: Annotated[int, typer.Option(metavar="N", help="Days of history.")] = 14,
    readers: Annotated[int, typer.Option(metavar="N", help="Number of readers.")] = 3000,
    seed: Annotated[
        int, typer.Option(metavar="N", help="The same seed writes the same files.")
    ] = 1,
    habits: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How readers choose: usual, or headlines (mostly the most read stories).",
        ),
    ] = "usual",
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write folders of Parquet files, for large sites.")
    ] = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Write a simulated news site: articles, views and ymal.toml."""
    with output.show_progress(quiet=quiet) as show:
        made = simulator.simulate(
            out,
            articles=articles,
            days=days,
            readers=readers,
            seed=seed,
            habits=habits,
            parquet=parquet,
            progress=show,
        )
    facts = {
        "articles": made.articles,
        "views": made.views,
        "events": made.events,
        "config": str(out / "ymal.toml"),
    }
    if json:
        output.print_json(facts)
        return
    output.print_facts(facts)
    output.print_line(f"next: ymal train --config {out / 'ymal.toml'}")
