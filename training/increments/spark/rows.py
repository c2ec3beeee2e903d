"""The status of each row of a window, as `data` determines it on one machine."""

# The SQL is built only from our own names and from quoted literals.

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.blocks import BLOCKS
from training.config import Config
from training.data import TooManyBadRows
from training.data.anonymous import names_nobody
from training.data.navigation import NAVIGATION
from training.data.stage import MAX_QUARANTINED
from training.data.view_rows import AFTER, BEFORE, MAX_UNKNOWN_IDS
from training.increments.job import CountJob
from training.increments.spark.formats import quote
from training.increments.spark.times import number
from training.records import HOUR, QuarantinedRow, Traffic, quantity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_UNKNOWN: Final = "unknown article"
_FORGOTTEN: Final = "forgotten reader"
_GOOD: Final = ""
_BLOCKS: Final = ", ".join(f"'{key}'" for key in BLOCKS)
_BLOCK: Final = f"nullif(array_position(array({_BLOCKS}), lower(trim(referrer_block))), 0) - 1"
_SECONDS: Final = f"({number('read_time')})"
_READ_TIME: Final = f"CASE WHEN {_SECONDS} BETWEEN 0 AND 1e9 THEN least({_SECONDS}, 3600) END"
_HASH: Final = (
    "CAST(CAST(conv(left(sha2(concat('{key}', {text}), 256), 16), 16, 10) AS DECIMAL(20, 0)) "
    "- 9223372036854775808 AS BIGINT)"
)
"""The hash of `data.view_rows` and `data.forgotten`; keys are hexadecimal digits."""


@dataclass(frozen=True)
class RowStatusCounts:
    """The rows of a window by status.

    Attributes
    ----------
    traffic : usable rows by the hour.
    reasons : number of bad rows, by reason.
    left_out : number of good rows that are not used, by reason.
    read : number of all rows.
    good : number of rows of known articles, including exact duplicates.
    first, newest : times of the first and last good row, µs UTC; 0 and -1 if there are none.
    """

    traffic: Traffic
    reasons: Counter[str]
    left_out: Counter[str]
    read: int
    good: int
    first: int
    newest: int


def row_status(staged: "DataFrame", job: CountJob, start: int, end: int) -> "DataFrame":
    """Hash readers and sessions, and add the status of each row.

    Returns
    -------
    DataFrame
        `id`, `time`, `reader`, `session`, `read_time` and `block` as in `ViewRows` (NULL if
        absent), `place` (ascending in each part of a file), `status` (why a row is not used; empty
        if it is used), `bad` (whether it can never be used), and for a bad row its `file` and the
        value `found`.
    """

    def hashed(text: str) -> str:
        nobody = names_nobody(text, job.config.views.no_reader, quote, "regexp_like")
        return f"CASE WHEN NOT {nobody} THEN {_HASH.format(key=job.key.hex(), text=text)} END"

    user, session = hashed("user"), hashed("session")
    listed, shared = (", ".join(map(str, ids)) or "NULL" for ids in (job.forgotten, job.shared))
    named = f"CASE WHEN {user} IN ({shared}) THEN NULL ELSE {user} END"
    return staged.selectExpr(
        "article AS id",
        "time",
        f"coalesce({named}, {session}) AS reader",
        f"coalesce({session}, 0) AS session",
        "place",
        f"{_READ_TIME} AS read_time",
        f"{_BLOCK} AS block",
        "reason",
        "CASE WHEN reason IS NOT NULL THEN file END AS file",
        "found",
    ).selectExpr(
        "* EXCEPT (reason)",
        f"CASE WHEN reason IS NOT NULL THEN reason WHEN time < {start} THEN '{BEFORE}' "
        f"WHEN time >= {end} THEN '{AFTER}' WHEN reader IN ({listed}) THEN '{_FORGOTTEN}' "
        f"WHEN id IS NULL THEN '{NAVIGATION}' "
        f"ELSE '{_GOOD}' END AS status",
        "reason IS NOT NULL AS bad",
    )


def count_rows(rows: "DataFrame", known: "DataFrame") -> RowStatusCounts:
    """Count the rows by status, in one pass; `known` has `id` and `row`."""
    from pyspark.sql.functions import broadcast

    status = f"CASE WHEN status = '{_GOOD}' AND row IS NULL THEN '{_UNKNOWN}' ELSE status END"
    counts = (
        rows.join(broadcast(known), "id", "left")
        .selectExpr(f"{status} AS what", "bad", "time")
        .selectExpr(
            "what",
            "bad",
            f"CASE WHEN what IN ('{_GOOD}', '{_UNKNOWN}') THEN time - time % {HOUR} END AS hour",
            "time",
        )
    )
    counts.createOrReplaceTempView("row_statuses")
    counted = counts.sparkSession.sql(
        "SELECT what, bad, hour, COUNT(*) AS n, MIN(time) AS first, MAX(time) AS newest "
        "FROM row_statuses GROUP BY what, bad, hour"
    ).collect()
    reasons, left_out = Counter[str](), Counter[str]()
    by_hour: dict[int, list[int]] = {}
    for row in counted:
        if row.bad:
            reasons[row.what] += row.n
        elif row.what != _GOOD:
            left_out[row.what] += row.n
        if row.hour is not None:
            views = by_hour.setdefault(row.hour, [0, 0])
            views[0] += row.n
            views[1] += row.n * (row.what == _UNKNOWN)
    hours = np.array([(hour, *views) for hour, views in sorted(by_hour.items())], np.int64)
    hour, views_, unknown = hours.reshape(-1, 3).T.copy()
    unknown_ids = _unknown_ids(rows, known) if left_out[_UNKNOWN] else {}
    good = [row for row in counted if row.what == _GOOD and not row.bad]
    return RowStatusCounts(
        traffic=Traffic(hour, views_, unknown, unknown_ids),
        reasons=reasons,
        left_out=left_out,
        read=sum(row.n for row in counted),
        good=sum(row.n for row in good),
        first=min((row.first for row in good), default=0),
        newest=max((row.newest for row in good), default=-1),
    )


def _unknown_ids(rows: "DataFrame", known: "DataFrame") -> dict[str, int]:
    from pyspark.sql.functions import broadcast, col

    unknown = rows.filter(f"status = '{_GOOD}'").join(broadcast(known), "id", "left_anti")
    top = unknown.groupBy("id").count().orderBy(col("count").desc(), "id").limit(MAX_UNKNOWN_IDS)
    return {row["id"]: row["count"] for row in top.collect()}


def check_share(rows: "DataFrame", found: RowStatusCounts, config: Config) -> list[QuarantinedRow]:
    """Return up to a thousand rows that cannot be used, in no particular order.

    Raises
    ------
    TooManyBadRows
        If their share exceeds `data.max_bad_share`.
    """
    bad = found.reasons.total()
    if not bad:
        return []
    kept = rows.filter("bad").select("file", "status", "found").limit(MAX_QUARANTINED).collect()
    quarantine = [QuarantinedRow(row.file, 0, row.status, row.found or "") for row in kept]
    max_share = config.data.max_bad_share
    if bad > max_share * found.read:
        reason = max(sorted(found.reasons), key=found.reasons.__getitem__)
        example = next((row for row in quarantine if row.reason == reason), quarantine[0])
        raise TooManyBadRows(
            f"{example.file} {example.value!r}: {example.reason}; in all {bad:,} of "
            f"{quantity(found.read, 'row')} of the views ({bad / found.read:.1%}) cannot be used, "
            f"data.max_bad_share is {max_share:.1%}; check [views]",
            quarantine,
        )
    return quarantine


def viewed_ids(rows: "DataFrame") -> list[str]:
    """Return the ids in the good rows, in no particular order."""
    return [row["id"] for row in rows.filter("NOT bad").select("id").distinct().collect()]


def window_views(rows: "DataFrame", known: "DataFrame", end: int) -> "DataFrame":
    """Return the SQL's table `window_views`: no exact duplicates, and articles by row."""
    from pyspark.sql.functions import broadcast

    return (
        rows.filter(f"status = '{_GOOD}' AND time < {end}")
        .join(broadcast(known), "id")
        # Equal views without a reader are several views, those of one reader are one.
        .selectExpr("*", "CASE WHEN reader IS NULL THEN place END AS itself")
        .groupBy("time", "reader", "session", "row", "itself")
        .agg({"read_time": "max", "block": "max", "place": "min"})
        .selectExpr(
            "time",
            "reader",
            "session",
            "row AS article",
            "CAST(rint(coalesce(`max(read_time)`, -1)) AS INT) AS read_time",
            "CAST(coalesce(`max(block)`, -1) AS INT) AS block",
            "`min(place)` AS place",
        )
    )


def navigation_views(rows: "DataFrame", end: int) -> "DataFrame":
    """Return the SQL's table `navigation`: views of no article by a reader."""
    found = rows.filter(f"status = '{NAVIGATION}' AND time < {end} AND reader IS NOT NULL")
    return found.select("time", "reader", "session").distinct()
