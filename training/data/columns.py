"""The columns of the fields, by the configuration."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.config import ArticlesConfig, Config, ViewsConfig
from training.errors import DataError


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
    """Return the description of article files."""
    texts = ("id", "title", "body", "section", "tags", "url", "language")
    kept = {f"kept_{at}": name for at, name in enumerate(config.articles.keep)}
    fields = (*texts, "withdrawn", "sponsored", "paywalled", "published_at", *kept)
    return Input(
        "articles", config.articles, fields, ("id",), "published_at", private=False, kept=kept
    )


def view_input(config: Config) -> Input:
    """Return the description of view files."""
    referrer = ("referrer_block", "referrer_slot", "referrer_version")
    fields = ("article", "time", "user", "session", "read_time", *referrer)
    return Input("views", config.views, fields, ("article", "time", "user"), "time", private=True)


def find_columns(kind: Input, path: str, columns: Sequence[str]) -> dict[str, str | None]:
    """Find each field's column in a file; None if the file has none.

    Without a user column, the session stands for the user of a view.

    Parameters
    ----------
    kind : Input
        What the file is.
    path : str
        The file, for the message.
    columns : Sequence[str]
        The columns of the file.

    Raises
    ------
    DataError
        If a required or explicitly configured column is missing; the message names the key to set
        and the nearest column.
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
