"""The options that several commands share: one spelling, one meaning."""

from pathlib import Path
from typing import Annotated

import typer

from training.config import load

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Config file; ./ymal.toml is read where it exists."),
]
ArticleFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--articles", metavar="FILE", help="Article file, folder or quoted glob; may be repeated."
    ),
]
ViewFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--views", metavar="FILE", help="File, folder or quoted glob of views; may be repeated."
    ),
]
Increments = Annotated[
    Path | None,
    typer.Option(
        "--increments",
        metavar="DIR",
        help="Folder of increments, made by ymal count, in the place of views.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine", metavar="ENGINE", help="What counts views, duckdb or spark; else the config's."
    ),
]
Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="Id of the article whose page it is.")
]
Artifacts = Annotated[
    Path | None,
    typer.Option(
        "--artifacts",
        metavar="DIR",
        help="Artifacts directory; else that of the config, else ./artifacts.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="ISO 8601, UTC where it names no zone: views at or after it are ignored. "
        "By default the newest view or publish time + 1 s.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="Processor cores to use, by default all; the result is the same."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Serve it even where the gate would refuse it; needs --why."),
]
Reason = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="For the audit, and for those who come later.")
]
Json = Annotated[bool, typer.Option("--json", help="The result as JSON on stdout.")]


def artifacts_of(config: Path | None, artifacts: Path | None) -> Path:
    """Give the artifacts directory; the config is not looked at where the option names one."""
    return artifacts or load(config).artifacts()
