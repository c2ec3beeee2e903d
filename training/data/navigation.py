"""Views of pages that lead to articles: front and section pages, indexes, lists of a tag.

They tell what a reader did, but are of no article; they are counted apart, and are no sign of
missing articles.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

from collections.abc import Collection, Sequence
from typing import Final

import duckdb
import numpy as np

from training.data.addresses import exact_address
from training.data.stage import StagedRows

NAVIGATION: Final = "front or section page"
"""The reason why such a view is left out."""

_INDEXES: Final = (
    "^/((index|default|home)([.][a-z]+)?|home|front|frontpage|forside|startseite|accueil|portada|"
    "search|suche|latest|newest|(tag|tags|topic|topics|category|categories|kategorie|section|"
    "sections|author|authors|autor|archive|archives|page)/.*)?$"
)
"""Paths that lists of articles have."""

_MAX_DEPTH: Final = 4


def mark_navigation(
    connection: duckdb.DuckDBPyConnection,
    views: StagedRows,
    ids: Collection[str],
    urls: Collection[str],
    sections: Collection[str],
    keys: Sequence[str],
) -> None:
    """Take the article from views of no article whose path is one of a list of articles.

    Such a path is `/`, an index (`/tag/sea`), the name of a section, or the beginning of the paths
    of articles: `/sport` where an article is `/sport/2026/cup`.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows; addresses of articles are ids already.
    views : StagedRows
        The rows of the view files.
    ids : collection of str
        Ids of the articles.
    urls : collection of str
        Their addresses.
    sections : collection of str
        Their sections.
    keys : sequence of str
        As for `addresses.exact_address`.
    """
    for name, texts in (("known_urls", urls), ("known_sections", sections)):
        connection.register(name, {"text": np.array(sorted(texts), object)})
    depths = ", ".join(str(depth) for depth in range(2, _MAX_DEPTH + 1))
    connection.execute(
        f"CREATE TEMP TABLE lists AS WITH paths AS (SELECT string_split(regexp_replace("
        f"{exact_address('text::VARCHAR', keys)}, '^[^/]*', ''), '/') AS parts FROM known_urls) "
        "SELECT DISTINCT array_to_string(parts[1:depth], '/') AS path FROM paths, "
        f"(SELECT unnest([{depths}]) AS depth) WHERE len(parts) > depth UNION SELECT '/' || "
        "trim(regexp_replace(lower(text::VARCHAR), '[^\\pL\\pN]+', '-', 'g'), '-') "
        "FROM known_sections WHERE text::VARCHAR <> ''"
    )
    for name in ("known_urls", "known_sections"):
        connection.unregister(name)
    connection.register("given_ids", {"id": np.array(list(ids), object)})
    connection.execute("CREATE TEMP TABLE known_ids AS SELECT id::VARCHAR AS id FROM given_ids")
    connection.unregister("given_ids")
    connection.execute(
        f"CREATE TEMP TABLE navigation AS SELECT DISTINCT article FROM {views.table} "
        "ANTI JOIN known_ids ON article = id WHERE reason IS NULL AND contains(article, '/') AND "
        "(regexp_matches(regexp_replace(article, '^[^/]*', ''), "
        f"'{_INDEXES}', 'i') OR lower(regexp_replace(article, '^[^/]*', '')) IN "
        "(SELECT lower(path) FROM lists))"
    )
    connection.execute(
        f"UPDATE {views.table} SET article = NULL WHERE article IN (SELECT article FROM navigation)"
    )
    connection.execute("DROP TABLE lists; DROP TABLE navigation; DROP TABLE known_ids")


def count_navigation(connection: duckdb.DuckDBPyConnection, views: StagedRows) -> int:
    """Return the number of usable views that are of no article."""
    (count,) = connection.sql(
        f"SELECT count(*) FROM {views.table} WHERE reason IS NULL AND article IS NULL"
    ).fetchall()[0]
    return int(count)
