"""`ymal page`: the blocks of an article's page."""

from pathlib import Path
from typing import Annotated

import typer

from recommender import Recommender, Snapshot
from recommender.html import render_story
from recommender.overrides import ARTICLES, EDITORS
from recommender.overrides import load as load_overrides
from training.cli import options, output
from training.cli.html import check_html, write_html
from training.errors import DataError


def page(
    article: options.Source,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the page as HTML.")
    ] = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Print the blocks of an article's page, or draw them as HTML."""
    if html is not None:
        check_html(html, "jinja2")
    directory = options.artifacts_of(config, artifacts)
    snapshot = Recommender.open(directory).snapshot()
    check_known(snapshot, article, directory)
    filled = snapshot.page(article)
    if html is not None:
        title, section = snapshot.headline(article)
        text = render_story(filled, title=title, section=section, now=snapshot.now)
        write_html(html, text)
    if json:
        output.print_json(filled.as_dict())
    elif html is not None:
        output.print_line(str(html))
    elif not filled.blocks:
        output.print_line("no blocks: no article may be recommended")
    else:
        for number, block in enumerate(filled.blocks):
            output.print_line(f"\n{block.title}" if number else block.title)
            output.print_table(
                [
                    ["", str(s.rank), s.title or s.id, s.section or "-", s.reason]
                    for s in block.items
                ]
            )


def check_known(snapshot: Snapshot, article: str, directory: Path) -> None:
    """Check that the version has an article.

    Raises
    ------
    DataError
        If the version does not have the article, or the article is withdrawn.
    """
    if article in snapshot:
        return
    remedies = {EDITORS: "ymal overrides --lift {} ends that", ARTICLES: "the articles say so"}
    for file, remedy in remedies.items():
        for override in load_overrides(directory, file)[0]:
            if (override.action, override.story) == ("withdraw", article):
                raise DataError(f"article {article!r} is withdrawn; {remedy.format(override.id)}")
    raise DataError(
        f"no article {article!r} in version {snapshot.version}; give an id of the articles file"
    )
