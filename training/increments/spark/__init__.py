"""Counting on Spark: the same SQL where the logs are, the same integers."""

from training.increments.spark.engine import SparkEngine

__all__ = [
    "SparkEngine",
]
