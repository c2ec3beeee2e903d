"""`ymal simulate`: write a simulated news site, for tests."""

from pathlib import Path
from typing import Annotated

import typer

from training import simulate as simulator
from training.cli import options, output


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write into.")],
    articles: Annotated[int, typer.Option(help="Articles, 100 to 1,000,000.")] = 2000,
    days: Annotated[int, typer.Option(help="Days of history.")] = 14,
    readers: Annotated[int, typer.Option(help="Readers.")] = 3000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    habits: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What readers go by: usual, or headlines (what is hot alone)."
        ),
    ] = "usual",
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write folders of Parquet files, for large sites.")
    ] = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Write articles, views and ymal.toml of a simulated news site."""
    with output.progress(quiet=quiet) as tell:
        made = simulator.simulate(
            out,
            articles=articles,
            days=days,
            readers=readers,
            seed=seed,
            habits=habits,
            parquet=parquet,
            progress=tell,
        )
    facts = {
        "articles": made.articles,
        "views": made.views,
        "events": made.events,
        "config": str(out / "ymal.toml"),
    }
    if json:
        output.say_json(facts)
        return
    output.facts(facts)
    output.say(f"next: ymal train --config {out / 'ymal.toml'}")
