"""Exports of well-known systems, one row each: how they are recognised, and what columns mean."""

from collections.abc import Mapping
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
    marks : columns that together identify the export.
    columns : field → its column, which goes before any other.
    utc : its column of times in UTC.
    is_part : whether one file holds only some articles of a site, such as a page of an API.
    lacks : an export that cannot be used as it is: a column that it has, the one that it lacks, and
        what to do.
    """

    name: str
    input: str
    marks: frozenset[str]
    utc: str
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lacks: tuple[str, str, str] | None = None
    is_part: bool = False


_GHOST: Final = frozenset({"slug", "html", "feature_image", "visibility"})
_GHOST_COLUMNS: Final = {
    "id": "id",
    "body": "html",
    "section": "primary_tag.name",
    "tags": "tags",
    "published_at": "published_at",
}

SYSTEMS: Final = (
    SystemExport(
        "WordPress",
        "articles",
        frozenset({"post_title", "post_content"}),
        utc="post_date_gmt",
    ),
    SystemExport(
        "WordPress REST",
        "articles",
        frozenset({"title.rendered", "content.rendered", "link"}),
        utc="date_gmt",
        columns={
            "id": "id",
            "title": "title.rendered",
            "body": "content.rendered",
            "section": "_embedded.wp:term.0.0.name",
            "url": "link",
            "published_at": "date_gmt",
        },
        is_part=True,
    ),
    SystemExport(
        "Ghost Content API",
        "articles",
        frozenset({*_GHOST, "url"}),
        utc="published_at",
        columns=_GHOST_COLUMNS,
        is_part=True,
    ),
    SystemExport("Ghost", "articles", _GHOST, utc="published_at", columns=_GHOST_COLUMNS),
    SystemExport(
        "Drupal JSON:API",
        "articles",
        frozenset({"attributes.title", "attributes.drupal_internal__nid"}),
        utc="attributes.created",
        columns={
            "id": "id",
            "title": "attributes.title",
            "body": "attributes.body.value",
            "url": "attributes.path.alias",
            "published_at": "attributes.created",
            "language": "attributes.langcode",
        },
        is_part=True,
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
        lacks=(
            "event_params",
            "page_location",
            "it is GA4's table in BigQuery, where the URL of the page is inside event_params; "
            f"extract it by the query in {GUIDE}",
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
            "it is Matomo's table of actions without their URLs (idaction_url is a key of another "
            f"table); join them by the query in {GUIDE}",
        ),
    ),
    SystemExport(
        "Matomo visits",
        "views",
        frozenset({"visitorId", "idVisit", "actionDetails.url"}),
        utc="actionDetails.timestamp",
        columns={
            "user": "visitorId",
            "session": "idVisit",
            "article": "actionDetails.url",
            "time": "actionDetails.timestamp",
            "read_time": "actionDetails.timeSpent",
        },
    ),
    SystemExport(
        "Plausible",
        "views",
        frozenset({"pathname", "hostname", "timestamp"}),
        utc="timestamp",
        columns={"article": "pathname"},
    ),
    SystemExport(
        "Parse.ly",
        "views",
        frozenset({"visitor_site_id", "ts_action", "url"}),
        utc="ts_action",
        columns={
            "user": "visitor_site_id",
            "session": "session_id",
            "article": "url",
            "time": "ts_action",
        },
    ),
    SystemExport(
        "Snowplow",
        "views",
        frozenset({"domain_userid", "collector_tstamp", "page_url"}),
        utc="derived_tstamp",
        columns={
            "user": "domain_userid",
            "session": "domain_sessionid",
            "article": "page_url",
            "time": "derived_tstamp",
        },
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
