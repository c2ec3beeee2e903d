"""The counting job on a Spark session: from files in a lake to the tables of a part."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from training.data import moment_after, read_site
from training.errors import DataError
from training.extras import require_extra
from training.increments.job import CountedWindow, CountJob
from training.increments.spark.files import find
from training.increments.spark.formats import stage
from training.increments.spark.rows import (
    check_share,
    count_rows,
    navigation_views,
    row_status,
    viewed_ids,
    window_views,
)
from training.increments.spark.session import session
from training.increments.tables import write_rows
from training.progress import Stages
from training.readers import (
    INCREMENT_TABLES,
    OPEN_SESSION_TABLES,
    IncrementStore,
    StorePart,
    limits,
    order_columns,
    query,
    stored_ids,
    table_columns,
)
from training.records import NEVER, Articles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class SparkEngine:
    """Spark: the active session, or a new one that ends with the job."""

    def __init__(self) -> None:
        require_extra("spark", "the engine spark")

    def count(
        self, job: CountJob, store: IncrementStore, folder: Path, stages: Stages
    ) -> CountedWindow:
        """Count the views from a store's end on; see `job.CountEngine`.

        The driver and all workers must see the store's folder under the same path.
        """
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        log = store.path / "spark.log"
        try:
            with ExitStack() as stack:
                with stages("start"):
                    spark = stack.enter_context(session(job.config.spark, log))
                return _count(spark, job, store, folder.absolute(), stages)
        except (PySparkException, Py4JError) as error:
            first = next(filter(None, map(str.strip, str(error).splitlines())), "no reason given")
            raise DataError(f"Spark failed: {first}; its log is {log}") from None


def _count(
    spark: "SparkSession", job: CountJob, store: IncrementStore, folder: Path, stages: Stages
) -> CountedWindow:
    config, start = job.config, store.end
    limit = NEVER if job.now is None else job.now
    with ExitStack() as stack:
        with stages("read"):
            files = find(spark, job.views, config, start, limit)
            staged = stage(spark, files, config)
            rows = stack.enter_context(_on_disk(row_status(staged, job, start, limit)))
            articles, ids = _articles(job, store, rows)
            file = folder / "known.parquet"
            write_rows(file, ids)
            known = spark.read.parquet(file.as_uri())
            found = count_rows(rows, known)
            quarantine = check_share(rows, found, config)
            end = moment_after(found.newest, articles) if job.now is None else job.now
        views = 0
        if end > start:
            with stages("count") as note:
                seen = stack.enter_context(_on_disk(window_views(rows, known, end)))
                seen.createOrReplaceTempView("window_views")
                navigation_views(rows, end).createOrReplaceTempView("navigation")
                views = seen.count()
                _register_tables(spark, job, store, end)
                collapsed = stack.enter_context(_on_disk(spark.sql(query("collapsed"))))
                collapsed.createOrReplaceTempView("collapsed")
                for name in (*INCREMENT_TABLES, *OPEN_SESSION_TABLES):
                    note(name)
                    table = spark.sql(query(name)).sortWithinPartitions(*order_columns(name))
                    table.write.parquet((folder / name).as_uri())
    file.unlink()
    duplicates = {"exact duplicate": found.good - views}
    return CountedWindow(
        end=end,
        new_ids=ids[store.articles :],
        traffic=found.traffic,
        views=views,
        first=found.first,
        newest=min(found.newest, end - 1),
        read=found.read,
        left_out={**found.reasons, **found.left_out, **duplicates},
        files=len(files.paths),
        bytes=files.bytes,
        quarantine=quarantine,
    )


def _articles(
    job: CountJob, store: IncrementStore, rows: "DataFrame"
) -> tuple[Articles, Sequence[str]]:
    """Return the site's articles, and all ids by row: known ids, then new ids, ascending."""
    known = stored_ids(store)
    if job.articles:
        site = read_site(job.config, job.articles, (), key=job.key, known=known)
        return site.articles, site.ids
    new = sorted({*viewed_ids(rows)} - {*known})
    return Articles.empty(), [*known, *new]


@contextmanager
def _on_disk(frame: "DataFrame") -> Iterator["DataFrame"]:
    """Cache a frame on the workers' disks until the `with` block ends."""
    from pyspark import StorageLevel

    kept = frame.persist(StorageLevel.DISK_ONLY)
    try:
        yield kept
    finally:
        kept.unpersist()


def _register_tables(spark: "SparkSession", job: CountJob, store: IncrementStore, end: int) -> None:
    """Register the tables that the SQL queries read in addition to the window's views."""
    last = store.part_ending_at(store.end)
    for name in OPEN_SESSION_TABLES:
        _open_session_table(spark, store, last, name).createOrReplaceTempView(name)
    values = limits(end, job.config.sessions, job.config.readers)
    columns = ", ".join(f"CAST({number} AS BIGINT) AS {name}" for name, number in values.items())
    spark.sql(f"SELECT {columns}").createOrReplaceTempView("limits")


def _open_session_table(
    spark: "SparkSession", store: IncrementStore, part: StorePart | None, name: str
) -> "DataFrame":
    """Return an open-sessions table of the last part; empty if there is no part."""
    files = [] if part is None else store.files(name, part)
    if files:
        return spark.read.parquet(*(Path(file).absolute().as_uri() for file in files))
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in table_columns(name))
    return spark.sql(f"SELECT {nothing} WHERE false")
