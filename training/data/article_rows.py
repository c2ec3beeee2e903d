"""From staged rows to a site's articles."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import ast
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from warnings import catch_warnings, simplefilter

import duckdb
import numpy as np

from training.config import ArticlesConfig
from training.data.flags import COLUMNS, UNKNOWN_SHIFT, FlagWords, flag_bits, flag_texts
from training.data.languages import language_of
from training.data.publication import NEWEST
from training.data.stage import StagedRows
from training.errors import DataError
from training.markup import names_in, visible_line, visible_name, visible_value
from training.records import NEVER, Articles, Flag

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
