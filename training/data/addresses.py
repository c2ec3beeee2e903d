"""Views that name articles by address: finding the article of any form of its address.

The exact form of an address lacks what never tells two articles apart, such as scheme and tracking
parameters. The loose form also lacks what rarely does: case of letters, and the end of the path if
that names a part of a page, such as `/2` or `/print`.
"""

# The SQL here is put together from our own names and from quoted literals.
# ruff: noqa: S608

import re
from collections.abc import Iterable, Sequence
from typing import Final

import duckdb
import numpy as np

from training.data.hosts import bind, host_form
from training.data.scan import sql_literal
from training.data.stage import StagedRows

_SPACE: Final = r"[\s\x{a0}\x{200b}\x{feff}]+"

_PROXIES: Final = (
    r"^(web\.archive\.org/web/\d+([a-z]{2}_)?/|"
    r"[^/]*(ampproject\.org/[a-z]/|google\.[a-z.]+/amp/|bing-amp\.com/c/)(s/)?)(https?:/+)?"
)
"""The prefix of an address in an archive or a cache of AMP pages."""

_HOST: Final = r"^[^/]*"

_TRACKING: Final = "(utm_[a-z]+|fbclid|gclid|_x_tr_[a-z]+)="

_NEEDS_CLEANING: Final = r"[^a-zA-Z0-9/_.,=+:~-]|//|/\.|\.amp|/index\.|^/amp(/|$)"
"""What a path has to which one of `_CLEANING` applies; most have none."""

_CLEANING: Final = [
    (f"{_SPACE}$", "", ""),
    (rf"[?&]{_TRACKING}.*$", "", "s"),
    (r";[a-z_]*sess(ion)?_?id[a-z_]*[=!][^/;]*", "", "gi"),
    (r"/\(S\([a-z0-9]+\)\)", "", "i"),
    ("/{2,}", "/", "g"),
    (r"(/\.)+(/|$)", "/", "g"),
    *[(r"/[^/]+/\.\.(/|$)", "/", "g")] * 3,
    (r"^(/\.\.)+(/|$)", "/", ""),
    (r"^/amp(/|$)", "/", ""),
    (r"(/index\.(html?|php))$", "", ""),
    (r"\.amp(\.html?)?$", r"\1", ""),
]

_PAGE: Final = (
    "page|seite|pagina|página|sida|side|sivu|strona|stranica|strana|oldal|sayfa|страница|"
    "slide|slides|slideshow|image|img|bild|foto|photo|picture"
)
_VIEW: Final = (
    "amp|print|printview|drucken|druckansicht|imprimir|imprimer|stampa|utskrift|embed|"
    "feed(/(rss2?|atom|rdf))?|rss|trackback|comments|kommentare|comment-page-[0-9]{1,4}|"
    "singlepage|single-page|komplettansicht|"
    f"({_PAGE})[-/_=]?[0-9]{{1,3}}"
)
_NAMED_PART: Final = f"(/({_VIEW}))*$"
"""The end of a loose path that names a part or another view of a page."""

_PART: Final = f"(/({_VIEW}))*(/[1-9][0-9]?)?{_NAMED_PART}"
"""The same, or a number alone."""


def address(column: str, keys: Sequence[str] = ()) -> str:
    """Return the SQL of the loose form of an address: what all of its forms have in common.

    It is the exact form with letters in lower case, `+` as space, and without an end such as `/2`,
    `/page/3`, `/print`, `/slide/4` or `/comment-page-2`. Different articles may share it: see
    `resolve`.

    Parameters
    ----------
    column, keys
        As for `exact_address`.
    """
    return f"({_stem(_fold(_place(column, keys)))}{_parameters(column, keys)})"


def exact_address(column: str, keys: Sequence[str] = ()) -> str:
    """Return the SQL of the exact form of an address.

    Scheme, user, port, `www.`, `m.`, `mobile.` and `amp.` before the host, query, fragment, `/amp`,
    `.amp`, `/index.html`, session ids, dot segments, doubled and trailing slashes are removed. The
    host is in lower case and Unicode, the path percent-decoded and in NFC. An address in a cache,
    an archive or a translation is the original one. An address that begins with one slash is a path
    without host.

    Parameters
    ----------
    column : str
        SQL of the address, not NULL.
    keys : sequence of str
        Query parameters that belong to the address, such as `id`; they are kept, in this order.
    """
    return f"({_place(column, keys)}{_parameters(column, keys)})"


def resolve(
    connection: duckdb.DuckDBPyConnection,
    views: StagedRows,
    urls: Iterable[tuple[str, str]],
    keys: Sequence[str],
) -> None:
    """Replace the addresses in the good rows of the views by ids.

    The first of these articles is meant:

    1. the last one with the same exact form; of a path without a host, the last one with this path;
    2. the last one whose address is this path alone, which is meant on every host;
    3. the only one with the same letters, whatever their case;
    4. the only one whose own path remains if the end that names a part of a page (`/2`, `/print`)
       is removed from that of the view. If another article's address is such a part, it may be that
       the site numbers its articles so, and none is meant.

    An address of no article stays, in its exact form.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The database with the staged rows.
    views : StagedRows
        The rows of the view files.
    urls : iterable of (str, str)
        Ids and addresses, the latest last; the id takes the place of a missing address.
    keys : sequence of str
        As for `exact_address`.
    """
    pairs = list(urls)
    found = {
        "id": np.array([article for article, _ in pairs], object),
        "url": np.array([url or article for article, url in pairs], object),
        "row": np.arange(len(pairs), dtype=np.int32),
    }
    connection.register("found_ids", found)
    connection.execute(
        "CREATE TEMP TABLE known_places AS SELECT place, kept, arg_max(id, row) AS id, max(row) AS "
        f"row FROM (SELECT id::VARCHAR AS id, row, {_place('url::VARCHAR', keys)} AS place, "
        f"''{_parameters('url::VARCHAR', keys)} AS kept FROM found_ids) GROUP BY place, kept"
    )
    connection.unregister("found_ids")
    connection.execute(
        "CREATE TEMP TABLE addresses AS SELECT place || kept AS address, arg_max(id, row) AS id "
        f"FROM (SELECT place, kept, id, row FROM known_places UNION ALL SELECT {_path('place')}, "
        "kept, id, row FROM known_places) GROUP BY address"
    )
    connection.execute(
        "CREATE TEMP TABLE paths AS SELECT place || kept AS path, id FROM known_places "
        "WHERE starts_with(place, '/')"
    )
    connection.execute(
        f"CREATE TEMP TABLE named AS SELECT text, {_place('text', keys)} AS place, "
        f"''{_parameters('text', keys)} AS kept, NULL::VARCHAR AS id FROM "
        f"(SELECT DISTINCT article AS text FROM {views.table} WHERE reason IS NULL)"
    )
    for table, column, key in (
        ("addresses", "address", "place || kept"),
        ("paths", "path", f"{_path('place')} || kept"),
    ):
        connection.execute(
            f"UPDATE named SET id = {table}.id FROM {table} WHERE named.id IS NULL "
            f"AND {column} = {key}"
        )
    _resolve_loosely(connection)
    connection.execute(
        f"UPDATE {views.table} AS v SET article = coalesce(id, place || kept) FROM named "
        "WHERE v.article = text AND reason IS NULL"
    )
    for table in ("named", "addresses", "paths", "known_places"):
        connection.execute(f"DROP TABLE {table}")


def _resolve_loosely(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the ids of rows of `named` that have none by the loose forms of `known_places`.

    `*` before a path says that it is meant on every host.
    """
    ends = {"whole": [], "named": [(_NAMED_PART, "", "")], "part": [(_PART, "", "")]}
    forms = ", ".join(f"{_replace_all('place', end)} AS {name}" for name, end in ends.items())
    connection.execute(f"""
        CREATE TEMP TABLE loose AS SELECT id, kept, {forms} FROM (
            SELECT id, kept, unnest(CASE WHEN starts_with(place, '/') THEN [place, '*' || place]
                ELSE [place, {_path("place")}] END) AS place
            FROM (SELECT id, kept, {_fold("place")} AS place FROM known_places))
        """)
    connection.execute(f"""
        CREATE TEMP TABLE unresolved AS SELECT text, kept, nth, {forms} FROM (
            SELECT text, kept, unnest([1, 2]) AS nth,
                unnest([place, '*' || {_path("place")}]) AS place
            FROM (SELECT text, kept, {_fold("place")} AS place FROM named WHERE id IS NULL))
        """)
    steps = (
        f"""
        SELECT text, {2 * step} + nth AS rank, known.id FROM unresolved u JOIN (
            SELECT {form} AS form, kept, min(id) AS id FROM loose GROUP BY ALL
            HAVING min(id) = max(id) AND bool_or({form} = whole)
        ) known ON u.{form} = known.form AND u.kept = known.kept
        """
        for step, form in enumerate(ends)
    )
    connection.execute(
        "CREATE TEMP TABLE loosely AS SELECT text, arg_min(id, rank) AS id FROM "
        f"({'UNION ALL'.join(steps)}) GROUP BY text"
    )
    connection.execute("UPDATE named SET id = l.id FROM loosely l WHERE named.text = l.text")
    connection.execute("DROP TABLE loose; DROP TABLE unresolved; DROP TABLE loosely")


def _place(column: str, keys: Sequence[str]) -> str:
    """Return the SQL of host and path of an address in the exact form."""
    own = "".join(f"|&{re.escape(key)}=" for key in keys)  # an exact form may be given again
    steps = [
        (f"^{_SPACE}|{_SPACE}$", "", "g"),
        ("^(https?:/+|([a-z][a-z0-9+.-]*:)?//)([^/?#@]*@)?", "", "i"),
        (r"^([^/?#]*)/?(\?[^#]*)?#(!/?|/)", r"\1/", ""),  # a page that scripts choose
        (rf"([?#]|&{_TRACKING}{own}).*$", "", "s"),
        (_PROXIES, "", ""),
    ]
    bare = _replace_all(column, steps)
    host = host_form(f"regexp_extract(b, '{_HOST}')")
    path = bind(f"{_path('b')}", "p", _clean_path("p"))
    return bind(bare, "b", f"{host} || {path}")


def _clean_path(path: str) -> str:
    """Return the SQL of the exact form of a path; `path` is a name."""
    cleaned = f"nfc_normalize({_replace_all(_decode(_decode(path)), _CLEANING)})"
    needs = f"regexp_matches({path}, {sql_literal(_NEEDS_CLEANING)})"
    clean = f"CASE WHEN {needs} THEN {cleaned} ELSE {path} END"
    bare = _replace_all(clean, [("(/amp)?/*$", "", "")])
    return f"coalesce(nullif({bare}, ''), '/')"


def _decode(path: str) -> str:
    """Return the SQL of a path without percent-encoding; if it is not UTF-8, as it is."""
    return f"coalesce(TRY(url_decode({path})), {path})"


def _fold(place: str) -> str:
    """Return the SQL of host and path without differences of case, and of `+` and space."""
    return f"replace(lower({place}), '+', ' ')"


def _stem(place: str) -> str:
    """Return the SQL of host and path without an end that names a part of a page."""
    return _replace_all(place, [(_PART, "", "")])


def _path(place: str) -> str:
    return f"regexp_replace({place}, '{_HOST}', '')"


def _parameters(column: str, keys: Sequence[str]) -> str:
    """Return the SQL that appends the query parameters that belong to an address."""
    return "".join(f" || {_parameter(column, key)}" for key in keys)


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
