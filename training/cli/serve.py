"""`ymal serve`: serve lookups over HTTP."""

import os
import sys
from typing import Annotated

import typer

from recommender import Recommender
from training.cli import options
from training.config import load
from training.extras import require_extra


def serve(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Address to listen on. [default: serve.host]"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65_535, metavar="N", help="Port to listen on. [default: serve.port]"
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, metavar="N", help="Number of processes. [default: serve.workers]"
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Serve lookups over HTTP until SIGTERM.

    docs/serving.md lists the routes.
    """
    require_extra("serve", "ymal serve")
    settings = load(config)
    directory = settings.artifacts(artifacts)
    Recommender.open(directory)
    given = {"host": host, "port": port, "workers": workers}
    section = settings.config.serve.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    service = section.options(str(directory), json=json)
    # Replace this process with the service, which does not load the training code.
    command = [sys.executable, "-P", "-m", "recommender.service", *service.arguments()]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted
