"""Count views on an existing Spark session, for clusters with `spark-submit`.

    spark-submit --master … spark_increments.py --config ymal.toml --increments /shared/increments

The options are those of `ymal count`. The summary is JSON on stdout, after any output of Spark.
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
