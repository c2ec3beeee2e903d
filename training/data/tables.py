"""From staged rows to a site's articles and views."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np

from recommender.blocks import BLOCKS
from training.config import ArticlesConfig
from training.data.stage import StagedRows
from training.data.views import ViewTable
from training.errors import DataError
from training.records import HOUR, NEVER, Articles, Flag, Traffic

BEFORE, AFTER = "counted before, or too late", "not yet to be counted"
"""Reasons why views outside of the wanted time are left out."""

_TRUE: Final = "'true', 'yes', 'y', '1'"
_FLAGS: Final = {
    "withdrawn": Flag.WITHDRAWN,
    "sponsored": Flag.SPONSORED,
    "paywalled": Flag.PAYWALLED,
}
_CONTROL: Final = r"\p{Cc}"
_CONTROL_BUT_SPACE: Final = r"[^\P{Cc}\t\n\r]"
_CLEANED: Final = {
    "title": _CONTROL,
    "body": _CONTROL_BUT_SPACE,
    "section": _CONTROL,
    "tags": _CONTROL,
    "url": _CONTROL,
    "language": _CONTROL,
}

MAX_STRANGERS: Final = 10
"""Ids of unknown articles that are kept as examples."""

_READ_TIME: Final = "CASE WHEN {0} BETWEEN 0 AND 1e9 THEN least({0}, 3600) END".format(
    "try_cast(s.read_time AS DOUBLE)"
)
"""Seconds on the page, at most an hour; any other text is no read time."""

_BLOCK: Final = f"nullif(list_position({list(BLOCKS)}, lower(trim(s.referrer_block))), 0) - 1"
"""The block that led to a view, by its place in `BLOCKS`; any other word names none."""

_SLOT: Final = "CASE WHEN {0} BETWEEN 1 AND 100 AND {0} = floor({0}) THEN {0} END".format(
    "try_cast(s.referrer_slot AS DOUBLE)"
)


def viewed_ids(connection: duckdb.DuckDBPyConnection, views: StagedRows) -> list[str]:
    """Return the ids in the good rows of the views, ascending."""
    found = connection.sql(f"SELECT DISTINCT article FROM {views.table} WHERE reason IS NULL")
    return sorted(article for (article,) in found.fetchall())


def articles_of(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, config: ArticlesConfig
) -> Articles:
    """Return the articles of the good rows, the last row of each id, ascending by id.

    Raises
    ------
    DataError
        If an id stands in two rows and `articles.duplicates` is `error`.
    """
    good = f"FROM {staged.table} WHERE reason IS NULL"
    if config.duplicates == "error":
        _refuse_duplicates(connection, staged)
    texts = ", ".join(
        f"coalesce(CASE WHEN regexp_matches({field}, '{control}') "
        f"THEN regexp_replace({field}, '{control}', ' ', 'g') ELSE {field} END, '') AS {field}"
        for field, control in _CLEANED.items()
    )
    flags = " | ".join(
        f"CASE WHEN lower(trim({flag})) IN ({_TRUE}) THEN {bit:d} ELSE 0 END"
        for flag, bit in _FLAGS.items()
    )
    kept = "".join(f"kept_{at}, " for at in range(len(config.keep)))
    rows = connection.sql(
        f"SELECT id, {texts}, {kept}coalesce(time, {NEVER}) AS published, {flags} AS flags {good} "
        f"AND rowid IN (SELECT max(rowid) {good} GROUP BY id) ORDER BY id"
    ).fetchnumpy()
    text = {field: rows[field].tolist() for field in ("id", *_CLEANED)}
    tags = {written: split_tags(written) for written in set(text["tags"])}
    evergreen_tags = {tag.casefold() for tag in config.evergreen}
    lasting = {
        written
        for written, apart in tags.items()
        if not evergreen_tags.isdisjoint(map(str.casefold, apart))
    }
    evergreen = np.array([written in lasting for written in text["tags"]], np.bool_)
    lines = {written: "\n".join(apart) for written, apart in tags.items()}
    text["tags"] = [lines[written] for written in text["tags"]]
    languages = {written: primary_subtag(written) for written in set(text["language"])}
    text["language"] = [languages[written] for written in text["language"]]
    return Articles(
        **text,
        extra=_extras(config.keep, rows),
        published=rows["published"].astype(np.int64),
        flags=(rows["flags"] | np.where(evergreen, Flag.EVERGREEN, 0)).astype(np.uint8),
    )


def _extras(keep: Sequence[str], rows: Mapping[str, Any]) -> list[str]:
    """Return the other kept fields of each article as JSON; `""` where there are none."""
    if not keep:
        return [""] * len(rows["id"])
    columns = (rows[f"kept_{at}"].tolist() for at in range(len(keep)))
    found = zip(*columns, strict=True)
    extras = (
        {n: v for n, v in zip(keep, values, strict=True) if v is not None} for values in found
    )
    return [json.dumps(kept, ensure_ascii=False) if kept else "" for kept in extras]


def primary_subtag(language: str) -> str:
    """Return the primary subtag of a language tag (RFC 5646), in lower case.

    Examples
    --------
    >>> primary_subtag("en-GB"), primary_subtag(" PT_br ")
    ('en', 'pt')
    """
    return re.split("[-_]", language.strip().lower())[0]


def split_tags(text: str) -> list[str]:
    """Split tags: a list (JSON, `['a', 'b']` or `[1 2]`), or a text with `,` or `;`.

    Examples
    --------
    >>> split_tags('["New York, NY", 133]'), split_tags("a; b")
    (['New York, NY', '133'], ['a', 'b'])
    """
    if text.startswith("["):
        try:
            tags = [str(tag) for tag in json.loads(text) if tag is not None]
        except ValueError:
            inside = text.strip("[] ")
            tags = [tag.strip(" '\"") for tag in inside.split("," if "," in inside else None)]
    else:
        tags = re.split("[,;]", text)
    return [tag for tag in (" ".join(tag.split()) for tag in tags) if tag]


def _refuse_duplicates(connection: duckdb.DuckDBPyConnection, staged: StagedRows) -> None:
    twice = connection.sql(
        f"SELECT id, min(place), max(place), arg_max(file, place) FROM (SELECT id, file, "
        f"rowid + 1 AS place FROM {staged.table} WHERE reason IS NULL) "
        "GROUP BY id HAVING count(*) > 1 ORDER BY 2"
    ).fetchall()
    if twice:
        article, first, last, file = twice[0]
        others = len(twice) - 1
        also = f"; so are {others:,} other ids" if others > 1 else ""
        also = "; so is another id" if others == 1 else also
        raise DataError(
            f"{staged.inputs[file].path}: id {article!r} is in rows {first:,} and {last:,} of the "
            f'articles{also}; remove one row, or set articles.duplicates = "last"'
        )


class ViewFilter(NamedTuple):
    """The views that are wanted.

    Attributes
    ----------
    key : key of the readers' hashes.
    forgotten : hashes of readers whose views are left out.
    start, end : µs UTC: views outside of [start, end) are left out.
    """

    key: bytes
    forgotten: Sequence[int] = ()
    start: int = 0
    end: int = NEVER


def views_of(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    ids: Sequence[str],
    view_filter: ViewFilter,
) -> tuple[ViewTable, Traffic, dict[str, int]]:
    """Create the table of the views of known articles.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows, where the table `views` is created.
    staged : StagedRows
        The rows of the view files.
    ids : Sequence[str]
        Row → id of the known articles.
    view_filter : ViewFilter
        The views that are wanted.

    Returns
    -------
    Views, Traffic, dict
        The views, the traffic by the hour, and the number of views left out by reason.
    """
    outside = _left_outside(connection, staged, view_filter)
    rows: Mapping[str, object] = {
        "id": np.array(ids, dtype=object),
        "row": np.arange(len(ids), dtype=np.int32),
    }
    connection.register("known_rows", rows)
    connection.execute(
        "CREATE TEMP TABLE article_rows AS SELECT id::VARCHAR AS id, row FROM known_rows"
    )
    connection.unregister("known_rows")
    for name, column in (("readers", "user"), ("sessions", "session")):
        # Hashed once per distinct text: SHA-256 of every row would take longer than all else.
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT text, (('0x' || left(sha256($1 || text), 16))"
            "::UBIGINT::HUGEINT - 9223372036854775808)::BIGINT AS hash FROM "
            f'(SELECT DISTINCT "{column}" AS text FROM {staged.table} WHERE reason IS NULL '
            f'AND "{column}" IS NOT NULL)',
            [view_filter.key.hex()],
        )
    (unwanted,) = connection.execute(
        f'SELECT count(*) FROM {staged.table} JOIN readers ON "user" = text WHERE reason IS NULL '
        "AND list_contains($1::BIGINT[], hash)",
        [list(view_filter.forgotten)],
    ).fetchall()[0]
    connection.execute(
        f'DELETE FROM {staged.table} WHERE "user" IN (SELECT text FROM readers '
        "WHERE list_contains($1::BIGINT[], hash))",
        [list(view_filter.forgotten)],
    )
    named = connection.sql(
        f"SELECT DISTINCT trim(referrer_version) AS version FROM {staged.table} "
        "WHERE reason IS NULL AND referrer_version IS NOT NULL ORDER BY version"
    )
    versions = [version for (version,) in named.fetchall()]
    connection.execute(
        "CREATE TABLE views AS SELECT s.time, readers.hash AS reader, "
        "coalesce(sessions.hash, 0) AS session, article_rows.row AS article, "
        f"coalesce(max({_READ_TIME}), -1)::INTEGER AS read_time, "
        f"coalesce(max({_BLOCK}), -1)::INTEGER AS block, "
        f"coalesce(max({_SLOT}), -1)::INTEGER AS slot, "
        "coalesce(max(list_position($1::VARCHAR[], trim(s.referrer_version))), 0)::INTEGER - 1 "
        "AS version "
        f"FROM {staged.table} s JOIN article_rows ON s.article = article_rows.id "
        'JOIN readers ON s."user" = readers.text LEFT JOIN sessions ON s.session = sessions.text '
        "WHERE s.reason IS NULL GROUP BY ALL ORDER BY ALL",
        [versions],
    )
    by_hour = connection.sql(
        f"SELECT time - time % {HOUR} AS hour, count(*) AS views, count(*) - count(id) AS unknown "
        f"FROM {staged.table} LEFT JOIN article_rows ON article = id WHERE reason IS NULL "
        "GROUP BY hour ORDER BY hour"
    ).fetchnumpy()
    strangers = connection.sql(
        f"SELECT article, count(*) AS views FROM {staged.table} ANTI JOIN article_rows "
        "ON article = id WHERE reason IS NULL GROUP BY article "
        f"ORDER BY views DESC, article LIMIT {MAX_STRANGERS}"
    ).fetchall()
    hours = {name: np.asarray(by_hour[name], np.int64) for name in ("hour", "views", "unknown")}
    traffic = Traffic(**hours, strangers=dict(strangers))
    unknown = int(traffic.unknown.sum())
    count, start, newest = connection.sql(
        f"SELECT count(*), coalesce(min(time), {NEVER}), coalesce(max(time), -1) FROM views"
    ).fetchall()[0]
    left_out = {
        "unknown article": unknown,
        "exact duplicate": int(traffic.views.sum()) - unknown - count,
        "forgotten reader": unwanted,
        **outside,
    }
    for table in (staged.table, "article_rows", "readers", "sessions"):
        connection.execute(f"DROP TABLE {table}")
    return ViewTable(connection, "views", count, start, newest, versions), traffic, left_out


def _left_outside(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, view_filter: ViewFilter
) -> dict[str, int]:
    """Remove the views outside of the wanted time, and count them by reason."""
    if (view_filter.start, view_filter.end) == (0, NEVER):
        return {}
    early, late = f"time < {view_filter.start:d}", f"time >= {view_filter.end:d}"
    counts = connection.sql(
        f"SELECT count(*) FILTER ({early}), count(*) FILTER ({late}) FROM {staged.table} "
        "WHERE reason IS NULL"
    ).fetchall()[0]
    connection.execute(f"DELETE FROM {staged.table} WHERE {early} OR {late}")
    return dict(zip((BEFORE, AFTER), counts, strict=True))
