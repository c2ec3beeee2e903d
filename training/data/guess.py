"""Guessing a configuration for a site's files from the names and values of their columns."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType

import duckdb

from training.config import DataConfig
from training.data.column_fit import is_key
from training.data.database import open_database
from training.data.fields import ARTICLE_FIELDS, VIEW_FIELDS
from training.data.files import find
from training.data.guessed_settings import (
    GuessedSetting,
    event_settings,
    input_settings,
    state_notes,
    state_settings,
    text_settings,
    url_settings,
)
from training.data.linking import Link, has_urls, weigh_by_links
from training.data.matching import Match, assign_columns, find_candidates
from training.data.sample import Column, Sample, take_sample
from training.data.systems import SystemExport, find_system
from training.errors import DataError, UsageError


@dataclass(frozen=True)
class GuessedConfig:
    """The configuration guessed from a site's files.

    Attributes
    ----------
    guesses : the settings.
    notes : what the user has to know or do, a line each.
    forms : the system that exported an input, by input; a key of `ymal init --json`.
    failures : why nothing is known of an input, by input: a line that says what to do.
    """

    guesses: Sequence[GuessedSetting]
    notes: Sequence[str]
    forms: Mapping[str, str]
    failures: Mapping[str, str] = dataclasses.field(default_factory=dict)


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
        If a file cannot be read, is not a table, or lacks a required column; if the other input is
        known, `failures` says so instead.
    """
    if not articles and not views:
        raise UsageError("no input: give --articles, --views, or both")
    database = open_database(DataConfig())
    try:
        samples: dict[str, Sample] = {}
        failures: dict[str, DataError] = {}
        for paths in (articles, views):  # a wrong path is no matter of what is in the files
            find(paths)
        for kind, paths in (("articles", articles), ("views", views)):
            with _noted(kind, failures):
                if paths:
                    samples[kind] = take_sample(database, paths, kind)
        return guess(database.connection, samples, failures)
    finally:
        database.close()


def guess(
    connection: duckdb.DuckDBPyConnection,
    samples: Mapping[str, Sample],
    failures: Mapping[str, DataError] = MappingProxyType({}),
) -> GuessedConfig:
    """Guess the configuration from samples of a site's files, by input.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A database.
    samples : mapping of str to Sample
        The samples of `articles` and `views`.
    failures : mapping of str to DataError
        Why there is none of an input.

    Raises
    ------
    DataError
        If an input lacks a required column, or has nested rows, and nothing is known of the other.
    """
    failed = dict(failures)
    systems: dict[str, SystemExport] = {}
    for kind, sample in samples.items():
        with _noted(kind, failed):
            system = find_system(sample, kind)
            systems |= {kind: system} if system else {}
    articles, views = (
        samples[kind] if kind in samples and kind not in failed else None
        for kind in ("articles", "views")
    )
    article_matches = _match_articles(articles, systems.get("articles"))
    view_matches, link = _match_views(connection, views, articles, systems.get("views"))
    if link and link.articles:
        _use_linked_column(article_matches, link, link.articles)
    guesses: list[GuessedSetting] = []
    if articles:
        with _noted("articles", failed):
            _ensure_ids(articles, article_matches)
            guesses += input_settings(
                "articles", ARTICLE_FIELDS, articles, article_matches, systems.get("articles")
            )
            guesses += state_settings(articles, article_matches, systems.get("articles"))
            guesses += text_settings(
                article_matches, without_views="views" not in {*samples, *failed}
            )
    if views:
        with _noted("views", failed):
            _check_required(views, view_matches)
            guesses += input_settings(
                "views", VIEW_FIELDS, views, view_matches, systems.get("views")
            )
            guesses += event_settings(views, view_matches)
            guesses += url_settings(connection, view_matches["article"], article_matches)
    if failed and not guesses:
        raise next(iter(failed.values()))
    notes = state_notes(articles, article_matches) if articles else []
    notes += _link_notes(link, article_matches) if link and not failed else []
    return GuessedConfig(
        guesses,
        notes,
        {kind: system.name for kind, system in systems.items()},
        {kind: str(error) for kind, error in failed.items()},
    )


@contextmanager
def _noted(kind: str, failures: dict[str, DataError]) -> Iterator[None]:
    """Note why nothing can be known of an input, so that the other's settings are kept."""
    try:
        yield
    except DataError as error:
        failures[kind] = error


def _match_articles(articles: Sample | None, system: SystemExport | None) -> dict[str, Match]:
    return assign_columns(find_candidates(ARTICLE_FIELDS, articles, system)) if articles else {}


def _match_views(
    connection: duckdb.DuckDBPyConnection,
    views: Sample | None,
    articles: Sample | None,
    system: SystemExport | None,
) -> tuple[dict[str, Match], Link | None]:
    """Match the columns of views, and find the column of the articles that they refer to."""
    if views is None:
        return {}, None
    found = find_candidates(VIEW_FIELDS, views, system)
    if articles is None:
        return assign_columns(found), None
    weighed, links = weigh_by_links(connection, found, views, articles)
    view_matches = assign_columns(weighed)
    article = view_matches.get("article")
    return view_matches, links[article.column.name] if article else None


def _use_linked_column(article_matches: dict[str, Match], link: Link, column: Column) -> None:
    """Take the column of the articles that the views refer to, if its name suggests another."""
    field = "url" if has_urls(link.views) else "id"
    if field in article_matches and article_matches[field].column is column:
        return
    for other in [name for name, match in article_matches.items() if match.column is column]:
        del article_matches[other]
    why = f"{link.shared:,} of {link.different:,} articles of the views are found here"
    article_matches[field] = Match(column, 1.0, 0.5 + link.share, why)


def _ensure_ids(articles: Sample, article_matches: dict[str, Match]) -> None:
    """Make sure that articles have ids: the addresses, or another column of unique values."""
    if "id" in article_matches:
        return
    url = article_matches.get("url")
    if url and url.column.distinct >= 0.9 and url.column.filled >= 0.9:
        why = "no column of ids: the URLs are the ids"
        article_matches["id"] = replace(url, value_fit=min(url.value_fit, 0.7), why=why)
        return
    taken = {match.column.name for match in article_matches.values()}
    for column in articles.columns:
        if column.name not in taken and is_key(column):
            article_matches["id"] = Match(column, 0.0, 1.0, "by its values; no value appears twice")
            return
    raise _missing("articles", "id", articles, "each article needs an id or a URL")


def _check_required(views: Sample, view_matches: Mapping[str, Match]) -> None:
    """Check that views have columns for article, time and reader."""
    if "article" not in view_matches:
        raise _missing("views", "article", views, "each view needs the id or URL of an article")
    if "time" not in view_matches:
        (field,) = (field for field in VIEW_FIELDS if field.name == "time")
        best = max(views.columns, key=lambda column: field.name_fit(column.name))
        advice = "each view needs its time"
        if field.name_fit(best.name) and best.values:
            example = best.values[0]
            advice = (
                f"{best.name!r} cannot be read as times ({example!r}); write ISO 8601 or numbers"
            )
        raise _missing("views", "time", views, advice)
    if "user" not in view_matches and "session" not in view_matches:
        raise _missing("views", "user", views, "each view needs its reader, or a session")


def _missing(kind: str, field: str, sample: Sample, advice: str) -> DataError:
    names = ", ".join(column.name for column in sample.columns)
    path = ", ".join(sample.paths)
    return DataError(f"{path}: no column for {kind}.{field}; columns found: {names}; {advice}")


def _link_notes(link: Link, article_matches: Mapping[str, Match]) -> list[str]:
    """Say so where views refer to no article."""
    if link.articles is not None:
        return []
    if has_urls(link.views) and "url" not in article_matches:
        return [
            f"views name articles by URL ({link.views.name!r}), but the articles have no column of "
            "URLs: add one to their export"
        ]
    return [
        f"none of the {link.different:,} articles in {link.views.name!r} of the views is among "
        "the sampled articles: check that both exports are of the same site and time"
    ]
