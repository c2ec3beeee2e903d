"""`ymal count`: aggregate views to increments, which other commands read instead of views."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from training import increments as increments_store
from training import release
from training.cli import options, output
from training.cli.inputs import InputPaths, known_addresses, save_rejected_rows
from training.cli.times import read_moment
from training.config import Settings, load
from training.data import read_forgotten, read_key, read_shared, write_quarantine
from training.errors import OutputError, UsageError
from training.progress import Stages
from training.storage import make_directory


def count(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    increments: options.Increments = None,
    artifacts: options.Artifacts = None,
    engine: options.Engine = None,
    now: options.Now = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Count the views since the last count into increments.

    It runs on this machine or on Spark. Other commands read the increments instead of views.
    """
    settings = load(config)
    if not settings.views(views or ()):
        raise UsageError("no views to count; give --views, or set paths.views")
    directory = settings.artifacts(artifacts)
    moment = read_moment(now) if now is not None else None
    counter = increments_store.engine_of(settings.config, engine)
    release.check_writable(directory)
    with output.show_progress(quiet=quiet) as show:
        inputs = InputPaths(articles, views, increments)
        summary = count_views(settings, inputs, directory, counter, moment, Stages(show))
    output.print_result(summary, json=json)


def count_views(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: increments_store.CountEngine,
    now: int | None,
    stages: Stages,
) -> dict[str, Any]:
    """Count the views since the last count, and return a summary.

    The increments go to the folder in `inputs`, else to the configured one, else to the artifacts
    directory.
    """
    path = settings.increments(inputs.increments) or directory / "increments"
    try:
        make_directory(path)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be created ({error.strerror}); name another folder by --increments"
        ) from None
    with release.directory_lock(directory):
        key = read_key(directory)
    with release.command_lock(path, "count"), save_rejected_rows(directory):
        job = increments_store.CountJob(
            config=settings.config,
            articles=settings.articles(inputs.articles or ()),
            views=settings.views(inputs.views or ()),
            path=path,
            key=key,
            forgotten=read_forgotten(directory),
            shared=read_shared(directory),
            known_urls=known_addresses(settings, directory),
            now=now,
        )
        summary, bad = increments_store.run_job(job, engine, stages)
    with release.directory_lock(directory):
        write_quarantine(directory / "quarantine.jsonl", bad)
    return summary


def count_on_spark(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: str | None,
    now: int | None,
    stages: Stages,
) -> InputPaths:
    """Count new views if the engine is Spark, and return the inputs to read instead of views."""
    if inputs.increments or (settings.increments() and not inputs.views):
        return inputs
    if (engine or settings.config.readers.engine) == "duckdb":
        return inputs
    counter = increments_store.engine_of(settings.config, engine)
    count_views(settings, inputs, directory, counter, now, stages)
    path = settings.increments() or directory / "increments"
    return replace(inputs, views=None, increments=path)
