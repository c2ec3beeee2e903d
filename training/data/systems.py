"""Exports of well-known systems, one row each: how they are recognised, and what columns mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from training.data.sample import Sample
from training.errors import DataError

GUIDE: Final = "docs/own-files.md"


@dataclass(frozen=True)
class SystemExport:
    """An export of a well-known system.

    Attributes
    ----------
    name : of the system.
    input : `articles` or `views`.
    marks : columns that no other export has together.
    columns : field → what this system alone calls its column.
    only : column → its value in rows of articles, or of page views; others do not belong there.
    utc : its column of times in UTC.
    lacks : an export that cannot be used as it is: a column that it has, the one that it lacks, and
        what to do.
    """

    name: str
    input: str
    marks: frozenset[str]
    utc: str
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    only: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lacks: tuple[str, str, str] | None = None


SYSTEMS: Final = (
    SystemExport(
        "WordPress",
        "articles",
        frozenset({"post_title", "post_content"}),
        utc="post_date_gmt",
        only={"post_status": "publish", "post_type": "post"},
    ),
    SystemExport(
        "GA4",
        "views",
        frozenset({"user_pseudo_id", "event_timestamp"}),
        utc="event_timestamp",
        columns={
            "user": "user_pseudo_id",
            "session": "ga_session_id",
            "article": "page_location",
            "read_time": "engagement_time_msec",
        },
        only={"event_name": "page_view"},
        lacks=(
            "event_params",
            "page_location",
            "GA4's events as BigQuery holds them: the address of the page is inside event_params; "
            f"take it out by the query in {GUIDE}",
        ),
    ),
    SystemExport(
        "Matomo",
        "views",
        frozenset({"idvisitor", "server_time"}),
        utc="server_time",
        columns={
            "user": "idvisitor",
            "session": "idvisit",
            "article": "idaction_url",
            "time": "server_time",
        },
        lacks=(
            "idaction_url",
            "url",
            "Matomo's actions without their addresses (idaction_url is a number of another table); "
            f"join it by the query in {GUIDE}",
        ),
    ),
    SystemExport(
        "Plausible",
        "views",
        frozenset({"pathname", "hostname", "timestamp"}),
        utc="timestamp",
        columns={"article": "pathname"},
        only={"name": "pageview"},
    ),
)


def find_system(sample: Sample, input_: str) -> SystemExport | None:
    """Return the system that exported a sample, None for any other.

    Raises
    ------
    DataError
        If the export must be joined or flattened first.
    """
    names = {column.name for column in sample.columns}
    for system in SYSTEMS:
        if system.input == input_ and system.marks <= names:
            if system.lacks and system.lacks[0] in names and system.lacks[1] not in names:
                raise DataError(f"{sample.paths[0]}: {system.lacks[2]}")
            return system
    return None


def foreign_rows(system: SystemExport, sample: Sample) -> Sequence[str]:
    """Say which rows of an export do not belong there, a line each."""
    columns = {column.name: column for column in sample.columns}
    lines = []
    for name, wanted in system.only.items():
        others = sorted({*columns[name].values} - {wanted}) if name in columns else []
        if others:
            lines.append(
                f"{system.name}: {name} holds {others[0]!r} too; leave those rows out of the "
                f"export, only {wanted!r} belongs there"
            )
    return lines
