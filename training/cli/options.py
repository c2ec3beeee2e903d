"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from training.config import load

ConfigFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Config file. [default: ./ymal.toml if it exists]"),
]
ArticleFiles = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="Article file, folder or quoted glob; may be repeated."),
]
ViewFiles = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="File, folder or quoted glob of views; may be repeated."),
]
Increments = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of increments of ymal count; train, refresh and evaluate read it instead of "
        "views. [default: paths.increments]",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        help="Engine that counts the views: duckdb or spark. [default: readers.engine]",
    ),
]
Source = Annotated[
    str,
    typer.Argument(metavar="SOURCE", help="Id of the source article."),
]
Artifacts = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Artifacts directory. [default: paths.artifacts, else ./artifacts]"
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Ignore views at or after this time (ISO 8601, UTC unless it names a zone). "
        "[default: newest view or publish time + 1 s]",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Processor cores to use; the result does not depend on it. [default: all]",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress on stderr.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Serve the version even if the gate refuses it; needs --why."),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Reason, for the audit log.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def artifacts_of(config: Path | None, artifacts: Path | None) -> Path:
    """Return the artifacts directory, and read the config only if the option is not given."""
    return artifacts or load(config).artifacts()
