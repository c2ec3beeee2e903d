"""Views that name articles by address: finding the article of any form of its address."""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
from collections.abc import Mapping, Sequence

import duckdb
import numpy as np

from training.data.scan import sql_literal
from training.data.stage import StagedRows

_CACHES = r"^[^/]*(ampproject\.org/[a-z]/|google\.[a-z.]+/amp/|bing-amp\.com/c/)(s/)?"
"""The prefix of an address in a cache of AMP pages."""

_MOBILE = r"^((www\d?|m|mobile|mobil|amp|touch)\.)+([^/]*\.)"
_HOST = r"^[^/]*"


def address(column: str, keys: Sequence[str] = ()) -> str:
    """Return the SQL of the normal form of an address.

    Scheme, `www.`, `m.`, `mobile.` and `amp.` before the host, port, query, fragment, `/amp`,
    `.amp`, `/index.html`, doubled and trailing slashes are removed; the host is in lower case, the
    path percent-decoded. An address that begins with one slash is a path without host.

    Parameters
    ----------
    column : str
        SQL of the address, not NULL.
    keys : sequence of str
        Query parameters that belong to the address, such as `id`; they are kept, in this order.
    """
    steps = [
        (r"^\s+|\s+$", "", "g"),
        (r"^([a-zA-Z][a-zA-Z0-9+.-]*:)?//", "", ""),
        (r"[?#].*$", "", "s"),
        (_CACHES, "", ""),
    ]
    bare = _replace_all(column, steps)
    host = f"lower(regexp_extract({bare}, '{_HOST}'))"
    host = _replace_all(host, [(_MOBILE, r"\3", ""), (r":\d+$", "", "")])
    raw = f"regexp_replace({bare}, '{_HOST}', '')"
    path = _replace_all(
        f"coalesce(TRY(url_decode({raw})), {raw})",  # a path that is not UTF-8 stays encoded
        [
            ("/{2,}", "/", "g"),
            (r"^/amp(/|$)", "/", ""),
            (r"(/index\.(html?|php))$", "", ""),
            (r"\.amp(\.html?)?$", r"\1", ""),
            ("(/amp)?/*$", "", ""),
        ],
    )
    kept = "".join(f" || {_parameter(column, key)}" for key in keys)
    return f"({host} || coalesce(nullif({path}, ''), '/'){kept})"


def resolve(
    connection: duckdb.DuckDBPyConnection,
    views: StagedRows,
    urls: Mapping[str, str],
    keys: Sequence[str],
) -> None:
    """Replace the addresses in the good rows of the views by ids.

    A path without a host refers to the last article with this path; an article whose address is a
    path alone is meant on every host. An address of no article stays, in its normal form.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows.
    views : StagedRows
        The rows of the view files.
    urls : mapping of str to str
        Addresses by id, the latest last; the id takes the place of a missing address.
    keys : sequence of str
        As for `address`.
    """
    found = {
        "id": np.array([*urls], object),
        "url": np.array([url or article for article, url in urls.items()], object),
        "row": np.arange(len(urls), dtype=np.int32),
    }
    connection.register("found_ids", found)
    whole = address("url::VARCHAR", keys)
    connection.execute(
        "CREATE TEMP TABLE addresses AS WITH whole AS (SELECT id::VARCHAR AS id, row, "
        f"{whole} AS address FROM found_ids), each AS (FROM whole UNION ALL SELECT id, row, "
        f"regexp_replace(address, '{_HOST}', '') FROM whole) "
        "SELECT address, arg_max(id, row) AS id FROM each GROUP BY address"
    )
    connection.execute(
        f"CREATE TEMP TABLE paths AS SELECT {whole} AS path, arg_max(id::VARCHAR, row) AS id "
        "FROM found_ids GROUP BY path HAVING starts_with(path, '/')"
    )
    connection.unregister("found_ids")
    connection.execute(
        f"CREATE TEMP TABLE named AS SELECT text, {address('text', keys)} AS address FROM "
        f"(SELECT DISTINCT article AS text FROM {views.table} WHERE reason IS NULL)"
    )
    connection.execute(
        f"UPDATE {views.table} AS v SET article = coalesce(addresses.id, paths.id, named.address) "
        "FROM named LEFT JOIN addresses ON named.address = addresses.address LEFT JOIN paths ON "
        f"regexp_replace(named.address, '{_HOST}', '') = path "
        "WHERE v.article = text AND reason IS NULL"
    )
    connection.execute("DROP TABLE named; DROP TABLE addresses; DROP TABLE paths")


def _parameter(column: str, key: str) -> str:
    """Return the SQL of a query parameter, `""` where there is none."""
    pattern = sql_literal(rf"[?&]({re.escape(key)}=[^&#]*)")
    return f"coalesce('&' || nullif(regexp_extract({column}, {pattern}, 1), ''), '')"


def _replace_all(text: str, steps: Sequence[tuple[str, str, str]]) -> str:
    """Return the SQL of successive replacements."""
    for pattern, by, options in steps:
        arguments = ", ".join(map(sql_literal, (pattern, by, options)))
        text = f"regexp_replace({text}, {arguments})"
    return text
