"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from training.config import load

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Config file. [default: ./ymal.toml if it exists]"),
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
        help="Folder of increments, made by ymal count, to read instead of views.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="What counts views, duckdb or spark. [default: readers.engine]",
    ),
]
Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="Id of the article on whose page the list stands.")
]
Artifacts = Annotated[
    Path | None,
    typer.Option(
        "--artifacts",
        metavar="DIR",
        help="Artifacts directory. [default: paths.artifacts, else ./artifacts]",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="Time of the training, ISO 8601, UTC unless it names a zone; views at or after it are "
        "ignored. [default: newest view or publish time + 1 s]",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="Processor cores to use; the result is the same. [default: all]"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress on stderr.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Serve the version even if the gate refuses it; needs --why."),
]
Reason = Annotated[str, typer.Option("--why", metavar="TEXT", help="Reason, for the audit.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def artifacts_of(config: Path | None, artifacts: Path | None) -> Path:
    """Return the artifacts directory, and read the config only if the option is not given."""
    return artifacts or load(config).artifacts()
