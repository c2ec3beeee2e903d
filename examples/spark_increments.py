"""Counting on a session of Spark that is there already, for clusters that `spark-submit` runs.

    spark-submit --master … spark_increments.py --config ymal.toml --increments /shared/increments

The options are those of `ymal count`; what it says goes to stdout as JSON,
behind what Spark may say there.
"""

import sys

from pyspark.sql import SparkSession

from training.cli import run

if __name__ == "__main__":
    spark = SparkSession.builder.appName("ymal count").getOrCreate()
    try:
        code = run(["count", "--engine", "spark", "--json", *sys.argv[1:]])
    finally:
        spark.stop()
    sys.exit(code)
