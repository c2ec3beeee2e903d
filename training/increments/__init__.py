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
    """Return the engine with a name; by default the configured one.

    Raises
    ------
    UsageError
        If there is no such engine, or if its extra is not installed.
    """
    name = named or config.readers.engine
    if name == "duckdb":
        return DuckDBEngine()
    if name == "spark":
        from training.increments.spark import SparkEngine  # needs the `spark` extra

        return SparkEngine()
    raise UsageError(f"there is no engine {name!r}; use duckdb or spark")
