"""Counting views into increments, for a command."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from training import increments, release
from training.cli.inputs import InputPaths, quarantining
from training.config import Settings
from training.data import read_forgotten, read_key, write_quarantine
from training.errors import OutputError
from training.progress import Stages
from training.storage import make_directory


def count(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: increments.CountEngine,
    now: int | None,
    stages: Stages,
) -> dict[str, Any]:
    """Count what came since the last time, and say what was done.

    The increments go where `inputs` or the config say, else into the artifacts directory.
    """
    path = settings.increments(inputs.increments) or directory / "increments"
    try:
        make_directory(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made ({error.strerror}); name another") from None
    with release.directory_lock(directory):
        key = read_key(directory)
    with release.command_lock(path, "count"), quarantining(directory):
        job = increments.CountJob(
            config=settings.config,
            articles=settings.articles(inputs.articles or ()),
            views=settings.views(inputs.views or ()),
            path=path,
            key=key,
            forgotten=read_forgotten(directory),
            now=now,
        )
        told, bad = increments.run_job(job, engine, stages)
    with release.directory_lock(directory):
        write_quarantine(directory / "quarantine.jsonl", bad)
    return told


def counted_first(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: str | None,
    now: int | None,
    stages: Stages,
) -> InputPaths:
    """Where Spark is to count views, let it, and give what is to be read in their place."""
    if inputs.increments or (settings.increments() and not inputs.views):
        return inputs
    if (engine or settings.config.readers.engine) == "duckdb":
        return inputs
    made = increments.engine_of(settings.config, engine)
    count(settings, inputs, directory, made, now, stages)
    path = settings.increments() or directory / "increments"
    return replace(inputs, views=None, increments=path)
