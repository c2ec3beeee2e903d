"""Find files of views on any file system that Spark reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.config import Config
from training.data.files import format_by_name
from training.data.formats import ENDINGS
from training.data.partitions import as_glob, is_partitioned, overlapping
from training.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SparkFiles:
    """Files of views of one format, and their total size in bytes."""

    paths: Sequence[str]
    format: str
    bytes: int


def find(
    spark: "SparkSession", paths: Sequence[str], config: Config, start: int, end: int
) -> SparkFiles:
    """Find files of views on any file system that Spark reads; use only partitions of [start, end).

    Raises
    ------
    DataError
        If a path matches nothing, or if the files have several formats or a compression that Spark
        does not read.
    """
    sizes: dict[str, int] = {}
    for path in paths:
        sizes |= _list_files(spark, path, config.views.format, start, end)
    formats = {_format_of(file, config.views.format) for file in sizes}
    if len(formats) > 1:
        raise DataError(
            f"{paths[0]}: files of several formats ({', '.join(sorted(formats))}); count one at a "
            "time"
        )
    for file in sizes:
        if file.endswith((".xz", ".zst")):
            raise DataError(
                f"{file}: Spark does not read this compression; write it as .gz or Parquet"
            )
    return SparkFiles(sorted(sizes), min(formats, default="parquet"), sum(sizes.values()))


def _format_of(file: str, named: str) -> str:
    """Return the key of a file's format, by the setting or by its name alone."""
    by_name = format_by_name(file)
    key = named if named != "auto" else by_name.key if by_name else ""
    if not key:
        raise DataError(f"{file}: its name does not show the format; set views.format")
    return key


def _list_files(
    spark: "SparkSession", path: str, named: str, start: int, end: int
) -> dict[str, int]:
    """List the files of a path, with their sizes."""
    jvm: Any = spark.sparkContext._jvm  # noqa: SLF001 - Hadoop lists what Spark reads
    hadoop: Any = spark.sparkContext._jsc  # noqa: SLF001
    place = jvm.org.apache.hadoop.fs.Path(as_glob(path))
    system = place.getFileSystem(hadoop.hadoopConfiguration())
    matches = {str(status.getPath()): status for status in system.globStatus(place) or ()}
    if not matches:
        raise DataError(f"{path}: matches no file that Spark can see; check the path")
    kept = overlapping(path, list(matches), start, end) if is_partitioned(path) else matches
    sizes = {}
    for name in kept:
        if matches[name].isFile():
            sizes[name] = int(matches[name].getLen())
            continue
        inside = system.listFiles(matches[name].getPath(), True)
        while inside.hasNext():
            status = inside.next()
            file = str(status.getPath())
            if _is_data(file.removeprefix(name), named):
                sizes[file] = int(status.getLen())
    return sizes


def _is_data(inside: str, named: str) -> bool:
    if any(part.startswith((".", "_")) for part in inside.split("/") if part):
        return False
    bare = inside.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".xz")
    return named != "auto" or bare.endswith(ENDINGS)
