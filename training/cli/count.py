"""`ymal count`: views into increments, which other commands take in their place."""

from training import release
from training.cli import counting, options, output
from training.cli.inputs import InputPaths
from training.cli.times import read_moment
from training.config import load
from training.errors import UsageError
from training.increments import engine_of
from training.progress import Stages


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
    """Count the views that came since the last time, on this machine or on Spark."""
    settings = load(config)
    if not settings.views(views or ()):
        raise UsageError("no views to count: give --views, or set paths.views")
    directory = settings.artifacts(artifacts)
    moment = read_moment(now) if now is not None else None
    made = engine_of(settings.config, engine)
    release.check_writable(directory)
    with output.progress(quiet=quiet) as tell:
        inputs = InputPaths(articles, views, increments)
        told = counting.count(settings, inputs, directory, made, moment, Stages(tell))
    output.result(told, json=json)
