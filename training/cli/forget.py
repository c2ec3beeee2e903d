"""`ymal forget`: delete the data of a reader."""

from typing import Annotated

import typer

from training import increments, release
from training.cli import options, output
from training.config import load
from training.data import read_forgotten, read_key, reader_hash, write_forgotten
from training.production import forget as forget_reader


def forget(
    user: Annotated[str, typer.Option(metavar="ID", help="Id of the reader in the views.")],
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Delete a reader's data, and ignore the reader in later runs."""
    settings = load(config)
    directory = settings.artifacts(artifacts)
    release.served_name(directory)
    with release.command_lock(directory, "train"):  # a running train may have read these views
        with release.directory_lock(directory):
            hashed = reader_hash(user, read_key(directory))
            write_forgotten(directory, {*read_forgotten(directory), hashed})
        report = forget_reader(directory, hashed, settings.config.versions)
    path = settings.increments() or directory / "increments"
    if (path / "manifest.json").exists():
        with release.command_lock(path, "count"):
            report["increments"] = increments.forget(path, hashed)
    output.print_result(report, json=json)
