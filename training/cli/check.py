"""`ymal check`: report how training would read a site's files, with advice."""

from collections.abc import Sequence
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
from training.data import TooManyBadRows, default_now, read_site
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
        typer.Option("--html", metavar="FILE", help="Write it as one HTML file, with plots."),
    ] = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> int:
    """Say what training would see of the files, and what to do; nothing else is written."""
    settings = load(config)
    files = settings.articles(articles or ()), settings.views(views or ())
    moment = read_moment(now) if now is not None else None
    if html is not None:
        check_html(html, "jinja2")
    with output.progress(quiet=quiet) as tell:
        found = examine(settings.config, *files, moment, Stages(tell))
    if html is not None:
        write_html(html, render(found))
    if json:
        output.say_json(found.as_dict())
    else:
        _say(found)
    return found.exit_code


def examine(
    config: Config,
    articles: Sequence[str],
    views: Sequence[str],
    now: int | None,
    stages: Stages,
) -> CheckReport:
    """Read a site as training does, without an artifacts directory, and report on it.

    If too many rows are bad for training, the site is read again to report on the other rows.
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


def _say(found: CheckReport) -> None:
    """Print the report. The findings come last, where a terminal still shows them."""
    for part in parts(found):
        output.say(part.title)
        most = max(part.bars, default=0)
        bars = [_bar(value, most) for value in part.bars] or [""] * len(part.rows)
        rows = [["", *row, bar] for row, bar in zip(part.rows, bars, strict=True)]
        output.table([["", *part.head, ""], *rows] if part.head else rows)
        output.say()
    for finding in found.findings:
        output.say(f"{finding.level:5}  {finding.found}")
        output.say(f"       -> {finding.advice}")
    output.say(found.verdict)


def _bar(value: int, most: int) -> str:
    """Draw a bar; a value above 0 has at least one character."""
    return "#" * -(-value * BAR // max(most, 1))
