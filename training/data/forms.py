"""Exports of well-known systems, told by their columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training.data.sample import Sample
from training.errors import DataError

GUIDE: Final = "docs/own-files.md"


@dataclass(frozen=True)
class Form:
    """An export of a well-known system.

    Attributes
    ----------
    name : of the system.
    kind : `articles` or `views`.
    marks : columns that no other export has together.
    only : values of columns by which the rows of articles, or views of pages, are known.
    utc : its column of times in UTC.
    """

    name: str
    kind: str
    marks: frozenset[str]
    only: tuple[tuple[str, str], ...]
    utc: str


_FORMS: Final = (
    Form(
        "WordPress",
        "articles",
        frozenset({"post_title", "post_content"}),
        (("post_status", "publish"), ("post_type", "post")),
        "post_date_gmt",
    ),
    Form(
        "GA4",
        "views",
        frozenset({"user_pseudo_id", "event_timestamp"}),
        (("event_name", "page_view"),),
        "event_timestamp",
    ),
    Form("Matomo", "views", frozenset({"idvisitor", "server_time"}), (), "server_time"),
    Form(
        "Plausible",
        "views",
        frozenset({"pathname", "hostname", "timestamp"}),
        (("name", "pageview"),),
        "timestamp",
    ),
)


def recognised(sample: Sample, kind: str) -> Form | None:
    """Tell of which system a sample is, None for any other.

    Raises
    ------
    DataError
        If it must be made a table of plain columns first.
    """
    names = {column.name for column in sample.columns}
    form = next((form for form in _FORMS if form.kind == kind and form.marks <= names), None)
    if form and form.name == "GA4" and "event_params" in names and "page_location" not in names:
        raise DataError(
            f"{sample.paths[0]}: GA4's events as BigQuery holds them: the address of the page is "
            f"inside event_params; take it out by the query in {GUIDE}"
        )
    if form and form.name == "Matomo" and "idaction_url" in names and "url" not in names:
        raise DataError(
            f"{sample.paths[0]}: Matomo's actions without their addresses (idaction_url is a "
            f"number of another table); join it by the query in {GUIDE}"
        )
    return form


def other_rows(form: Form, sample: Sample) -> Sequence[str]:
    """Say which rows do not belong there, a line each."""
    columns = {column.name: column for column in sample.columns}
    lines = []
    for name, wanted in form.only:
        others = sorted({*columns[name].values} - {wanted}) if name in columns else []
        if others:
            lines.append(
                f"{form.name}: {name} holds {others[0]!r} too; leave those rows out of the export, "
                f"only {wanted!r} belongs there"
            )
    return lines
