"""Counting on Spark, where the logs are, by the same SQL to the same integers."""

from training.increments.spark.engine import SparkEngine

__all__ = [
    "SparkEngine",
]
