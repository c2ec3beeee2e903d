"""The columns of the fields, by the configuration."""

import dataclasses
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from training.config import ArticlesConfig, Config, ViewsConfig
from training.data.flags import NO, NOTHING, YES
from training.data.patterns import columns_in
from training.data.scan import sql_literal
from training.errors import DataError

_COLUMNS: Final = ("article", "user")
"""Columns that a file must have, though a row may leave them empty: a front page is no article, and
readers refuse consent."""


@dataclass(frozen=True)
class ColumnFilter:
    """A column and the values that a row must have in it, stripped and in lower case."""

    column: str
    accepted: Sequence[str]

    @classmethod
    def of(cls, column: str, values: Sequence[str]) -> "ColumnFilter":
        """Return the filter of some values; yes, no and nothing stand for all their spellings.

        Examples
        --------
        >>> "t" in ColumnFilter.of("is_live", ["true"]).accepted
        True
        >>> ColumnFilter.of("status", [" Publish"]).accepted
        ['publish']
        """
        given = {value.strip().lower() for value in values}
        meanings = ((YES, YES), (NOTHING, NOTHING), (NO, NO | NOTHING))
        meant = (spellings for words, spellings in meanings if not words.isdisjoint(given))
        every = given.union(*meant)
        return cls(column, sorted(value for value in every if "\0" not in value))  # no SQL has it

    def passes(self, field: str) -> str:
        """Return the SQL of whether a row passes; the field's name is not quoted yet."""
        text = f"coalesce(trim(lower(\"{field}\"), ' \t\r\n'), '')"
        return f"{text} IN ({', '.join(map(sql_literal, self.accepted))})"


@dataclass(frozen=True)
class Input:
    """One of the two kinds of files: its fields, and which of them it must have.

    Attributes
    ----------
    name : `articles` or `views`, as in the configuration.
    config : the section of the configuration that names the columns.
    fields : names of the fields, also keys of that section.
    keys : fields that no row may leave empty.
    time : the field that holds a time.
    private : whether rows hold readers, so that no text of a row may be shown.
    kept : further fields, by name, with their columns.
    filters : what a row must have to be a published article, or a page view, by the name of the
        field that is looked at.
    """

    name: str
    config: ArticlesConfig | ViewsConfig
    fields: Sequence[str]
    keys: Sequence[str]
    time: str
    private: bool
    kept: Mapping[str, str] = dataclasses.field(default_factory=dict)
    filters: Mapping[str, ColumnFilter] = dataclasses.field(default_factory=dict)

    def column(self, field: str) -> str:
        """Return the configured name of a field's column."""
        if field in self.filters:
            return self.filters[field].column
        return self.kept[field] if field in self.kept else str(getattr(self.config, field))

    def key(self, field: str) -> str:
        """Return the key of the configuration that names a field's column."""
        if field in self.filters:
            return f"{self.name}.only"
        return f"{self.name}.{'keep' if field in self.kept else field}"


def passes_filters(kind: Input) -> str:
    """Return the SQL of whether a row passes all filters of its input."""
    return " AND ".join(rule.passes(field) for field, rule in kind.filters.items()) or "true"


def article_input(config: Config) -> Input:
    """Return the description of article files."""
    texts = ("id", "title", "body", "section", "tags", "url", "language")
    kept = {f"kept_{at}": name for at, name in enumerate(config.articles.keep)}
    flags = ["withdrawn", "sponsored", "paywalled"]
    if config.articles.evergreen and isinstance(config.articles.evergreen, str):
        flags.append("evergreen")
    return Input(
        "articles",
        config.articles,
        (*texts, *flags, "published_at", "modified_at", *kept),
        ("id",),
        "published_at",
        private=False,
        kept=kept,
        filters=_filters(config.articles.only),
    )


def view_input(config: Config) -> Input:
    """Return the description of view files."""
    referrer = ("referrer_block", "referrer_slot", "referrer_version")
    fields = ("article", "time", "user", "session", "read_time", *referrer)
    return Input(
        "views",
        config.views,
        fields,
        ("time",),
        "time",
        private=True,
        filters=_filters(config.views.only),
    )


def _filters(only: Mapping[str, Sequence[str]]) -> dict[str, ColumnFilter]:
    """Return the filters of `only`, by field."""
    return {
        f"only_{at}": ColumnFilter.of(column, values)
        for at, (column, values) in enumerate(only.items())
    }


def find_columns(
    kind: Input, path: str, columns: Sequence[str], has: Callable[[str], bool] = lambda _name: False
) -> dict[str, str | None]:
    """Find each field's column in a file; None if the file has none.

    Without a user column, the session column takes its place.

    Parameters
    ----------
    kind : Input
        What the file is.
    path : str
        The file, for the message.
    columns : Sequence[str]
        The columns of the file.
    has : callable
        Tells whether a path such as `title.rendered` leads to a value that is no column.

    Raises
    ------
    DataError
        If a required or explicitly configured column is missing; the message names the key to set
        and the nearest column.
    """

    def is_there(name: str) -> bool:
        return name in columns or ("." in name and has(name))

    found = {
        field: name if all(map(is_there, columns_in(name))) else None
        for field in (*kind.fields, *kind.filters)
        for name in [kind.column(field)]
    }
    named = {
        *kind.kept,
        *kind.filters,
        *(f for f in kind.config.model_fields_set if f in found and kind.column(f)),
    }
    if "user" in found and found["user"] is None and "user" not in named:
        found["user"] = found["session"]
    for field, column in found.items():
        if column is None and (field in (*kind.keys, *_COLUMNS) or field in named):
            raise DataError(_missing(kind, field, path, columns))
    return found


def _missing(kind: Input, field: str, path: str, columns: Sequence[str]) -> str:
    key, name = kind.key(field), kind.column(field)
    near = difflib.get_close_matches(name, columns, 1) or [
        column for column in columns if field in column.lower()
    ]
    advice = f"set {key}"
    if near:
        value = f'["{near[0]}"]' if field in kind.kept else f'"{near[0]}"'
        advice = f"did you mean {near[0]!r}?"
        advice += "" if field in kind.filters else f" Set {key} = {value}"
    has = ", ".join(columns) if columns else "none"
    return f"{path}: column {name!r} is missing ({key}); columns found: {has}; {advice}"
