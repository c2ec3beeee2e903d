"""Increments: a job that counts a site's views into a store, on this machine or on Spark."""

from training.config import Config
from training.errors import UsageError
from training.increments.forgetting import forget
from training.increments.job import Engine, Job, run
from training.increments.local import Local

__all__ = ["Engine", "Job", "engine_of", "forget", "run"]


def engine_of(config: Config, named: str | None = None) -> Engine:
    """Give the engine of a name, by default that of the config.

    Raises
    ------
    UsageError
        If there is none of that name, or what it needs is not installed.
    """
    name = named or config.readers.engine
    if name == "duckdb":
        return Local()
    if name == "spark":
        from training.increments.spark import Spark  # needs what not everybody has

        return Spark()
    raise UsageError(f"no engine is called {name}; there are duckdb, spark")
