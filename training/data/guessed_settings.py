"""The settings that `ymal init` writes, by the columns that it matched to the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from training.config import ArticlesConfig, ViewsConfig
from training.data.column_fit import percent
from training.data.events import find_event_column
from training.data.fields import Field
from training.data.linking import has_urls, identifying_parameters
from training.data.matching import Match, Sure
from training.data.names import words_of
from training.data.patterns import USUAL, usual_patterns
from training.data.sample import Column, Sample
from training.data.states import StateColumn, recognise
from training.data.systems import SystemExport
from training.data.times import day_or_month_first


@dataclass(frozen=True)
class GuessedSetting:
    """A setting: its key, its value (`""` leaves a column out), how certain it is, and why."""

    key: str
    value: str | int | bool | Sequence[str] | Mapping[str, Sequence[str]]
    sure: Sure
    why: str


def input_settings(
    kind: str,
    fields: Sequence[Field],
    sample: Sample,
    matches: Mapping[str, Match],
    system: SystemExport | None,
) -> list[GuessedSetting]:
    """Return the settings of one section."""
    guesses = []
    if sample.format != "auto":
        why = "by the content of the file; its name does not show it"
        guesses.append(GuessedSetting(f"{kind}.format", sample.format, "sure", why))
    if sample.rows:
        why = "the rows are there"
        others = [
            name
            for name in sample.tables
            if not f"{sample.rows}.".startswith(f"{name}.") and not name.startswith(sample.rows)
        ]
        why += f"; the file holds {', '.join(others[:5])} too" if others else ""
        guesses.append(GuessedSetting(f"{kind}.rows", sample.rows, "likely", why))
    for field in fields:
        match = matches.get(field.name)
        if match and field.name == "url" and "?p=" in "".join(match.column.values[:1]):
            why = "these may not be the addresses: name your permalinks' structure, such as "
            why += next(iter(usual_patterns([c.name for c in sample.columns])), USUAL[0])
            key = f"{kind}.{field.name}"
            guesses.append(GuessedSetting(key, match.column.name, "unsure", why))
        elif match:
            guesses.append(
                GuessedSetting(f"{kind}.{field.name}", match.column.name, match.sure, match.why)
            )
        else:
            guesses += _omitted_setting(kind, field, sample, matches)
        if field.name in ("published_at", "time") and match:
            guesses += _order_setting(kind, match.column)
            guesses += _zone_setting(kind, match, system)
    return guesses


def _omitted_setting(
    kind: str, field: Field, sample: Sample, matches: Mapping[str, Match]
) -> list[GuessedSetting]:
    """Say why a column is left out whose name fits a field."""
    section = ArticlesConfig() if kind == "articles" else ViewsConfig()
    taken = {match.column.name for match in matches.values()}
    named = [c for c in sample.columns if field.name_fit(c.name) and c.name not in taken]
    if not named:
        default = getattr(section, field.name)
        used = any(column.name == default for column in sample.columns)
        why = f"the column {default!r} is used for another key"
        return [GuessedSetting(f"{kind}.{field.name}", "", "likely", why)] if used else []
    column = max(named, key=lambda column: field.name_fit(column.name))
    empty = column.filled < 0.5
    reason = (
        f"{percent(1 - column.filled)} of its rows are empty" if empty else "its values do not fit"
    )
    why = f"{column.name!r} is left out: {reason}"
    return [GuessedSetting(f"{kind}.{field.name}", "", "sure" if empty else "likely", why)]


def _order_setting(kind: str, column: Column) -> list[GuessedSetting]:
    """Return whether the day or the month is first in the times, where it matters."""
    order = day_or_month_first(column.tested)
    if order == "auto":
        return []
    if order is None:
        why = f"{column.values[0]!r} may be either; month-first if the month is its first number"
        return [GuessedSetting(f"{kind}.time_order", "day-first", "unsure", why)]
    why = f"the {'first' if order == 'day-first' else 'second'} number is above 12 in some"
    return [GuessedSetting(f"{kind}.time_order", order, "sure", why)]


def _zone_setting(kind: str, match: Match, system: SystemExport | None) -> list[GuessedSetting]:
    """Return the time zone, where the times do not have one themselves."""
    if match.column.zoned:
        return []
    name = match.column.name
    if (system and system.utc == name) or {"gmt", "utc"} & {*words_of(name)}:
        return [GuessedSetting(f"{kind}.time_zone", "UTC", "sure", f"{name!r} is in UTC")]
    why = "the times have no zone: UTC is assumed"
    return [GuessedSetting(f"{kind}.time_zone", "UTC", "unsure", why)]


def state_settings(
    articles: Sample, matches: Mapping[str, Match], system: SystemExport | None
) -> list[GuessedSetting]:
    """Return the settings of what a published article is, and whether the file holds them all."""
    guesses = []
    states = [state for state in _states(articles, matches) if state.accepted]
    if states:
        only = {state.name: state.accepted for state in states}
        kept = min(state.share for state in states)
        why = "; ".join(state.describe() for state in states)
        guesses.append(
            GuessedSetting("articles.only", only, "sure" if kept >= 0.1 else "unsure", why)
        )
    is_part = articles.is_part or (system is not None and system.is_part)
    if len(articles.paths) == 1 and Path(articles.paths[0]).is_file() and not is_part:
        why = "one file: a story that is gone from a later one is withdrawn"
        guesses.append(GuessedSetting("articles.complete", True, "likely", why))
    return guesses


def state_notes(articles: Sample, matches: Mapping[str, Match]) -> list[str]:
    """Ask for the values of published rows, where nobody can tell."""
    return [
        f"{state.describe()}: name the values of published rows in articles.only, or the column in "
        "articles.ignore"
        for state in _states(articles, matches)
        if not state.accepted
    ]


def _states(articles: Sample, matches: Mapping[str, Match]) -> list[StateColumn]:
    """Return the columns that say which rows are published, and are taken for nothing else."""
    taken = {match.column.name for match in matches.values()}
    free = [column for column in articles.columns if column.name not in taken]
    found = (recognise(column.name, column.counts) for column in free)
    return [state for state in found if state]


def text_settings(
    article_matches: Mapping[str, Match], *, without_views: bool
) -> list[GuessedSetting]:
    """Return the settings that follow from the articles' columns."""
    guesses = []
    for field in ("section", "tags"):
        column = article_matches[field].column if field in article_matches else None
        if column and all(value.strip("[]0123456789, ") == "" for value in column.values):
            why = "its values are numbers, not words"
            guesses.append(GuessedSetting(f"texts.{field}", 0, "sure", why))
    if without_views and "published_at" not in article_matches:
        why = "neither publish times nor views: articles without a time may be recommended"
        guesses.append(GuessedSetting("lists.undated", True, "sure", why))
    return guesses


def event_settings(views: Sample, matches: Mapping[str, Match]) -> list[GuessedSetting]:
    """Return the setting of what a page view is, where the views say it."""
    found = find_event_column(views.columns, {match.column.name for match in matches.values()})
    if found is None:
        return []
    return [GuessedSetting("views.only", {found.name: found.page_views}, "sure", found.describe())]


def url_settings(
    connection: duckdb.DuckDBPyConnection, article: Match, article_matches: Mapping[str, Match]
) -> list[GuessedSetting]:
    """Return the settings of addresses in views: that they are, and their query parameters."""
    if not has_urls(article.column):
        return []
    why = f"{percent(article.column.addresses)} look like URLs"
    guesses = [GuessedSetting("views.article_by", "url", "sure", why)]
    known = article_matches.get("url") or article_matches.get("id")
    keys = identifying_parameters(connection, known.column if known else article.column)
    if keys:
        why = "without it, different URLs would be the same"
        guesses.append(GuessedSetting("views.url_keys", keys, "likely", why))
    return guesses
