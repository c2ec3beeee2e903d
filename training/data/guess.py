"""Guessing a configuration for a site's files from the names and values of their columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from training.config import ArticlesConfig, DataConfig, ViewsConfig
from training.data.column_fit import is_key, percent
from training.data.database import open_database
from training.data.fields import ARTICLE_FIELDS, VIEW_FIELDS, Field
from training.data.linking import Link, by_address, identifying_parameters, weigh_by_links
from training.data.matching import Match, Sure, assign_columns, find_candidates
from training.data.sample import Column, Sample, take_sample, words_of
from training.data.systems import SystemExport, find_system, foreign_rows
from training.errors import DataError, UsageError


@dataclass(frozen=True)
class GuessedSetting:
    """A setting: its key, its value (`""` leaves a column out), how certain it is, and why."""

    key: str
    value: str | int | bool | Sequence[str]
    sure: Sure
    why: str


@dataclass(frozen=True)
class GuessedConfig:
    """The configuration guessed from a site's files.

    Attributes
    ----------
    guesses : the settings.
    notes : what the user has to know or do, a line each.
    forms : the system that exported an input, by input; a key of `ymal init --json`.
    """

    guesses: Sequence[GuessedSetting]
    notes: Sequence[str]
    forms: Mapping[str, str]


def guess_config(articles: Sequence[str], views: Sequence[str]) -> GuessedConfig:
    """Guess the configuration for a site's files; the beginning of some is read.

    Parameters
    ----------
    articles, views : Sequence[str]
        Files, folders or globs.

    Raises
    ------
    UsageError
        If no file is given.
    DataError
        If a file cannot be read, is not a table, or lacks a required column.
    """
    if not articles and not views:
        raise UsageError("no input: give --articles, --views, or both")
    database = open_database(DataConfig())
    try:
        texts, clicks = (
            take_sample(database, paths) if paths else None for paths in (articles, views)
        )
        return guess(database.connection, texts, clicks)
    finally:
        database.close()


def guess(
    connection: duckdb.DuckDBPyConnection, articles: Sample | None, views: Sample | None
) -> GuessedConfig:
    """Guess the configuration from samples of a site's files.

    Raises
    ------
    DataError
        If a required column cannot be found, or a file has nested columns.
    """
    systems = {
        kind: find_system(sample, kind)
        for kind, sample in (("articles", articles), ("views", views))
        if sample
    }
    texts = assign_columns(find_candidates(ARTICLE_FIELDS, articles)) if articles else {}
    clicks, link = _views(connection, views, articles) if views else ({}, None)
    if link and link.articles:
        _follow(texts, link, link.articles)
    guesses: list[GuessedSetting] = []
    notes: list[str] = []
    if articles:
        _identify(articles, texts)
        guesses += _of_input("articles", ARTICLE_FIELDS, articles, texts, systems["articles"])
        guesses += _of_texts(texts, alone=views is None)
    if views:
        _require(views, clicks)
        guesses += _of_input("views", VIEW_FIELDS, views, clicks, systems["views"])
        guesses += _of_addresses(connection, clicks["article"], texts)
    if link:
        notes += _of_link(link, texts)
    for sample, system in ((articles, systems.get("articles")), (views, systems.get("views"))):
        notes += foreign_rows(system, sample) if system and sample else []
    names = {kind: system.name for kind, system in systems.items() if system}
    return GuessedConfig(guesses, notes, names)


def _views(
    connection: duckdb.DuckDBPyConnection, views: Sample, articles: Sample | None
) -> tuple[dict[str, Match], Link | None]:
    """Match the columns of views, and find the column of the articles that they refer to."""
    found = find_candidates(VIEW_FIELDS, views)
    if articles is None:
        return assign_columns(found), None
    weighed, links = weigh_by_links(connection, found, views, articles)
    clicks = assign_columns(weighed)
    return clicks, links[clicks["article"].column.name] if "article" in clicks else None


def _follow(texts: dict[str, Match], link: Link, column: Column) -> None:
    """Take the column of the articles that the views refer to, if its name suggests another."""
    field = "url" if by_address(link.views) else "id"
    if field in texts and texts[field].column is column:
        return
    for other in [name for name, match in texts.items() if match.column is column]:
        del texts[other]
    why = f"{link.shared:,} of {link.different:,} articles of the views are found here"
    texts[field] = Match(column, 1.0, 0.5 + link.share, why)


def _identify(articles: Sample, texts: dict[str, Match]) -> None:
    """Make sure that articles have ids: the addresses, or another column of unique values."""
    if "id" in texts:
        return
    url = texts.get("url")
    if url and url.column.distinct >= 0.9 and url.column.filled >= 0.9:
        why = "no column of ids: the addresses are the ids"
        texts["id"] = replace(url, fits=min(url.fits, 0.7), why=why)
        return
    taken = {match.column.name for match in texts.values()}
    for column in articles.columns:
        if column.name not in taken and is_key(column):
            texts["id"] = Match(column, 0.0, 1.0, "by what is in it; no value stands twice")
            return
    raise _missing("articles", "id", articles, "each article needs an id or an address")


def _require(views: Sample, clicks: Mapping[str, Match]) -> None:
    """Check that views have columns for article, time and reader."""
    if "article" not in clicks:
        raise _missing("views", "article", views, "each view needs the id or address of an article")
    if "time" not in clicks:
        (field,) = (field for field in VIEW_FIELDS if field.name == "time")
        called = max(views.columns, key=lambda column: field.called(column.name))
        advice = "each view needs its time"
        if field.called(called.name) and called.values:
            advice = (
                f"{called.name!r} cannot be read as times ({called.values[0]!r}); write ISO 8601 "
                "or numbers"
            )
        raise _missing("views", "time", views, advice)
    if "user" not in clicks and "session" not in clicks:
        raise _missing("views", "user", views, "each view needs its reader, or a session")


def _missing(kind: str, field: str, sample: Sample, advice: str) -> DataError:
    names = ", ".join(column.name for column in sample.columns)
    path = ", ".join(sample.paths)
    return DataError(f"{path}: no column for {kind}.{field}; columns found: {names}; {advice}")


def _of_input(
    kind: str,
    fields: Sequence[Field],
    sample: Sample,
    matches: Mapping[str, Match],
    system: SystemExport | None,
) -> list[GuessedSetting]:
    """Return the settings of one section."""
    guesses = []
    if sample.format != "auto":
        why = "by what is in the file; its name does not tell"
        guesses.append(GuessedSetting(f"{kind}.format", sample.format, "sure", why))
    for field in fields:
        match = matches.get(field.name)
        if match:
            guesses.append(
                GuessedSetting(f"{kind}.{field.name}", match.column.name, match.sure, match.why)
            )
        else:
            guesses += _left_out(kind, field, sample, matches)
        if field.name in ("published_at", "time") and match:
            guesses += _zone(kind, match, system)
    return guesses


def _left_out(
    kind: str, field: Field, sample: Sample, matches: Mapping[str, Match]
) -> list[GuessedSetting]:
    """Say why a column is left out whose name fits a field."""
    section = ArticlesConfig() if kind == "articles" else ViewsConfig()
    taken = {match.column.name for match in matches.values()}
    named = [c for c in sample.columns if field.called(c.name) and c.name not in taken]
    if not named:
        default = getattr(section, field.name)
        used = any(column.name == default for column in sample.columns)
        why = f"the column {default!r} is taken for something else"
        return [GuessedSetting(f"{kind}.{field.name}", "", "likely", why)] if used else []
    column = max(named, key=lambda column: field.called(column.name))
    empty = column.filled < 0.5
    held = f"{percent(1 - column.filled)} of it is empty" if empty else "what is in it does not fit"
    why = f"{column.name!r} is left out: {held}"
    return [GuessedSetting(f"{kind}.{field.name}", "", "sure" if empty else "likely", why)]


def _zone(kind: str, match: Match, system: SystemExport | None) -> list[GuessedSetting]:
    """Return the time zone, where the times do not have one themselves."""
    if match.column.zoned:
        return []
    name = match.column.name
    if (system and system.utc == name) or {"gmt", "utc"} & {*words_of(name)}:
        return [GuessedSetting(f"{kind}.time_zone", "UTC", "sure", f"{name!r} is in UTC")]
    why = "the times name no zone: UTC is assumed"
    return [GuessedSetting(f"{kind}.time_zone", "UTC", "unsure", why)]


def _of_texts(texts: Mapping[str, Match], *, alone: bool) -> list[GuessedSetting]:
    """Return the settings that follow from the articles' columns."""
    guesses = []
    for field in ("section", "tags"):
        column = texts[field].column if field in texts else None
        if column and all(value.strip("[]0123456789, ") == "" for value in column.values):
            why = "numbers are no words"
            guesses.append(GuessedSetting(f"texts.{field}", 0, "sure", why))
    if alone and "published_at" not in texts:
        why = "neither publish times nor views: articles without a time may be recommended"
        guesses.append(GuessedSetting("lists.undated", True, "sure", why))
    return guesses


def _of_addresses(
    connection: duckdb.DuckDBPyConnection, article: Match, texts: Mapping[str, Match]
) -> list[GuessedSetting]:
    """Return the settings of addresses in views: that they are, and their query parameters."""
    if not by_address(article.column):
        return []
    why = f"{percent(article.column.addresses)} look like addresses"
    guesses = [GuessedSetting("views.article_by", "url", "sure", why)]
    known = texts.get("url") or texts.get("id")
    keys = identifying_parameters(connection, known.column if known else article.column)
    if keys:
        why = "without it different addresses would be one"
        guesses.append(GuessedSetting("views.url_keys", keys, "likely", why))
    return guesses


def _of_link(link: Link, texts: Mapping[str, Match]) -> list[str]:
    """Say so where views refer to no article."""
    if link.articles is not None:
        return []
    if by_address(link.views) and "url" not in texts:
        return [
            f"views name articles by address ({link.views.name!r}), and the articles have no "
            "column of addresses: add one to their export"
        ]
    return [
        f"none of the {link.different:,} articles in {link.views.name!r} of the views is among "
        "the articles looked at: check that both exports are of one site and time"
    ]
