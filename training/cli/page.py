"""`ymal page`: the blocks of an article's page."""

from pathlib import Path
from typing import Annotated

import typer

from recommender import Recommender, Snapshot
from recommender.html import render_story
from recommender.overrides import load as load_overrides
from training.cli import options, output
from training.cli.html import check_html, write_html
from training.errors import DataError


def page(
    article: options.Source,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file.")
    ] = None,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Print the blocks of an article's page, or write them as one self-contained HTML file."""
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
        output.say_json(filled.as_dict())
    elif html is not None:
        output.say(str(html))
    elif not filled.blocks:
        output.say("nothing can be shown under it: no article may be recommended")
    else:
        for number, block in enumerate(filled.blocks):
            output.say(f"\n{block.title}" if number else block.title)
            output.table(
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
    for override in load_overrides(directory)[0]:
        if (override.action, override.story) == ("withdraw", article):
            raise DataError(
                f"article {article!r} is withdrawn: ymal overrides --lift {override.id}"
            )
    raise DataError(
        f"no article {article!r} in version {snapshot.version}; its page would get the site's "
        "rankings; name an id as it stands in the articles file"
    )
