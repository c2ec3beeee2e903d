"""How views name articles: which column does, and which column of the articles it refers to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import duckdb

from training.data.fields import ARTICLE_FIELDS, VIEW_FIELDS
from training.data.matching import Candidates, Match
from training.data.near_ids import shared_ids
from training.data.sample import Column, Sample, normalise
from training.records import quantity

_TRACKING_PREFIXES: Final = ("utm_", "fbclid", "gclid", "ref", "source", "sid", "session", "token")


@dataclass(frozen=True)
class Link:
    """The values that a column of the views shares with one of the articles.

    Attributes
    ----------
    views : the column of the views.
    articles : the column of the articles; None if no value is shared.
    shared, different : number of different values of the views that the articles have, and of all.
    """

    views: Column
    articles: Column | None
    shared: int
    different: int

    @property
    def share(self) -> float:
        """Share of the views' values that the articles have."""
        return self.shared / self.different if self.different else 0.0


def has_urls(column: Column) -> bool:
    """Return whether a column of views has URLs."""
    return column.addresses >= 0.8


def weigh_by_links(
    connection: duckdb.DuckDBPyConnection, found: Candidates, views: Sample, articles: Sample
) -> tuple[Candidates, dict[str, Link]]:
    """Weigh the candidates for `views.article` by the values that they share with the articles.

    If no column has a known name, any column whose values the articles have is a candidate.
    """
    named = [views[column] for field, column in found if field == "article"]
    candidates = named or [
        column
        for column in views.columns
        if not any(field.name_fit(column.name) for field in VIEW_FIELDS)
    ]
    links = {column.name: _link(connection, column, articles) for column in candidates}
    weighed = dict(found)
    for column in candidates:
        link = links[column.name]
        if link.articles is None:
            values = quantity(link.different, "value")
            why = f"by its name; none of its {values} is found in the articles"
        else:
            why = (
                f"{link.shared:,} of its {link.different:,} values are found in the articles' "
                f"{link.articles.name!r}"
            )
        before = found.get(("article", column.name), Match(column, 0.0, 0.0, why))
        if before.name_fit or before.value_fit or link.share >= 0.5:
            link_fit = 0.3 if link.articles is None else min(1.0, 0.5 + link.share)
            name_fit = max(before.name_fit, 0.5 if link.share >= 0.1 else 0.0)
            value_fit = column.filled * link_fit
            match = replace(before, name_fit=name_fit, value_fit=value_fit, why=why)
            weighed["article", column.name] = match
    return weighed, links


def _link(connection: duckdb.DuckDBPyConnection, column: Column, articles: Sample) -> Link:
    """Find the column of the articles that shares most values with one of the views."""
    best = Link(column, None, 0, column.different)
    addresses = has_urls(column)
    (named,) = (field for field in ARTICLE_FIELDS if field.name == ("url" if addresses else "id"))
    for other in sorted(articles.columns, key=lambda one: -named.name_fit(one.name)):
        if addresses and other.addresses >= 0.5:
            keys = identifying_parameters(connection, other)
            known = {*normalise(connection, other.values, keys)}
            known |= {form[form.find("/") :] for form in known}
            values = {*normalise(connection, sorted({*column.values}), keys)}
            if known and all(form.startswith("/") for form in known):
                values = {form[form.find("/") :] for form in values}
            shared = len(values & known)
        elif not addresses and other.distinct >= 0.5 and other.dated < 0.5:
            values = {*column.values}
            shared = shared_ids(values, other.values)
        else:
            continue
        if shared > best.shared:
            best = Link(column, other, shared, len(values))
    return best


def identifying_parameters(connection: duckdb.DuckDBPyConnection, column: Column) -> list[str]:
    """Find the query parameters without which different addresses would be the same.

    Such as `id` in `/article.php?id=7`: most addresses have it, and with it they are at least
    twice as many.
    """
    texts = list({*column.values})
    parameters = [_parameters(text) for text in texts]
    names = sorted({name for found in parameters for name in found})
    bare = len({*normalise(connection, texts, ())}) if names else 0
    usual = [
        name
        for name in names
        if sum(name in found for found in parameters) >= 0.5 * len(texts)
        and name.isidentifier()
        and not name.lower().startswith(_TRACKING_PREFIXES)
    ]
    return [name for name in usual if len({*normalise(connection, texts, [name])}) >= 2 * bare]


def _parameters(text: str) -> Sequence[str]:
    try:
        return [name for name, _ in parse_qsl(urlsplit(text).query)]
    except ValueError:
        return []
