"""Which column of a file holds which field, by the configuration."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.config import ArticlesConfig, Config, ViewsConfig
from training.errors import DataError


@dataclass(frozen=True)
class Input:
    """One of the two kinds of files: how its fields are called and which it cannot do without.

    Attributes
    ----------
    name : `articles` or `views`, as in the configuration.
    config : the section of the configuration that names the columns.
    fields : names of the fields, also keys of that section.
    keys : fields that every row must fill.
    time : the field that holds a time.
    private : whether rows tell who read, so that no text of a row may be shown.
    kept : further fields, which have the names of their columns as values.
    """

    name: str
    config: ArticlesConfig | ViewsConfig
    fields: Sequence[str]
    keys: Sequence[str]
    time: str
    private: bool
    kept: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def column(self, field: str) -> str:
        """Return the configured name of a field's column."""
        return self.kept[field] if field in self.kept else str(getattr(self.config, field))


def article_input(config: Config) -> Input:
    """Describe the article files."""
    texts = ("id", "title", "body", "section", "tags", "url", "language")
    kept = {f"kept_{at}": name for at, name in enumerate(config.articles.keep)}
    fields = (*texts, "withdrawn", "sponsored", "paywalled", "published_at", *kept)
    return Input(
        "articles", config.articles, fields, ("id",), "published_at", private=False, kept=kept
    )


def view_input(config: Config) -> Input:
    """Describe the view files."""
    referrer = ("referrer_block", "referrer_slot", "referrer_version")
    fields = ("article", "time", "user", "session", "read_time", *referrer)
    return Input("views", config.views, fields, ("article", "time", "user"), "time", private=True)


def find_columns(kind: Input, path: str, columns: Sequence[str]) -> dict[str, str | None]:
    """Find each field's column in a file; None where the file has none.

    Views without a user column take the session for the user.

    Parameters
    ----------
    kind : Input
        What the file holds.
    path : str
        The file, for the message.
    columns : Sequence[str]
        The columns that the file has.

    Raises
    ------
    DataError
        If a required column is missing, or any that the configuration names itself; the message
        names the key to set and the nearest column.
    """
    found = {
        field: kind.column(field) if kind.column(field) in columns else None
        for field in kind.fields
    }
    named = {
        *kind.kept,
        *(f for f in kind.config.model_fields_set if f in found and kind.column(f)),
    }
    if "user" in found and found["user"] is None and "user" not in named:
        found["user"] = found["session"]
    for field, column in found.items():
        if column is None and (field in kind.keys or field in named):
            raise DataError(_missing(kind, field, path, columns))
    return found


def _missing(kind: Input, field: str, path: str, columns: Sequence[str]) -> str:
    key, name = f"{kind.name}.{'keep' if field in kind.kept else field}", kind.column(field)
    near = difflib.get_close_matches(name, columns, 1) or [
        column for column in columns if field in column.lower()
    ]
    advice = f"set {key}"
    if near:
        value = f'["{near[0]}"]' if field in kind.kept else f'"{near[0]}"'
        advice = f"did you mean {near[0]!r}? Set {key} = {value}"
    has = ", ".join(columns) if columns else "none"
    return f"{path}: column {name!r} is missing ({key}); columns found: {has}; {advice}"
