"""`ymal check`: report how training would read a site's files, with advice."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer

from training.checking.counting import collect_facts
from training.checking.page import render
from training.checking.report import CheckReport, parts, refusal, report
from training.cli import options, output
from training.cli.html import check_html, write_html
from training.cli.times import read_moment
from training.config import Config, load
from training.data import TooManyBadRows, UnmappedStateError, default_now, read_site
from training.errors import DataError
from training.progress import Stages

BAR: Final = 30
"""Length of the longest bar, in characters."""


def check(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    now: options.Now = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the report as one HTML file, with plots."),
    ] = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> int:
    """Report how training would read the files, and what to mend.

    Nothing is trained or published.
    """
    settings = load(config)
    files = settings.articles(articles or ()), settings.views(views or ())
    moment = read_moment(now) if now is not None else None
    if html is not None:
        check_html(html, "jinja2")
    with output.show_progress(quiet=quiet) as show:
        found = examine(settings.config, *files, moment, Stages(show))
    if html is not None:
        write_html(html, render(found))
    if json:
        output.print_json(found.as_dict())
    else:
        _print_report(found)
    return found.exit_code


def examine(
    config: Config,
    articles: Sequence[str],
    views: Sequence[str],
    now: int | None,
    stages: Stages,
) -> CheckReport:
    """Read a site as training does, without an artifacts directory, and report on it.

    If too many rows are bad for training, or a column of states is not mapped, the site is read
    again without that check, to report on the rest.
    """
    try:
        return _examine(config, articles, views, now, stages)
    except TooManyBadRows as error:
        any_share = config.data.model_copy(update={"max_bad_share": 1.0})
        lenient = config.model_copy(update={"data": any_share})
        try:
            seen = _examine(lenient, articles, views, now, stages)
        except DataError:
            return refusal(error, config, None)
        return refusal(error, config, seen)
    except UnmappedStateError as error:
        ignored = [*config.articles.ignore, *error.columns]
        articles_config = config.articles.model_copy(update={"ignore": ignored})
        lenient = config.model_copy(update={"articles": articles_config})
        seen = examine(lenient, articles, views, now, stages)
        return refusal(error, config, seen)
    except DataError as error:
        return refusal(error, config, None)


def _examine(
    config: Config,
    articles: Sequence[str],
    views: Sequence[str],
    now: int | None,
    stages: Stages,
) -> CheckReport:
    with stages("read"):
        site = read_site(config, articles, views, key=b"")
    with stages("count"):
        return report(site, collect_facts(site, default_now(site) if now is None else now))


def _print_report(found: CheckReport) -> None:
    """Print the report. The findings come last, where a terminal still shows them."""
    for part in parts(found):
        output.print_line(part.title)
        largest = max(part.bars, default=0)
        bars = [_bar(value, largest) for value in part.bars] or [""] * len(part.rows)
        rows = [["", *row, bar] for row, bar in zip(part.rows, bars, strict=True)]
        output.print_table([["", *part.head, ""], *rows] if part.head else rows)
        output.print_line()
    lines = (((f"{f.level:5}", f.found), ("", f"-> {f.advice}")) for f in found.findings)
    output.print_table([*chain.from_iterable(lines)])
    output.print_text(found.verdict)


def _bar(value: int, largest: int) -> str:
    """Draw a bar; a value above 0 has at least one character."""
    return "#" * -(-value * BAR // max(largest, 1))
