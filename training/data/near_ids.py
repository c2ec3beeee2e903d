"""Views that write an article's id otherwise: in another case, in braces, or as `7.0` for `7`."""

# The SQL here is put together from our own names.
# ruff: noqa: S608

from collections.abc import Collection

import duckdb
import numpy as np

from training.data.stage import StagedRows

_FOLDED = "regexp_replace(lower(trim({0}, ' {{}}')), '[.]0$', '')"


def fold_id(text: str) -> str:
    """Return an id without what programs change when they pass it on.

    Examples
    --------
    >>> fold_id("{434D254A-9DBD}"), fold_id("7.0"), fold_id(" a1 ")
    ('434d254a-9dbd', '7', 'a1')
    """
    return text.strip(" {}").lower().removesuffix(".0")


def match_ids(
    connection: duckdb.DuckDBPyConnection, views: StagedRows, ids: Collection[str]
) -> None:
    """Replace ids of no article in the views by the one id that differs in its writing alone.

    An id that two articles could mean stays as it is.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows.
    views : StagedRows
        The rows of the view files.
    ids : collection of str
        Ids of the articles.
    """
    connection.register("known_ids", {"id": np.array([*ids], dtype=object)})
    connection.execute("CREATE TEMP TABLE ids AS SELECT id::VARCHAR AS id FROM known_ids")
    connection.unregister("known_ids")
    connection.execute(
        f"CREATE TEMP TABLE strange_ids AS SELECT DISTINCT article AS text FROM {views.table} "
        "ANTI JOIN ids ON article = id WHERE reason IS NULL"
    )
    connection.execute(
        f"CREATE TEMP TABLE found_ids AS WITH folded AS (SELECT {_FOLDED.format('id')} AS form, "
        "min(id) AS id FROM ids GROUP BY form HAVING count(*) = 1) SELECT text, id FROM "
        f"strange_ids JOIN folded ON {_FOLDED.format('text')} = form"
    )
    connection.execute(
        f"UPDATE {views.table} AS v SET article = id FROM found_ids WHERE v.article = text "
        "AND reason IS NULL"
    )
    connection.execute("DROP TABLE ids; DROP TABLE strange_ids; DROP TABLE found_ids")


def shared_ids(views: Collection[str], articles: Collection[str]) -> int:
    """Return how many different ids of the views are articles, written otherwise or not."""
    exact = len({*views} & {*articles})
    return exact or len({*map(fold_id, views)} & {*map(fold_id, articles)})
