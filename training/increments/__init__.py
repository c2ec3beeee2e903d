"""Increments: a job that counts a site's views into a store, on this machine or on Spark."""

from training.config import Config
from training.errors import UsageError
from training.increments.forgetting import forget
from training.increments.job import CountEngine, CountJob, run_job
from training.increments.local import DuckDBEngine

__all__ = [
    "CountEngine",
    "CountJob",
    "engine_of",
    "forget",
    "run_job",
]


def engine_of(config: Config, named: str | None = None) -> CountEngine:
    """Give the engine of a name, by default that of the config.

    Raises
    ------
    UsageError
        If there is none of that name, or what it needs is not installed.
    """
    name = named or config.readers.engine
    if name == "duckdb":
        return DuckDBEngine()
    if name == "spark":
        from training.increments.spark import SparkEngine  # needs what not everybody has

        return SparkEngine()
    raise UsageError(f"no engine is called {name}; there are duckdb, spark")
