"""Counting on Spark: the same SQL where the logs are, the same integers."""

from training.increments.spark.engine import Spark

__all__ = ["Spark"]
