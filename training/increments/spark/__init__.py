"""Count on Spark, close to the logs, with the same SQL and the same integer results."""

from training.increments.spark.engine import SparkEngine

__all__ = [
    "SparkEngine",
]
