"""From staged rows to a site's articles and views."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter

import duckdb
import numpy as np

from recommender.blocks import BLOCKS
from training.config import ArticlesConfig
from training.data.anonymous import find_shared, names_nobody
from training.data.events import OTHER_EVENT
from training.data.flags import COLUMNS, UNKNOWN_SHIFT, FlagWords, flag_bits, flag_texts
from training.data.languages import language_of
from training.data.navigation import NAVIGATION, count_navigation
from training.data.publication import NEWEST
from training.data.stage import StagedRows
from training.data.views import ViewTable
from training.errors import DataError
from training.markup import names_in, visible_line, visible_name, visible_value
from training.records import HOUR, NEVER, Anonymous, Articles, Flag, Traffic

BEFORE, AFTER = "counted before, or too late", "not yet to be counted"
"""Reasons why views outside of the wanted time are left out."""

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

_NUMPY_TEXTS: Final = re.compile(
    r"^\[\s*(?:'[^']*'|\"[^\"]*\")(?:\s+(?:'[^']*'|\"[^\"]*\"))+\s*\]$"
)
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")

MAX_UNKNOWN_IDS: Final = 10
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
    found = connection.sql(
        f"SELECT DISTINCT article FROM {views.table} WHERE reason IS NULL AND article IS NOT NULL"
    )
    return sorted(article for (article,) in found.fetchall())


class UnknownFlagRows(NamedTuple):
    """The articles with unknown values of a flag, as in `UnknownFlag`; `place` is a rowid."""

    column: str
    values: Sequence[str]
    place: int
    articles: Sequence[str]


def articles_of(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, config: ArticlesConfig
) -> tuple[Articles, list[UnknownFlagRows]]:
    """Return the published articles among the newest rows of each id, ascending by id.

    Returns
    -------
    Articles, list of UnknownFlagRows
        The articles; and the flags with values that are not understood, which are set there.
    """
    texts = ", ".join(
        f"coalesce(CASE WHEN regexp_matches({field}, '{control}') "
        f"THEN regexp_replace({field}, '{control}', ' ', 'g') ELSE {field} END, '') AS {field}"
        for field, control in _CLEANED.items()
    )
    words = FlagWords.of(config.true_values, config.false_values)
    columns = [column for column in COLUMNS if column in staged.kind.fields]
    flag_texts(connection, staged.table, columns, words)
    flags = " | ".join(map(flag_bits, columns))
    kept = "".join(f"kept_{at}, " for at in range(len(config.keep)))
    rows = connection.sql(
        f"SELECT id, {texts}, {kept}coalesce(time, {NEVER}) AS published, {flags} AS flags, "
        f"rowid AS place FROM {staged.table} "
        f"WHERE unpublished IS NULL AND rowid IN (FROM {NEWEST}) ORDER BY id"
    ).fetchnumpy()
    text = {field: rows[field].tolist() for field in ("id", *_CLEANED)}
    text["title"] = [visible_name(title) for title in text["title"]]
    text["url"] = [url.replace("&amp;", "&") for url in text["url"]]
    sections = {cell: visible_name(cell) for cell in set(text["section"])}
    text["section"] = [sections[cell] for cell in text["section"]]
    tags = {cell: split_tags(cell) for cell in set(text["tags"])}
    tags_of = config.evergreen if isinstance(config.evergreen, list) else []
    evergreen_tags = {tag.casefold() for tag in tags_of}
    is_evergreen = {
        cell: not evergreen_tags.isdisjoint(map(str.casefold, each)) for cell, each in tags.items()
    }
    evergreen = np.array([is_evergreen[cell] for cell in text["tags"]], np.bool_)
    lines = {cell: "\n".join(each) for cell, each in tags.items()}
    text["tags"] = [lines[cell] for cell in text["tags"]]
    languages = {cell: language_of(cell) for cell in set(text["language"])}
    text["language"] = [languages[cell] for cell in text["language"]]
    known = rows["flags"] & (1 << UNKNOWN_SHIFT) - 1
    articles = Articles(
        **text,
        extra=_extras(config.keep, rows),
        published=rows["published"].astype(np.int64),
        flags=(known | np.where(evergreen, Flag.EVERGREEN, 0)).astype(np.uint8),
    )
    odd = [_unknown_flag(connection, staged, column, rows) for column in columns]
    connection.execute("DROP TABLE flag_texts")
    return articles, [row for row in odd if row]


def _unknown_flag(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    column: str,
    rows: Mapping[str, Any],
) -> UnknownFlagRows | None:
    """Return the articles with an unknown value of a flag; None if all are in replaced rows."""
    at = np.flatnonzero(rows["flags"] >> UNKNOWN_SHIFT & COLUMNS[column])
    if not len(at):
        return None
    places = rows["place"][at].tolist()
    values = connection.execute(
        f"SELECT {column} FROM {staged.table} WHERE rowid IN (SELECT unnest($1::BIGINT[])) "
        f"GROUP BY {column} ORDER BY min(rowid)",
        [places],
    ).fetchall()
    ids = rows["id"][at].tolist()
    return UnknownFlagRows(column, [value for (value,) in values], min(places), ids)


def _extras(keep: Sequence[str], rows: Mapping[str, Any]) -> list[str]:
    """Return the other kept fields of each article as JSON; `""` where there are none."""
    if not keep:
        return [""] * len(rows["id"])
    columns = (rows[f"kept_{at}"].tolist() for at in range(len(keep)))
    found = zip(*columns, strict=True)
    extras = (
        {n: visible_value(v) for n, v in zip(keep, values, strict=True) if v is not None}
        for values in found
    )
    return [json.dumps(kept, ensure_ascii=False) if kept else "" for kept in extras]


def split_tags(text: str) -> list[str]:
    """Split tags: a list as JSON, Python or NumPy write it, or a text with `,` or `;`.

    Of an object the name counts, and lists may be nested; see `names_in`.

    Examples
    --------
    >>> split_tags('["New York, NY", 133]'), split_tags("a; b"), split_tags("['a' 'b']")
    (['New York, NY', '133'], ['a', 'b'], ['a', 'b'])
    """
    is_list = text.startswith(("[", "{"))
    found = _names_in_list(text) if is_list else re.split("[,;]", visible_line(text))
    return [name for name in map(visible_line, found) if name]


def _names_in_list(text: str) -> list[str]:
    with suppress(ValueError, RecursionError):
        return names_in(json.loads(text))
    if _NUMPY_TEXTS.search(text):
        return [first or second for first, second in _QUOTED.findall(text)]
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError), catch_warnings():
        simplefilter("ignore")  # a backslash in a tag
        return names_in(ast.literal_eval(text))
    inside = text.strip("[]{} ")
    return [tag.strip(" '\"") for tag in inside.split("," if "," in inside else None)]


def refuse_duplicates(connection: duckdb.DuckDBPyConnection, staged: StagedRows) -> None:
    """Check that no id stands in two rows.

    Raises
    ------
    DataError
        If one does.
    """
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
    """Which views to keep, and which of them have a reader.

    Attributes
    ----------
    key : key of the readers' hashes.
    forgotten : hashes of readers whose views are left out.
    shared : hashes of values that are those of many readers; None to look for such values.
    start, end : µs UTC: views outside of [start, end) are left out.
    """

    key: bytes
    forgotten: Sequence[int] = ()
    shared: Sequence[int] | None = ()
    start: int = 0
    end: int = NEVER


def views_of(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    ids: Sequence[str],
    view_filter: ViewFilter,
    no_reader: Sequence[str] = (),
) -> tuple[ViewTable, Traffic, Anonymous, dict[str, int]]:
    """Create the tables of the views of known articles, and of those of no article.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows, where `views` and `navigation_views` are created.
    staged : StagedRows
        The rows of the view files.
    ids : Sequence[str]
        Row → id of the known articles.
    view_filter : ViewFilter
        The views to keep.
    no_reader : Sequence[str]
        `views.no_reader`.

    Returns
    -------
    ViewTable, Traffic, Anonymous, dict
        The views, the traffic by the hour, the views without a reader, and the number of views left
        out by reason.
    """
    outside = _remove_outside(connection, staged, view_filter)
    rows: Mapping[str, object] = {
        "id": np.array(ids, dtype=object),
        "row": np.arange(len(ids), dtype=np.int32),
    }
    connection.register("known_rows", rows)
    connection.execute(
        "CREATE TEMP TABLE article_rows AS SELECT id::VARCHAR AS id, row FROM known_rows"
    )
    connection.unregister("known_rows")
    anonymous = _hash_readers(connection, staged, view_filter, no_reader)
    forgotten = _remove_forgotten(connection, staged, view_filter.forgotten)
    named = connection.sql(
        f"SELECT DISTINCT trim(referrer_version) AS version FROM {staged.table} "
        "WHERE reason IS NULL AND referrer_version IS NOT NULL ORDER BY version"
    )
    versions = [version for (version,) in named.fetchall()]
    # Equal views without a reader are several views, those of one reader are one.
    connection.execute(
        f"CREATE TABLE views AS SELECT s.time, {_READER} AS reader, "
        "coalesce(sessions.hash, 0) AS session, article_rows.row AS article, "
        f"coalesce(max({_READ_TIME}), -1)::INTEGER AS read_time, "
        f"coalesce(max({_BLOCK}), -1)::INTEGER AS block, "
        f"coalesce(max({_SLOT}), -1)::INTEGER AS slot, "
        "coalesce(max(list_position($1::VARCHAR[], trim(s.referrer_version))), 0)::INTEGER - 1 "
        "AS version, min(s.rowid) AS place "
        f"FROM {staged.table} s JOIN article_rows ON s.article = article_rows.id {_WITH_READERS} "
        f"WHERE s.reason IS NULL GROUP BY s.time, {_READER}, coalesce(sessions.hash, 0), "
        f"article_rows.row, CASE WHEN {_READER} IS NULL THEN s.rowid END ORDER BY s.time, place",
        [versions],
    )
    connection.execute(
        f"CREATE TABLE navigation_views AS SELECT DISTINCT s.time, {_READER} AS reader, "
        f"coalesce(sessions.hash, 0) AS session FROM {staged.table} s {_WITH_READERS} "
        f"WHERE s.reason IS NULL AND s.article IS NULL AND {_READER} IS NOT NULL ORDER BY ALL"
    )
    by_hour = connection.sql(
        f"SELECT time - time % {HOUR} AS hour, count(*) AS views, count(*) - count(id) AS unknown "
        f"FROM {staged.table} LEFT JOIN article_rows ON article = id "
        "WHERE reason IS NULL AND article IS NOT NULL GROUP BY hour ORDER BY hour"
    ).fetchnumpy()
    unknown_ids = connection.sql(
        f"SELECT article, count(*) AS views FROM {staged.table} ANTI JOIN article_rows "
        "ON article = id WHERE reason IS NULL AND article IS NOT NULL GROUP BY article "
        f"ORDER BY views DESC, article LIMIT {MAX_UNKNOWN_IDS}"
    ).fetchall()
    hours = {name: np.asarray(by_hour[name], np.int64) for name in ("hour", "views", "unknown")}
    traffic = Traffic(**hours, unknown_ids=dict(unknown_ids))
    unknown, navigation = int(traffic.unknown.sum()), count_navigation(connection, staged)
    count, start, newest, without_reader = connection.sql(
        f"SELECT count(*), coalesce(min(time), {NEVER}), coalesce(max(time), -1), "
        "count(*) - count(reader) FROM views"
    ).fetchall()[0]
    left_out = {
        "unknown article": unknown,
        "exact duplicate": int(traffic.views.sum()) - unknown - count,
        "forgotten reader": forgotten,
        NAVIGATION: navigation,
        **outside,
    }
    for table in (staged.table, "article_rows", "readers", "sessions"):
        connection.execute(f"DROP TABLE {table}")
    views = ViewTable(connection, "views", count, start, newest, versions, "navigation_views")
    return views, traffic, replace(anonymous, views=without_reader), left_out


_WITH_READERS: Final = (
    'LEFT JOIN readers ON s."user" = readers.text LEFT JOIN sessions ON s.session = sessions.text'
)
_READER: Final = "coalesce(readers.hash, sessions.hash)"


def _hash_readers(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedRows,
    view_filter: ViewFilter,
    no_reader: Sequence[str],
) -> Anonymous:
    """Create the tables `readers` and `sessions`, with the keyed hash of each text that names one.

    Each is hashed once: SHA-256 of every row would take longer than all else.
    """
    nobody = names_nobody("text", no_reader)
    for name, column in (("readers", "user"), ("sessions", "session")):
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT text, CASE WHEN NOT {nobody} THEN "
            "(('0x' || left(sha256($1 || text), 16))::UBIGINT::HUGEINT - 9223372036854775808)"
            f'::BIGINT END AS hash FROM (SELECT DISTINCT "{column}" AS text FROM {staged.table} '
            f'WHERE reason IS NULL AND "{column}" IS NOT NULL)',
            [view_filter.key.hex()],
        )
    shared = view_filter.shared
    if shared is None:
        found = connection.execute(
            "SELECT hash FROM readers WHERE hash IS NOT NULL AND "
            "list_contains($1::VARCHAR[], text) ORDER BY text",
            [find_shared(connection, staged.table)],
        ).fetchall()
        shared = [hashed for (hashed,) in found]
    if shared:
        connection.execute(
            "UPDATE readers SET hash = NULL WHERE list_contains($1::BIGINT[], hash)", [shared]
        )
    values = connection.sql(
        f"SELECT coalesce(\"user\", '') AS value, count(*) AS views FROM {staged.table} "
        'WHERE reason IS NULL AND ("user" IS NULL OR "user" IN '
        "(SELECT text FROM readers WHERE hash IS NULL)) GROUP BY value ORDER BY views DESC, value"
    ).fetchall()
    return Anonymous(values=dict(values), shared=shared)


def _remove_forgotten(
    connection: duckdb.DuckDBPyConnection, staged: StagedRows, forgotten: Sequence[int]
) -> int:
    """Remove the views of forgotten readers, and return their number."""
    if not forgotten:
        return 0
    connection.execute(
        f"CREATE TEMP TABLE forgotten AS SELECT s.rowid AS place FROM {staged.table} s "
        f"{_WITH_READERS} WHERE reason IS NULL AND list_contains($1::BIGINT[], {_READER})",
        [list(forgotten)],
    )
    (count,) = connection.sql("SELECT count(*) FROM forgotten").fetchall()[0]
    connection.execute(f"DELETE FROM {staged.table} WHERE rowid IN (SELECT place FROM forgotten)")
    connection.execute("DROP TABLE forgotten")
    return int(count)


def leave_out_other_events(
    connection: duckdb.DuckDBPyConnection, views: StagedRows
) -> Counter[str]:
    """Remove the rows that are no page views, by `views.only`; return their number by reason."""
    others = f"FROM {views.table} WHERE reason IS NULL AND unpublished IS NOT NULL"
    found = connection.sql(f"SELECT unpublished, count(*) {others} GROUP BY unpublished").fetchall()
    if found:
        connection.execute(f"DELETE {others}")
    return Counter({f"{OTHER_EVENT} ({column})": count for column, count in found})


def leave_out_unpublished(
    connection: duckdb.DuckDBPyConnection, views: StagedRows, unpublished: Sequence[str]
) -> int:
    """Remove the views of what is no published article, such as editors' previews; count them."""
    if not unpublished:
        return 0
    connection.register("unpublished_ids", {"id": np.array(unpublished, object)})
    of_drafts = "reason IS NULL AND article IN (SELECT id::VARCHAR FROM unpublished_ids)"
    (count,) = connection.sql(f"SELECT count(*) FROM {views.table} WHERE {of_drafts}").fetchall()[0]
    connection.execute(f"DELETE FROM {views.table} WHERE {of_drafts}")
    connection.unregister("unpublished_ids")
    return int(count)


def _remove_outside(
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
