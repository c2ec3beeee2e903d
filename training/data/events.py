"""Columns of view files that say what an event is: a page view, a heartbeat, a click."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from training.data.names import bare_path, forms_of
from training.data.sample import Column

OTHER_EVENT: Final = "no page view"
"""Reason why a row of the views is left out; the column that says so follows in brackets."""

_NAMES: Final = frozenset(
    ("event", "eventname", "eventtype", "action", "actiontype", "hittype", "type", "name")
)
_AROUND: Final = "event hit action details log"
_PAGE_VIEWS: Final = ("pageview", "pageviewed", "screenview", "articleview", "view", "action")
"""What systems call a page view, the surest first; the last is Matomo's."""

_MAX_EVENTS: Final = 200
"""Different values of a column of events; one with more holds something else."""


class EventColumn(NamedTuple):
    """A column that says what an event is: its name, and its values for page views."""

    name: str
    page_views: Sequence[str]
    rows: Mapping[str, int]

    def describe(self) -> str:
        """Say which values the column holds, in how many rows."""
        values = [f"{value!r} ({rows:,})" for value, rows in self.rows.items() if value]
        return f"{self.name!r} holds {', '.join(values[:5])}{', …' if len(values) > 5 else ''}"


def find_event_column(columns: Sequence[Column], taken: Collection[str]) -> EventColumn | None:
    """Return the column that tells page views from other events, None without one.

    Parameters
    ----------
    columns : sequence of Column
        The columns of the views.
    taken : collection of str
        Names of those that hold something else.
    """
    for column in columns:
        named = not _NAMES.isdisjoint(forms_of(bare_path(column.name), _AROUND))
        if named and column.name not in taken and column.different <= _MAX_EVENTS:
            found = _page_views(column.counts)
            if found:
                return EventColumn(column.name, found, column.counts)
    return None


def _page_views(values: Collection[str]) -> list[str]:
    """Return the values of page views, in all spellings."""
    for word in _PAGE_VIEWS:
        found = [value for value in values if _folded(value) == word]
        if found:
            return found
    return []


def _folded(value: str) -> str:
    return "".join(sign for sign in value.lower() if sign.isalnum())


def is_other_event(reason: str) -> bool:
    """Return whether a row was left out since it is no page view."""
    return reason.startswith(OTHER_EVENT)
